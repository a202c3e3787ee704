"""What the reader makes of every way a FHIR server can answer."""

import asyncio
import gzip
import json
import logging
from typing import Any

import httpx2
import pytest
import respx
from answering_ehr import BASE, OUTCOME, PATIENT, TOKEN, Ehr, Packed, ask, bundle

from watchful.ehr.fhir import Answer, FhirReader
from watchful.ehr.http import http_client


async def test_read() -> None:
    ehr = Ehr({"/Patient/p1": PATIENT})

    answer = await ask(ehr, "Patient/p1")

    assert answer.state == "found"
    assert [json.loads(page) for page in answer.pages] == [PATIENT]
    assert ehr.seen[0].headers["Accept"] == "application/fhir+json"
    assert ehr.seen[0].headers["Authorization"] == f"Bearer {TOKEN}"


async def test_members_of_a_resource_are_not_taken_for_those_of_a_bundle() -> None:
    encounter = {"resourceType": "Encounter", "type": [{"text": "visit"}], "link": 1, "entry": "x"}

    assert (await ask(Ehr({"/Encounter/1": encounter}), "Encounter/1")).state == "found"


@pytest.mark.parametrize("token", [None, ""])
async def test_no_token_no_header(token: str | None) -> None:
    ehr = Ehr({"/Patient/p1": PATIENT})

    assert (await ask(ehr, "Patient/p1", token=token)).state == "found"
    assert "Authorization" not in ehr.seen[0].headers


@pytest.mark.parametrize("token", ["a b", "a\r\nX-Evil: 1", "é", " "])
async def test_a_token_that_is_none_is_not_sent(token: str) -> None:
    ehr = Ehr({})

    assert await ask(ehr, "Patient/p1", token=token) == Answer("failed", why="token")
    assert not ehr.seen


@pytest.mark.parametrize("status", [404, 410])
async def test_a_read_of_what_is_not_there_is_empty(status: int) -> None:
    ehr = Ehr({"/Patient/p1": status})

    assert await ask(ehr, "Patient/p1") == Answer("empty", why="not-found")


async def test_an_empty_search_keeps_its_page() -> None:
    for page in (bundle(), bundle(total=0), bundle(entry=[])):
        answer = await ask(Ehr({"/Condition?patient=p1": page}), "Condition?patient=p1")

        assert answer.state == "empty"
        assert json.loads(answer.pages[0]) == page


async def test_white_space_is_not_an_entry() -> None:
    body = b'{"resourceType": "Bundle", "type": "searchset", "entry": [ \n ]}'

    assert (await ask(Ehr({"/Condition?patient=p1": body}), "Condition?patient=p1")).state == "empty"


FAILURES = [
    *[(status, f"http-{status}") for status in (201, 301, 302, 307, 400, 401, 403, 422, 429, 500, 502, 503, 504)],
    (httpx2.ConnectTimeout("x"), "timeout"),
    (httpx2.ReadTimeout("x"), "timeout"),
    (httpx2.PoolTimeout("x"), "timeout"),
    (httpx2.ConnectError("x"), "transport"),
    (httpx2.RemoteProtocolError("peer closed connection without sending complete message body"), "transport"),
    (OUTCOME, "outcome"),
    (b"", "not-json"),
    (b"<html>Log in</html>", "not-json"),
    (b'{"resourceType": "Patient", "id": "p', "not-json"),
    (b"{} {}", "not-json"),
    (b'{"x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "not-json"),
    (b"null", "other-type"),
    (b"[]", "other-type"),
    (b"{}", "other-type"),
    ({"resourceType": "Observation"}, "other-type"),
    ({"resourceType": 1}, "other-type"),
    (Packed(b"plain"), "transport"),
    (Packed(gzip.compress(b'{"resourceType": "Patient"}')[:-12]), "not-json"),
]


@pytest.mark.parametrize("relative", ["Patient/p1", "Condition?patient=p1"])
@pytest.mark.parametrize(("response", "why"), FAILURES, ids=[f"{n}-{why}" for n, (_, why) in enumerate(FAILURES)])
async def test_failed(relative: str, response: Any, why: str) -> None:
    ehr = Ehr({f"/{relative}": response})

    assert await ask(ehr, relative) == Answer("failed", why=why)
    assert len(ehr.seen) == 1


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (404, "http-404"),
        (PATIENT, "other-type"),
        (bundle("c1", type="collection"), "other-type"),
        (bundle("c1", link={"relation": "next"}), "other-type"),
        (bundle(entry={"resource": {}}), "other-type"),
    ],
)
async def test_failed_search(response: Any, why: str) -> None:
    assert await ask(Ehr({"/Condition?patient=p1": response}), "Condition?patient=p1") == Answer("failed", why=why)


async def test_a_bundle_is_not_a_resource() -> None:
    assert await ask(Ehr({"/Patient/p1": bundle("c1")}), "Patient/p1") == Answer("failed", why="other-type")


@pytest.mark.parametrize(
    "relative",
    [
        "Patient/../../admin",
        "Patient/..",
        "Patient/.",
        "Patient/%2e%2e",
        "Patient/a/b",
        "Patient//evil.example",
        "Patient/p1#x",
        "/Patient/p1",
        "https://evil.example/Patient/p1",
        "Patient/p 1",
        "Patient/",
        "../x?y",
        "Condition?patient=p1#x",
        "Condition?patient=p\n1",
        "Condition/_history/..?x",
    ],
)
async def test_a_relative_url_stays_below_the_base(relative: str) -> None:
    ehr = Ehr({})

    assert await ask(ehr, relative) == Answer("failed", why="url")
    assert not ehr.seen


# The deadline


class Slow:
    """Answers at once, or never, and notes which requests were broken off."""

    def __init__(self, *never: str) -> None:
        self.never = never
        self.begun: list[str] = []
        self.broken_off: list[str] = []

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        relative = str(request.url).removeprefix(f"{BASE}/")
        self.begun.append(relative)
        if relative in self.never:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.broken_off.append(relative)
                raise
        following = f"{BASE}/slow?page=2" if relative == "Condition?two-pages" else None
        return httpx2.Response(200, json=PATIENT if "?" not in relative else bundle("c1", following=following))


async def test_one_deadline_for_all() -> None:
    ehr = Slow("Observation?patient=p1", "slow?page=2")
    async with http_client(httpx2.MockTransport(ehr)) as client:
        deadline = asyncio.get_running_loop().time() + 0.05
        reader = FhirReader(client, BASE, (), TOKEN, deadline=deadline)
        answers = await reader.read_all(
            {
                "patient": "Patient/p1",
                "slow": "Observation?patient=p1",
                "partly": "Condition?two-pages",
                "quick": "Procedure?patient=p1",
            }
        )

    assert {key: (answer.state, answer.why) for key, answer in answers.items()} == {
        "patient": ("found", ""),
        "slow": ("failed", "deadline"),
        "partly": ("failed", "deadline"),
        "quick": ("found", ""),
    }
    assert len(answers["partly"].pages) == 1
    assert sorted(ehr.broken_off) == ["Observation?patient=p1", "slow?page=2"]


async def test_reads_run_in_parallel() -> None:
    arrived = asyncio.Barrier(3)

    async def meet(request: httpx2.Request) -> httpx2.Response:
        await arrived.wait()
        return httpx2.Response(200, json=bundle("c1"))

    async with http_client(httpx2.MockTransport(meet)) as client:
        reader = FhirReader(client, BASE, (), None, deadline=asyncio.get_running_loop().time() + 5)
        answers = await reader.read_all({name: f"Condition?{name}" for name in "abc"})

    assert {answer.state for answer in answers.values()} == {"found"}


async def test_after_the_deadline_nothing_is_sent() -> None:
    ehr = Ehr({"/Patient/p1": PATIENT})

    assert await ask(ehr, "Patient/p1", seconds=-0.001) == Answer("failed", why="deadline")
    assert not ehr.seen


async def test_giving_up_from_outside_breaks_off_all_reads() -> None:
    ehr = Slow("Condition?a", "Condition?b")
    async with http_client(httpx2.MockTransport(ehr)) as client:
        reader = FhirReader(client, BASE, (), None, deadline=asyncio.get_running_loop().time() + 60)
        task = asyncio.create_task(reader.read_all({"a": "Condition?a", "b": "Condition?b"}))
        while len(ehr.begun) < 2:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert sorted(ehr.broken_off) == ["Condition?a", "Condition?b"]


# Through the real transport


async def test_over_a_connection_pool(httpx2_mock: respx.Router, caplog: pytest.LogCaptureFixture) -> None:
    """The token goes to one host, and neither it nor an id is logged, whatever the level."""
    caplog.set_level(logging.DEBUG)
    own = httpx2_mock.get(f"{BASE}/Condition", params={"patient": "id-4711"})
    own.respond(json=bundle("c1", following="https://evil.example/r4?page=2"))

    async with http_client() as client:
        reader = FhirReader(client, BASE, (), TOKEN, deadline=asyncio.get_running_loop().time() + 5)
        answer = await reader.search("Condition?patient=id-4711")

    assert (answer.state, answer.why) == ("failed", "paging")
    assert own.call_count == 1
    assert httpx2_mock.calls.call_count == 1
    assert TOKEN not in caplog.text
    assert "id-4711" not in caplog.text
