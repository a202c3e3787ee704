"""Deleting what is past its time, a slice at a time, so that no hook waits long behind a purge.

Every function deletes one slice within the caller's transaction and says how much; zero means done.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, delete, exists, select

from watchful.journal.records import PurgeCounts
from watchful.journal.tables import answered, card, case, evaluation, feedback, token_use

SLICE = 500

TOKEN_MARGIN = timedelta(hours=1)
"""A token is forgotten only this long after it expired: callers' clocks are allowed to be late."""


def delete_evaluations(connection: Connection, site: str, before: datetime) -> PurgeCounts:
    """The site's oldest evaluations before a time, with the cards no other evaluation needs and their feedback."""
    old = connection.execute(
        select(evaluation.c.id, evaluation.c.card_uuid)
        .where(evaluation.c.site == site, evaluation.c.at < before)
        .order_by(evaluation.c.at)
        .limit(SLICE)
    ).all()
    evaluations = _delete(connection, evaluation, "id", [row.id for row in old])
    cards = {row.card_uuid for row in old if row.card_uuid is not None}
    orphaned = connection.scalars(
        select(card.c.uuid).where(card.c.uuid.in_(cards), ~exists().where(evaluation.c.card_uuid == card.c.uuid))
    ).all()
    _delete(connection, answered, "card_uuid", orphaned)
    return PurgeCounts(
        evaluations=evaluations,
        feedback=_delete(connection, feedback, "card_uuid", orphaned),
        cards=_delete(connection, card, "uuid", orphaned),
    )


def delete_expired(connection: Connection, now: datetime) -> PurgeCounts:
    """Cases and token uses that have expired, of every site."""
    return PurgeCounts(
        cases=_delete_expired(connection, case, "handle_hash", now),
        token_uses=_delete_expired(connection, token_use, "token_hash", now - TOKEN_MARGIN),
    )


def unlisted(connection: Connection, listed: Iterable[str]) -> PurgeCounts:
    """Sites that have evaluations but no retention period; deletes nothing."""
    found = connection.scalars(select(evaluation.c.site).distinct().where(evaluation.c.site.not_in(listed)))
    return PurgeCounts(unlisted_sites=tuple(sorted(found)))


def _delete_expired(connection: Connection, table: Table, key: str, before: datetime) -> int:
    expired = select(table.c[key]).where(table.c.expires_at < before).order_by(table.c.expires_at).limit(SLICE)
    return _delete(connection, table, key, connection.scalars(expired).all())


def _delete(connection: Connection, table: Table, key: str, values: Iterable[object]) -> int:
    return connection.execute(delete(table).where(table.c[key].in_(values))).rowcount
