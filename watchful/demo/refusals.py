"""Answers of the demo FHIR endpoint, and the exception that stands for a refusal."""

from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from watchful.demo.search import Resource, outcome


class Refusal(Exception):
    """One OperationOutcome, on its way to the caller."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text


async def answer_refusal(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)  # noqa: S101  (registered for nothing else)
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    return answer(outcome(refusal.code, refusal.text), refusal.status, headers)


def answer(body: Resource, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, "application/fhir+json")
