"""The roof: the only place that knows both doors. Builds the application from settings.

The hook path is found by plain string comparison before any framework runs; everything else (probes,
pages) is a small FastAPI application. CORS stands around both, so that an error answer carries its
headers too (X-1).
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from time import monotonic

import httpx2
import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from cds_hooks.endpoint import CdsHooks
from cds_hooks.limits import RateLimit
from cds_hooks.openapi import openapi
from cds_hooks.trust import Trust
from smart_app.door import site_keys_route, smart_routes
from smart_app.handout import handout_routes
from watchful import __version__
from watchful.clinical.knowledge import Knowledge, load
from watchful.content.load import load as load_content
from watchful.ehr.keysets import key_source
from watchful.errors import (
    RuleFailure,
    StoreUnavailable,
    UnknownService,
    WatchfulError,
    WrongMethod,
    operation_outcome,
)
from watchful.journal.keys import Keys
from watchful.journal.store import Journal
from watchful.parts import Parts, parts_of, site_client
from watchful.settings import Settings
from watchful.telemetry import Metrics

Clock = Callable[[], datetime]
LOOPBACK_ORIGIN = r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?"
_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
_SECONDS_BETWEEN_CHORES = 60.0
"""How often the order codings that nobody mapped are written down, and what has expired is deleted."""
_log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """The one place where the real time enters the service."""
    return datetime.now(UTC)


class Service:
    """One running instance: its parts, and the applications on its two addresses."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: Clock = utc_now,
        knowledge: Knowledge | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.now = now
        keys = Keys(settings.secret.get_secret_value())
        self.journal = Journal.open(settings.database, keys, clock=now)
        base = knowledge or load()
        self._parts = [
            parts_of(
                site,
                settings,
                base,
                journal=self.journal,
                keys=keys,
                http=site_client(site, transport),
                now=now,
                metrics=self.metrics,
            )
            for site in settings.site
        ]
        self._chores: asyncio.Task[None] | None = None
        self.doors: Mapping[str, CdsHooks] = {each.site.id: self._door(each) for each in self._parts}
        self._only = next(iter(self.doors.values())) if len(self.doors) == 1 else None
        self._pages = self._page_app()
        self.app: ASGIApp = CORSMiddleware(
            self._dispatch,
            allow_origins=[origin for site in settings.site for origin in site.cors_origins],
            allow_origin_regex=LOOPBACK_ORIGIN if settings.demo else None,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            max_age=600,
        )
        self.admin = self._admin_app()

    def _door(self, parts: Parts) -> CdsHooks:
        site = parts.site
        if site.demo:
            return CdsHooks(parts, None)
        sources = {each.iss: key_source(each, parts.http, site.id) for each in site.issuer}
        trust = Trust(site, self.settings.public_url, lambda: self.now().timestamp(), sources)
        rates = {each.iss: each.requests_per_minute for each in site.issuer}
        return CdsHooks(parts, trust, RateLimit(rates, monotonic))

    async def start(self) -> None:
        """Open the journal and freeze what start-up made, so that the collector never walks it again."""
        await self.journal.start()
        self._chores = asyncio.create_task(self._now_and_then())
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)
        _log.info("started", version=__version__, database=self.settings.database.partition(":")[0])

    async def stop(self) -> None:
        """Finish what was taken, then close."""
        if self._chores is not None:
            self._chores.cancel()
            with suppress(asyncio.CancelledError):
                await self._chores
        with suppress(StoreUnavailable):  # what was seen is seen again: no reason to stop badly
            await self.note_unmapped()
        await self.journal.close()
        for each in self._parts:
            await each.http.aclose()

    async def note_unmapped(self) -> None:
        """Write down the order codings that no map knows and that were seen since the last time."""
        for each in self._parts:
            if codings := each.sightings.take():
                await self.journal.note_unmapped(each.site.id, codings)

    async def tidy(self) -> None:
        """Once a minute: write down unmapped codings; delete what has expired, tokens and all."""
        with suppress(StoreUnavailable):  # the next round will do it
            await self.note_unmapped()
            await self.journal.forget_expired(self.now())

    async def _now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_SECONDS_BETWEEN_CHORES)
            await self.tidy()

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            prefix = ""
            door = self._only
            if path.startswith("/s/"):
                site, slash, rest = path[3:].partition("/")
                door, prefix, path = self.doors.get(site), f"/s/{site}", slash + rest
            if self.settings.demo and not _is_loopback(scope):
                await _foreign_host(scope, receive, send)
                return
            if door is not None and door.handles(path):
                await door(prefix, path, scope, receive, send)
                return
        await self._pages(scope, receive, send)

    def _page_app(self) -> FastAPI:
        # a stray slash is no page: a redirect would go to the host and scheme that the request came with
        app = FastAPI(
            title="Watchful",
            version=__version__,
            openapi_url=None,
            lifespan=self._lifespan,
            redirect_slashes=False,
        )
        app.add_exception_handler(WatchfulError, _refusal)
        app.add_exception_handler(Exception, self._unforeseen)
        app.add_exception_handler(404, _not_found)
        app.add_exception_handler(405, _wrong_method)
        for route in handout_routes(
            self.journal.read_case,
            load_content,
            default_site=self.settings.site[0].id if len(self.settings.site) == 1 else None,
        ):
            app.router.routes.append(route)
        apps = [each for each in self._parts if each.site.smart is not None]
        for parts in apps:
            routes = smart_routes(parts)
            below = Router(routes, redirect_slashes=False)
            app.router.routes.append(Mount(f"/s/{parts.site.id}", below))
            if len(self.settings.site) == 1:
                app.router.routes.extend(routes)
        if apps and len(self.settings.site) > 1:
            app.router.routes.append(site_keys_route(apps))

        @app.get("/healthz")
        async def healthz() -> Response:
            """The process answers."""
            return JSONResponse({"status": "ok"})

        @app.get("/readyz")
        async def readyz() -> Response:
            """It can do its work: the journal takes rows."""
            try:
                await self.journal.ping()
            except StoreUnavailable:
                return JSONResponse({"status": "unavailable", "failed": ["journal"]}, status_code=503)
            return JSONResponse({"status": "ok"})

        if self.settings.demo:

            @app.get("/demo/journal")
            async def journal() -> Response:
                """Demo mode only: the latest rows, for the demo EHR's panel."""
                rows = await self.journal.recent(20, self.settings.site[0].id)
                return Response(msgspec.json.encode(rows), media_type="application/json")

        return app

    async def _unforeseen(self, _request: Request, error: Exception) -> Response:
        """Loud, counted, and without the exception's text (safety rules 5 and 6)."""
        _log.error("unforeseen", error=type(error).__name__)
        self.metrics.failed("", type(error).__name__)
        failure = RuleFailure("The service failed.")
        return Response(operation_outcome(failure), failure.status, media_type="application/json")

    def _admin_app(self) -> FastAPI:
        app = FastAPI(title="Watchful admin", version=__version__, openapi_url=None)

        @app.get("/metrics")
        async def metrics() -> Response:
            self.metrics.journal_waiting.set(self.journal.waiting)
            return Response(generate_latest(self.metrics.registry), media_type=CONTENT_TYPE_LATEST)

        @app.get("/openapi.json")
        async def document() -> Response:
            return JSONResponse(openapi(__version__, self.settings.public_url))

        return app

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        await self.start()
        try:
            yield
        finally:
            await self.stop()


def _is_loopback(scope: Scope) -> bool:
    """Whether the Host header names this machine: demo mode answers no name that a web page could rebind."""
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    name = host if host.startswith("[") and host.endswith("]") else host.rpartition(":")[0] or host
    return name in _LOOPBACK_HOSTS


async def _foreign_host(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("Demo mode answers on loopback only.\n", 421)(scope, receive, send)


async def _refusal(_request: Request, error: Exception) -> Response:
    assert isinstance(error, WatchfulError)  # noqa: S101  (registered for this class only)
    return Response(operation_outcome(error), error.status, headers=error.headers(), media_type="application/json")


async def _not_found(_request: Request, error: Exception) -> Response:
    return Response(
        operation_outcome(UnknownService("There is no such page.")), 404, media_type="application/json"
    )


async def _wrong_method(_request: Request, error: Exception) -> Response:
    allowed = (getattr(error, "headers", None) or {}).get("Allow", "GET")
    refusal = WrongMethod(tuple(each.strip() for each in allowed.split(",")))
    return Response(operation_outcome(refusal), 405, headers=refusal.headers(), media_type="application/json")
