"""The review page: every decision in words, the answers that change it, the chart read once and again."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from app_house import CSRF, NOW, STATES, House, a_session, a_subject, house
from builders import knowledge
from sqlalchemy import create_engine, text
from starlette.datastructures import FormData

from smart_app import routes
from smart_app.csrf import checked_form
from smart_app.reading import read_subject
from smart_app.session import Session
from watchful.clinical.facts import DataClass


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as ready:
        yield ready


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("acute-mri", "Back pain 9 days, no red flag found in the record: the lumbar MRI can wait."),
        ("fever", "Recent fever in the record"),
        ("cancer-xray", "fits better than the drafted lumbar X-ray."),
        ("cauda-equina", "Cauda equina signs in the record: to an emergency department today."),
        ("cancer-mri", "the drafted lumbar MRI fits it, so there is nothing to add."),
        ("child", "The patient is under 18: this service does not judge the lumbar"),
        ("unreadable-conditions", "The chart could not be read, so nothing can be said about the lumbar MRI."),
    ],
)
async def test_the_decision_stands_in_one_sentence(app: House, name: str, headline: str) -> None:
    page = await (await app.visitor(a_session(name))).get("review")
    assert page.status_code == 200
    said = page.text.split('class="headline">')[1].split("</p>")[0]
    assert headline in said
    assert page.text.count("<h1") == 1


async def test_a_stored_chart_is_shown_without_asking_anybody(app: House) -> None:
    visitor = await app.visitor(a_session())
    reads = 0
    read = app.parts.journal.read_session

    async def counted(site: str, session: str) -> bytes | None:
        nonlocal reads
        reads += 1
        return await read(site, session)

    app.parts.journal.read_session = counted  # type: ignore[method-assign]
    for page in ("review", "talk", "note", "handout"):
        assert (await visitor.get(page)).status_code == 200
    assert reads == 4
    assert app.sent == []


async def test_a_present_flag_comes_with_its_record_and_date(app: House) -> None:
    page = await (await app.visitor(a_session("cauda-equina"))).get("review")
    board = page.text.split('id="board"')[1].split("</section>")[0]
    assert "Cauda equina signs" in board
    assert "Problem list entry: Urinary retention, Nov 2, 2026" in board
    assert "Condition/cauda-equina-condition-5" in board
    assert "None found in the record" in board


async def test_unknown_is_never_shown_as_absent(app: House) -> None:
    page = await (await app.visitor(a_session("unreadable-conditions"))).get("review")
    unknown, absent = page.text.split("Could not be looked for")[1].split("None found in the record")
    assert "Active cancer" in unknown
    assert "ctive cancer" not in absent.split("</section>")[0]
    assert "problems could not be read" in page.text
    assert page.text.count("<fieldset>") == 5


async def test_a_yes_changes_the_advice_and_says_why(app: House) -> None:
    visitor = await app.visitor(a_session())
    sent = await visitor.answer(saddle="yes", weakness="no", infection="", cancer="", injury="")
    assert (sent.status_code, sent.headers["location"]) == (303, "/smart/app/session-acute-mri/review#advice")
    page = (await visitor.get("review")).text
    assert "(told today): to an emergency department today." in page
    assert "Today&#39;s answers changed the advice. By the chart alone: Back pain 9 days" in page
    assert "told today" in page.split('id="board"')[1]
    assert dict((await visitor.stored()).answers) == {"told-saddle": "yes", "told-weakness": "no"}
    links = page.split("<nav")[1].split("</nav>")[0]
    assert "/talk" not in links
    assert "/handout" not in links


async def test_a_no_changes_nothing_and_not_asked_takes_an_answer_back(app: House) -> None:
    visitor = await app.visitor(a_session())
    await visitor.answer(weakness="no")
    assert "Today&#39;s answers do not change the advice." in (await visitor.get("review")).text
    await visitor.answer(weakness="")
    assert dict((await visitor.stored()).answers) == {}
    assert "Today&#39;s answers" not in (await visitor.get("review")).text


async def test_a_question_that_the_form_leaves_out_keeps_its_answer(app: House) -> None:
    visitor = await app.visitor(a_session(answers={"told-cancer": "yes"}))
    await visitor.answer(weakness="no")
    assert dict((await visitor.stored()).answers) == {"told-cancer": "yes", "told-weakness": "no"}


@pytest.mark.parametrize("value", ["maybe", "YES", "yes "])
async def test_what_no_button_says_is_refused_and_not_guessed(app: House, value: str) -> None:
    visitor = await app.visitor(a_session(answers={"told-cancer": "yes"}))
    assert (await visitor.answer(cancer=value)).status_code == 403
    assert dict((await visitor.stored()).answers) == {"told-cancer": "yes"}


@pytest.mark.parametrize("form", ["answers", "study", "reread", "end", "act/handout"])
async def test_a_form_of_another_page_does_nothing(app: House, form: str) -> None:
    visitor = await app.visitor(a_session())
    before = await visitor.stored()
    for csrf, headers in (("wrong", {}), (CSRF, {"Origin": "https://evil.example"})):
        answer = await visitor.http.post(
            f"/smart/app/{visitor.session.id}/{form}",
            data={"csrf": csrf, "q.told-saddle": "yes", "study": "xr"},
            headers=headers,
        )
        assert answer.status_code == 403
        assert "Nothing was changed" in answer.text
    assert await visitor.stored() == before
    assert app.sent == []


async def test_without_an_order_the_clinician_names_the_study(app: House) -> None:
    session = a_session("two-orders", subject=None, patient=a_session("chronic").patient, id="no-order")
    visitor = await app.visitor(session)
    chosen = await visitor.post("study", study="xr")
    assert chosen.status_code == 303
    stored = await visitor.stored()
    assert stored.subject is not None
    assert stored.subject.order.study == "xr"
    assert stored.subject.source == "chart"
    assert "lumbar X-ray" in (await visitor.get("review")).text


async def test_an_unknown_study_leads_back_to_the_choice(app: House) -> None:
    visitor = await app.visitor(a_session(None))
    page = (await visitor.get("review")).text
    assert "Which study is in question?" in page
    offered = set(page.split('value="')[i].split('"')[0] for i in range(1, page.count('value="') + 1))
    assert {each.id for each in knowledge().studies.values()} <= offered
    assert "MRI without contrast" in page
    assert (await visitor.post("study", study="foot")).headers["location"].endswith("/review")
    for other in ("talk", "note", "handout", "act", "handout.pdf"):
        assert (await visitor.get(other)).headers["location"].endswith("/review")


async def test_reading_again_keeps_the_order_and_the_answers(app: House) -> None:
    before = a_session(subject=a_subject("acute-mri", read_at=NOW.replace(hour=1)), answers={"told-cancer": "no"})
    visitor = await app.visitor(before)
    assert (await visitor.post("reread")).status_code == 303
    after = await visitor.stored()
    assert after.subject is not None
    assert before.subject is not None
    assert after.subject.read_at == NOW
    assert after.subject.order.study == before.subject.order.study
    assert after.answers == before.answers
    assert all(request.headers["authorization"] == "Bearer access" for request in app.sent)
    assert "The chart was read at 10:00" in (await visitor.get("review")).text


async def test_what_is_said_while_the_chart_is_read_is_kept(app: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two requests at once: a "yes" must not be lost to a reading that began before it."""
    visitor = await app.visitor(a_session(subject=a_subject("acute-mri", read_at=NOW.replace(hour=1))))

    async def slowly(session: Session, *rest: Any, **how: Any) -> Session:
        read = await read_subject(session, *rest, **how)
        assert (await visitor.answer(weakness="yes")).status_code == 303
        return read

    monkeypatch.setattr(routes, "read_subject", slowly)
    assert (await visitor.post("reread")).status_code == 303
    after = await visitor.stored()
    assert after.answers == {"told-weakness": "yes"}
    assert after.subject is not None
    assert after.subject.read_at == NOW


async def test_a_chart_that_is_read_while_an_answer_is_sent_is_kept(
    app: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = await app.visitor(a_session(subject=a_subject("acute-mri", read_at=NOW.replace(hour=1))))

    async def slowly(*form: Any) -> FormData:
        monkeypatch.setattr(routes, "checked_form", checked_form)
        assert (await visitor.post("reread")).status_code == 303
        return await checked_form(*form)

    monkeypatch.setattr(routes, "checked_form", slowly)
    assert (await visitor.answer(weakness="yes")).status_code == 303
    after = await visitor.stored()
    assert after.answers == {"told-weakness": "yes"}
    assert after.subject is not None
    assert after.subject.read_at == NOW


@pytest.mark.parametrize("first", ["answer", "study"])
async def test_the_first_reading_takes_nothing_back(
    app: House, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    visitor = await app.visitor(a_session(None, banner=None))

    async def slowly(session: Session, *rest: Any, **how: Any) -> Session:
        monkeypatch.setattr(routes, "read_subject", read_subject)
        read = await read_subject(session, *rest, **how)
        if first == "answer":
            await visitor.answer(weakness="yes")
        else:
            await visitor.post("study", study="mri-without")
        return read

    monkeypatch.setattr(routes, "read_subject", slowly)
    await visitor.get("review")
    after = await visitor.stored()
    assert bool(after.answers) == (first == "answer")
    assert (after.subject is not None) == (first == "study")


async def test_a_session_without_a_chart_reads_it_once(app: House) -> None:
    visitor = await app.visitor(a_session(subject=None, banner=None))
    page = (await visitor.get("review")).text
    asked = len(app.sent)
    assert asked > 0
    assert "the lumbar MRI can wait." in page
    await visitor.get("review")
    assert len(app.sent) == asked
    stored = await visitor.stored()
    assert stored.banner is not None
    assert stored.subject is not None
    assert DataClass.CONDITION not in stored.subject.facts.unknown()


async def test_each_step_is_counted_without_a_word_of_the_chart(app: House, tmp_path: Path) -> None:
    visitor = await app.visitor(a_session(subject=None))
    await visitor.get("review")
    await visitor.answer(saddle="yes", weakness="no")
    await visitor.post("reread")
    await visitor.get("review")
    closed = await visitor.post("end")
    assert closed.status_code == 200
    assert "The app is closed" in closed.text
    assert "Max-Age=0" in closed.headers["set-cookie"]
    assert (await visitor.get("review")).status_code == 401
    with create_engine(f"sqlite:///{tmp_path}/app.db").connect() as connection:
        rows = [row._asdict() for row in connection.execute(text("select * from app_use order by at, rowid"))]
    assert [row["step"] for row in rows] == ["opened", "answered", "reread", "ended"]
    assert [row["decision"] for row in rows] == ["DeferImaging", "UrgentFinding", "UrgentFinding", "UrgentFinding"]
    assert "acute-mri" not in str(rows)


@pytest.mark.parametrize("mode", ["silent", "off"])
async def test_a_site_that_is_not_live_gives_no_advice(tmp_path: Path, mode: Any) -> None:
    async with house(tmp_path, mode=mode) as app:
        visitor = await app.visitor(a_session())
        for page in ("review", "talk", "note", "handout", "handout.pdf", "act"):
            answer = await visitor.get(page)
            assert answer.status_code == 400
            assert "No advice is given here yet" in answer.text


@pytest.mark.parametrize("state", STATES)
async def test_every_page_is_private_and_has_no_inline_script_or_style(app: House, state: str) -> None:
    visitor = await app.visitor(a_session(STATES[state]))
    for name in ("review", "talk", "note", "handout", "act"):
        page = await visitor.get(name)
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        policy = page.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert " style=" not in page.text
        assert " on" not in {part[:3] for part in page.text.split("<")}
        assert page.text.count("<script") == (1 if page.status_code == 200 else 0)
        assert visitor.session.tokens.access not in page.text.split()


async def test_a_missing_name_is_looked_for_again_and_the_chart_is_left_as_it_was(app: House) -> None:
    before = a_session(banner=None)
    visitor = await app.visitor(before)
    page = (await visitor.get("review")).text
    assert "could not be read. Make sure" not in page
    stored = await visitor.stored()
    assert stored.banner is not None
    assert stored.subject == before.subject
