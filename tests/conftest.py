"""What every test shares."""

import os

import pytest


@pytest.fixture(autouse=True)
def clean_environ(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the developer's own WATCHFUL_ settings."""
    for name in [name for name in os.environ if name.startswith("WATCHFUL_")]:
        monkeypatch.delenv(name)
    return


@pytest.fixture
def anyio_backend() -> str:
    """Asyncio only: the service runs on uvloop."""
    return "asyncio"
