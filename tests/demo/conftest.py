"""A browser, and the demo EHR in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from watchful.demo.app import demo_app

from .serving import served
from .stub_service import stub_service
from .visits import CHROMIUM, FLAGS, TODAY, Visit


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=[1280], ids=["1280px"])
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    stub = stub_service()
    with served(stub) as service, served(demo_app(service, lambda: TODAY, f"{service}/journal.json")) as url:
        context = browser.new_context(viewport={"width": request.param, "height": 900})
        visit = Visit(context.new_page(), stub, url, service)
        yield visit
        context.close()
        assert visit.faults == []
