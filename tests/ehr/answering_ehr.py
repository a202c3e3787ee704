"""A FHIR server that answers what a test says, and one question to it as the reader asks it."""

import asyncio
import json
from typing import Any

import httpx2

from watchful.ehr.fhir import Answer, FhirReader
from watchful.ehr.http import http_client

BASE = "https://ehr.example.org/r4"
ALIAS = "https://internal.example.org:8443/fhir"
TOKEN = "secret-token.abc"
PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "link": [{"type": "seealso", "other": {"reference": "Patient/2"}}],
}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}


def bundle(*ids: str, following: str | None = None, **members: Any) -> dict[str, Any]:
    page: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "self", "url": "x"}],
    }
    if following is not None:
        page["link"].append({"relation": "next", "url": following})
    if ids:
        page["entry"] = [{"resource": {"resourceType": "Condition", "id": name}} for name in ids]
    return page | members


class Packed(bytes):
    """A body that is sent as gzip."""


class Ehr:
    """A server that answers by path and query, and remembers what it was asked."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.seen: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.seen.append(request)
        answer = self.answers[str(request.url).removeprefix(BASE)]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            return httpx2.Response(answer, json=OUTCOME)
        if isinstance(answer, Packed):
            stream = httpx2.ByteStream(answer)
            return httpx2.Response(200, stream=stream, headers={"Content-Encoding": "gzip"})
        return httpx2.Response(200, content=answer if isinstance(answer, bytes) else json.dumps(answer).encode())


async def ask(
    handler: Any, relative: str, *, token: str | None = TOKEN, seconds: float = 5.0, **limits: int
) -> Answer:
    """One read or search, as `read_all` decides."""
    async with http_client(httpx2.MockTransport(handler)) as client:
        deadline = asyncio.get_running_loop().time() + seconds
        reader = FhirReader(client, BASE, (ALIAS,), token, deadline=deadline, **limits)
        return (await reader.read_all({"it": relative}))["it"]
