"""The pages of the app with a stored session: real ASGI routes, a real SQLite journal, a FHIR double beside it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from builders import drafted, facts_of, knowledge, unreadable
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Mount
from writable_ehr import Ehr, Line

from smart_app.routes import app_routes
from smart_app.session import Banner, Session, Subject, Tokens
from smart_app.sessions import Sessions
from watchful.demo import fixtures
from watchful.demo.fhir import fhir_app
from watchful.ehr.http import http_client
from watchful.journal.keys import Keys
from watchful.journal.store import Journal
from watchful.parts import Parts, parts_of
from watchful.settings import Settings, Site
from watchful.telemetry import Metrics

PUBLIC = "https://watchful.example.org"
BASE = "https://ehr.example.org/r4"
SECRET = "a secret for tests that is long enough"
NOW = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
CSRF = "csrf-token-of-the-session"
STATES = {
    "defer": "acute-mri",
    "review": "fever",
    "change": "cancer-xray",
    "urgent": "cauda-equina",
    "silent": "cancer-mri",
    "unreadable": "unreadable-conditions",
    "gaps": "unreadable-medications",
    "spanish": "spanish",
    "fullest": "older-fall",
}
"""A fixture for each kind of page."""


@cache
def charts() -> Mapping[str, fixtures.Fixture]:
    return {each.name: each for each in fixtures.load_all(NOW.date())}


def a_subject(name: str, **changes: Any) -> Subject:
    """The order and chart of a fixture, as the app would have read them."""
    fixture = charts()[name]
    order = fixture.orders[0]
    resources = [
        *(each for each in fixture.resources if each["resourceType"] not in fixture.unreadable),
        *(unreadable(kind) for kind in fixture.unreadable),
    ]
    encounter = str(fixture.context.get("encounterId", ""))
    facts = facts_of(resources, order, today=NOW.date(), encounter_id=encounter)
    values: dict[str, Any] = {"order": drafted(order)[0].order, "facts": facts, "read_at": NOW, "source": "card"}
    return Subject(**values | changes)


def a_session(name: str | None = "acute-mri", **changes: Any) -> Session:
    """The session of a launch for a fixture's patient; without a name no order is known yet."""
    values: dict[str, Any] = {
        "id": f"session-{name or 'none'}",
        "site": "general",
        "base": BASE,
        "patient": charts()[name].patient_id if name else "nobody",
        "encounter": charts()[name].context.get("encounterId") if name else None,
        "tokens": Tokens(access="access", scopes=("patient/*.cruds",), expires_at=NOW + timedelta(hours=8)),
        "banner": Banner(name="Ana Example", birth_date="1981-03-04", sex="female"),
        "csrf": CSRF,
        "subject": a_subject(name) if name else None,
        "opened_at": NOW,
        "expires_at": NOW + timedelta(hours=8),
    }
    return Session(**values | changes)


class House:
    """One site's app, and whoever visits it."""

    def __init__(self, parts: Parts, sent: list[httpx2.Request], ehr: Ehr) -> None:
        self.parts, self.sent, self.ehr = parts, sent, ehr
        self.sessions = Sessions(parts)
        routes = app_routes(parts, self.sessions)
        self.app = Starlette(routes=[Mount("/s/general", routes=routes), *routes])

    async def keep(self, session: Session) -> str:
        """Store it. Returns the cookie that opens it, as `name=value`."""
        return (await self.sessions.begin(session)).partition(";")[0]

    async def visitor(self, session: Session) -> "Visitor":
        return Visitor(self, session, await self.keep(session))


class Visitor:
    """A browser without a script, at one session."""

    def __init__(self, house: House, session: Session, cookie: str) -> None:
        self.session, self._house = session, house
        self.http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=house.app, raise_app_exceptions=False),
            base_url=PUBLIC,
            headers={"Cookie": cookie},
        )

    async def get(self, page: str) -> httpx2.Response:
        return await self.http.get(f"/smart/app/{self.session.id}/{page}")

    async def post(self, page: str, **form: str) -> httpx2.Response:
        return await self.http.post(f"/smart/app/{self.session.id}/{page}", data={"csrf": CSRF, **form})

    async def answer(self, **said: str) -> httpx2.Response:
        return await self.post("answers", **{f"q.told-{name}": value for name, value in said.items()})

    async def stored(self) -> Session:
        return await self._house.sessions._read(self.session.id)


def a_site(**changes: Any) -> Site:
    values: dict[str, Any] = {
        "id": "general",
        "mode": "live",
        "knowledge": knowledge().version,
        "fhir": BASE,
        "timezone": "America/Los_Angeles",
        "contact": "General Practice, (916) 555-0100",
        "smart": {"client_id": "watchful", "writes": ("handout", "answers", "referral", "follow-up")},
    }
    return Site.model_validate(values | changes)


class _Line(httpx2.AsyncBaseTransport):
    """What the app sends out, recorded: charts are read from the FHIR double, and written to the other."""

    def __init__(self, ehr: Ehr, sent: list[httpx2.Request]) -> None:
        known = {each.patient_id: [*each.resources, *each.orders] for each in charts().values()}
        app = Starlette(routes=[Mount("/r4", fhir_app(known))])
        self._charts, self._written = httpx2.ASGITransport(app=app), Line(ehr)
        self._sent = sent

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._sent.append(request)
        asks = request.url.path == "/r4/metadata" or "identifier" in request.url.params
        writes = request.method == "POST" or asks
        return await (self._written if writes else self._charts).handle_async_request(request)


@asynccontextmanager
async def house(folder: Path, *, public: str = PUBLIC, **site: Any) -> AsyncIterator[House]:
    keys, ours = Keys(SECRET), a_site(**site)
    sent: list[httpx2.Request] = []
    settings = Settings(
        public_url=public, database=f"sqlite:///{folder}/app.db", site=(ours,), secret=SecretStr(SECRET)
    )
    journal = Journal.open(settings.database, keys, clock=lambda: NOW)
    await journal.start()
    ehr = Ehr()
    async with http_client(_Line(ehr, sent)) as http:
        yield House(
            parts_of(
                ours,
                settings,
                knowledge(),
                journal=journal,
                keys=keys,
                http=http,
                now=lambda: NOW,
                metrics=Metrics(),
            ),
            sent,
            ehr,
        )
    await journal.close()
