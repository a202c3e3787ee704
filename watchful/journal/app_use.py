"""How the SMART app was used: one row a step worth counting, without a word of the chart."""

from datetime import datetime

from sqlalchemy import Connection, insert

from watchful.journal.keys import Keys
from watchful.journal.records import AppUse, new_id
from watchful.journal.tables import app_use


def store(connection: Connection, keys: Keys, *, use: AppUse, at: datetime) -> None:
    """Add one step."""
    connection.execute(
        insert(app_use).values(
            id=new_id(at),
            at=at,
            site=use.site,
            step=use.step,
            decision=use.decision,
            told=sorted(use.told),
            session_hash=keys.hash(use.site, "session", use.session),
            card_uuid=use.card or None,
        )
    )
