"""The handout page: headers, routes, escaping, and how it looks to a browser."""

from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from smart_app.handout import handout_gone_response, handout_response, handout_routes
from watchful.content.handout import HandoutCase
from watchful.content.load import load

CHROMIUM = "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def a_case(**changes: Any) -> HandoutCase:
    values: dict[str, Any] = {
        "language": "en",
        "modality": "mri",
        "today": date(2026, 11, 9),
        "follow_up": date(2026, 11, 30),
        "six_weeks": date(2026, 12, 21),
        "contact": "General Practice, 555-0100",
        "leg_pain": True,
        "pregnancy": "possible",
        "older": True,
        "demo": True,
    }
    return HandoutCase(**values | changes)


def client(*, default_site: str | None = "general", stored: bytes | None = None) -> httpx2.AsyncClient:
    async def read_case(site: str, handle: str) -> bytes | None:
        return stored if (site, handle) == ("general", "h4ndle") else None

    app = Starlette(routes=handout_routes(read_case, load, default_site=default_site))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://watchful.test")


@pytest.mark.parametrize("path", ["/handout/h4ndle", "/s/general/handout/h4ndle"])
async def test_a_handle_opens_its_page(path: str) -> None:
    async with client(stored=a_case().to_json()) as http:
        answer = await http.get(path)
    assert answer.status_code == 200
    assert "Monday, November 30, 2026" in answer.text
    keeps_private(answer)


@pytest.mark.parametrize("path", ["/handout/gone", "/s/other/handout/h4ndle", "/s/general/handout/gone"])
async def test_a_handle_that_is_gone_or_foreign_says_the_same_kind_words(path: str) -> None:
    async with client(stored=a_case().to_json()) as http:
        answer = await http.get(path)
    assert answer.status_code == 410
    assert "This link has expired" in answer.text
    keeps_private(answer)


async def test_without_a_default_site_there_is_no_unprefixed_route() -> None:
    async with client(default_site=None, stored=a_case().to_json()) as http:
        assert (await http.get("/handout/h4ndle")).status_code == 404
        assert (await http.get("/s/general/handout/h4ndle")).status_code == 200


async def test_a_language_we_do_not_have_is_english() -> None:
    async with client(stored=a_case(language="vi").to_json()) as http:
        answer = await http.get("/handout/h4ndle")
    assert '<html lang="en">' in answer.text
    assert answer.headers["content-language"] == "en"


def keeps_private(answer: httpx2.Response) -> None:
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in answer.text


class Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def test_one_title_seven_questions_and_nothing_fetched() -> None:
    page = bytes(handout_response(a_case(), load("en")).body).decode()
    outline = Outline()
    outline.feed(page)
    assert outline.tags.count("h1") == 1
    assert outline.tags.count("h2") == 7
    assert not {"script", "link", "img", "iframe", "form"} & set(outline.tags)
    assert "______" not in page


def test_a_contact_is_text_and_not_markup() -> None:
    page = bytes(handout_response(a_case(contact="<b>Dr & Co</b>"), load("en")).body).decode()
    assert "&lt;b&gt;Dr &amp; Co&lt;/b&gt;" in page


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium")
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


def opened(browser: Any, response: Any, width: int) -> Any:
    """The page with its real headers, so that its style sheet must pass its own policy."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    page.route(
        "**/*",
        lambda route: route.fulfill(status=200, headers=headers, body=bytes(response.body)),
    )
    page.goto("http://handout.test/")
    return page


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("kind", ["handout", "gone"])
def test_accessible_styled_and_never_scrolled_sideways(browser: Any, width: int, kind: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    content = load("en")
    response = handout_response(a_case(), content) if kind == "handout" else handout_gone_response(content)
    page = opened(browser, response, width)
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(11, 85, 99)"
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()

    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_content(bytes(response.body).decode())  # axe brings a script, which the page's own policy forbids
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("paper", ["Letter", "A4"])
def test_prints_on_at_most_two_pages(browser: Any, paper: str) -> None:
    page = opened(browser, handout_response(a_case(), load("en")), 1280)
    page.emulate_media(media="print")
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('li')).fontSize)") >= 16  # 12 pt
    printed = page.pdf(format=paper)
    assert 1 <= printed.count(b"/Type /Page\n") <= 2
    page.close()
