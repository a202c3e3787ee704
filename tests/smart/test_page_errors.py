"""When something fails: a page that says what to do next, and nothing of what went wrong inside."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from app_house import NOW, House, Visitor, a_session, house
from msgspec.structs import replace
from sqlalchemy import create_engine, text

from smart_app.session import Tokens
from watchful.content.problems import every_problem, problem_words
from watchful.errors import SessionGone

PAGES = ("review", "talk", "note", "handout", "handout.pdf", "handout.txt", "act")


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as ready:
        yield ready


def tells(page: Any, status: int, problem: str) -> None:
    words = problem_words(problem)
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    assert "frame-ancestors" in page.headers["content-security-policy"]
    assert f"<h1>{words.title}</h1>" in page.text
    assert words.next.replace("'", "&#39;") in page.text
    assert page.text.startswith('<!doctype html>\n<html lang="en"')
    assert "/smart/static/app.css?v=" in page.text


@pytest.mark.parametrize("page", PAGES)
async def test_a_session_that_is_gone_sends_back_to_the_chart(app: House, page: str) -> None:
    visitor = await app.visitor(a_session())
    await app.parts.journal.end_session("general", visitor.session.id)
    tells(await visitor.get(page), 401, "session-gone")
    assert "Ana" not in (await visitor.get(page)).text


async def test_another_launchs_cookie_opens_nothing(app: House) -> None:
    mine, other = await app.visitor(a_session()), await app.visitor(a_session("fever"))
    stranger = Visitor(app, mine.session, "")
    stranger.http.headers["Cookie"] = other.http.headers["Cookie"]
    tells(await stranger.get("review"), 401, "session-gone")


async def test_the_store_is_down(app: House, tmp_path: Path) -> None:
    visitor = await app.visitor(a_session())
    with create_engine(f"sqlite:///{tmp_path}/app.db").begin() as connection:
        connection.execute(text("drop table smart_session"))
    tells(await visitor.get("review"), 503, "store-down")


async def test_a_token_that_ended_sends_back_to_the_chart(app: House) -> None:
    tokens = Tokens(access="access", expires_at=NOW)
    visitor = await app.visitor(a_session(subject=None, tokens=tokens))
    tells(await visitor.get("review"), 401, "session-gone")


async def test_a_fault_of_our_own_is_loud_and_says_nothing_of_the_chart(
    app: House, capsys: pytest.CaptureFixture[str]
) -> None:
    faulty = False

    def content(language: str | None) -> Any:
        if faulty:
            raise ValueError("Ana Example, born 1981, has cauda equina syndrome")
        return app.parts.content(language)

    parts = replace(app.parts, content=content)
    visitor = await House(parts, app.sent, app.ehr).visitor(a_session())
    faulty = True
    page = await visitor.get("review")
    tells(page, 500, "unexpected")
    logged = capsys.readouterr()
    for said in (page.text, logged.out, logged.err):
        assert "Ana" not in said
        assert "cauda" not in said
    assert "ValueError" in logged.out + logged.err
    count = parts.metrics.registry.get_sample_value(
        "watchful_rule_failures_total", {"site": "general", "error": "ValueError"}
    )
    assert count == 1


async def test_answers_to_questions_that_are_no_longer_asked_are_never_dropped(app: House) -> None:
    visitor = await app.visitor(a_session(answers={"told-something-else": "yes"}))
    tells(await visitor.get("review"), 401, "session-gone")


async def test_closing_ends_a_session_that_can_no_longer_be_judged(app: House) -> None:
    """Its tokens are gone when its user says so, whatever becomes of the count."""
    visitor = await app.visitor(a_session(answers={"told-something-else": "yes"}))
    await visitor.post("end")
    with pytest.raises(SessionGone, match="session-gone"):
        await visitor.stored()


async def test_an_act_that_does_not_fit_the_advice_writes_nothing(app: House) -> None:
    visitor = await app.visitor(a_session("cauda-equina"))
    tells(await visitor.post("act/handout", lang="en"), 400, "not-offered")
    tells(await visitor.post("act/anything", lang="en"), 403, "not-our-form")
    assert app.sent == []


async def test_where_nobody_knows_whose_chart_it_is_nothing_is_written(app: House) -> None:
    """The banner could not be read: the page says so, loudly, and offers no button."""
    visitor = await app.visitor(a_session(banner=None, patient="nobody-there"))
    page = (await visitor.get("act")).text
    assert "Whose chart this is could not be read." in page
    assert "/act/handout" not in page
    tells(await visitor.post("act/handout", lang="en"), 403, "not-our-form")
    assert {request.method for request in app.sent} == {"GET"}


def test_every_problem_says_what_to_do_next() -> None:
    for name, words in every_problem().items():
        assert words.next.strip(), name
        assert words.title.strip(), name
