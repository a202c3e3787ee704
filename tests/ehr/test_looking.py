"""What can be said of a create whose answer was lost: it is there, it may be sent again, or nobody knows."""

import asyncio
from typing import Any

import httpx2
import pytest

from watchful.ehr.fhir import FhirReader
from watchful.ehr.fhir_writer import Identifier, Written
from watchful.ehr.http import http_client
from watchful.ehr.looking import look_up

BASE = "https://ehr.example.org/r4"
IDENTIFIER = Identifier("urn:watchful:write-back", "kid.abc-_1")
OURS = {"system": IDENTIFIER.system, "value": IDENTIFIER.value}


async def look(
    found: Any, metadata: Any = 404, *, may_search: bool = True, asked: list[str] | None = None
) -> Written | None:
    """`found` answers the search, `metadata` the question what the server can do; a number is a refusal."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        relative = str(request.url).removeprefix(f"{BASE}/")
        if asked is not None:
            asked.append(relative)
        said = metadata if relative == "metadata" else found
        return httpx2.Response(said, json=outcome()) if isinstance(said, int) else httpx2.Response(200, json=said)

    async with http_client(httpx2.MockTransport(answer)) as client:
        reader = FhirReader(client, BASE, (), "token", deadline=asyncio.get_running_loop().time() + 5)
        return await look_up(reader, "Task", "p/1", IDENTIFIER, may_search=may_search)


def outcome(code: str = "forbidden", severity: str = "error") -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code}]}


def capabilities(kind: str = "Task", mode: str = "server", **more: Any) -> dict[str, Any]:
    return {"resourceType": "CapabilityStatement", "rest": [{"mode": mode, "resource": [{"type": kind, **more}]}]}


def searchset(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in resources]}


def task(identifier: Any, id_: str = "t1") -> dict[str, Any]:
    return {"resourceType": "Task", "id": id_, "identifier": identifier}


OTHERS = task([{"system": IDENTIFIER.system, "value": "another"}], "t0")


async def test_what_arrived_after_all_is_found() -> None:
    asked: list[str] = []
    assert await look(searchset(OTHERS, task([OURS])), asked=asked) == Written("existed", id="t1")
    assert asked == ["Task?patient=p%2F1&identifier=urn:watchful:write-back|kid.abc-_1"]
    # one, not a list: QuestionnaireResponse
    assert await look(searchset(task(OURS))) == Written("existed", id="t1")


@pytest.mark.parametrize(
    "page", [searchset(), searchset(outcome("informational", "warning"))], ids=["empty", "a remark, as Epic sends"]
)
async def test_an_honest_no(page: dict[str, Any]) -> None:
    asked: list[str] = []
    assert await look(page, asked=asked) is None
    assert "metadata" not in asked


UNPROVEN = {
    "a server that ignores the parameter": searchset(OTHERS),
    "an error inside": searchset(outcome()),
    "no searchset": {"a": 1},
    "a refusal": 403,
    "no such search": 400,
}


@pytest.mark.parametrize("found", UNPROVEN.values(), ids=UNPROVEN)
async def test_an_answer_that_proves_nothing(found: Any) -> None:
    assert (await look(found) or Written("made")).outcome == "unknown"


@pytest.mark.parametrize("found", UNPROVEN.values(), ids=UNPROVEN)
async def test_a_server_that_creates_on_a_condition_looks_for_us(found: Any) -> None:
    assert await look(found, capabilities(conditionalCreate=True)) is None


@pytest.mark.parametrize(
    "metadata",
    [
        capabilities(conditionalCreate=False),
        capabilities(),
        capabilities("ServiceRequest", conditionalCreate=True),
        capabilities(mode="client", conditionalCreate=True),
        capabilities(conditionalCreate="yes"),
        {"resourceType": "CapabilityStatement"},
        outcome(),
        404,
        500,
    ],
)
async def test_no_such_word_no_second_write(metadata: Any) -> None:
    assert await look(403, metadata) == Written("unknown", why="http-403")


async def test_an_empty_answer_to_a_search_that_was_not_granted_proves_nothing() -> None:
    asked: list[str] = []
    assert await look(searchset(), may_search=False, asked=asked) == Written("unknown", why="not-granted")
    assert asked == ["metadata"]
    assert await look(searchset(), capabilities(conditionalCreate=True), may_search=False) is None
