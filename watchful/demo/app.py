"""The demo EHR: a page where a person picks a synthetic patient, drafts an order and sees what the service says.

The browser plays the EHR: it discovers the service, resolves prefetch from the FHIR endpoint mounted here
and calls the service across origins, as a real client would. This application only serves what the page
needs; it never calls the service itself and knows nothing of its answers.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchful.demo import fixtures
from watchful.demo.fhir import fhir_app
from watchful.demo.fixtures import Fixture
from watchful.demo.orders import STUDIES
from watchful.demo.smart import AuthorizationServer, Client, PatientChoice

CLIENT_ID = "watchful-demo"
_STATIC = Path(__file__).parent / "static"


def demo_app(
    service_url: str,
    fixtures_today: Callable[[], date],
    journal_url: str | None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Starlette:
    """The application. `service_url` is what stands before `/cds-services`; `journal_url` answers JSON rows.

    One app is registered for SMART launch: the service's own, as the public client `watchful-demo`.
    """
    current = fixtures.cached(fixtures_today)
    service_url = service_url.rstrip("/")
    refused = fixtures.unreadable_by_patient(current())
    own_app = Client(client_id=CLIENT_ID, redirect_uris=(f"{service_url}/smart/callback",))
    smart = AuthorizationServer(lambda: _choices(current()), now, (own_app,), stylesheet="/static/demo.css")

    async def index(request: Request) -> Response:
        return FileResponse(_STATIC / "index.html")

    async def config(request: Request) -> Response:
        return _json(
            {
                "service": service_url,
                "fhir": "fhir",
                "journal": journal_url,
                "today": fixtures_today(),
                "studies": STUDIES,
                "fixtures": [_summary(fixture) for fixture in current()],
            }
        )

    async def fixture(request: Request) -> Response:
        wanted = request.path_params["name"]
        found = next((known for known in current() if known.name == wanted), None)
        return _json(found.context) if found else _json({"error": "no such fixture"}, 404)

    return Starlette(
        routes=[
            Route("/", index),
            Route("/config.json", config),
            Route("/context/{name}.json", fixture),
            Mount("/static", StaticFiles(directory=_STATIC)),
            Mount("/fhir", fhir_app(lambda: fixtures.by_patient(current()), refused, smart=smart, now=now)),
        ],
        middleware=[Middleware(_SecurityHeaders, policy=content_policy(service_url, journal_url))],
    )


def content_policy(service_url: str, journal_url: str | None) -> str:
    """Scripts and styles from here only, none in line; connections to here, the service and the journal."""
    services = " ".join(sorted({_origin(url) for url in (service_url, journal_url) if url} - {""}))
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {services}; "
        f"img-src 'self' {services}; frame-src 'self' {_origin(service_url)}; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


class _SecurityHeaders:
    """Adds the headers that every answer carries that has none of its own."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _choices(held: tuple[Fixture, ...]) -> dict[str, PatientChoice]:
    """The patients, for a standalone launch; one that has several fixtures stands there once."""
    return {each.patient_id: PatientChoice(each.patient_id, _name(each), each.title) for each in held}


def _name(fixture: Fixture) -> str:
    patient = next(r for r in fixture.resources if r["resourceType"] == "Patient")
    name = patient["name"][0]
    return f"{' '.join(name['given'])} {name['family']}"


def _summary(fixture: Fixture) -> dict[str, Any]:
    return {
        "name": fixture.name,
        "title": fixture.title,
        "story": fixture.story,
        "patient": _name(fixture),
        "orders": [order["code"]["text"] for order in fixture.orders],
    }


def _origin(url: str) -> str:
    """Empty for a path on our own origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _json(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
