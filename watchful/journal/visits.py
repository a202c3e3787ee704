"""Launches and sessions of the SMART app: sealed, found by an id that only the browser's side carries.

The tables hold a hash of the id and a ciphertext bound to site and id. The EHR's tokens live here and nowhere
else, until `expires_at` (safety rule 6): whoever reads the tables can use none of them. Use moves the `expires_at`
of a session ahead, so that one that nobody uses expires like any other.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from watchful.journal.database import is_sqlite
from watchful.journal.keys import Keys, Unsealable
from watchful.journal.tables import smart_launch, smart_session

Renewal = Literal["renewed", "changed", "gone"]
"""What became of a change: made; not made, because somebody else made another; not made, because it has ended."""

SELDOM = timedelta(minutes=1)
"""An end is not moved ahead by less: pages follow each other within seconds, and each move is a commit."""


class Kind(Struct, frozen=True):
    """One of the two tables, and the purpose of its sub-keys."""

    table: Table
    purpose: str


LAUNCH = Kind(smart_launch, "launch")
SESSION = Kind(smart_session, "session")


def keep(
    connection: Connection, kind: Kind, keys: Keys, *, site: str, key: str, payload: bytes, expires_at: datetime
) -> None:
    """Insert, or replace what stands under the id."""
    row = _row(kind, keys, site, key, payload, expires_at)
    dialect: Any = sqlite if is_sqlite(connection) else postgresql
    insert = dialect.insert(kind.table).values(id_hash=_hash(kind, keys, site, key), **row)
    connection.execute(insert.on_conflict_do_update(index_elements=["id_hash"], set_=row))


def renew(
    connection: Connection,
    kind: Kind,
    keys: Keys,
    *,
    site: str,
    key: str,
    was: bytes,
    payload: bytes,
) -> Renewal:
    """Replace what stands under the id, if it still is what it `was`: two workers may hold the same session.

    When it expires is left alone: that is for `prolong` to move.
    """
    table = kind.table
    here = table.c.id_hash == _hash(kind, keys, site, key)
    sealed = connection.scalar(select(table.c.sealed_payload).where(here).with_for_update())
    if sealed is None:
        return "gone"
    if _opened(kind, keys, site, key, sealed) != was:
        return "changed"
    connection.execute(update(table).where(here).values(sealed_payload=_sealed(kind, keys, site, key, payload)))
    return "renewed"


def is_due(
    connection: Connection, kind: Kind, keys: Keys, *, site: str, key: str, until: datetime, now: datetime
) -> bool:
    """Whether `prolong` would move its end."""
    query = select(kind.table.c.id_hash).where(_due(kind, keys, site, key, until, now))
    return connection.scalar(query) is not None


def prolong(
    connection: Connection, kind: Kind, keys: Keys, *, site: str, key: str, until: datetime, now: datetime
) -> None:
    """Move its end ahead to `until`, for many who ask within a minute once. What is over is not brought back."""
    connection.execute(update(kind.table).where(_due(kind, keys, site, key, until, now)).values(expires_at=until))


def read(connection: Connection, kind: Kind, keys: Keys, *, site: str, key: str, now: datetime) -> bytes | None:
    """The payload; None when this site has no such row, or no longer."""
    table = kind.table
    query = select(table.c.sealed_payload).where(
        table.c.id_hash == _hash(kind, keys, site, key), table.c.site == site, table.c.expires_at > now
    )
    sealed = connection.scalar(query)
    return None if sealed is None else _opened(kind, keys, site, key, sealed)


def take(connection: Connection, kind: Kind, keys: Keys, *, site: str, key: str, now: datetime) -> bytes | None:
    """The payload, to the first who asks; to all others, also at the same time, None.

    RETURNING decides: of two deletions that meet, one gets the row.
    """
    table = kind.table
    taken = connection.execute(
        delete(table)
        .where(table.c.id_hash == _hash(kind, keys, site, key), table.c.site == site)
        .returning(table.c.sealed_payload, table.c.expires_at)
    ).first()
    if taken is None or taken.expires_at <= now:
        return None
    return _opened(kind, keys, site, key, taken.sealed_payload)


def forget(connection: Connection, kind: Kind, keys: Keys, *, site: str, key: str) -> None:
    """Delete it; nothing to do when it is not there."""
    connection.execute(delete(kind.table).where(kind.table.c.id_hash == _hash(kind, keys, site, key)))


def _row(kind: Kind, keys: Keys, site: str, key: str, payload: bytes, expires_at: datetime) -> dict[str, object]:
    return {"site": site, "sealed_payload": _sealed(kind, keys, site, key, payload), "expires_at": expires_at}


def _due(kind: Kind, keys: Keys, site: str, key: str, until: datetime, now: datetime) -> ColumnElement[bool]:
    table = kind.table
    return and_(
        table.c.id_hash == _hash(kind, keys, site, key),
        table.c.site == site,
        table.c.expires_at > now,
        table.c.expires_at < until - SELDOM,
    )


def _sealed(kind: Kind, keys: Keys, site: str, key: str, payload: bytes) -> bytes:
    return keys.seal(site, kind.purpose, payload, _binding(site, key))


def _opened(kind: Kind, keys: Keys, site: str, key: str, sealed: bytes) -> bytes | None:
    try:
        return keys.open(site, kind.purpose, sealed, _binding(site, key))
    except Unsealable:  # tampered with, or of another secret: as good as not there
        return None


def _hash(kind: Kind, keys: Keys, site: str, key: str) -> str:
    return keys.hash(site, kind.purpose, key)


def _binding(site: str, key: str) -> bytes:
    return f"{site} {key}".encode()
