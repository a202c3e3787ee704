"""The order codings that were seen and not recognised: system and code alone, bounded for each site.

Kept so that `watchful doctor --unmapped` can list what a site has still to map. Nothing ties a row to an
order, a patient or a moment closer than the minute it was last written.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from watchful.journal.tables import unmapped_order

MOST_PER_SITE = 500
"""Beyond this the codings seen longest ago make room."""

Coding = tuple[str, str]


def note(connection: Connection, *, site: str, codings: Sequence[Coding], at: datetime) -> None:
    """Add new codings, and the time to those that are known."""
    table = unmapped_order
    for system, code in dict.fromkeys(codings):
        mine = (table.c.site == site, table.c.system == system, table.c.code == code)
        if connection.scalar(select(table.c.code).where(*mine)) is not None:
            connection.execute(update(table).where(*mine).values(last_seen=at))
        else:
            connection.execute(
                insert(table).values(site=site, system=system, code=code, first_seen=at, last_seen=at)
            )
    count = connection.scalar(select(func.count()).select_from(table).where(table.c.site == site)) or 0
    if count > MOST_PER_SITE:
        oldest = connection.execute(
            select(table.c.system, table.c.code)
            .where(table.c.site == site)
            .order_by(table.c.last_seen, table.c.system, table.c.code)
            .limit(count - MOST_PER_SITE)
        ).all()
        for row in oldest:
            connection.execute(
                delete(table).where(table.c.site == site, table.c.system == row.system, table.c.code == row.code)
            )


def listed(connection: Connection, *, site: str) -> list[Coding]:
    """The codings of one site, the latest seen first."""
    table = unmapped_order
    rows = connection.execute(
        select(table.c.system, table.c.code)
        .where(table.c.site == site)
        .order_by(table.c.last_seen.desc(), table.c.system, table.c.code)
    )
    return [(row.system, row.code) for row in rows]


class Sightings:
    """What one worker saw of one site since it last wrote it down. Nothing here waits or touches a disk."""

    def __init__(self) -> None:
        self._pending: dict[Coding, None] = {}
        self._written: dict[Coding, None] = {}

    def saw(self, codings: Sequence[Coding]) -> None:
        """Remember codings until they are written; each once for as long as the process runs."""
        for coding in codings:
            if coding not in self._written and len(self._pending) < MOST_PER_SITE:
                self._pending[coding] = None

    def take(self) -> tuple[Coding, ...]:
        """What is to be written now."""
        taken = tuple(self._pending)
        self._pending.clear()
        if len(self._written) > MOST_PER_SITE:
            self._written.clear()
        self._written.update(dict.fromkeys(taken))
        return taken
