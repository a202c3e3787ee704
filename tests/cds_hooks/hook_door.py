"""The running service as an EHR meets it: the real ASGI application on a real SQLite file.

Only the clock and the EHR's FHIR server are doubles.
"""

import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from hook_builders import EHR, FEEDBACK, NOW, SECRET, SERVICE, Json, fixture, topic
from starlette.applications import Starlette
from starlette.routing import Mount

from watchful.clinical.knowledge import Knowledge, load
from watchful.demo import fixtures
from watchful.demo.fhir import fhir_app
from watchful.journal.database import open_engine
from watchful.journal.schema import migrate
from watchful.service import Service
from watchful.settings import Settings, demo_settings


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


class Door:
    """A started service, and an EHR that calls it."""

    def __init__(self, service: Service, http: httpx2.AsyncClient, clock: Clock) -> None:
        self.service = service
        self.http = http
        self.clock = clock

    @property
    def site(self) -> str:
        return self.service.settings.site[0].id

    async def fire(self, body: object, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        """One hook call, a second after the one before. Bytes go as they are, anything else as JSON."""
        self.clock.forward(seconds=1)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        return await self.http.post(SERVICE, content=content, headers=sent)

    async def cards(self, body: object) -> list[Json]:
        """The cards of a call that has to succeed."""
        answer = await self.fire(body)
        assert answer.status_code == 200, answer.text
        cards: list[Json] = answer.json()["cards"]
        return cards

    async def card(self, body: object) -> Json:
        """The one card of a call that has to make exactly one."""
        (card,) = await self.cards(body)
        return card

    async def topic(self, body: object) -> str:
        """The topic code of the one card, or `Silent`."""
        cards = await self.cards(body)
        assert len(cards) <= 1
        return topic(cards[0]) if cards else "Silent"

    async def rows(self) -> list[Json]:
        """The evaluations, newest first."""
        return await self.service.journal.recent(50, self.site)

    async def row(self) -> Json:
        """The only evaluation."""
        (row,) = await self.rows()
        return row

    async def feedback(self, *items: Json) -> httpx2.Response:
        return await self.http.post(FEEDBACK, json={"feedback": list(items)})

    def metric(self, name: str, **labels: str) -> float:
        """A counter's value; 0 where it was never counted."""
        labels = {"site": self.site, **labels}
        return self.service.metrics.registry.get_sample_value(name, labels) or 0.0


@cache
def knowledge() -> Knowledge:
    """The shipped knowledge, read once."""
    return load()


@cache
def empty_database(folder: Path) -> Path:
    """A migrated database to copy: migrating for each test would take most of its time."""
    path = folder / "empty.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


def settings_for(folder: Path, **site: object) -> Settings:
    """Demo settings (nobody is authenticated), with changes to the site."""
    made = demo_settings(8042, database=f"sqlite:///{folder}/journal.db", secret=SECRET, fhir=EHR)
    return with_site(made, **site)


def with_site(settings: Settings, **changes: object) -> Settings:
    (site,) = settings.site
    return settings.model_copy(update={"site": (site.model_copy(update=changes),)})


@asynccontextmanager
async def opened(
    settings: Settings,
    *,
    transport: httpx2.AsyncBaseTransport | None = None,
    rules: Knowledge | None = None,
    template: Path | None = None,
) -> AsyncIterator[Door]:
    """A door on a running service, until the block ends."""
    clock = Clock()
    if template is not None:
        shutil.copy(empty_database(template), settings.database.removeprefix("sqlite:///"))
    service = Service(settings, now=clock, knowledge=rules or knowledge(), transport=transport or unreachable())
    await service.journal.start()
    try:
        asgi = httpx2.ASGITransport(app=service.app)
        async with httpx2.AsyncClient(transport=asgi, base_url=settings.public_url) as http:
            yield Door(service, http, clock)
    finally:
        await service.stop()


def unreachable() -> httpx2.AsyncBaseTransport:
    """An EHR whose FHIR server must not be called in this test."""

    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise AssertionError("a FHIR read that nobody expected")

    return httpx2.MockTransport(refuse)


class Ehr:
    """The demo FHIR endpoint at the site's base, with a record of what was asked."""

    def __init__(self, *names: str, unreadable: tuple[str, ...] = (), page_size: int = 50) -> None:
        held = [fixture(name) for name in names]
        refused = {each.patient_id: (*each.unreadable, *unreadable) for each in held}
        self._fhir = fhir_app(fixtures.by_patient(tuple(held)), refused, page_size)
        self.transport = httpx2.ASGITransport(app=Starlette(routes=[Mount("/r4", self._fhir)]))

    @property
    def asked(self) -> list[Any]:
        return list(self._fhir.state.record)

    @property
    def types_asked(self) -> list[str]:
        return sorted(each.path.removeprefix("/r4/").partition("/")[0] for each in self.asked)
