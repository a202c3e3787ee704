"""The English words, for the tests that look into them, and the generated charts of the clinical tests."""

import sys
from pathlib import Path

import pytest

from watchful.content.load import Content, load

sys.path.insert(0, str(Path(__file__).parents[1] / "clinical"))


@pytest.fixture
def content() -> Content:
    return load("en")
