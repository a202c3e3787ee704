"""The app's sign-in for the conformance tests, beside the hook service of the folder above."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "smart"))

from smart_door import SmartDoor, opened


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[SmartDoor]:
    """A public client at one EHR."""
    async with opened(tmp_path) as ready:
        yield ready
