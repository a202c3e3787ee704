"""The app in Chromium: accessible, narrow and wide, by keyboard, without script, on paper, in an EHR's frame."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from app_house import STATES
from app_server import served
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = ("review", "talk", "note", "handout", "act")
NEXT_TAB = "document.activeElement.name || document.activeElement.textContent.trim()"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}: the pages are not tested"),
]


class Desk:
    """A browser, and the app that it visits."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.faults: list[str] = []

    def sit(self, **options: Any) -> BrowserContext:
        context = self.browser.new_context(**options)
        page = context.new_page()
        page.goto(f"{self.url}/enter")
        page.close()
        return context

    def open(self, context: BrowserContext, session: str, name: str = "review") -> Page:
        page = context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(f"{self.url}/smart/app/{session}/{name}")
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "favicon.ico" not in message.location["url"]:
            self.faults.append(message.text)


@pytest.fixture(scope="module")
def _desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with sync_playwright() as playwright, served(tmp_path_factory.mktemp("app")) as url:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Desk(browser, url)
        browser.close()


@pytest.fixture
def desk(_desk: Desk) -> Iterator[Desk]:
    _desk.faults.clear()
    yield _desk
    assert _desk.faults == []


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("state", [*STATES, "none", "unsure", "answered", "dark"])
def test_every_page_is_accessible_and_never_scrolls_sideways(desk: Desk, state: str, width: int) -> None:
    context = desk.sit(viewport={"width": width, "height": 800}, bypass_csp=True)  # for axe's own script
    seen = 0
    for name in PAGES:
        page = desk.open(context, state, name)
        if page.url.endswith(name):
            seen += 1
            for details in page.locator("details").all():
                details.evaluate("each => { each.open = true }")
            results = Axe().run(page)
            assert results.violations_count == 0, f"{state} {name}: {results.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{state} {name}"
            small = page.evaluate(
                """[...document.querySelectorAll('a, button, summary, input:not([type=hidden]), .options label')]
                    .filter(each => each.checkVisibility() && !each.matches('.skip, .options input'))
                    .map(each => [each.textContent, each.getBoundingClientRect()])
                    .filter(([, box]) => box.height < 24 || box.width < 24)
                    .map(([text, box]) => `${text} ${box.width} ${box.height}`)"""
            )
            assert [each for each in small if "note text" not in each and "handout" not in each] == []
        page.close()
    assert seen >= 1
    context.close()


def test_a_policy_that_is_kept_lets_style_and_script_work(desk: Desk) -> None:
    context = desk.sit()
    page = desk.open(context, "defer", "handout")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.leaflet')).borderTopStyle") == "solid"
    context.close()


def test_an_answer_changes_the_advice_at_once_and_the_reader_stays_where_they_are(desk: Desk) -> None:
    context = desk.sit(viewport={"width": 360, "height": 640})
    page = desk.open(context, "fresh")
    expect(page.get_by_role("button", name="Judge again with these answers")).to_be_hidden()
    group = page.get_by_role("group", name="Bladder or bowel change")
    group.get_by_label("Yes").scroll_into_view_if_needed()
    group.get_by_label("Yes").focus()
    before = group.bounding_box()
    page.keyboard.press("Space")
    told = page.get_by_role("status").filter(has_text="Advice now")
    expect(told).to_contain_text("(told today): to an emergency department today.")
    expect(told).to_contain_text("Today's answers changed the advice.")
    expect(told).to_be_in_viewport()
    expect(page.locator("#advice .headline")).to_contain_text("to an emergency department today")
    expect(page.locator("#board")).to_contain_text("told today")
    expect(page.get_by_role("link", name="Talk")).to_have_count(0)
    assert page.evaluate("document.activeElement.name") == "q.told-saddle"
    after = group.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2
    page.keyboard.press("ArrowRight")
    expect(page.locator("#advice .headline")).to_contain_text("can wait")
    page.reload()
    expect(group.get_by_label("No", exact=True)).to_be_checked()
    context.close()


def test_an_answer_after_the_session_ended_is_said_not_to_have_been_judged(desk: Desk) -> None:
    context = desk.sit()
    page, other = (desk.open(context, "ending") for _ in range(2))
    other.get_by_role("button", name="Close the app").click()
    expect(other.get_by_role("heading", name="The app is closed")).to_be_visible()
    page.get_by_role("group", name="New leg weakness?").get_by_label("Yes").check()
    expect(page.get_by_role("heading", name="This page is closed")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("An answer given just now was not judged.")
    desk.faults.clear()  # the browser's own line on the 401
    context.close()


@pytest.mark.parametrize("height", [480, 640])
def test_what_an_answer_changed_never_covers_the_focus(desk: Desk, height: int) -> None:
    context = desk.sit(viewport={"width": 320, "height": height})
    page = desk.open(context, "focused")
    page.get_by_role("group", name="Bladder or bowel change").get_by_label("Yes").focus()
    page.keyboard.press("Space")
    told = page.locator("#answered")
    expect(told).to_contain_text("to an emergency department today. Today's answers changed the advice.")
    expect(told).not_to_contain_text("can wait")
    for question in ("weakness", "infection", "cancer", "injury"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == f"q.told-{question}"
        page.wait_for_function(
            """() => { const label = document.activeElement.closest('label'), box = label.getBoundingClientRect();
                return label.contains(document.elementFromPoint(box.left + box.width / 2, box.bottom - 2)) }"""
        )
    page.get_by_role("group", name="Bladder or bowel change").get_by_label("Not asked").check()
    expect(told).to_contain_text("Advice now: Back pain 9 days, no red flag found in the record")
    expect(told).not_to_contain_text("Today's answers")
    context.close()


def test_by_keyboard_alone(desk: Desk) -> None:
    context = desk.sit(viewport={"width": 1280, "height": 800})
    page = desk.open(context, "keyboard")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_in_viewport()
    order = []
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        order.append(str(page.evaluate(NEXT_TAB)))
        ring = page.evaluate(
            """(() => { const each = document.activeElement;
                const shown = each.matches('.options input') ? each.parentElement : each;
                return getComputedStyle(shown).outlineStyle })()"""
        )
        assert ring == "solid", order[-1]
    questions = ["saddle", "weakness", "infection", "cancer", "injury"]
    assert order == [
        "Review",
        "Talk",
        "Handout",
        "Note",
        "To the chart",
        *(f"q.told-{each}" for each in questions),
        "Read the chart again",
        "The whole reasoning",
        "Close the app",
    ]
    page.get_by_role("link", name="Skip to the page").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.get_by_role("link", name="Handout").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Handout for the patient")).to_be_visible()
    context.close()


def test_without_a_script_everything_can_be_read_and_answered(desk: Desk) -> None:
    context = desk.sit(java_script_enabled=False)
    page = desk.open(context, "plain")
    page.get_by_role("group", name="New leg weakness?").get_by_label("Yes").check()
    page.get_by_role("button", name="Judge again with these answers").click()
    expect(page.locator("#advice .headline")).to_contain_text("New leg weakness (told today)")
    expect(page).to_have_url(f"{desk.url}/smart/app/plain/review#advice")
    page.get_by_role("link", name="Note").click()
    expect(page.get_by_label("Note text")).to_have_value(
        "".join(page.get_by_label("Note text").all_text_contents()).lstrip("\n")
    )
    expect(page.get_by_role("button", name="Copy the text")).to_be_hidden()
    page.get_by_role("link", name="To the chart").click()
    expect(page.get_by_role("button", name="File the answers")).to_be_visible()
    expect(page.locator("#messages")).to_be_hidden()
    page.get_by_role("button", name="Close the app").click()
    expect(page.get_by_role("heading", name="The app is closed")).to_be_visible()
    context.close()


@pytest.mark.parametrize("allowed", [True, False])
def test_the_note_is_copied_or_left_selected(desk: Desk, allowed: bool) -> None:
    context = desk.sit()
    page = desk.open(context, "copied", "note")
    if not allowed:  # as in a frame that an EHR gives no permissions
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed')) }")
        page.evaluate("() => { document.execCommand = () => false }")
    page.get_by_role("button", name="Copy the text").click()
    expect(page.get_by_role("status")).to_contain_text("Copied" if allowed else "Ctrl+C")
    selected = page.evaluate("(() => { const n = document.getElementById('note'); return n.selectionEnd })()")
    assert selected > 100
    context.close()


@pytest.mark.parametrize(
    ("state", "name", "most"), [("answered", "review", 1), ("urgent", "review", 1), ("unreadable", "review", 1),
                                ("defer", "handout", 2), ("defer", "note", 1), ("defer", "talk", 1)],
)  # fmt: skip
def test_on_paper(desk: Desk, state: str, name: str, most: int) -> None:
    context = desk.sit()
    page = desk.open(context, state, name)
    page.emulate_media(media="print")
    for gone in ("nav", "button", "form[action$=end]", "details"):
        for each in page.locator(gone).all():
            expect(each).to_be_hidden()
    printed = page.pdf(format="Letter")
    assert 1 <= printed.count(b"/Type /Page\n") <= most
    if name == "handout":
        expect(page.locator(".who")).to_be_hidden()
    else:
        expect(page.locator(".who")).to_be_visible()
    if state == "answered":
        shown = [each for each in page.locator(".options label").all() if each.is_visible()]
        assert [each.inner_text().strip() for each in shown].count("Yes") == 1
        assert len(shown) == 5
    context.close()


@pytest.mark.parametrize("name", ["handout", "note"])
def test_the_colours_of_a_dark_ehr_stay_on_its_screen(desk: Desk, name: str) -> None:
    context = desk.sit()
    page = desk.open(context, "dark", name)
    ink = "getComputedStyle(document.body).color"
    assert page.evaluate(ink) == "rgb(232, 238, 242)"
    page.emulate_media(media="print")
    assert page.evaluate(ink) == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    context.close()


def test_with_colours_of_the_reader_and_without_motion(desk: Desk) -> None:
    context = desk.sit(forced_colors="active", reduced_motion="reduce")
    page = desk.open(context, "answered")
    chosen = page.locator(".options label").filter(has=page.locator(":checked"))
    assert chosen.first.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    context.close()


def test_a_press_in_the_browser_writes_and_says_so(desk: Desk) -> None:
    context = desk.sit()
    page = desk.open(context, "written", "act")
    page.get_by_role("button", name="Add the draft referral").click()
    expect(page.locator("#referral")).to_contain_text("Done")
    expect(page).to_have_url(f"{desk.url}/smart/app/written/act?lang=en#referral")
    expect(page.get_by_role("button", name="Add the draft referral")).to_have_count(0)
    context.close()


class Host:
    """The EHR's window around the app."""

    def __init__(self, desk: Desk, context: BrowserContext, mood: str = "answers") -> None:
        self.page = context.new_page()
        self.page.goto(f"{desk.url}/host")
        self.page.evaluate("mood => { window.mood = mood }", mood)
        self.frame = self.page.frame_locator("iframe")

    def heard(self) -> list[dict[str, Any]]:
        return list(self.page.evaluate("window.heard"))


def test_the_order_screen_is_asked_to_postpone_the_draft(desk: Desk) -> None:
    context = desk.sit()
    host = Host(desk, context)
    host.frame.get_by_role("button", name="Keep the order for Dec 14, 2026").click()
    expect(host.frame.get_by_text("Done in the order screen.")).to_be_visible()
    read, update = host.heard()
    assert (read["messageType"], update["messageType"]) == ("scratchpad.read", "scratchpad.update")
    assert read["messagingHandle"] == update["messagingHandle"] == "swm-handle"
    assert read["messageId"] != update["messageId"]
    resource = update["payload"]["resource"]
    assert resource["occurrenceDateTime"] == "2026-12-14"
    assert resource["status"] == "draft"
    assert not {"occurrenceTiming", "_occurrenceTiming"} & set(resource)
    host.frame.get_by_role("button", name="Back to the EHR").click()
    host.page.wait_for_function("window.heard.length === 3")
    assert host.heard()[2]["messageType"] == "ui.done"
    context.close()


@pytest.mark.parametrize(
    ("mood", "said"), [("refuses", "did not do it"), ("silent", "did not answer"), ("mixed-up", "did not answer")]
)
def test_only_an_answer_to_this_message_is_believed(desk: Desk, mood: str, said: str) -> None:
    context = desk.sit()
    host = Host(desk, context, mood)
    host.frame.get_by_role("button", name="Remove the lumbar MRI draft").click()
    expect(host.frame.get_by_text(said)).to_be_visible(timeout=12_000)
    context.close()


def test_without_a_window_around_it_there_is_nothing_to_ask(desk: Desk) -> None:
    context = desk.sit()
    page = desk.open(context, "framed", "act")
    expect(page.locator("#messages")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_of_a_failure_is_as_accessible(desk: Desk, width: int) -> None:
    context = desk.sit(viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{desk.url}/smart/app/nowhere/review")
    expect(page.get_by_role("heading", name="This page is closed")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('main')).borderTopStyle") == "solid"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    context.close()
