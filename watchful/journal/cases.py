"""Sealed cases: what the app and the handout need, found by a handle that only the link carries.

The table holds a hash of the handle and a ciphertext bound to site, handle and patient: whoever
reads the table can open no link, and a row copied over another does not open either.
"""

from datetime import datetime

from sqlalchemy import Connection, select

from watchful.journal.keys import Keys, Unsealable
from watchful.journal.records import Case
from watchful.journal.tables import case


def sealed_values(keys: Keys, opened: Case) -> tuple[object, ...]:
    """A case as the values of its table's columns, in their order."""
    bound = _binding(opened.site, opened.handle, opened.patient_hash)
    sealed = keys.seal(opened.site, "case", opened.payload, bound)
    handle_hash = _handle_hash(keys, opened.site, opened.handle)
    return handle_hash, opened.site, opened.patient_hash, sealed, opened.expires_at


def read(
    connection: Connection, keys: Keys, site: str, handle: str, now: datetime, patient_hash: str | None = None
) -> bytes | None:
    """The payload, or None when this site has no such case, or no longer; or it is not of that patient."""
    query = select(case.c.patient_hash, case.c.sealed_payload).where(
        case.c.handle_hash == _handle_hash(keys, site, handle), case.c.site == site, case.c.expires_at > now
    )
    found = connection.execute(query).first()
    if found is None or patient_hash not in (None, found.patient_hash):
        return None
    try:
        return keys.open(site, "case", found.sealed_payload, _binding(site, handle, found.patient_hash))
    except Unsealable:  # tampered with: as good as not there
        return None


def _handle_hash(keys: Keys, site: str, handle: str) -> str:
    return keys.hash(site, "handle", handle)


def _binding(site: str, handle: str, patient_hash: str) -> bytes:
    return f"{site} {handle} {patient_hash}".encode()
