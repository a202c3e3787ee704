"""An EHR that takes resources: conditional creates, searches by identifier, and moods."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Json = dict[str, Any]
CHART_TEXT = "Maria Lopez, born 1981, has no coverage for this"


class Ehr:
    """`stored` holds what was written. `refuse` answers a create with that status; `deaf` loses the answer of the
    next so many creates that were carried out; `blind` refuses searches."""

    def __init__(self) -> None:
        self.stored: list[Json] = []
        self.asked: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self.refuse = 0
        self.deaf = 0
        self.blind = False
        self.before: Callable[[], Any] | None = None
        self.app = Starlette(
            routes=[
                Route("/r4/{kind}", self._create, methods=["POST"]),
                Route("/r4/{kind}", self._search, methods=["GET"]),
            ]
        )

    def of(self, kind: str) -> list[Json]:
        return [each for each in self.stored if each["resourceType"] == kind]

    def posts(self) -> int:
        return sum(method == "POST" for method, _ in self.asked)

    async def _create(self, request: Request) -> Response:
        self._note(request)
        if self.before is not None:
            await self.before()
        if self.refuse:
            return JSONResponse(outcome("business-rule"), self.refuse)
        condition = dict(parse_qsl(request.headers["If-None-Exist"]))
        found = self._matching(request.path_params["kind"], condition["identifier"])
        if found:
            return Response(status_code=200, headers={"Location": _location(request, found[0])})
        resource = json.loads(await request.body())
        assert resource["resourceType"] == request.path_params["kind"]
        self.stored.append({**resource, "id": f"made-{len(self.stored) + 1}"})
        return Response(status_code=201, headers={"Location": _location(request, self.stored[-1])})

    async def _search(self, request: Request) -> Response:
        self._note(request)
        if self.blind:
            return JSONResponse(outcome("forbidden"), 403)
        found = self._matching(request.path_params["kind"], request.query_params["identifier"])
        entries = [{"resource": each} for each in found]
        return JSONResponse({"resourceType": "Bundle", "type": "searchset", "entry": entries})

    def _note(self, request: Request) -> None:
        self.asked.append((request.method, request.path_params["kind"]))
        self.tokens.add(request.headers["Authorization"])

    def _matching(self, kind: str, token: str) -> list[Json]:
        system, _, value = token.partition("|")
        return [each for each in self.of(kind) if {"system": system, "value": value} in identifiers(each)]


class Line(httpx2.AsyncBaseTransport):
    """The way to the EHR, which can lose an answer after the request arrived."""

    def __init__(self, ehr: Ehr) -> None:
        self._ehr = ehr
        self._inner = httpx2.ASGITransport(app=ehr.app)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._inner.handle_async_request(request)
        if request.method == "POST" and self._ehr.deaf:
            self._ehr.deaf -= 1
            raise httpx2.ReadTimeout("lost", request=request)
        return answer


def identifiers(resource: Json) -> list[Json]:
    named = resource.get("identifier", [])
    return named if isinstance(named, list) else [named]


def outcome(code: str) -> Json:
    issue = {"severity": "error", "code": code, "diagnostics": CHART_TEXT}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _location(request: Request, resource: Json) -> str:
    return f"{str(request.url).partition('?')[0]}/{resource['id']}/_history/1"
