"""A small read-only FHIR R4 endpoint over charts held in memory: the demo EHR's server and the tests' double.

It stores nothing and changes nothing; it keeps a record of what was asked, for tests to look at.
"""

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from watchful.demo.search import Found, Resource, bare_id, included, outcome, patient_of, search, searchset

Charts = Mapping[str, Sequence[Resource]]
"""Patient id to the resources of that patient's chart."""

TYPES = (
    "AllergyIntolerance", "Condition", "DiagnosticReport", "Encounter", "FamilyMemberHistory", "Immunization",
    "Medication", "MedicationRequest", "Observation", "Organization", "Patient", "Practitioner", "Procedure",
    "ServiceRequest",
)  # fmt: skip

_RECORD_LENGTH = 1000


class Asked(msgspec.Struct, frozen=True):
    """One request that reached the endpoint; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]


def fhir_app(
    resources_by_patient: Charts | Callable[[], Charts],
    unreadable: Mapping[str, Collection[str]] | None = None,
    page_size: int = 50,
) -> Starlette:
    """The endpoint. `unreadable` are the types refused with 403, by patient; `app.state.record` holds `Asked`."""
    record: deque[Asked] = deque(maxlen=_RECORD_LENGTH)
    endpoint = _Endpoint(resources_by_patient, unreadable or {}, page_size)
    app = Starlette(
        routes=[
            Route("/metadata", endpoint.metadata, methods=["GET"]),
            Route("/{kind}", endpoint.search, methods=["GET"]),
            Route("/{kind}/_search", endpoint.search, methods=["POST"]),
            Route("/{kind}/{id}", endpoint.read, methods=["GET"]),
        ],
        middleware=[
            Middleware(_Recorder, record=record),
            Middleware(
                CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST", "OPTIONS"], allow_headers=["*"]
            ),
        ],
    )
    app.state.record = record
    return app


class _Endpoint:
    """The handlers and what they share."""

    def __init__(
        self, charts: Charts | Callable[[], Charts], unreadable: Mapping[str, Collection[str]], page_size: int
    ) -> None:
        self._charts = charts if callable(charts) else lambda: charts
        self._unreadable = unreadable
        self._page_size = page_size

    async def metadata(self, request: Request) -> Response:
        return _answer(
            {
                "resourceType": "CapabilityStatement",
                "status": "active",
                "date": "2026-11-02",
                "kind": "instance",
                "fhirVersion": "4.0.1",
                "format": ["json"],
                "software": {"name": "Watchful demo FHIR endpoint"},
                "implementation": {"description": "Synthetic charts, read only", "url": _base(request)},
                "rest": [{"mode": "server", "resource": [_type_capability(kind) for kind in TYPES]}],
            }
        )

    async def read(self, request: Request) -> Response:
        kind, id_ = request.path_params["kind"], request.path_params["id"]
        for patient, chart in self._charts().items():
            for resource in chart:
                if resource["resourceType"] == kind and resource["id"] == id_:
                    return _forbidden(kind) if self._refused(patient, kind) else _answer(resource)
        return _answer(outcome("not-found", f"no such {kind}"), 404)

    async def search(self, request: Request) -> Response:
        kind = request.path_params["kind"]
        if kind not in TYPES:
            return _answer(outcome("not-supported", "this endpoint does not know that resource type"), 404)
        parameters = parse_qsl(request.url.query)
        if request.method == "POST":
            parameters += parse_qsl((await request.body()).decode())
        charts = self._charts()
        asked = {bare_id(value) for name, value in parameters if name in ("patient", "subject")} or set(charts)
        if any(self._refused(patient, kind) for patient in asked):
            return _forbidden(kind)
        everything = [resource for chart in charts.values() for resource in chart]
        return self._page(request, kind, parameters, search(everything, kind, parameters), everything)

    def _refused(self, patient: str, kind: str) -> bool:
        return kind in self._unreadable.get(patient, ())

    def _page(
        self,
        request: Request,
        kind: str,
        parameters: list[tuple[str, str]],
        found: Found,
        everything: Sequence[Resource],
    ) -> Response:
        wanted = dict(parameters)
        try:
            count = min(int(wanted.get("_count", self._page_size)), self._page_size)
            start = int(wanted.get("_offset", 0))
        except ValueError:
            return _answer(outcome("invalid", "_count and _offset are numbers"), 400)
        base = _base(request)

        def url(offset: int) -> str:
            extra = [("_count", str(count))] if "_count" in wanted or offset else []
            extra += [("_offset", str(offset))] if offset else []
            return f"{base}/{kind}?{urlencode(found.applied + extra, safe='|/,:')}"

        links = [("self", url(start))]
        if start + count < len(found.resources):
            links.append(("next", url(start + count)))
        page = found.resources[start : start + count]
        extra = included(page, everything, found.applied)
        return _answer(searchset(page, len(found.resources), base, links, extra))


class _Recorder:
    """Keeps what was asked, CORS preflights included."""

    def __init__(self, app: ASGIApp, record: deque[Asked]) -> None:
        self.app = app
        self.record = record

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            self.record.append(Asked(scope["method"], scope["path"], scope["query_string"].decode(), headers))
        await self.app(scope, receive, send)


def patients_of(resources: Sequence[Resource]) -> Charts:
    """Sorts loose resources by patient; what belongs to nobody (practitioners) goes with the first patient."""
    charts: dict[str, list[Resource]] = {r["id"]: [] for r in resources if r["resourceType"] == "Patient"}
    for resource in resources:
        owner = patient_of(resource) or next(iter(charts), "")
        charts.setdefault(owner, []).append(resource)
    return charts


def _base(request: Request) -> str:
    """Where the endpoint is mounted; `request.base_url` would name the outermost application."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def _type_capability(kind: str) -> dict[str, Any]:
    interactions = [{"code": "read"}, {"code": "search-type"}]
    unowned = ("Patient", "Practitioner", "Organization", "Medication")
    names = ["_id"] if kind in unowned else ["_id", "patient"]
    parameters = [{"name": name, "type": "token" if name == "_id" else "reference"} for name in names]
    return {"type": kind, "interaction": interactions, "searchParam": parameters}


def _forbidden(kind: str) -> Response:
    return _answer(outcome("forbidden", f"{kind} may not be read"), 403)


def _answer(body: Resource, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/fhir+json")
