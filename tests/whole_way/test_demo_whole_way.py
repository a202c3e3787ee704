"""`watchful demo` from the order to the journal: both servers, and a browser in which a clinician works."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from canary import assert_each_code_came_once, assert_not_there, secrets_of, what_a_browser_got
from demo_stage import LINK, Stage
from pdf_words import words_of
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
PATIENT = "acute-mri-patient"
SADDLE = "numbness between the legs"


def test_the_whole_way(stage: Stage, log: Callable[[], str]) -> None:
    card = stage.draft("acute-mri")
    expect(card.get_by_role("heading", level=3)).to_contain_text("can wait")
    stage.launch()
    advice, headline = stage.app.locator("#advice"), stage.app.locator("#advice .headline")
    expect(headline).to_contain_text("the lumbar MRI can wait")
    expect(advice).not_to_contain_text("changed the advice")
    stage.look()

    stage.answer(SADDLE, "Yes")
    expect(headline).to_contain_text("(told today): to an emergency department today.")
    expect(advice).to_contain_text("Today's answers changed the advice")
    expect(stage.app.locator("#links")).not_to_contain_text("Handout")
    stage.look()
    stage.answer(SADDLE, "Not asked")
    expect(headline).to_contain_text("the lumbar MRI can wait")
    expect(advice).not_to_contain_text("changed the advice")
    stage.answer(SADDLE, "No")
    expect(stage.app.locator("#answered")).to_contain_text("Today's answers do not change the advice.")

    copy_the_note(stage)
    print_the_handout_in_spanish(stage)
    file_it_once(stage)

    stage.app.get_by_role("button", name="Keep the order for").click()
    expect(stage.page.locator("#basket .mark")).to_have_text("Changed")
    six_weeks = datetime.now(UTC).date() + timedelta(weeks=6)
    expect(stage.page.locator("#basket small")).to_contain_text(f" · for {six_weeks}")
    expect(stage.page.locator("#basket-status")).to_contain_text("By the app: Changed:")
    expect(stage.app.locator("#messages")).to_contain_text("Done in the order screen.")
    stage.look()
    stage.app.get_by_role("button", name="Back to the EHR").click()
    expect(stage.page.locator("#app")).to_be_hidden()

    card.get_by_role("button", name="Recommended").click()
    expect(stage.page.locator("#basket-status")).to_contain_text("Removed:")
    stage.look()
    the_chart_shows_the_handout(stage)
    the_journal_holds_it(stage)
    no_token_was_anywhere(stage, log)


def copy_the_note(stage: Stage) -> None:
    stage.turn_to("Note")
    note = stage.app.get_by_label("Note text")
    expect(note).to_have_value(re.compile(r"Asked / examined:\nAsked, no: bladder or bowel change"))
    stage.app.get_by_role("button", name="Copy the text").click()
    expect(stage.app.locator("#copied")).to_have_text("Copied. Paste it into the visit note.")
    stage.context.grant_permissions(["clipboard-read"])
    copied = stage.page.evaluate("navigator.clipboard.readText()")
    assert copied.replace("\r\n", "\n") == note.input_value()
    stage.look()


def print_the_handout_in_spanish(stage: Stage) -> None:
    stage.turn_to("Handout")
    stage.app.get_by_role("link", name="Español").click()
    leaflet = stage.app.locator("article.leaflet")
    expect(leaflet).to_have_attribute("lang", "es")
    title = leaflet.get_by_role("heading", level=2).first.inner_text()
    stage.look()
    tab = stage.context.new_page()
    tab.goto(stage.frame_url())
    printed = words_of(tab.pdf(format="Letter"))
    tab.close()
    with stage.page.expect_download() as download:
        stage.app.get_by_role("link", name="PDF", exact=True).click()
    for words in (printed, words_of(download.value.path().read_bytes())):
        assert "".join(title.split()) in words
        assert "dolordeespalda" in words.lower()
        assert "backpain" not in words.lower()
    assert "Watchful" not in printed, "nor is anything else of the app on the paper"


def file_it_once(stage: Stage) -> None:
    stage.app.get_by_role("link", name="File this handout in the chart").click()
    handout, answers = stage.app.locator("#handout"), stage.app.locator("#answers")
    expect(handout).to_contain_text("Español")
    handout.get_by_role("button", name="File the handout").dblclick()
    expect(handout).to_contain_text("The handout is in the chart.")
    with stage.page.expect_event("framenavigated"):
        stage.page.frames[1].evaluate("location.reload()")
    expect(handout.locator(".state")).to_have_text("Done")
    answers.get_by_role("button", name="File the answers").dblclick()
    expect(answers.locator(".state")).to_have_text("Done")
    press_again_behind_the_page(stage)
    (document,) = stage.in_the_chart("DocumentReference", PATIENT)
    (answered,) = stage.in_the_chart("QuestionnaireResponse", PATIENT)
    assert document["content"][0]["attachment"]["language"] == "es"
    assert [each["linkId"] for each in answered["item"]] == ["told-saddle"]
    expect(handout).to_contain_text(f"DocumentReference/{document['id']}")
    stage.look()


def press_again_behind_the_page(stage: Stage) -> None:
    """As a form that was sent twice, at the same time, from a page loaded before."""
    statuses = stage.page.frames[1].evaluate(
        """async () => {
          const csrf = document.querySelector("[name=csrf]").value;
          const send = (kind) => fetch(`act/${kind}`,
            { method: "POST", body: new URLSearchParams({ csrf, lang: "es" }) });
          const answers = await Promise.all(["handout", "handout", "answers", "answers"].map(send));
          return answers.map((each) => each.status);
        }"""
    )
    assert statuses == [200, 200, 200, 200]


def the_chart_shows_the_handout(stage: Stage) -> None:
    entry = stage.page.locator("#written [data-written=DocumentReference]")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("Document · current")
    with stage.page.expect_download() as download:
        entry.get_by_role("link").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def the_journal_holds_it(stage: Stage) -> None:
    shown = stage.page.locator("#journal > li").first
    expect(shown).to_contain_text("accepted: 1 suggestion(s)")
    expect(shown).to_contain_text("app wrote handout (DocumentReference): made, 201")
    (row,) = stage.journal()
    assert (row["hook"], row["decision"], row["shown"]) == ("order-select", "DeferImaging", True)
    assert [each["outcome"] for each in row["feedback"]] == ["accepted"]
    told = [(each["step"], each["decision"], each["told"]) for each in row["app_uses"]]
    assert told == [
        ("opened", "DeferImaging", []),
        ("answered", "UrgentFinding", ["told-saddle"]),
        ("answered", "DeferImaging", []),
        ("answered", "DeferImaging", ["told-saddle"]),
    ]
    written = [
        (each["act"], each["resource_type"], each["outcome"], each["status"]) for each in row["write_backs"]
    ]
    assert written == [
        ("handout", "DocumentReference", "made", 201),
        ("answers", "QuestionnaireResponse", "made", 201),
    ]


def no_token_was_anywhere(stage: Stage, log: Callable[[], str]) -> None:
    stage.watch.remembered(stage.page)
    stage.watch.keep()
    secrets = secrets_of(stage.ehr)
    lines = log()
    kept = b"".join(each.read_bytes() for each in stage.journal_file.parent.glob("journal.db*"))
    assert {where for where, _ in stage.watch.seen} >= {"address", "frame", "page", "past", "history", "cookie"}
    places = [*stage.watch.seen, *what_a_browser_got(stage.service, stage.ehr), ("log", lines)]
    assert_not_there(secrets, [*places, ("journal", kept.decode("latin-1"))])
    assert_each_code_came_once(secrets, stage.service)


def test_a_code_is_worth_nothing_after_its_launch(stage: Stage, log: Callable[[], str]) -> None:
    stage.draft("acute-mri")
    stage.launch()
    (code,) = secrets_of(stage.ehr).codes
    (callback,) = [what for where, what in stage.watch.seen if where == "address" and "/smart/callback?" in what]
    assert code in callback
    tab = stage.context.new_page()
    tab.goto(callback)  # by the same browser: on to its session, and the code is not sent again
    expect(tab.locator("#advice")).to_be_visible()
    assert code not in tab.url
    tab.close()
    assert len([each for each in stage.ehr.exchanges if each.path.endswith("/auth/token")]) == 1
    assert httpx2.get(callback).status_code == 400  # by anybody else: refused, and the log says why and no more
    lines = log()
    assert '"reason": "state", "status": 400' in lines
    assert_not_there(secrets_of(stage.ehr), [*what_a_browser_got(stage.service, stage.ehr), ("log", lines)])
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": "watchful-demo",
        "code_verifier": "x" * 43,
    }
    form["redirect_uri"] = callback.partition("?")[0]
    stolen = httpx2.post(f"{stage.ehr_url}/fhir/auth/token", data=form)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")


def test_in_a_tab_the_app_removes_the_draft_and_closes_itself(stage: Stage, log: Callable[[], str]) -> None:
    card = stage.draft("acute-mri")
    with stage.page.expect_popup() as popup:
        card.get_by_role("button", name=f"{LINK} in a new tab").click()
    tab = popup.value
    expect(tab.locator("#advice .headline")).to_contain_text("can wait")
    expect(tab.locator(".who")).to_contain_text("Maya Lindqvist")
    tab.get_by_role("link", name="To the chart").click()
    tab.get_by_role("button", name="Remove the lumbar MRI draft").click()
    expect(stage.page.locator("#basket-status")).to_contain_text("By the app: Removed:")
    assert stage.basket() == []
    stage.look()
    behind = stage.watch.remembered(tab)
    assert [each for each in behind if each.endswith("/review")]
    stage.watch.keep()
    places = [*stage.watch.seen, *what_a_browser_got(stage.service, stage.ehr), ("log", log())]
    assert_not_there(secrets_of(stage.ehr), places)
    with tab.expect_event("close"):
        tab.get_by_role("button", name="Back to the EHR").click()

    card.get_by_role("button", name="Dismiss").click()
    card.get_by_role("button", name="Red flag").click()
    expect(stage.page.locator("#journal > li").first).to_contain_text("overridden: ")
    (row,) = stage.journal()
    assert json.dumps([each["reason_code"] for each in row["feedback"]]) == '["red-flag-not-in-chart"]'
    assert [each["step"] for each in row["app_uses"]] == ["opened"]


def test_from_the_frame_into_a_tab(stage: Stage) -> None:
    stage.draft("acute-mri")
    stage.launch()
    with stage.page.expect_popup() as popup:
        stage.page.locator("#app-tab").click()
    expect(popup.value.get_by_role("banner")).to_contain_text("Maya Lindqvist")


def test_standalone_the_patient_is_picked_first(stage: Stage) -> None:
    stage.page.goto(stage.ehr_url)
    service = stage.page.evaluate("async () => (await (await fetch('config.json')).json()).service")
    stage.page.goto(f"{service}/smart/launch")
    stage.page.get_by_role("link", name="Helen Marchetti").click()
    expect(stage.page.get_by_role("banner")).to_contain_text("Helen Marchetti")
