"""The English words, for the tests that look into them."""

import pytest

from watchful.content.load import Content, load


@pytest.fixture
def content() -> Content:
    return load("en")
