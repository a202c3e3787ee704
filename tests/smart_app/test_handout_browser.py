"""The handout page as a browser shows it: accessible (axe), never scrolled sideways, on at most two sheets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from handout_cases import LANGUAGES, a_case

from smart_app.handout_page import PAGE_HEADERS, gone_html, handout_html, page_choices
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
pytestmark = pytest.mark.browser


def html(kind: str, language: str, *, large: bool = False) -> str:
    content = load(language)
    if kind == "gone":
        return gone_html(content)
    choices = page_choices(content, [load(each) for each in LANGUAGES], handle="k1.h4ndle", large=large)
    return handout_html(a_case(), content, large=large, choices=choices)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium")
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


def opened(browser: Any, body: str, width: int) -> Any:
    """The page with its real headers, so that its style sheet must pass its own policy."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    headers = {**PAGE_HEADERS, "Content-Type": "text/html; charset=utf-8"}
    page.route("**/*", lambda route: route.fulfill(status=200, headers=headers, body=body))
    page.goto("http://handout.test/")
    return page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("kind", ["handout", "large", "gone"])
def test_styled_and_never_scrolled_sideways(browser: Any, kind: str, width: int, language: str) -> None:
    page = opened(browser, html(kind, language, large=kind == "large"), width)
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(11, 85, 99)"
    size = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    assert size >= (24 if kind == "large" else 18)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("language", ["en", "es", "ar"])
@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("kind", ["handout", "gone"])
def test_axe_finds_nothing(browser: Any, kind: str, width: int, media: str, language: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": width, "height": 800})
    page.emulate_media(media=media)
    page.set_content(html(kind, language))  # axe brings a script, which the page's own policy forbids
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.close()


def test_arabic_is_laid_out_from_the_right(browser: Any) -> None:
    page = opened(browser, html("handout", "ar"), 1280)
    assert page.evaluate("getComputedStyle(document.querySelector('#emergency')).borderRightWidth") != "2px"
    box = "document.querySelector('h1').getBoundingClientRect()"
    assert page.evaluate(
        f"getComputedStyle(document.querySelector('h1')).direction === 'rtl' && {box}.right > 640"
    )
    number = page.locator(".phone")
    assert number.inner_text() == "(916) 555-0100"
    page.close()


@pytest.mark.parametrize("paper", ["Letter", "A4"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_prints_on_at_most_two_pages(browser: Any, paper: str, language: str) -> None:
    page = opened(browser, html("handout", language), 1280)
    page.emulate_media(media="print")
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('li')).fontSize)") >= 16  # 12 pt
    printed = page.pdf(format=paper)
    assert 1 <= printed.count(b"/Type /Page\n") <= 2
    page.close()


def test_large_print_is_printed_large(browser: Any) -> None:
    page = opened(browser, html("handout", "en", large=True), 1280)
    page.emulate_media(media="print")
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('section li')).fontSize)") >= 24
    page.close()
