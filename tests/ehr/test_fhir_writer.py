"""What the writer makes of every way a FHIR server can answer a create, and of one that never answers."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from watchful.ehr.breaker import FAILURES_TO_OPEN, Breaker
from watchful.ehr.fhir_writer import FhirWriter, Identifier, Written
from watchful.ehr.http import http_client
from watchful.ehr.refusals import refusal

BASE = "https://ehr.example.org/r4"
TOKEN = "secret-token.abc"
IDENTIFIER = Identifier("urn:watchful:write-back", "kid.abc-_1")
TASK = json.dumps({"resourceType": "Task", "description": "Lower back pain of Maria"}).encode()
Handler = Callable[[httpx2.Request], httpx2.Response]


def outcome(code: str = "business-rule", severity: str = "error") -> dict[str, Any]:
    issue = {"severity": severity, "code": code, "diagnostics": "Maria Lopez has no coverage"}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


async def create(
    handler: Any, *, token: str | None = TOKEN, seconds: float = 5.0, breaker: Breaker | None = None
) -> Written:
    async with http_client(httpx2.MockTransport(handler)) as client:
        deadline = asyncio.get_running_loop().time() + seconds
        writer = FhirWriter(client, BASE, token, deadline=deadline, breaker=breaker)
        return await writer.create("Task", TASK, IDENTIFIER)


def answering(status: int, **more: Any) -> tuple[Handler, list[httpx2.Request]]:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(status, **more)

    return answer, seen


async def test_a_create_is_conditional_and_goes_to_the_base_alone() -> None:
    handler, seen = answering(201, headers={"Location": f"{BASE}/Task/77/_history/1"})

    assert await create(handler) == Written("made", 201, "77")

    (request,) = seen
    assert (request.method, str(request.url)) == ("POST", f"{BASE}/Task")
    assert request.content == TASK
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert request.headers["Content-Type"] == "application/fhir+json"
    assert request.headers["If-None-Exist"] == "identifier=urn:watchful:write-back|kid.abc-_1"


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("Task/77", "77"),
        (f"{BASE}/Task/77", "77"),
        ("https://other.example.org/x/Task/77/_history/3", "77"),
        (f"{BASE}/Patient/77", ""),
        (f"{BASE}/Task/../Patient", ""),
        (f"{BASE}/Task/<script>", ""),
        ("", ""),
    ],
)
async def test_the_id_of_what_was_made(location: str, named: str) -> None:
    handler, _ = answering(201, headers={"Location": location} if location else {})
    assert (await create(handler)).id == named


async def test_the_id_stands_in_the_body_where_there_is_no_location() -> None:
    handler, _ = answering(201, json={"resourceType": "Task", "id": "t-9"})
    assert await create(handler) == Written("made", 201, "t-9")


async def test_what_was_there_already_existed() -> None:
    handler, _ = answering(200, headers={"Location": f"{BASE}/Task/5"})
    assert await create(handler) == Written("existed", 200, "5")


async def test_an_error_under_a_good_status_is_a_refusal() -> None:
    handler, _ = answering(200, json=outcome())
    assert await create(handler) == Written("refused", 200, why="business-rule")
    handler, _ = answering(201, json=outcome("informational", "information"))
    assert (await create(handler)).outcome == "made"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "not-accepted"), (401, "sign-in"), (403, "not-permitted"), (404, "not-supported"),
        (405, "not-supported"), (409, "conflict"), (412, "conflict"), (413, "too-large"), (415, "not-supported"),
        (422, "not-accepted"), (429, "busy"), (451, "not-accepted"), (501, "not-supported"),
        (302, "not-supported"),
    ],
)  # fmt: skip
async def test_a_refusal_has_a_class_and_keeps_what_was_written_to_itself(status: int, kind: str) -> None:
    handler, seen = answering(status, json=outcome(), headers={"Location": "https://evil.example.org/Task/1"})
    written = await create(handler)
    assert (written.outcome, written.status, written.id) == ("refused", status, "")
    assert refusal(written.status) == kind
    assert "Maria" not in repr(written)
    assert len(seen) == 1


async def test_only_the_codes_of_r4_are_told_on() -> None:
    handler, _ = answering(422, json=outcome("Maria Lopez"))
    assert (await create(handler)).why == ""


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Bad gateway</html>",
        b"\xff\xfe",
        b'["a"]',
        b'{"issue": 1}',
        b"x" * 2_000_000,
        b'{"x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    ],
    ids=lambda body: body[:12],
)
async def test_a_body_that_is_no_fhir_leaves_the_status_to_speak(body: bytes) -> None:
    handler, _ = answering(403, content=body)
    assert await create(handler) == Written("refused", 403)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_that_fails_may_have_written(status: int) -> None:
    handler, _ = answering(status, content=b"<html>")
    assert await create(handler) == Written("unknown", status)


@pytest.mark.parametrize(
    ("error", "written"),
    [
        (httpx2.ConnectError("no"), Written("refused", why="unreachable")),
        (httpx2.ConnectTimeout("no"), Written("refused", why="unreachable")),
        (httpx2.ReadTimeout("no"), Written("unknown", why="deadline")),
        (httpx2.ReadError("no"), Written("unknown", why="transport")),
        (httpx2.RemoteProtocolError("no"), Written("unknown", why="transport")),
        (httpx2.WriteError("no"), Written("unknown", why="transport")),
    ],
)
async def test_no_answer(error: Exception, written: Written) -> None:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise error

    assert await create(fail) == written
    assert refusal(written.status) == "not-sent" or written.outcome == "unknown"


async def test_an_answer_after_the_deadline_is_unknown() -> None:
    async def late(request: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError

    assert await create(late, seconds=0.02) == Written("unknown", why="deadline")


async def test_nothing_is_sent_after_the_deadline_or_with_a_token_that_is_none() -> None:
    handler, seen = answering(201)
    assert await create(handler, seconds=-1) == Written("refused", why="deadline")
    assert await create(handler, token="a b\r\nX: y") == Written("refused", why="unsendable")
    assert seen == []


async def test_a_busy_server_is_asked_again_when_it_says() -> None:
    answers = [
        httpx2.Response(429, headers={"Retry-After": "0"}),
        httpx2.Response(201, headers={"Location": "Task/1"}),
    ]
    assert await create(lambda request: answers.pop(0)) == Written("made", 201, "1")


async def test_a_busy_server_is_not_waited_for_beyond_the_deadline() -> None:
    handler, seen = answering(429, headers={"Retry-After": "60"})
    assert (await create(handler)).outcome == "refused"
    assert len(seen) == 1
    handler, seen = answering(429, headers={"Retry-After": "0"})
    assert (await create(handler)).status == 429
    assert len(seen) == 3


async def test_a_server_that_only_fails_is_left_alone() -> None:
    breaker = Breaker(clock=lambda: 0.0)
    handler, seen = answering(500)
    for _ in range(FAILURES_TO_OPEN):
        await create(handler, breaker=breaker)
    assert await create(handler, breaker=breaker) == Written("refused", why="breaker")
    assert len(seen) == FAILURES_TO_OPEN


async def test_a_refusal_is_an_answer_to_the_breaker() -> None:
    breaker = Breaker(clock=lambda: 0.0)
    failing, _ = answering(500)
    for _ in range(FAILURES_TO_OPEN - 1):
        await create(failing, breaker=breaker)
    refusing, _ = answering(403)
    await create(refusing, breaker=breaker)
    await create(failing, breaker=breaker)
    assert not breaker.is_open


async def test_a_caller_that_goes_away_says_nothing_about_the_server() -> None:
    breaker = Breaker(clock=lambda: 0.0)
    asked = asyncio.Event()

    async def never(request: httpx2.Request) -> httpx2.Response:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    task = asyncio.create_task(create(never, breaker=breaker))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not breaker.is_open


async def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    handler, _ = answering(422, json=outcome())
    await create(handler)
    assert TOKEN not in caplog.text
    assert "Maria" not in caplog.text


def test_an_identifier_that_would_need_escapes_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="escapes"):
        _ = Identifier("urn:x", "a&b=c").search
