"""What a clinician sees when the app cannot go on, and the headers that every page carries."""

import ast
from pathlib import Path
from typing import Any

import pytest
from smart_door import PUBLIC, SmartDoor, opened, smart_site
from starlette.responses import Response

from smart_app import entry
from smart_app.headers import content_policy, page_headers
from watchful.content.problems import every_problem

ROOT = Path(__file__).resolve().parents[2]
STOPS = {"AppStopped", "LaunchRefused", "EhrFailed", "problem_page"}


def named() -> set[str]:
    """Every problem that the code names."""
    found = {"session-gone", "not-our-form"}
    for path in (ROOT / "smart_app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in STOPS and node.args:
                argument = node.args[0]
                found |= {argument.value} if isinstance(argument, ast.Constant) else set()
    return found


def test_every_problem_has_its_words_and_no_words_are_idle() -> None:
    assert named() == every_problem().keys()


@pytest.mark.parametrize("problem", every_problem())
def test_the_words_are_plain_and_say_what_to_do(problem: str) -> None:
    words = every_problem()[problem]
    text = f"{words.title} {words.says} {words.next}"

    assert len(words.title) <= 60
    assert words.says.endswith(".")
    assert words.next.endswith(".")
    assert not [
        each for each in ("OAuth", "token", "SMART", "FHIR", "EHR", "scope", "session", "URL") if each in text
    ]


async def test_the_page_is_whole_html_that_runs_nothing(door: SmartDoor) -> None:
    answer = (await door.browser().open(f"{PUBLIC}/smart/callback?state=x&code=y")).answer

    assert answer.status_code == 400
    assert answer.text.startswith("<!doctype html>")
    assert '<html lang="en" dir="ltr">' in answer.text
    assert answer.text.count("<h1>") == 1
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    for name, value in page_headers(door.parts.site).items():
        assert answer.headers[name] == value


@pytest.mark.parametrize("path", ["smart/launch?iss=x", "smart/callback?state=x", "smart/app/x/review"])
async def test_every_answer_carries_the_headers(door: SmartDoor, path: str) -> None:
    answer = (await door.browser().open(f"{PUBLIC}/{path}")).answer

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "frame-ancestors https://ehr.example.org" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers


async def test_redirects_carry_them_too(door: SmartDoor) -> None:
    browser = door.browser()
    await browser.open(door.launch_url())
    ours = [each for each in browser.seen if each.url.host == "watchful.example.org"]

    assert [each.status_code for each in ours] == [303, 303, 200]
    assert [each.headers.get("cache-control") for each in ours[:2]] == ["no-store"] * 2
    assert [each.headers.get("referrer-policy") for each in ours[:2]] == ["no-referrer"] * 2


def test_the_policy() -> None:
    assert content_policy(()).endswith("frame-ancestors 'none'")
    assert content_policy(("https://a.example", "https://b.example")).endswith(
        "frame-ancestors https://a.example https://b.example"
    )
    assert "unsafe" not in content_policy(())


async def test_a_site_without_the_app_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path, smart_site().model_copy(update={"smart": None})) as door:
        page = await door.browser().open(door.launch_url())

        assert page.status == 400
        assert "not set up here" in page.answer.text
        assert door.wire.sent == []


@pytest.mark.parametrize("step", ["begin_launch", "end_launch"])
async def test_a_fault_of_our_own_is_a_page_too(
    door: SmartDoor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], step: str
) -> None:
    async def broken(*_parts: Any) -> Response:
        raise ValueError("canary-code and Ana Example")

    monkeypatch.setattr(entry, step, broken)
    page = await door.browser().open(door.launch_url())

    assert page.status == 500
    assert page.answer.headers["content-type"].startswith("text/html")
    assert all(page.answer.headers[name] == value for name, value in page_headers(door.parts.site).items())
    logged = capsys.readouterr()
    assert "ValueError" in logged.out + logged.err
    for said in (page.answer.text, logged.out, logged.err):
        assert "canary" not in said
        assert "Ana" not in said


async def test_a_journal_that_is_down_is_no_success(door: SmartDoor, capsys: pytest.CaptureFixture[str]) -> None:
    await door.parts.journal.close()
    page = await door.browser().open(door.launch_url())

    assert page.status == 503
    assert door.count("store-down") == 1
    assert "app_stopped" in "".join(capsys.readouterr())
    assert "location" not in page.answer.headers
    assert "set-cookie" not in page.answer.headers
