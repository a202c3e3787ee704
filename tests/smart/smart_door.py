"""The sign-in of the app as a browser meets it: real ASGI routes, real journal, an EHR double beside it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from joserfc.jwk import ECKey
from launcher_double import BASE, Json, Launcher, Wire, launch_code
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from smart_app.client_keys import keys_route
from smart_app.csrf import checked_form
from smart_app.entry import launch_routes
from smart_app.error_page import guarded
from smart_app.reading import read_subject, with_reading
from smart_app.session import Session
from smart_app.sessions import Sessions
from watchful.clinical.knowledge import Knowledge, load
from watchful.demo import fixtures
from watchful.ehr.http import http_client
from watchful.journal.database import open_engine
from watchful.journal.keys import Keys
from watchful.journal.schema import migrate
from watchful.journal.store import Journal
from watchful.parts import Parts, parts_of
from watchful.settings import Settings, Site
from watchful.telemetry import Metrics

PUBLIC = "https://watchful.example.org"
SECRET = "a secret for tests that is long enough"
CLIENT = "watchful-client"
CLIENT_SECRET = "canary-client-secret-0123456789"
NOW = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
TODAY = NOW.date()


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


@cache
def knowledge() -> Knowledge:
    return load()


@cache
def charts() -> dict[str, list[Json]]:
    """Every fixture's chart, with its draft order in it."""
    return {each.patient_id: [*each.resources, *each.orders] for each in fixtures.load_all(TODAY)}


@cache
def client_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-384", {"kid": kid, "use": "sig", "alg": "ES384"})


def key_file(folder: Path, *kids: str) -> Path:
    path = folder / "client-keys.json"
    path.write_text(json.dumps({"keys": [client_key(kid).as_dict(private=True) for kid in kids or ("ours-1",)]}))
    return path


def public_jwks() -> Json:
    return {"keys": [client_key("ours-1").as_dict(private=False)]}


def public_keys() -> str:
    return json.dumps(public_jwks())


def smart_site(**changes: Any) -> Site:
    """Its sessions may be idle for long: tests of other things move the clock by hours."""
    smart = {"client_id": CLIENT, "idle_minutes": 480} | changes.pop("smart", {})
    values: Json = {"id": "general", "fhir": BASE, "timezone": "UTC", "profile": "generic", "smart": smart}
    return Site.model_validate(values | {"frame_ancestors": ("https://ehr.example.org",)} | changes)


class Page:
    """One loaded page: where the browser ended, what stood there, and every address on the way."""

    def __init__(self, answer: httpx2.Response, way: list[str]) -> None:
        self.answer, self.way = answer, way

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def url(self) -> str:
        return self.way[-1]

    @property
    def json(self) -> Json:
        return self.answer.json()  # type: ignore[no-any-return]


class Browser:
    """Follows redirects between the EHR and the app, with one cookie jar; goes nowhere else."""

    def __init__(self, app: httpx2.AsyncBaseTransport, ehr: httpx2.AsyncBaseTransport) -> None:
        self.http = httpx2.AsyncClient(transport=_Both(app, ehr))
        self.seen: list[httpx2.Response] = []

    async def open(self, url: str, *, stop: str = "", **headers: str) -> Page:
        """Go there and follow; stop before an address that starts with `stop`."""
        way = [url]
        for _ in range(8):
            answer = await self.http.get(way[-1], headers=headers)
            self.seen.append(answer)
            onward = answer.headers.get("location")
            if onward is None or (stop and onward.startswith(stop)):
                return Page(answer, [*way, onward] if onward else way)
            way.append(str(httpx2.URL(way[-1]).join(onward)))
        raise AssertionError(f"endless: {way}")

    async def post(self, url: str, form: Json, **headers: str) -> httpx2.Response:
        answer = await self.http.post(url, data=form, headers={k.replace("_", "-"): v for k, v in headers.items()})
        self.seen.append(answer)
        return answer


class _Both(httpx2.AsyncBaseTransport):
    def __init__(self, app: httpx2.AsyncBaseTransport, ehr: httpx2.AsyncBaseTransport) -> None:
        self._app, self._ehr = app, ehr

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        inner = {"watchful.example.org": self._app, "ehr.example.org": self._ehr}.get(request.url.host)
        if inner is None:
            raise httpx2.ConnectError(f"the browser was sent to {request.url}")
        return await inner.handle_async_request(request)


class SmartDoor:
    """The app's sign-in, the EHR, and browsers to meet them with."""

    def __init__(self, parts: Parts, launcher: Launcher, wire: Wire, clock: Clock) -> None:
        self.parts, self.launcher, self.wire, self.clock = parts, launcher, wire, clock
        self.sessions = Sessions(parts)
        routes = [*launch_routes(parts, self.sessions), *self._pages()]
        keys = keys_route(parts.client_keys)
        self.app = Starlette(routes=[Mount(f"/s/{parts.site.id}", routes=routes), keys, *routes])

    def browser(self) -> Browser:
        ehr = httpx2.ASGITransport(app=self.launcher.app())
        return Browser(httpx2.ASGITransport(app=self.app), ehr)

    def launch_url(self, **launch: object) -> str:
        query = httpx2.QueryParams({"iss": BASE, "launch": launch_code(**launch)})
        return f"{PUBLIC}/smart/launch?{query}"

    def count(self, outcome: str) -> float:
        labels = {"site": self.parts.site.id, "outcome": outcome}
        return self.parts.metrics.registry.get_sample_value("watchful_app_launches_total", labels) or 0.0

    async def session(self, page: Page) -> Session:
        """The stored session that a page belongs to."""
        return await self.sessions._read(page.url.split("/smart/app/")[1].split("/")[0])

    def _pages(self) -> list[Route]:
        """Stand-ins for the app's own pages: what a session knows, and one form."""

        async def review(request: Request) -> Response:
            session = await self.sessions.open(request)
            read = await read_subject(session, self.parts, self.sessions)
            session = await self.sessions.change(session, lambda stored: with_reading(stored, read))
            subject = session.subject
            return JSONResponse(
                {
                    "patient": session.patient,
                    "name": session.banner.name if session.banner else None,
                    "study": subject.order.study if subject else None,
                    "source": subject.source if subject else None,
                    "lost": session.card_lost,
                    "csrf": session.csrf,
                }
            )

        async def answers(request: Request) -> Response:
            session = await self.sessions.open(request)
            form = await checked_form(request, session, self.parts)
            return JSONResponse({"patient": session.patient, "said": form.get("q.numb")})

        return [
            Route("/smart/app/{session}/review", guarded(review, self.parts), methods=["GET"]),
            Route("/smart/app/{session}/answers", guarded(answers, self.parts), methods=["POST"]),
        ]


def settings_of(folder: Path, *sites: Site) -> Settings:
    values: Json = {"public_url": PUBLIC, "database": f"sqlite:///{folder}/smart.db", "site": sites}
    return Settings.model_validate(values | {"secret": SECRET})


@cache
def empty_database() -> bytes:
    """A migrated database to copy: migrating for each test would take most of its time."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        engine = open_engine(f"sqlite:///{path}")
        migrate(engine)
        engine.dispose()
        return path.read_bytes()


@asynccontextmanager
async def opened(folder: Path, site: Site | None = None, **launcher: Any) -> AsyncIterator[SmartDoor]:
    """The door, with a journal of its own, until the block ends."""
    clock = Clock()
    site = site or smart_site()
    settings = settings_of(folder, site)
    keys = Keys(SECRET)
    (folder / "smart.db").write_bytes(empty_database())
    journal = Journal.open(settings.database, keys, clock=clock)
    await journal.start()
    ehr = Launcher(charts(), clock, **launcher)
    wire = Wire(ehr)
    http = http_client(wire)
    parts = parts_of(
        site, settings, knowledge(), journal=journal, keys=keys, http=http, now=clock, metrics=Metrics()
    )
    try:
        yield SmartDoor(parts, ehr, wire, clock)
    finally:
        await http.aclose()
        await journal.close()


__all__ = ["BASE", "CLIENT", "PUBLIC", "SecretStr", "SmartDoor", "opened", "smart_site"]
