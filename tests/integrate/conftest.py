"""Two EHRs that behave as their documents say, in front of the files that the walkthroughs start from."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cds_hooks"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the empty database lies that every test's own is copied from."""
    return tmp_path_factory.mktemp("template")
