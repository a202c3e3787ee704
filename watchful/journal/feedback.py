"""Feedback on cards: stored once, for cards of the caller's own site only, comments sealed.

The same card may come back several times (one suggestion taken now, another later); an entry is a
duplicate only when card, outcome, time and accepted ids are all the same (F-2, F-5).
"""

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from watchful.journal.database import is_sqlite
from watchful.journal.keys import Keys
from watchful.journal.records import FeedbackCounts, FeedbackItem
from watchful.journal.tables import answered, card, evaluation, feedback

LARGEST_PART = 200
"""Entries stored in one transaction; a longer call takes several, so that hooks need not wait for all of it."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def store(
    connection: Connection, keys: Keys, site: str, items: Sequence[FeedbackItem], received_at: datetime
) -> FeedbackCounts:
    """Store what is new, within the caller's transaction."""
    suggestions = _suggestions(connection, site, {item.card.lower() for item in items})
    new = 0
    orphans = 0
    answers: set[str] = set()
    for item in items:
        uuid = item.card.lower()
        if uuid not in suggestions:
            orphans += 1
            continue
        row = _row(keys, site, item, suggestions[uuid], received_at)
        inserted = connection.execute(
            _or_nothing(connection, feedback).returning(feedback.c.dedupe), row
        ).scalar_one_or_none()
        new += inserted is not None
        answers.add(uuid)
    _remember_answered(connection, answers)
    return FeedbackCounts(new, len(items) - orphans - new, orphans)


def is_answered(connection: Connection, site: str, order_hash: str, facts_fingerprint: str) -> bool:
    """Whether a card on this order was answered while the chart said what it says now."""
    query = (
        select(answered.c.card_uuid)
        .join(card, card.c.uuid == answered.c.card_uuid)
        .where(card.c.site == site, answered.c.order_hash == order_hash)
        .where(answered.c.facts_fingerprint == facts_fingerprint)
    )
    return connection.execute(query.limit(1)).first() is not None


def open_comment(keys: Keys, site: str, card_uuid: str, sealed: bytes) -> str:
    """A clinician's comment again, for those who may read it. Raises Unsealable."""
    return keys.open(site, "comment", sealed, card_uuid.encode()).decode()


def _suggestions(connection: Connection, site: str, uuids: set[str]) -> dict[str, list[str]]:
    """The site's own cards among `uuids`, with the suggestions each had. What is no UUID is no card of ours."""
    known = [uuid for uuid in uuids if _UUID.fullmatch(uuid)]
    query = select(card.c.uuid, card.c.suggestions).where(card.c.site == site, card.c.uuid.in_(known))
    return {row.uuid: row.suggestions for row in connection.execute(query)}


def _row(
    keys: Keys, site: str, item: FeedbackItem, suggestions: list[str], received_at: datetime
) -> dict[str, object]:
    uuid = item.card.lower()
    # only ids that stood on the card: anything else in this field would be text we cannot vouch for
    accepted = sorted({given.lower() for given in item.accepted} & set(suggestions))
    comment = item.comment or ""
    return {
        "dedupe": _dedupe(uuid, item),
        "card_uuid": uuid,
        "site": site,
        "outcome": item.outcome,
        "accepted": accepted,
        "reason_system": _storable(item.reason_system),
        "reason_code": _storable(item.reason_code),
        "has_comment": bool(comment),
        "sealed_comment": keys.seal(site, "comment", comment.encode(), uuid.encode()) if comment else None,
        "outcome_at": item.outcome_at,
        "received_at": received_at,
    }


def _dedupe(uuid: str, item: FeedbackItem) -> str:
    at = item.outcome_at.timestamp() if item.outcome_at else None
    return sha256(msgspec.json.encode((uuid, item.outcome, at, sorted(set(item.accepted))))).hexdigest()


def _storable(code: str | None) -> str | None:
    """PostgreSQL cannot hold a NUL in text, and one bad code must not refuse a whole call."""
    return code.replace("\x00", "") if code else None


def _remember_answered(connection: Connection, uuids: set[str]) -> None:
    orders = select(evaluation.c.order_hash, evaluation.c.facts_fingerprint, evaluation.c.card_uuid).where(
        evaluation.c.card_uuid.in_(uuids)
    )
    rows = [tuple(row) for row in connection.execute(orders)]
    for row in sorted(set(rows)):
        connection.execute(_or_nothing(connection, answered), dict(zip(answered.c.keys(), row, strict=True)))


def _or_nothing(connection: Connection, table: Table) -> Any:
    dialect = sqlite if is_sqlite(connection) else postgresql
    return dialect.insert(table).on_conflict_do_nothing()
