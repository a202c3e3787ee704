"""The latest evaluations, their cards, feedback and what the app did, for the demo's page and for support."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, select

from watchful.journal.tables import app_use, card, evaluation, feedback, write_back

_FEEDBACK = [column for column in feedback.columns if column.name not in ("dedupe", "sealed_comment")]
_USES = [app_use.c[name] for name in ("card_uuid", "at", "step", "decision", "told")]
_WRITES = [write_back.c[name] for name in ("card_uuid", "at", "act", "resource_type", "outcome", "status")]


def recent_evaluations(connection: Connection, site: str, limit: int) -> list[dict[str, Any]]:
    """Newest first: the evaluation's columns, `card` (its columns or None), and of this card, each oldest first,
    `feedback`, `app_uses` and `write_backs`."""
    rows = connection.execute(
        select(evaluation)
        .where(evaluation.c.site == site)
        .order_by(evaluation.c.at.desc(), evaluation.c.id.desc())
        .limit(limit)
    ).mappings()
    found = [dict(row) for row in rows]
    uuids = {row["card_uuid"] for row in found}
    cards = connection.execute(select(card).where(card.c.uuid.in_(uuids))).mappings()
    by_uuid = {row["uuid"]: dict(row) for row in cards}
    answers = _by_card(connection, _FEEDBACK, feedback.c.received_at, uuids)
    uses = _by_card(connection, _USES, app_use.c.at, uuids)
    writes = _by_card(connection, _WRITES, write_back.c.at, uuids)
    for row in found:
        uuid = row["card_uuid"]
        row["card"] = by_uuid.get(uuid)
        row["feedback"], row["app_uses"] = answers.get(uuid, []), uses.get(uuid, [])
        row["write_backs"] = writes.get(uuid, [])
    return found


def _by_card(
    connection: Connection, columns: Sequence[Column[Any]], order: Column[Any], uuids: Iterable[str]
) -> dict[str, list[dict[str, Any]]]:
    """Rows of one table by their card, oldest first."""
    found: dict[str, list[dict[str, Any]]] = {}
    uuid = order.table.c.card_uuid
    for row in connection.execute(select(*columns).where(uuid.in_(uuids)).order_by(order)).mappings():
        found.setdefault(row["card_uuid"], []).append(dict(row))
    return found
