"""The whole way in headless Chromium, nothing stood in for: order, card, app, write-back, draft, journal.

The service and the demo EHR run as `watchful demo` runs them, each on a port of its own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from watchful.demo.app import demo_app
from watchful.service import Service
from watchful.settings import demo_settings

from .serving import free_port, served
from .visits import IN_A_BROWSER

pytestmark = IN_A_BROWSER


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The demo EHR with its service behind it."""
    port, ehr_port = free_port(), free_port()
    fhir, database = f"http://127.0.0.1:{ehr_port}/fhir", f"sqlite:///{tmp_path}/demo.db"
    settings = demo_settings(port, database=database, fhir=fhir, smart=True)
    ehr = demo_app(settings.public_url, lambda: datetime.now(UTC).date(), f"{settings.public_url}/demo/journal")
    with served(Service(settings).app, port, lifespan="on"), served(ehr, ehr_port) as url:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(url)
        yield page
        context.close()


def opened(page: Page, fixture: str = "acute-mri") -> FrameLocator:
    page.locator(f"[data-fixture={fixture}]").click()
    expect(page.locator("#patient-name")).to_be_focused()
    page.get_by_role("button", name="Draft order").click()
    page.locator(".app-link .suggestion").click()
    return page.frame_locator("#app iframe")


def test_a_handout_goes_from_the_card_into_the_chart(page: Page) -> None:
    app = opened(page)
    app.get_by_role("link", name="To the chart").click()
    app.get_by_role("button", name="File the handout").click()
    entry = page.locator("[data-written=DocumentReference]")
    expect(entry).to_contain_text("Document · current")
    with page.expect_download() as download:
        entry.get_by_role("link").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    expect(page.locator("#journal")).to_contain_text("app wrote handout (DocumentReference): made, 201")


def test_the_app_dates_the_draft_and_gives_the_screen_back(page: Page) -> None:
    app = opened(page)
    app.get_by_role("link", name="To the chart").click()
    app.get_by_role("button", name="Keep the order for").click()
    expect(page.locator("#basket .mark")).to_have_text("Changed")
    expect(page.locator("#basket")).to_contain_text(" · for 20")
    app.get_by_role("button", name="Back to the EHR").click()
    expect(page.locator("#app")).to_be_hidden()


def test_in_a_tab_the_app_names_the_patient(page: Page) -> None:
    opened(page)
    with page.expect_popup() as popup:
        page.locator("#app-tab").click()
    expect(popup.value.get_by_role("banner")).to_contain_text("Maya Lindqvist")


def test_standalone_the_patient_is_picked_first(page: Page) -> None:
    service = page.evaluate("async () => (await (await fetch('config.json')).json()).service")
    page.goto(f"{service}/smart/launch")
    page.get_by_role("link", name="Helen Marchetti").click()
    expect(page.get_by_role("banner")).to_contain_text("Helen Marchetti")
