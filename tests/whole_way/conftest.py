"""One Chromium for the tests of a file, and the service's log as it is written."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from demo_stage import Stage, demo_stage
from playwright.sync_api import Browser, sync_playwright
from quiet_chromium import CHROMIUM, QUIET

from watchful.telemetry import configure_logging


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not CHROMIUM.exists():
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=f"no Chromium at {CHROMIUM}"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """All that was written to standard output and error, at the most talkative level of ours."""
    before = structlog.get_config()
    configure_logging("debug")
    yield lambda: "\n".join(capsys.readouterr())
    structlog.configure(**before)


@pytest.fixture
def stage(browser: Browser, tmp_path: Path, log: Callable[[], str]) -> Iterator[Stage]:
    with demo_stage(tmp_path) as stage:
        stage.open(browser)
        yield stage
        stage.context.close()
        assert stage.watch.faults() == []
