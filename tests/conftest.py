"""What every test shares."""

import os

import pytest
import structlog
from hypothesis import settings

# How hard the property tests look: 100 examples, or 2,000 by hand with HYPOTHESIS_PROFILE=thorough.
settings.register_profile("usual", max_examples=100, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


@pytest.fixture(autouse=True)
def clean_environ(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the developer's own WATCHFUL_ settings."""
    for name in [name for name in os.environ if name.startswith("WATCHFUL_")]:
        monkeypatch.delenv(name)
    return


@pytest.fixture(autouse=True)
def usual_logging() -> None:
    """No test inherits the level that an earlier one set: at `warning` there is less to look at than at `info`."""
    structlog.reset_defaults()


@pytest.fixture
def anyio_backend() -> str:
    """Asyncio only: the service runs on uvloop."""
    return "asyncio"
