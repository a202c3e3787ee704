"""The demo EHR in headless Chromium, against a stub service on another port: CORS is really exercised."""

from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from watchful.demo.app import demo_app

from .serving import served
from .stub_service import CARD, DEFER, LATER, REASON
from .visits import IN_A_BROWSER, TODAY, Visit, assert_accessible

pytestmark = IN_A_BROWSER


def test_card_is_drawn_as_an_ehr_would(visit: Visit) -> None:
    visit.pick("acute-mri")
    visit.draft()
    card = visit.page.get_by_role("article")
    expect(card).to_have_class("card warning")
    expect(card.get_by_role("heading", level=3)).to_contain_text("no red flag found in the record")
    expect(card.locator(".detail strong").first).to_have_text("Why:")
    expect(card.get_by_role("link", name="the guideline")).to_have_attribute("href", "https://example.org/acr")
    expect(card.get_by_role("link", name="https://doi.org/10.1016/j_a_cr.2021.002", exact=True)).to_be_visible()
    expect(card.locator(".detail code")).to_have_text("*M54.50*")
    expect(card.locator(".detail em")).to_have_text("three weeks")
    expect(card.get_by_role("button", name="Replace the scan")).to_contain_text("Recommended")
    expect(card.locator(".source a")).to_have_text("Watchful")


def test_html_and_script_links_of_a_card_stay_text(visit: Visit) -> None:
    visit.pick("acute-mri")
    visit.draft()
    detail = visit.page.locator(".detail")
    expect(detail).to_contain_text("<img src=x onerror=alert(1)>")
    expect(detail).to_contain_text("[this](javascript:alert(1))")
    assert visit.page.locator("#cards img, #cards [href^=javascript]").count() == 0


def test_request_is_what_a_client_sends(visit: Visit) -> None:
    visit.pick("acute-mri")
    visit.draft()
    (request,) = visit.requests
    assert UUID(request["hookInstance"]).version == 4
    assert request["hook"] == "order-select"
    assert request["fhirServer"] == f"{visit.url}/fhir"
    assert request["context"]["selections"] == ["ServiceRequest/acute-mri-order"]
    assert "fhirAuthorization" not in request
    assert set(request["prefetch"]) == {"patient", "encounter", "conditions"}
    assert request["prefetch"]["patient"]["id"] == "acute-mri-patient"
    assert request["prefetch"]["conditions"]["type"] == "searchset"


def test_accepting_a_suggestion_changes_the_basket_and_is_reported(visit: Visit) -> None:
    visit.pick("acute-mri")
    visit.draft()
    assert visit.basket() == ["Lumbar spine MRI without contrast"]
    visit.page.get_by_role("button", name="Replace the scan").click()
    expect(visit.page.locator("#basket-status")).to_contain_text("Removed: Lumbar spine MRI without contrast.")
    assert visit.basket() == ["Physical therapy"]
    entry = visit.wait_for_feedback()
    assert entry.pop("outcomeTimestamp").endswith("Z")
    assert entry == {"card": CARD, "outcome": "accepted", "acceptedSuggestions": [{"id": DEFER}]}


def test_only_one_suggestion_of_an_exclusive_card_can_be_taken(visit: Visit) -> None:
    visit.pick("acute-mri")
    visit.draft()
    visit.page.get_by_role("button", name="Keep the scan").click()
    other = visit.page.get_by_role("button", name="Replace the scan")
    expect(other).to_have_attribute("aria-disabled", "true")
    other.click(force=True)
    expect(visit.page.locator("#basket")).to_contain_text("for 2026-12-14")
    assert visit.basket() == ["Lumbar spine MRI without contrast"]
    assert visit.wait_for_feedback()["acceptedSuggestions"] == [{"id": LATER}]
    assert len(visit.feedback) == 1


def test_dismissing_sends_the_reason_chosen_by_keyboard(visit: Visit) -> None:
    visit.pick("acute-mri")
    visit.draft()
    toggle = visit.page.get_by_role("button", name="Dismiss")
    toggle.press("Enter")
    expect(visit.page.get_by_role("button", name="Red flag present")).to_be_focused()
    visit.page.keyboard.press("Escape")
    expect(toggle).to_be_focused()
    toggle.press("Enter")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#cards-title")).to_be_focused()
    expect(visit.page.locator("#cards")).to_contain_text("Card dismissed: Red flag present")
    entry = visit.wait_for_feedback()
    reason = {"system": REASON, "code": "red-flag", "display": "Red flag present, not in the chart"}
    assert (entry["outcome"], entry["overrideReason"]) == ("overridden", {"reason": reason})


def test_signing_fires_order_sign_and_never_blocks(visit: Visit) -> None:
    visit.pick("acute-mri")
    visit.draft()
    visit.page.get_by_role("button", name="Sign orders").click()
    visit.page.get_by_role("button", name="Sign anyway").click()
    expect(visit.page.locator("#basket-status")).to_have_text("Signed: Lumbar spine MRI without contrast.")
    assert visit.basket() == []
    assert visit.requests[-1]["hook"] == "order-sign"
    assert "selections" not in visit.requests[-1]["context"]


def test_nothing_to_say_lets_an_order_be_signed_at_once(visit: Visit) -> None:
    visit.pick("acute-mri")
    visit.page.get_by_label("Study").select_option("knee")
    visit.draft()
    expect(visit.page.locator("#call")).to_contain_text("No card")
    visit.page.get_by_role("button", name="Sign orders").click()
    expect(visit.page.locator("#basket-status")).to_have_text("Signed: Knee X-ray.")


def test_own_code_of_another_study_and_the_priority_are_sent(visit: Visit) -> None:
    visit.pick("cauda-equina")
    visit.page.get_by_label("Study").select_option("mri-both")
    visit.page.get_by_label("Priority").select_option("stat")
    visit.draft()
    (order,) = [each["resource"] for each in visit.requests[-1]["context"]["draftOrders"]["entry"]]
    assert order["priority"] == "stat"
    assert {coding["code"] for coding in order["code"]["coding"]} == {"72158", "24967-2"}


def test_two_orders_are_drafted_together_and_one_removed(visit: Visit) -> None:
    visit.pick("two-orders")
    visit.draft()
    assert len(visit.requests[-1]["context"]["selections"]) == 2
    visit.page.get_by_role("button", name="Remove Lumbar").click()
    expect(visit.page.locator("#call")).to_contain_text("No card")
    assert visit.basket() == ["Right knee X-ray"]


def test_a_failure_of_the_service_is_plain_to_see(visit: Visit) -> None:
    visit.pick("unreadable-conditions")
    expect(visit.page.locator("#summary")).to_contain_text("Cannot be read")
    visit.draft()
    failure = visit.page.get_by_role("alert")
    expect(failure).to_contain_text("The service answered 412")
    expect(failure).to_contain_text("The problem list cannot be read.")


def test_a_service_that_is_down_and_a_journal_that_is_missing_are_named(browser: Browser) -> None:
    with served(demo_app("http://127.0.0.1:9", lambda: TODAY, None)) as url:
        page = browser.new_page()
        page.goto(f"{url}/#acute-mri")
        expect(page.locator("#journal-note")).to_have_text("The journal cannot be read from here.")
        page.get_by_role("button", name="Draft order").click()
        expect(page.get_by_role("alert")).to_contain_text("The service cannot be reached")
        page.close()


def test_markdown_renderer_lets_no_markup_through(visit: Visit) -> None:
    """Hostile details: nothing but the elements that the renderer makes, and no attribute but a web link's."""
    hostile = [
        "<script>alert(1)</script>",
        '[x](https://a.example/"onmouseover="alert(1))',
        "[`a`](https://a.example) [b](javascript:alert(1))",
        'https://a.example/"onclick=alert(1)<b>',
        "\u00000\u0000 `<i>` **<u>x</u>**",
        "# <h1>\n> <q>\n- <li onclick=x>\n1. <p>",
    ]
    visit.page.goto(visit.url)
    found = visit.page.evaluate(
        """async (sources) => {
          const { markdown } = await import(new URL("static/markdown.js", location.href));
          return sources.flatMap((source) => {
            const box = document.createElement("div");
            box.innerHTML = markdown(source);
            return [...box.querySelectorAll("*")].map((node) => [
              node.localName, ...node.getAttributeNames().map((name) => `${name}=${node.getAttribute(name)}`),
            ]);
          });
        }""",
        hostile,
    )
    assert {each[0] for each in found} <= {"p", "h4", "ul", "ol", "li", "blockquote", "a", "code", "strong"}
    for element in found:
        names = {attribute.split("=", 1)[0] for attribute in element[1:]}
        assert names == ({"href", "target", "rel"} if element[0] == "a" else set())
        assert all(each.split("=", 1)[1].startswith("https://") for each in element if each.startswith("href="))


def test_journal_shows_what_was_recorded(visit: Visit) -> None:
    visit.pick("acute-mri")
    visit.draft()
    row = visit.page.locator("#journal > li").first
    expect(row).to_contain_text("DeferImaging")
    expect(row).to_contain_text("acute-no-flag")
    expect(row).to_contain_text("app answered: UrgentFinding, told: bladder")
    expect(row).to_contain_text("app wrote handout (DocumentReference): made, 201")
    expect(row).to_contain_text("app wrote follow-up (Task): no answer yet")


@pytest.mark.parametrize("visit", [320, 1280], ids=["320px", "1280px"], indirect=True)
def test_accessible_and_unclipped(visit: Visit) -> None:
    """WCAG 2.2 AA by axe, in each state of the page; nothing scrolls sideways at 320 px (1.4.10)."""
    visit.page.goto(visit.url)
    expect(visit.page.locator("[data-fixture]").first).to_be_visible()
    assert_accessible(visit.page)
    visit.pick("acute-mri")
    visit.draft()
    visit.page.get_by_role("button", name="Dismiss").click()
    assert_accessible(visit.page)
    visit.page.get_by_role("button", name="Replace the scan").click()
    visit.page.get_by_text("What was sent and answered").click()
    assert_accessible(visit.page)
    visit.pick("unreadable-conditions")
    visit.draft()
    assert_accessible(visit.page)
