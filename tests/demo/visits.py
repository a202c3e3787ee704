"""What tests of the demo page share: a page in a browser, the stub behind it, and whether it is accessible."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, expect

from .stub_app import StubApp

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
TODAY = date(2026, 11, 2)
IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}: the demo page is not tested"),
]


class Visit:
    """One page, the stub behind it, and what went wrong in the console."""

    def __init__(self, page: Page, stub: Any, url: str, service: str) -> None:
        self.page = page
        self.requests: list[dict[str, Any]] = stub.state.requests
        self.feedback: list[dict[str, Any]] = stub.state.feedback
        self.app: StubApp = stub.state.app
        self.url = url
        self.service = service
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._listen)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:  # 403 and 412 are meant
            self.faults.append(message.text)

    def pick(self, fixture: str) -> None:
        self.page.goto(self.url)
        self.page.locator(f"[data-fixture={fixture}]").click()
        expect(self.page.locator("#patient-name")).to_be_focused()

    def draft(self) -> None:
        self.page.get_by_role("button", name="Draft order").click()
        expect(self.page.locator("#call")).not_to_contain_text("Calling")

    def basket(self) -> list[str]:
        return self.page.locator("#basket strong").all_text_contents()

    def wait_for_feedback(self) -> dict[str, Any]:
        expect(self.page.locator("#journal li li").first).to_be_visible()
        return self.feedback[-1]


def assert_accessible(page: Page) -> None:
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
