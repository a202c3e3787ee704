"""What the tests of the sign-in share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from smart_door import SmartDoor, opened


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[SmartDoor]:
    """A public client at one EHR."""
    async with opened(tmp_path) as ready:
        yield ready
