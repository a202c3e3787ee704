"""Migrations make what `tables.py` says, on an empty database, once, and only where they may."""

import asyncio
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from journal_builders import KEYS, NOW
from sqlalchemy import Engine, inspect, text

from watchful.errors import StoreUnavailable
from watchful.journal import Journal
from watchful.journal.database import open_engine
from watchful.journal.schema import migrate
from watchful.journal.tables import metadata


def test_migrations_make_the_tables_of_the_metadata(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    assert set(inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}


async def test_postgresql_waits_for_the_operator_and_sqlite_does_not(database_url: str) -> None:
    journal = Journal.open(database_url, KEYS, clock=lambda: NOW)
    if database_url.startswith("sqlite"):
        await journal.start()
    else:
        with pytest.raises(StoreUnavailable, match="run `watchful migrate`"):
            await journal.start()
    await journal.close()


async def test_a_newer_database_is_refused(database_url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    journal = Journal.open(database_url, KEYS, clock=lambda: NOW)
    with pytest.raises(StoreUnavailable):
        await journal.start()
    await journal.close()


async def test_several_processes_may_start_on_an_empty_database(database_url: str) -> None:
    program = (
        "import sys; from watchful.journal import database, schema;"
        "schema.migrate(database.open_engine(sys.argv[1]))"
    )
    starting = [
        await asyncio.create_subprocess_exec(sys.executable, "-W", "error", "-c", program, database_url)
        for _ in range(4)
    ]
    assert await asyncio.gather(*[process.wait() for process in starting]) == [0, 0, 0, 0]


async def test_sqlite_is_kept_so_that_nothing_is_lost(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/journal.db")
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint", "secure_delete")
        }
    engine.dispose()
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "wal_autocheckpoint": 0,
        "secure_delete": 1,
    }
