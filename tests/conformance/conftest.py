"""What the conformance tests share. Each names what it shows: `@pytest.mark.requirement("D-1")`."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cds_hooks"))

from hook_builders import NOW as DAY
from hook_door import Door, opened, settings_for
from site_builders import JKU, Caller, Wire, calling, key_set, settings_of, site, usual_issuers

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
    return partial(opened, template=template)


@pytest.fixture
async def door(settings: Settings, open_door: Opened) -> AsyncIterator[Door]:
    """The service in demo mode: nobody is authenticated, no FHIR server may be called."""
    async with open_door(settings) as running:
        yield running


@pytest.fixture
def wire() -> Wire:
    """Where every outbound connection of `caller`'s service ends."""
    return Wire({JKU: key_set("rsa", "p384")})


@pytest.fixture
async def caller(tmp_path: Path, template: Path, wire: Wire) -> AsyncIterator[Caller]:
    """An EHR in front of a live site that checks its callers."""
    only: Any = site(tmp_path, "general", *usual_issuers(tmp_path), cors_origins=("https://ehr.example.org",))
    async with calling(settings_of(tmp_path, only), wire, template, moment=DAY) as ready:
        yield ready
