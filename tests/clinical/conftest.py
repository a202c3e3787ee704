"""What the tests of the rules share."""

import builders
import pytest

from watchful.clinical.knowledge import Knowledge


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The shipped knowledge."""
    return builders.knowledge()
