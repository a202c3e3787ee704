"""How hard the property tests look: 100 examples, or 2,000 by hand with HYPOTHESIS_PROFILE=thorough."""

import os

import builders
import pytest
from hypothesis import settings

from watchful.clinical.knowledge import Knowledge

settings.register_profile("usual", max_examples=100, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The shipped knowledge."""
    return builders.knowledge()
