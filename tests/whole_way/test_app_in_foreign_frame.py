"""The app in a frame of the EHR's own site, which is not ours; and in a frame where it must not be."""

from collections.abc import Callable, Iterator

import pytest
from canary import Watch, assert_each_code_came_once, assert_not_there, secrets_of, what_a_browser_got
from foreign_stage import FLAGS, ForeignStage, foreign_stage, framed, shown
from playwright.sync_api import Browser, BrowserContext, Frame, FrameLocator, Page, expect, sync_playwright
from quiet_chromium import CHROMIUM, QUIET

pytestmark = pytest.mark.browser
MAYA, ANOTHER = "acute-mri", "spanish"
SADDLE = "numbness between the legs"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *FLAGS])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignStage]:
    with foreign_stage(tmp_path_factory.mktemp("foreign")) as stage:
        yield stage


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(ignore_https_errors=True) as context:
        yield context


def say(app: FrameLocator, said: str) -> None:
    app.get_by_role("group", name=SADDLE).get_by_label(said, exact=True).check()


def refused_in(page: Page) -> Frame:
    """The frame, once it shows the browser's own error page instead of the app.

    A frame of another site is another process: it may be told of after the page around it has loaded.
    """
    (frame,) = page.frames[1:]
    if not frame.url.startswith("chrome-error:"):
        page.wait_for_event("framenavigated", lambda each: each.url.startswith("chrome-error:"))
    return frame


def test_third_party_cookies_are_blocked_here(stage: ForeignStage, context: BrowserContext) -> None:
    """What the other tests rest on: in a frame the plain cookie is lost, at the top it comes back."""
    page = shown(context, stage.chart(stage.control()))
    expect(framed(page).locator("body")).to_have_text("came: none")
    page.reload()
    expect(framed(page).locator("body")).to_have_text("came: partitioned")
    page.goto(stage.control())
    expect(page.locator("body")).to_have_text("came: none")
    page.reload()
    expect(page.locator("body")).to_have_text("came: partitioned plain")


def test_launched_answered_and_written_inside_the_frame(
    stage: ForeignStage, context: BrowserContext, log: Callable[[], str]
) -> None:
    watch = Watch(context)
    page = shown(context, stage.chart(stage.launch(MAYA)))
    app = framed(page)
    expect(app.locator("#advice .headline")).to_contain_text("the lumbar MRI can wait")
    say(app, "Yes")
    expect(app.locator("#advice .headline")).to_contain_text("to an emergency department today")
    say(app, "Not asked")
    expect(app.locator("#advice .headline")).to_contain_text("can wait")
    app.get_by_role("link", name="Note", exact=True).click()
    app.get_by_role("button", name="Copy the text").click()
    expect(app.locator("#copied")).to_have_text("Copied. Paste it into the visit note.")
    app.get_by_role("link", name="To the chart").click()
    app.get_by_role("button", name="File the handout").click()
    expect(app.locator("#handout")).to_contain_text("The handout is in the chart.")
    watch.look(*page.frames)
    watch.remembered(page)
    watch.keep()
    assert set(stage.tunnels) == {stage.theirs.removeprefix("https://")}, "the service went nowhere else"
    secrets = secrets_of(stage.ehr)
    assert_not_there(secrets, [*watch.seen, *what_a_browser_got(stage.service, stage.ehr), ("log", log())])
    assert_each_code_came_once(secrets, stage.service)
    app.get_by_role("button", name="Close the app").click()
    expect(app.get_by_role("heading", name="The app is closed")).to_be_visible()
    assert [each["name"] for each in context.cookies() if "watchful" in each["name"]] == []


def test_it_works_without_a_script(stage: ForeignStage, browser: Browser) -> None:
    with browser.new_context(ignore_https_errors=True, java_script_enabled=False) as context:
        app = framed(shown(context, stage.chart(stage.launch(MAYA))))
        expect(app.locator("#advice .headline")).to_contain_text("can wait")
        say(app, "Yes")
        app.get_by_role("button", name="Judge again with these answers").click()
        expect(app.locator("#advice .headline")).to_contain_text("to an emergency department today")


def test_two_patients_in_two_frames_stay_apart(stage: ForeignStage, context: BrowserContext) -> None:
    page = shown(context, stage.chart(stage.launch(MAYA), stage.launch(ANOTHER)))
    first, second = framed(page, 0), framed(page, 1)
    names = [each.locator(".who").inner_text() for each in (first, second)]
    assert names[0] != names[1]
    say(first, "Yes")
    expect(first.locator("#advice .headline")).to_contain_text("emergency department")
    expect(second.locator("#advice .headline")).not_to_contain_text("emergency department")
    tab = shown(context, stage.chart(*(frame.url for frame in page.frames[1:])))  # the same two, in another tab
    for number, name in enumerate(names):
        expect(framed(tab, number).locator(".who")).to_have_text(name, use_inner_text=True)
    expect(framed(tab, 0).locator("#advice .headline")).to_contain_text("emergency department")
    say(framed(tab, 1), "No")
    expect(framed(tab, 1).locator("#answered")).to_contain_text("do not change the advice")


def test_a_third_site_cannot_frame_it(stage: ForeignStage, context: BrowserContext) -> None:
    said: list[str] = []
    context.on("console", lambda message: said.append(message.text))
    frame = refused_in(shown(context, stage.chart(stage.launch(MAYA), at=stage.elsewhere)))
    assert "Maya" not in frame.content()
    assert [each for each in said if "frame-ancestors" in each and stage.theirs in each]


def test_a_session_of_the_ehr_does_not_open_elsewhere(stage: ForeignStage, context: BrowserContext) -> None:
    """Not in another site's frame, and not at the top: its cookie is of the EHR's partition."""
    page = shown(context, stage.chart(stage.launch(MAYA)))
    expect(framed(page).locator("#advice")).to_be_visible()
    (frame,) = page.frames[1:]
    answer = context.new_page().goto(frame.url)
    assert answer is not None
    assert answer.status == 401
    assert "Maya" not in answer.text()
    refused_in(shown(context, stage.chart(frame.url, at=stage.elsewhere)))
