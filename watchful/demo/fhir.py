"""A small FHIR R4 endpoint over charts held in memory: the demo EHR's server and the tests' double.

Alone it can only be read, by anybody. With an authorization server it honours bearer tokens, where one is sent,
and takes what their scopes let create. It keeps a record of what was asked, for tests to look at.
"""

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from watchful.demo.addresses import fhir_base
from watchful.demo.bearer import Gate, readable
from watchful.demo.capabilities import capability_statement
from watchful.demo.refusals import Refusal, answer, answer_refusal
from watchful.demo.resource_types import TYPES
from watchful.demo.search import Found, Resource, bare_id, included, search, searchset
from watchful.demo.smart import AuthorizationServer
from watchful.demo.written import WrittenByApps

Charts = Mapping[str, Sequence[Resource]]
"""Patient id to the resources of that patient's chart."""

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
    *,
    smart: AuthorizationServer | None = None,
    require_token: bool = False,
    unwritable: Collection[str] = (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Starlette:
    """The endpoint. `unreadable` are the types refused with 403, by patient; `app.state.record` holds `Asked`.

    With `smart` its routes are served too, and apps can write, but for the types that are `unwritable`.
    """
    record: deque[Asked] = deque(maxlen=_RECORD_LENGTH)
    charts = resources_by_patient if callable(resources_by_patient) else lambda: resources_by_patient
    written = WrittenByApps(now, unwritable)
    endpoint = _Endpoint(
        lambda: written.beside(charts()), unreadable or {}, page_size, Gate(smart, require_token=require_token)
    )
    writing = [Route("/{kind}", _Creation(endpoint, written).create, methods=["POST"])] if smart else []
    app = Starlette(
        routes=[
            *(smart.routes if smart else ()),
            Route("/metadata", endpoint.metadata, methods=["GET"]),
            Route("/{kind}", endpoint.search, methods=["GET"]),
            *writing,
            Route("/{kind}/_search", endpoint.search, methods=["POST"]),
            Route("/{kind}/{id}", endpoint.read, methods=["GET"]),
        ],
        middleware=[
            Middleware(_Recorder, record=record),
            Middleware(
                CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST", "OPTIONS"], allow_headers=["*"]
            ),
        ],
        exception_handlers={Refusal: answer_refusal},
    )
    app.state.record = record
    return app


class _Endpoint:
    """Reading, and what is shared."""

    def __init__(
        self,
        charts: Callable[[], Charts],
        unreadable: Mapping[str, Collection[str]],
        page_size: int,
        gate: Gate,
    ) -> None:
        self.charts = charts
        self.gate = gate
        self._unreadable = unreadable
        self._page_size = page_size

    async def metadata(self, request: Request) -> Response:
        return answer(capability_statement(fhir_base(request), smart=self.gate.honours_tokens))

    async def read(self, request: Request) -> Response:
        access = self.gate.access(request)
        kind, id_ = request.path_params["kind"], request.path_params["id"]
        for patient, chart in self.charts().items():
            for resource in chart:
                if resource["resourceType"] == kind and resource["id"] == id_:
                    if self._refused(patient, kind) or not readable(access, [resource], "r"):
                        raise _forbidden(kind)
                    return answer(resource)
        raise Refusal(404, "not-found", f"no such {kind}")

    async def search(self, request: Request) -> Response:
        access = self.gate.access(request)
        kind = request.path_params["kind"]
        if kind not in TYPES:
            raise Refusal(404, "not-supported", "this endpoint does not know that resource type")
        parameters = parse_qsl(request.url.query)
        if request.method == "POST":
            parameters += parse_qsl((await request.body()).decode())
        charts = self.charts()
        named = {bare_id(value) for name, value in parameters if name in ("patient", "subject")}
        asked = named or ({access.patient} if access and access.bound_to_patient("s", kind) else set(charts))
        if any(self._refused(patient, kind) for patient in asked):
            raise _forbidden(kind)
        if access and not all(access.reaches("s", kind, patient) for patient in asked):
            raise _forbidden(kind)
        everything = [resource for chart in charts.values() for resource in chart]
        found = search(readable(access, everything, "s"), kind, parameters)
        return self._page(request, kind, parameters, found, readable(access, everything, "r"))

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
            raise Refusal(400, "invalid", "_count and _offset are numbers") from None
        base = fhir_base(request)

        def url(offset: int) -> str:
            extra = [("_count", str(count))] if "_count" in wanted or offset else []
            extra += [("_offset", str(offset))] if offset else []
            return f"{base}/{kind}?{urlencode(found.applied + extra, safe='|/,:')}"

        links = [("self", url(start))]
        if start + count < len(found.resources):
            links.append(("next", url(start + count)))
        page = found.resources[start : start + count]
        extra = included(page, everything, found.applied)
        return answer(searchset(page, len(found.resources), base, links, extra))


class _Creation:
    """`POST {Type}`: never without a token."""

    def __init__(self, endpoint: _Endpoint, written: WrittenByApps) -> None:
        self._endpoint = endpoint
        self._written = written

    async def create(self, request: Request) -> Response:
        access = self._endpoint.gate.access(request)
        if access is None:
            raise Refusal(401, "login", "a bearer token is needed to write")
        kind = request.path_params["kind"]
        resource, new = self._written.create(
            kind,
            await request.body(),
            request.headers.get("content-type", ""),
            request.headers.get("if-none-exist"),
            access,
            self._endpoint.charts(),
        )
        location = f"{fhir_base(request)}/{kind}/{resource['id']}/_history/1"
        headers = {"Location": location, "ETag": 'W/"1"'}
        status = 201 if new else 200
        if "return=minimal" in request.headers.get("prefer", ""):
            return Response(None, status, headers)
        return answer(resource, status, headers)


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


def _forbidden(kind: str) -> Refusal:
    return Refusal(403, "forbidden", f"{kind} may not be read")
