"""Bringing the tables to the version this program needs, or saying clearly that they are not.

SQLite migrates by itself at start; on PostgreSQL an operator runs `watchful migrate` when it suits.
"""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from watchful.errors import StoreUnavailable
from watchful.journal.database import is_sqlite

_SCRIPTS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 7_268_315_001  # any constant of ours: two migrations of one database take turns

_ONE_AT_A_TIME = threading.Lock()  # within a process Alembic keeps the migration it runs in a global


def migrate(engine: Engine) -> None:
    """Create or upgrade the tables in one transaction. Safe to repeat, and from several processes at once."""
    config = _config()
    with _ONE_AT_A_TIME, engine.begin() as connection:
        if not is_sqlite(connection):  # on SQLite every transaction is alone already
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:  # a revision that this program does not have
            raise StoreUnavailable("The journal was migrated by a newer version of Watchful.") from None


def require_current(connection: Connection) -> None:
    """Raises StoreUnavailable, naming the remedy, when the tables are not at our version."""
    found = MigrationContext.configure(connection).get_current_revision()
    if found != ScriptDirectory.from_config(_config()).get_current_head():
        state = "has no tables yet" if found is None else f"is at revision {found}, not the one this version needs"
        raise StoreUnavailable(f"The journal's database {state}: run `watchful migrate`.")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
