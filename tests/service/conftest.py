"""What the tests of the roof share: the builders of door 1, and one running service in demo mode."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cds_hooks"))

from hook_door import Door, opened, settings_for

from watchful.settings import Settings

Opened = Callable[..., AbstractAsyncContextManager[Door]]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the empty database lies that every test's own is copied from."""
    return tmp_path_factory.mktemp("template")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def open_door(template: Path) -> Opened:
    """`async with open_door(settings, transport=..., rules=...) as door`"""
    return partial(opened, template=template)


@pytest.fixture
async def door(settings: Settings, open_door: Opened) -> AsyncIterator[Door]:
    """The service in demo mode."""
    async with open_door(settings) as running:
        yield running
