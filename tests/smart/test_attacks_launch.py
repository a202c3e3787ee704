"""Attack: a link that would have the app call, or the browser go, anywhere but to the site's own EHR."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from launcher_double import AUTHORIZE, BASE, JWKS, TOKEN, Json, launch_code
from smart_door import PUBLIC, SmartDoor

from smart_app import oauth
from smart_app.launches import AT_ONCE
from watchful.journal.store import Journal

ELSEWHERE = (
    "https://evil.example/v/r4/fhir",
    "https://ehr.example.org.evil.example/v/r4/fhir",
    "https://evil.example/https://ehr.example.org/v/r4/fhir",
    "https://ehr.example.org@evil.example/v/r4/fhir",
    "https://user:secret@ehr.example.org/v/r4/fhir",
    "https://ehr.example.org:444/v/r4/fhir",
    "http://ehr.example.org/v/r4/fhir",
    "https://ehr.example.org/V/R4/FHIR",
    "https://ehr.example.org/v/r4",
    f"{BASE}/Patient",
    f"{BASE}/../../other",
    f"{BASE}/%2e%2e/%2e%2e/other",
    f"{BASE}/.",
    f"{BASE}//",
    f"{BASE}%2f",
    f"{BASE};x",
    f"{BASE}?x=1",
    f"{BASE}#x",
    f"{BASE}\\@evil.example",
    f" {BASE}",
    f"{BASE}\n",
    "https://ehr.example.org\t/v/r4/fhir",
    "//ehr.example.org/v/r4/fhir",
    "ehr.example.org/v/r4/fhir",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "http://127.0.0.1:9464/metrics",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/fhir",
    "https://ehr.example.org․evil.example/v/r4/fhir",
    "x" * 5000,
)


def launch(**query: str) -> str:
    return f"{PUBLIC}/smart/launch?{httpx2.QueryParams(query)}"


def refused_unasked(door: SmartDoor, answer: httpx2.Response, status: int = 400) -> None:
    assert answer.status_code == status
    assert door.wire.sent == []
    assert "set-cookie" not in answer.headers
    assert "location" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("iss", ELSEWHERE)
async def test_another_server_is_refused_before_anything_is_sent(door: SmartDoor, iss: str) -> None:
    page = await door.browser().open(launch(iss=iss, launch=launch_code()))

    refused_unasked(door, page.answer)
    assert iss not in page.answer.text


@pytest.mark.parametrize(
    "query",
    [
        f"iss={BASE}&iss=https://evil.example/r4&launch=x",
        f"iss=https://evil.example/r4&iss={BASE}&launch=x",
        f"iss={BASE}&launch=x&launch=y",
        "launch=x",
        "iss=&launch=x",
    ],
)
async def test_a_query_that_can_be_read_in_two_ways(door: SmartDoor, query: str) -> None:
    refused_unasked(door, (await door.browser().open(f"{PUBLIC}/smart/launch?{query}")).answer)


@pytest.mark.parametrize("name", ["redirect_uri", "redirect", "next", "return_to", "aud", "client_id", "scope"])
async def test_nothing_of_the_query_decides_where_we_go(door: SmartDoor, name: str) -> None:
    query = {"iss": BASE, "launch": launch_code(), name: "https://evil.example/"}
    page = await door.browser().open(launch(**query), stop=AUTHORIZE, host="evil.example")

    assert page.url.startswith(f"{AUTHORIZE}?")
    assert "evil" not in page.url
    whole = await door.browser().open(launch(**query))
    callback = next(url for url in whole.way if "/smart/callback" in url)
    assert {httpx2.URL(url).host for url in whole.way} == {"watchful.example.org", "ehr.example.org"}
    again = await door.browser().open(f"{callback}&{name}=https://evil.example/")
    assert "location" not in again.answer.headers


async def test_a_launch_parameter_stays_one_parameter(door: SmartDoor) -> None:
    page = await door.browser().open(
        launch(iss=BASE, launch="x&redirect_uri=https://evil.example/"), stop=AUTHORIZE
    )

    params = httpx2.URL(page.url).params
    assert params.get_list("redirect_uri") == [f"{PUBLIC}/smart/callback"]
    assert params["launch"] == "x&redirect_uri=https://evil.example/"


HOSTILE: list[Json] = [
    {"authorization_endpoint": "http://ehr.example.org/authorize"},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"authorization_endpoint": "//evil.example:x/"},
    {"authorization_endpoint": "https://user@ehr.example.org/authorize"},
    {"authorization_endpoint": f"{AUTHORIZE}#fragment"},
    {"authorization_endpoint": f"{AUTHORIZE}\r\nSet-Cookie: a=b"},
    {"authorization_endpoint": None},
    {"authorization_endpoint": 7},
    {"token_endpoint": "http://ehr.example.org/token"},
    {"token_endpoint": "http://127.0.0.1:9464/metrics"},
    {"token_endpoint": "https://127.0.0.1/token"},
    {"token_endpoint": "http://localhost/token"},
    {"token_endpoint": "file:///etc/passwd"},
    {"token_endpoint": None},
    {"jwks_uri": "http://[::1]:9464/"},
    {"capabilities": None},
    {"grant_types_supported": ["client_credentials"]},
    {"code_challenge_methods_supported": ["plain"]},
    {"code_challenge_methods_supported": []},
]


@pytest.mark.parametrize("document", HOSTILE, ids=[str(each)[:60] for each in HOSTILE])
async def test_a_document_that_leads_astray_ends_the_launch(door: SmartDoor, document: Json) -> None:
    door.launcher.document = document
    page = await door.browser().open(door.launch_url())

    assert page.status == 502
    assert "location" not in page.answer.headers
    assert door.wire.urls() == [f"{BASE}/.well-known/smart-configuration"]


@pytest.mark.parametrize("answer", [301, 302, 307, 404, 500, "html", "list", "large", "down"])
async def test_no_document_no_launch(door: SmartDoor, answer: Any) -> None:
    url = f"{BASE}/.well-known/smart-configuration"
    bodies: dict[str, httpx2.Response | Exception] = {
        "html": httpx2.Response(200, text="<html>"),
        "list": httpx2.Response(200, json=[]),
        "large": httpx2.Response(200, content=b" " * 300_000),
        "down": httpx2.ConnectError("down"),
    }
    moved = {"location": "https://evil.example/"}
    door.wire.answers[url] = bodies[answer] if isinstance(answer, str) else httpx2.Response(answer, headers=moved)
    page = await door.browser().open(door.launch_url())

    assert page.status == 502
    assert door.wire.urls() == [url]
    del door.wire.answers[url]
    assert (await door.browser().open(door.launch_url())).status == 200  # a failure is not kept


async def test_relative_addresses_are_taken_from_the_base(door: SmartDoor) -> None:
    door.launcher.document = {
        "authorization_endpoint": "../auth/authorize",
        "token_endpoint": "/v/r4/auth/token",
        "jwks_uri": "/keys",
    }
    page = await door.browser().open(door.launch_url())

    assert page.status == 200
    assert {TOKEN, JWKS} <= set(door.wire.urls())


async def test_a_flood_of_launches_takes_its_turn(door: SmartDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a commit, and anybody can begin one: a hook must not wait behind them all. None is turned away."""
    keep, under_way, most = Journal.keep_launch, 0, 0

    async def counted(self: Journal, *launch: Any) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await keep(self, *launch)
        under_way -= 1

    monkeypatch.setattr(Journal, "keep_launch", counted)
    browsers = [door.browser() for _ in range(30)]
    pages = await asyncio.gather(*(each.open(door.launch_url(), stop=AUTHORIZE) for each in browsers))

    assert {page.status for page in pages} == {303}
    assert most == AT_ONCE


HOSTILE_TOKENS = {
    "nested": b'{"access_token":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "endless life": b'{"access_token": "a", "token_type": "bearer", "expires_in": 1e999, "patient": "p"}',
    "endless end": b'{"access_token": "a", "token_type": "bearer", "expires_at": 1e999, "patient": "p"}',
    "large": b" " * 300_000,
}


@pytest.mark.parametrize("body", HOSTILE_TOKENS.values(), ids=HOSTILE_TOKENS)
async def test_a_token_answer_that_is_a_trap_ends_the_launch(door: SmartDoor, body: bytes) -> None:
    door.wire.answers[TOKEN] = httpx2.Response(200, content=body)
    page = await door.browser().open(door.launch_url())

    assert page.status == 502
    assert door.count("token-body") == 1


@pytest.mark.parametrize("status", [201, 206, 302, 400, 401, 403, 500])
async def test_tokens_of_an_answer_that_grants_none_are_not_taken(door: SmartDoor, status: int) -> None:
    """RFC 6749 §5.1: what grants a token is a 200."""
    door.launcher.said_with = status
    page = await door.browser().open(door.launch_url())

    assert page.status == 502
    assert len(door.launcher.tokens) == 1
    assert door.count("token-status") == 1


async def test_a_token_answer_that_never_ends_is_not_waited_for(
    door: SmartDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte now and then keeps every time-out of a single step from ending it."""
    monkeypatch.setattr(oauth, "SECONDS", 0.2)
    door.wire.answers[TOKEN] = httpx2.Response(200, stream=_Dripping())
    async with asyncio.timeout(5):
        page = await door.browser().open(door.launch_url())

    assert page.status == 502
    assert door.count("token-transport") == 1


class _Dripping(httpx2.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.05)


async def test_a_token_endpoint_that_redirects_gets_nothing_more(door: SmartDoor) -> None:
    door.wire.answers[TOKEN] = httpx2.Response(307, headers={"location": "https://evil.example/token"})
    page = await door.browser().open(door.launch_url())

    assert page.status == 502
    assert "evil.example" not in {each.url.host for each in door.wire.sent}
