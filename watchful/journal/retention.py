"""Deleting what is past its time, a slice at a time, so that no hook waits long behind a purge.

Every function deletes one slice within the caller's transaction and says how much; zero means done.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, delete, exists, select

from watchful.journal.records import PurgeCounts
from watchful.journal.tables import (
    answered,
    app_use,
    card,
    case,
    evaluation,
    feedback,
    smart_launch,
    smart_session,
    token_use,
    write_back,
)

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


def delete_app_rows(connection: Connection, site: str, before: datetime) -> PurgeCounts:
    """The site's oldest rows of what the app wrote and how it was used, before a time."""
    return PurgeCounts(
        write_backs=_delete_old(connection, write_back, "key_hash", site, before),
        app_uses=_delete_old(connection, app_use, "id", site, before),
    )


def delete_visits(connection: Connection, now: datetime) -> PurgeCounts:
    """Launches and sessions that have expired, of every site: no token stays longer than it is needed."""
    return PurgeCounts(
        launches=_delete_expired(connection, smart_launch, "id_hash", now),
        sessions=_delete_expired(connection, smart_session, "id_hash", now),
    )


def delete_expired(connection: Connection, now: datetime) -> PurgeCounts:
    """Cases and token uses that have expired, of every site."""
    return PurgeCounts(
        cases=_delete_expired(connection, case, "handle_hash", now),
        token_uses=_delete_expired(connection, token_use, "token_hash", now - TOKEN_MARGIN),
    )


def unlisted(connection: Connection, listed: Iterable[str]) -> PurgeCounts:
    """Sites that have rows but no retention period; deletes nothing."""
    found: set[str] = set()
    for table in (evaluation, write_back, app_use):
        found.update(connection.scalars(select(table.c.site).distinct().where(table.c.site.not_in(listed))))
    return PurgeCounts(unlisted_sites=tuple(sorted(found)))


def _delete_old(connection: Connection, table: Table, key: str, site: str, before: datetime) -> int:
    old = select(table.c[key]).where(table.c.site == site, table.c.at < before).order_by(table.c.at).limit(SLICE)
    return _delete(connection, table, key, connection.scalars(old).all())


def _delete_expired(connection: Connection, table: Table, key: str, before: datetime) -> int:
    expired = select(table.c[key]).where(table.c.expires_at < before).order_by(table.c.expires_at).limit(SLICE)
    # two who forget the same rows in another order would wait for each other for ever
    free = expired.with_for_update(skip_locked=True)
    return _delete(connection, table, key, connection.scalars(free).all())


def _delete(connection: Connection, table: Table, key: str, values: Iterable[object]) -> int:
    return connection.execute(delete(table).where(table.c[key].in_(values))).rowcount
