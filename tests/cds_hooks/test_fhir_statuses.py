"""What each way of answering a search means: known, known-empty or unknown. Nothing else is ever concluded."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from hook_builders import EHR, a_bundle, a_refusal, hook_body
from hook_door import Ehr

from watchful.settings import Settings

SELF = [("self", f"{EHR}/DiagnosticReport?patient=acute-mri-patient&_count=200")]
REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "r1",
    "status": "final",
    "subject": {"reference": "Patient/acute-mri-patient"},
}
WARNING = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "processing"}]}
FATAL = {"resourceType": "OperationOutcome", "issue": [{"severity": "fatal", "code": "exception"}]}


def of(status: int, body: object = None, **headers: str) -> Callable[[], httpx2.Response]:
    content = body if isinstance(body, bytes) else json.dumps(body if body is not None else a_refusal()).encode()
    return lambda: httpx2.Response(status, content=content, headers=headers)


def raising(error: Exception) -> Callable[[], httpx2.Response]:
    def answer() -> httpx2.Response:
        raise error

    return answer


def entry(resource: Any) -> dict[str, Any]:
    return a_bundle(links=SELF) | {"entry": [{"resource": resource, "search": {"mode": "outcome"}}], "total": 0}


ANSWERS: dict[str, tuple[str, Callable[[], httpx2.Response]]] = {
    "found": ("known", of(200, a_bundle(REPORT, links=SELF))),
    "empty": ("empty", of(200, a_bundle(links=SELF))),
    "empty with a warning inside, as Epic": ("empty", of(200, entry(WARNING))),
    "empty with a fatal issue inside": ("unknown", of(200, entry(FATAL))),
    "OperationOutcome with 200": ("unknown", of(200, a_refusal())),
    "HTML with 200": ("unknown", of(200, b"<html>Sign in</html>")),
    "empty body with 200": ("unknown", of(200, b"")),
    "truncated JSON": ("unknown", of(200, json.dumps(a_bundle(REPORT)).encode()[:-9])),
    "another type": ("unknown", of(200, {"resourceType": "Basic"})),
    "a bundle of another type": ("unknown", of(200, a_bundle(REPORT) | {"type": "history"})),
    "null": ("unknown", of(200, b"null")),
    "a narrower search": (
        "unknown",
        of(200, a_bundle(REPORT, links=[("self", f"{EHR}/DiagnosticReport?patient=x&date=ge2026")])),
    ),
    "fewer than counted": ("unknown", of(200, a_bundle(REPORT, links=SELF) | {"total": 40})),
    "nothing, but some counted": ("unknown", of(200, a_bundle(links=SELF) | {"total": 40})),
    "next page elsewhere": (
        "unknown",
        of(200, a_bundle(REPORT, links=[*SELF, ("next", "https://evil.example/2")])),
    ),
    "another patient's": (
        "unknown",
        of(200, a_bundle({**REPORT, "subject": {"reference": "Patient/other"}}, links=SELF)),
    ),
    **{str(status): ("unknown", of(status)) for status in (201, 204, 206, 304, 400, 401, 403, 404, 405, 406, 410)},
    **{str(status): ("unknown", of(status)) for status in (412, 422, 429, 500, 501, 502, 503, 504)},
    "429 for a minute": ("unknown", of(429, **{"Retry-After": "60"})),
    "redirect": ("unknown", of(302, Location="https://evil.example/r4/DiagnosticReport")),
    "redirect at home": ("unknown", of(307, Location=f"{EHR}/DiagnosticReport?x")),
    "no connection": ("unknown", raising(httpx2.ConnectError("refused"))),
    "read time-out": ("unknown", raising(httpx2.ReadTimeout("slow"))),
    "cut": ("unknown", raising(httpx2.RemoteProtocolError("cut"))),
}


class Answering(httpx2.AsyncBaseTransport):
    """An EHR that answers searches for reports in one way, and all others well."""

    def __init__(self, answer: Callable[[], httpx2.Response]) -> None:
        self._answer = answer
        self._ehr = Ehr("acute-mri")
        self.hosts: set[str] = set()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.hosts.add(request.url.host)
        if request.url.path.endswith("/DiagnosticReport"):
            return self._answer()
        return await self._ehr.transport.handle_async_request(request)


@pytest.mark.parametrize("name", ANSWERS)
async def test_what_it_means(settings: Settings, open_door: Any, name: str) -> None:
    state, answer = ANSWERS[name]
    body = hook_body("acute-mri") | {"fhirServer": EHR}
    del body["prefetch"]["reports"]
    ehr = Answering(answer)
    async with open_door(settings, transport=ehr) as door:
        card = await door.card(body)
        row = await door.row()

    assert row["data_classes"]["DiagnosticReport"].split()[0] == state
    assert ("**Gaps:**" in card["detail"]) is (state == "unknown")
    assert ehr.hosts == {"ehr.example.org"}


async def test_a_time_out_of_the_whole(settings: Settings, open_door: Any) -> None:
    async def hang(request: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError

    body = hook_body("acute-mri") | {"fhirServer": EHR}
    del body["prefetch"]["reports"]
    site = settings.site[0].model_copy(update={"fhir_deadline_ms": 100})
    quick = settings.model_copy(update={"site": (site,)})
    async with open_door(quick, transport=httpx2.MockTransport(hang)) as door:
        await door.card(body)
        assert (await door.row())["data_classes"]["DiagnosticReport"].startswith("unknown")
