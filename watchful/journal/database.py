"""Opening the database: SQLite tuned to lose nothing, PostgreSQL tuned not to hang.

SQLite runs in WAL mode with `synchronous=FULL`: a commit that returned survives a power cut. Each
transaction takes the write lock at once (`BEGIN IMMEDIATE`), because upgrading a read later can fail
without waiting. Checkpoints are the writer's job, so no request pays for one unawares.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import ArgumentError

from watchful.errors import StoreUnavailable

READING = "watchful_reading"
"""Execution option of an engine that only reads: its transactions take a snapshot and no lock."""

_BUSY_SECONDS = 5.0
_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA wal_autocheckpoint=0",
    "PRAGMA secure_delete=ON",  # what retention deletes is gone from the file too
)
_POSTGRES_ARGUMENTS = {
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "tcp_user_timeout": 5_000,
    "options": "-c statement_timeout=5000 -c lock_timeout=5000 -c timezone=UTC",
}


def open_engine(url: str) -> Engine:
    """An engine for one of the two databases we test; it does not connect yet."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("the database URL cannot be read") from None  # the text may hold a password
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        postgres = parsed.set(drivername="postgresql+psycopg")
        return create_engine(postgres, connect_args=_POSTGRES_ARGUMENTS, pool_pre_ping=True, hide_parameters=True)
    raise ValueError("the database must be sqlite:///file or postgresql+psycopg://...")


def is_sqlite(connection: Connection | Engine) -> bool:
    return connection.dialect.name == "sqlite"


@contextmanager
def raw_transaction(connection: Connection) -> Iterator[DBAPICursor]:
    """A transaction on the driver's own cursor, for the hot path: commits at the end, else rolls back."""
    driver = connection.connection
    cursor = driver.cursor()
    try:
        with _few_round_trips(connection):
            if is_sqlite(connection):
                cursor.execute("BEGIN IMMEDIATE")
            yield cursor
            driver.commit()
    except BaseException:
        driver.rollback()
        raise
    finally:
        cursor.close()


def _few_round_trips(connection: Connection) -> AbstractContextManager[object]:
    """On PostgreSQL statements are sent together; one that fails is heard of at the next fetch, or at the end."""
    driver: Any = connection.connection.driver_connection
    return nullcontext() if is_sqlite(connection) else driver.pipeline()


def checkpoint(connection: Connection, kind: str = "PASSIVE") -> None:
    """Move what the write-ahead log holds into the database file. Nothing to do on PostgreSQL."""
    if is_sqlite(connection):
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA wal_checkpoint({kind})")
        cursor.close()


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("the journal needs a SQLite file: a database in memory is not kept")
    path = Path(url.database)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "do_connect", lambda *_: _create_private(path))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(READING)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _create_private(path: Path) -> None:
    """The file is for the service's own user; SQLite gives its log the same mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"The journal's file cannot be opened ({error.strerror}).") from None


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by the "begin" event, not by the driver
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal":
        connection.execute("PRAGMA journal_mode=WAL")
    for pragma in _PRAGMAS:
        connection.execute(pragma)
