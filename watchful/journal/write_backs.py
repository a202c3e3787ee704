"""What the SMART app wrote into charts: claimed before it is sent, so that a double click writes once.

A claim that never heard an answer may be taken over when its process is surely gone; what was made is never
taken over. The row itself decides, so that of two who try again one goes on.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite

from watchful.journal.database import is_sqlite
from watchful.journal.keys import Keys, Unsealable
from watchful.journal.records import WriteBack, WriteClaim, WriteOutcome
from watchful.journal.tables import write_back


def claim(
    connection: Connection, keys: Keys, *, claim: WriteClaim, after: WriteBack | None, now: datetime
) -> WriteBack | None:
    """None: claimed, go on. Else what became of an earlier claim."""
    hashed = _hash(keys, claim.site, claim.key)
    row = {
        "at": now,
        "site": claim.site,
        "act": claim.act,
        "resource_type": claim.resource_type,
        "outcome": "",
        "status": None,
        "sealed_resource_id": None,
        "session_hash": keys.hash(claim.site, "session", claim.session),
        "patient_hash": keys.hash(claim.site, "patient", claim.patient),
        "card_uuid": claim.card or None,
    }
    dialect: Any = sqlite if is_sqlite(connection) else postgresql
    table = write_back
    inserted = dialect.insert(table).values(key_hash=hashed, **row).on_conflict_do_nothing()
    if connection.execute(inserted.returning(table.c.key_hash)).first() is not None:
        return None
    if after is not None and after.may_be_tried_again(now):
        same = (table.c.key_hash == hashed, table.c.outcome == after.outcome, table.c.at == after.claimed_at)
        taken = update(table).where(*same).values(row).returning(table.c.key_hash)
        if connection.execute(taken).first() is not None:
            return None
    return read(connection, keys, site=claim.site, key=claim.key)


def finish(
    connection: Connection,
    keys: Keys,
    *,
    site: str,
    key: str,
    outcome: WriteOutcome,
    status: int | None,
    resource_id: str,
) -> None:
    """Say what became of a claim. What was made stays made, whatever a slower attempt has to tell."""
    sealed = keys.seal(site, "write", resource_id.encode(), _binding(site, key)) if resource_id else None
    connection.execute(
        update(write_back)
        .where(write_back.c.key_hash == _hash(keys, site, key), write_back.c.outcome != "made")
        .values(outcome=outcome, status=status, sealed_resource_id=sealed)
    )


def read(connection: Connection, keys: Keys, *, site: str, key: str) -> WriteBack | None:
    """What became of a write; None where none was claimed."""
    query = select(write_back).where(write_back.c.key_hash == _hash(keys, site, key), write_back.c.site == site)
    row = connection.execute(query).first()
    return None if row is None else _record(keys, site, key, row)


def _record(keys: Keys, site: str, key: str, row: Row[Any]) -> WriteBack:
    resource_id = ""
    if row.sealed_resource_id is not None:
        try:
            resource_id = keys.open(site, "write", row.sealed_resource_id, _binding(site, key)).decode()
        except Unsealable:  # tampered with: that it was written still holds
            resource_id = ""
    return WriteBack(
        act=row.act,
        resource_type=row.resource_type,
        outcome=row.outcome,
        status=row.status,
        resource_id=resource_id,
        claimed_at=row.at,
    )


def _hash(keys: Keys, site: str, key: str) -> str:
    return keys.hash(site, "write", key)


def _binding(site: str, key: str) -> bytes:
    return f"{site} {key}".encode()
