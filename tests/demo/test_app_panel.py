"""The panel in which the demo EHR opens an app, and its side of SMART Web Messaging, in headless Chromium.

The app is a stand-in on another port: launch, token and messages are real.
"""

from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from .visits import IN_A_BROWSER, Visit, assert_accessible

pytestmark = IN_A_BROWSER
LINK = "Review with the patient"


def opened(visit: Visit, fixture: str = "acute-mri") -> Frame:
    visit.pick(fixture)
    visit.draft()
    visit.page.get_by_role("button", name=LINK, exact=True).click()
    return app_in(visit.page)


def app_in(page: Page) -> Frame:
    expect(page.frame_locator("#app iframe").get_by_role("heading", name="Stand-in app")).to_be_visible()
    handle = page.locator("#app iframe").element_handle()
    frame = handle.content_frame() if handle else None
    assert frame is not None
    return frame


def ask(app: Frame | Page, kind: str, payload: Any = None, **more: Any) -> dict[str, Any]:
    """Send one message and wait for its answer."""
    answer: dict[str, Any] = app.evaluate(
        """async ([kind, payload, more]) => {
          const before = answers.length;
          send(kind, payload ?? {}, more);
          while (answers.length === before) await new Promise((next) => setTimeout(next, 10));
          return answers.at(-1);
        }""",
        [kind, payload, more],
    )
    return answer


def test_the_link_opens_the_app_beside_the_chart(visit: Visit) -> None:
    opened(visit)
    expect(visit.page.locator("#app-title")).to_have_text(LINK)
    expect(visit.page.locator("#app-title")).to_be_focused()
    expect(visit.page.locator("#app iframe")).to_have_attribute("title", LINK)
    expect(visit.page.locator("#app-status")).to_have_text("")
    box = visit.page.locator("#app").bounding_box()
    assert box is not None
    assert (box["width"], box["x"]) == (400, 880)
    assert visit.page.locator("#patient-name").is_visible()


def test_the_launch_carries_the_context_and_the_address_does_not(visit: Visit) -> None:
    opened(visit)
    (launched,) = visit.app.launched
    assert launched["iss"] == f"{visit.url}/fhir"
    assert set(launched) == {"iss", "launch"}
    token = visit.app.token
    assert (token["patient"], token["encounter"]) == ("acute-mri-patient", "acute-mri-visit")
    assert (token["appContext"], token["need_patient_banner"]) == ("h1", False)
    assert token["smart_web_messaging_origin"] == visit.url


def test_each_opening_is_a_launch_of_its_own(visit: Visit) -> None:
    opened(visit)
    visit.page.locator("#app-close").click()
    visit.page.get_by_role("button", name=LINK, exact=True).click()
    app_in(visit.page)
    first, second = (each["launch"] for each in visit.app.launched)
    assert first != second


def test_escape_and_close_give_the_focus_back(visit: Visit) -> None:
    opened(visit)
    link = visit.page.get_by_role("button", name=LINK, exact=True)
    visit.page.keyboard.press("Escape")
    expect(visit.page.locator("#app")).to_be_hidden()
    expect(link).to_be_focused()
    assert visit.page.locator("#app iframe").count() == 0, "what is closed is gone"
    visit.page.keyboard.press("Enter")
    app_in(visit.page)
    visit.page.keyboard.press("Tab")
    expect(visit.page.locator("#app-width")).to_be_focused()
    visit.page.locator("#app-close").press("Enter")
    expect(link).to_be_focused()


def test_the_panel_can_be_made_narrow(visit: Visit) -> None:
    opened(visit)
    toggle = visit.page.get_by_role("button", name="Narrow")
    toggle.press("Enter")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    box = visit.page.locator("#app").bounding_box()
    assert box is not None
    assert box["width"] == 320


@pytest.mark.parametrize("visit", [320], ids=["320px"], indirect=True)
def test_on_a_narrow_screen_it_covers_the_page(visit: Visit) -> None:
    opened(visit)
    box = visit.page.locator("#app").bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 320, 900)
    assert visit.page.locator(".page").evaluate("(page) => page.inert"), "what is covered cannot be reached"
    visit.page.locator("#app-close").click()
    assert not visit.page.locator(".page").evaluate("(page) => page.inert")
    expect(visit.page.get_by_role("button", name=LINK, exact=True)).to_be_focused()


def test_another_patient_ends_the_app(visit: Visit) -> None:
    opened(visit)
    visit.page.locator("[data-fixture=two-orders]").click()
    expect(visit.page.locator("#app")).to_be_hidden()
    expect(visit.page.locator("#patient-name")).to_be_focused()


def test_in_a_new_tab_the_app_shows_the_banner_and_can_speak_too(visit: Visit) -> None:
    visit.pick("acute-mri")
    visit.draft()
    with visit.page.expect_popup() as popup:
        visit.page.get_by_role("button", name=f"{LINK} in a new tab").click()
    tab = popup.value
    expect(tab.get_by_role("heading", name="Stand-in app")).to_be_visible()
    assert visit.app.token["need_patient_banner"] is True
    expect(visit.page.locator("#app")).to_be_hidden()
    assert len(ask(tab, "scratchpad.read")["payload"]["scratchpad"]) == 1
    with tab.expect_event("close"):
        tab.evaluate("send('ui.done', {})")


def test_the_panel_moves_into_a_tab(visit: Visit) -> None:
    opened(visit)
    with visit.page.expect_popup() as popup:
        visit.page.locator("#app-tab").click()
    expect(popup.value.get_by_role("heading", name="Stand-in app")).to_be_visible()
    expect(visit.page.locator("#app")).to_be_hidden()


def test_a_launch_that_is_refused_is_told(visit: Visit) -> None:
    visit.pick("acute-mri")
    visit.draft()
    visit.page.route("**/_services/smart/Launch", lambda route: route.fulfill(status=500))
    visit.page.get_by_role("button", name=LINK, exact=True).click()
    expect(visit.page.locator("#app-status")).to_contain_text("could not be opened. The launch was refused")
    visit.page.locator("#app-close").click()
    visit.page.unroute("**/_services/smart/Launch")


def test_handshake_is_answered_with_the_id_of_the_question(visit: Visit) -> None:
    answer = ask(opened(visit), "status.handshake", messageId="m1")
    assert answer.pop("messageId") not in ("", "m1")
    assert answer == {"responseToMessageId": "m1", "payload": {}}


def test_done_closes_the_panel(visit: Visit) -> None:
    opened(visit).evaluate("send('ui.done', {})")
    expect(visit.page.locator("#app")).to_be_hidden()
    expect(visit.page.get_by_role("button", name=LINK, exact=True)).to_be_focused()


def test_drafts_can_be_read(visit: Visit) -> None:
    app = opened(visit)
    (draft,) = ask(app, "scratchpad.read")["payload"]["scratchpad"]
    location = "ServiceRequest/acute-mri-order"
    assert f"{draft['resourceType']}/{draft['id']}" == location
    assert ask(app, "scratchpad.read", {"location": location})["payload"] == {"resource": draft}
    missing = ask(app, "scratchpad.read", {"location": "ServiceRequest/x"})["payload"]
    assert missing["outcome"]["issue"][0]["code"] == "not-found"


def test_a_changed_draft_is_seen_in_the_basket(visit: Visit) -> None:
    app = opened(visit)
    (draft,) = ask(app, "scratchpad.read")["payload"]["scratchpad"]
    later = draft | {"occurrenceDateTime": "2026-12-14"}
    assert ask(app, "scratchpad.update", {"resource": later})["payload"] == {"status": "200 OK"}
    expect(visit.page.locator("#basket")).to_contain_text("for 2026-12-14")
    expect(visit.page.locator("#basket .mark")).to_have_text("Changed")
    expect(visit.page.locator("#basket-status")).to_have_text(
        "By the app: Changed: Lumbar spine MRI without contrast."
    )


def test_drafts_are_made_and_removed(visit: Visit) -> None:
    app = opened(visit)
    therapy = {"resourceType": "ServiceRequest", "status": "draft", "intent": "order", "code": {"text": "Therapy"}}
    therapy["subject"] = {"reference": "Patient/acute-mri-patient"}
    made = ask(app, "scratchpad.create", {"resource": therapy})["payload"]
    assert made["status"] == "201 Created"
    assert visit.basket() == ["Lumbar spine MRI without contrast", "Therapy"]
    read = ask(app, "scratchpad.read", {"location": made["location"]})["payload"]["resource"]
    assert read["code"] == {"text": "Therapy"}
    assert ask(app, "scratchpad.delete", {"location": made["location"]})["payload"] == {"status": "200 OK"}
    expect(visit.page.locator("#basket-status")).to_have_text("By the app: Removed: Therapy.")
    assert visit.basket() == ["Lumbar spine MRI without contrast"]


@pytest.mark.parametrize(
    ("kind", "payload", "status"),
    [
        ("scratchpad.update", {"resource": {"resourceType": "ServiceRequest", "id": "x"}}, "422"),
        ("scratchpad.create", {"resource": {"resourceType": "ServiceRequest"}}, "422"),
        ("scratchpad.create", {"resource": "text"}, "400"),
        ("scratchpad.create", {}, "400"),
        ("scratchpad.delete", {"location": "ServiceRequest/x"}, "404"),
        ("scratchpad.delete", {}, "404"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(visit: Visit, kind: str, payload: Any, status: str) -> None:
    answer = ask(opened(visit), kind, payload)["payload"]
    assert answer["status"].startswith(status)
    assert answer["outcome"]["resourceType"] == "OperationOutcome"
    assert visit.basket() == ["Lumbar spine MRI without contrast"]


def test_another_patients_order_never_reaches_the_basket(visit: Visit) -> None:
    app = opened(visit)
    theirs = {"resourceType": "ServiceRequest", "subject": {"reference": "Patient/cauda-equina-patient"}}
    assert ask(app, "scratchpad.create", {"resource": theirs})["payload"]["status"].startswith("422")
    gone = theirs | {"id": "x", "subject": {"reference": "Patient/acute-mri-patient"}}
    assert ask(app, "scratchpad.update", {"resource": gone})["payload"]["status"].startswith("404")


def test_other_messages_are_answered_honestly(visit: Visit) -> None:
    app = opened(visit)
    assert ask(app, "fhir.http")["payload"]["outcome"]["issue"][0]["code"] == "not-supported"
    assert ask(app, "toString")["payload"]["outcome"]["issue"][0]["code"] == "not-supported"
    assert ask(app, "ui.launchActivity")["payload"]["status"] == "failure"


def test_a_message_without_the_handle_is_not_answered(visit: Visit) -> None:
    app = opened(visit)
    removal = {"location": "ServiceRequest/acute-mri-order"}
    for wrong in ({"messagingHandle": "guessed"}, {"messagingHandle": None}, {"messageId": 7}):
        app.evaluate("([payload, wrong]) => send('scratchpad.delete', payload, wrong)", [removal, wrong])
    ask(app, "status.handshake")
    assert app.evaluate("answers.length") == 1
    assert visit.basket() == ["Lumbar spine MRI without contrast"]


@pytest.mark.parametrize(
    ("granted", "kind", "allowed"),
    [
        ("messaging/ui", "scratchpad.read", False),
        ("messaging/scratchpad", "scratchpad.read", True),
        ("messaging/scratchpad", "ui.done", False),
    ],
)
def test_only_granted_messages_are_carried_out(visit: Visit, granted: str, kind: str, allowed: bool) -> None:
    visit.app.scope = f"launch patient/Patient.rs {granted}"
    payload = ask(opened(visit), kind)["payload"]
    assert ("scratchpad" in payload) is allowed
    if not allowed:
        assert payload["status"] in ("403 Forbidden", "failure")
    expect(visit.page.locator("#app")).to_be_visible()


def test_only_the_window_of_the_app_is_listened_to(visit: Visit) -> None:
    app = opened(visit)
    handle = visit.app.token["smart_web_messaging_handle"]
    message = {
        "messageType": "scratchpad.delete", "messageId": "m", "messagingHandle": handle,
        "payload": {"location": "ServiceRequest/acute-mri-order"},
    }  # fmt: skip
    visit.page.evaluate("(message) => window.postMessage(message, '*')", message)
    app.evaluate(
        """(message) => new Promise((sent) => {
          const inner = document.createElement("iframe");
          inner.srcdoc = `<script>top.postMessage(${JSON.stringify(message)}, "*")</` + "script>";
          inner.onload = sent;
          document.body.append(inner);
        })""",
        message,
    )
    ask(app, "status.handshake")
    assert visit.basket() == ["Lumbar spine MRI without contrast"]


def test_what_the_app_wrote_is_in_the_chart(visit: Visit) -> None:
    visit.pick("acute-mri")
    expect(visit.page.locator("#written-note")).to_have_text("No app has written anything yet.")
    app = opened(visit)
    app.get_by_role("button", name="Write").click()
    app_in(visit.page)
    visit.page.locator("#app-close").click()
    entry = visit.page.locator("#written > li")
    expect(entry).to_contain_text("Handout: back pain")
    expect(entry).to_contain_text("Document · current")
    with visit.page.expect_download() as download:
        entry.get_by_role("link", name="Download Handout (PDF, 1 kB)").click()
    assert download.value.suggested_filename == "document.pdf"
    visit.page.locator("[data-fixture=two-orders]").click()
    expect(visit.page.locator("#written-note")).to_have_text("No app has written anything yet.")


@pytest.mark.parametrize("visit", [320, 900, 1280], ids=["320px", "900px", "1280px"], indirect=True)
def test_accessible_and_unclipped_with_the_app_open(visit: Visit) -> None:
    app = opened(visit)
    assert_accessible(visit.page)
    app.get_by_role("button", name="Write").click()
    visit.page.locator("#app-close").click()
    visit.page.locator("#written summary").click()
    assert_accessible(visit.page)


@pytest.mark.parametrize("visit", [320], ids=["320px"], indirect=True)
def test_the_patient_picker_is_accessible(visit: Visit) -> None:
    challenge = "x" * 43
    asked = {
        "response_type": "code", "client_id": "watchful-demo", "state": "s", "aud": f"{visit.url}/fhir",
        "redirect_uri": f"{visit.service}/smart/callback", "scope": "launch/patient", "code_challenge": challenge,
        "code_challenge_method": "S256",
    }  # fmt: skip
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    visit.page.goto(f"{visit.url}/fhir/auth/authorize?{query}")
    expect(visit.page.get_by_role("heading", name="Pick a patient")).to_be_visible()
    assert_accessible(visit.page)
    visit.page.goto(f"{visit.url}/fhir/auth/authorize?{query}".replace("watchful-demo", "nobody"))
    expect(visit.page.get_by_role("heading", name="The app cannot be opened")).to_be_visible()
    assert_accessible(visit.page)
