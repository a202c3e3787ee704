"""The pages of a search: followed on the EHR's own base only, so many and so large, and a failed one is said."""

import json

import httpx2
import pytest
from answering_ehr import ALIAS, BASE, Ehr, ask, bundle

from watchful.ehr.fhir import Answer


@pytest.mark.parametrize(
    "following",
    [
        f"{BASE}?_getpages=1",
        "HTTPS://EHR.EXAMPLE.ORG:443/r4?_getpages=1",
        f"{ALIAS}?_getpages=1",
        f"{ALIAS}/?_getpages=1",
        "?_getpages=1",
        "/r4?_getpages=1",
        "//ehr.example.org/r4?_getpages=1",
    ],
)
async def test_next_page_on_the_own_base(following: str) -> None:
    ehr = Ehr({"/Condition?patient=p1": bundle("c1", following=following), "?_getpages=1": bundle("c2")})
    if following.startswith("?"):
        ehr.answers["/Condition?_getpages=1"] = ehr.answers["?_getpages=1"]

    answer = await ask(ehr, "Condition?patient=p1")

    assert answer.state == "found"
    assert len(answer.pages) == 2
    assert {request.url.host for request in ehr.seen} == {"ehr.example.org"}


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example/r4?_getpages=1",
        "//evil.example/r4?_getpages=1",
        "https://ehr.example.org@evil.example/r4?page=2",
        "https://user:pw@ehr.example.org/r4?page=2",
        "https://ehr.example.org:8443/r4?page=2",
        "http://ehr.example.org/r4?page=2",
        "https://ehr.example.org/r4x?page=2",
        "https://ehr.example.org/other?page=2",
        "https://ehr.example.org/r4/../other?page=2",
        "https://ehr.example.org/r4/%2e%2e/other?page=2",
        "https://ehr.example.org/r4/..\\other?page=2",
        "https://internal.example.org/fhir?page=2",
        "https://[bad/r4?page=2",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://ehr.example.org:99999/r4",
        f"{BASE}/Condition?patient=p1",
        "",
        "\x00",
    ],
)
async def test_next_page_anywhere_else_is_not_asked_for(following: str) -> None:
    ehr = Ehr({"/Condition?patient=p1": bundle("c1", following=following)})

    answer = await ask(ehr, "Condition?patient=p1")

    assert (answer.state, answer.why, len(answer.pages)) == ("failed", "paging", 1)
    assert len(ehr.seen) == 1


async def test_loop_over_two_pages() -> None:
    ehr = Ehr(
        {
            "/Condition?patient=p1": bundle("c1", following=f"{BASE}?page=2"),
            "?page=2": bundle("c2", following=f"{BASE}/Condition?patient=p1"),
        }
    )

    answer = await ask(ehr, "Condition?patient=p1")

    assert (answer.state, answer.why, len(answer.pages)) == ("failed", "paging", 2)


async def test_page_cap() -> None:
    def endless(request: httpx2.Request) -> httpx2.Response:
        number = int(request.url.params.get("page", "1"))
        return httpx2.Response(200, json=bundle(f"c{number}", following=f"{BASE}?page={number + 1}"))

    answer = await ask(endless, "Condition?patient=p1", max_pages=3)

    assert (answer.state, answer.why, len(answer.pages)) == ("failed", "paging", 3)


async def test_as_many_pages_as_allowed() -> None:
    ehr = Ehr({"/Condition?x=1": bundle("c1", following=f"{BASE}?page=2"), "?page=2": bundle("c2")})

    assert (await ask(ehr, "Condition?x=1", max_pages=2)).state == "found"


async def test_entries_on_a_later_page_only() -> None:
    ehr = Ehr({"/Condition?x=1": bundle(following=f"{BASE}?page=2"), "?page=2": bundle("c2")})

    assert (await ask(ehr, "Condition?x=1")).state == "found"


async def test_what_was_read_before_a_later_page_failed_is_kept() -> None:
    ehr = Ehr({"/Condition?x=1": bundle("c1", following=f"{BASE}?page=2"), "?page=2": 500})

    answer = await ask(ehr, "Condition?x=1")

    assert (answer.state, answer.why, len(answer.pages)) == ("failed", "http-500", 1)


async def test_too_large() -> None:
    page = bundle("c1")
    size = len(json.dumps(page))
    ehr = Ehr(
        {"/Condition?x=1": page, "/Condition?x=2": bundle("c1", following=f"{BASE}?page=2"), "?page=2": page}
    )

    assert (await ask(ehr, "Condition?x=1", max_bytes=size)).state == "found"
    assert await ask(ehr, "Condition?x=1", max_bytes=size - 1) == Answer("failed", why="too-large")
    assert (await ask(ehr, "Condition?x=2", max_bytes=2 * size)).why == "too-large"
