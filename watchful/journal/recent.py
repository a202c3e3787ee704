"""The latest evaluations with their cards and feedback, for the demo's page and for support."""

from typing import Any

from sqlalchemy import Connection, select

from watchful.journal.tables import card, evaluation, feedback

_FEEDBACK = [column for column in feedback.columns if column.name not in ("dedupe", "sealed_comment")]


def recent_evaluations(connection: Connection, site: str, limit: int) -> list[dict[str, Any]]:
    """Newest first: the evaluation's columns, `card` (its columns or None), `feedback` (a list, oldest first)."""
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
    answers: dict[str, list[dict[str, Any]]] = {}
    given = select(*_FEEDBACK).where(feedback.c.card_uuid.in_(uuids)).order_by(feedback.c.received_at)
    for answer in connection.execute(given).mappings():
        answers.setdefault(answer["card_uuid"], []).append(dict(answer))
    for row in found:
        row["card"] = by_uuid.get(row["card_uuid"])
        row["feedback"] = answers.get(row["card_uuid"], [])
    return found
