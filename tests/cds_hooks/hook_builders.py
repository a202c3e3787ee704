"""Builders with defaults for hook calls: a test states only what matters to it.

Everything runs on the real ASGI application with a real SQLite file; only the clock and the EHR's FHIR
server are doubles. The day is the fixtures' own anchor, so no date of a chart has to be moved.
"""

import copy
import json
import re
import shutil
from collections.abc import Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.routing import Mount

from watchful.chart.templates import TEMPLATES
from watchful.clinical.knowledge import Knowledge, load
from watchful.demo import fixtures
from watchful.demo.fhir import fhir_app
from watchful.demo.prefetch import resolve
from watchful.demo.search import outcome, searchset
from watchful.journal.database import open_engine
from watchful.journal.schema import migrate
from watchful.service import Service
from watchful.settings import Settings, demo_settings

Json = dict[str, Any]

TODAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
SIX_WEEKS = date(2026, 12, 14)
EHR = "https://ehr.example.org/r4"
SERVICE = "/cds-services/lumbar-imaging"
FEEDBACK = f"{SERVICE}/feedback"
SECRET = "a secret for tests that is long enough"
CPT = "http://www.ama-assn.org/go/cpt"
LOINC = "http://loinc.org"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
NO_CARDS: Json = {"cards": []}
HOOKS = ("order-select", "order-sign")
TYPES_READ = (
    "Patient", "Encounter", "Condition", "Observation", "MedicationRequest", "Medication", "Procedure",
    "DiagnosticReport", "ServiceRequest", "AllergyIntolerance",
)  # fmt: skip


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
        """One hook call. Bytes go as they are, anything else as JSON."""
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
def _empty_database(folder: Path) -> Path:
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
):
    """A door on a running service, until the block ends."""
    clock = Clock()
    if template is not None:
        shutil.copy(_empty_database(template), settings.database.removeprefix("sqlite:///"))
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


@cache
def fixture(name: str) -> fixtures.Fixture:
    return fixtures.load(name, TODAY)


@cache
def _body(name: str) -> str:
    found = fixture(name)
    body = {**found.request, "prefetch": resolve(TEMPLATES, found.context, found.resources, found.unreadable)}
    return json.dumps(body)


def hook_body(name: str = "acute-mri", hook: str = "order-select", *orders: Json, **context: object) -> Json:
    """The call that an EHR makes for a fixture, with its whole prefetch. `orders` replace the basket;
    a context member given as None is left out."""
    body: Json = json.loads(_body(name))
    body["hook"] = hook
    if hook == "order-sign":
        del body["context"]["selections"]
    if orders:
        body["context"]["draftOrders"]["entry"] = [{"resource": each} for each in orders]
        body["context"].pop("selections", None)
    body["context"].update(context)
    body["context"] = {name: value for name, value in body["context"].items() if value is not None}
    return body


def reading_body(name: str = "acute-mri", hook: str = "order-select", token: str | None = "t0ken") -> Json:
    """The same call from an EHR that prefetches nothing and offers its FHIR server instead."""
    body = hook_body(name, hook)
    del body["prefetch"]
    body["fhirServer"] = EHR
    if token is not None:
        body["fhirAuthorization"] = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.rs",
            "subject": "watchful",
        }
    return body


def an_order(cpt: str = "72148", id: str = "order", patient: str = "acute-mri-patient", **elements: object) -> Json:
    """A lumbar MRI order as a draft, by CPT code."""
    order: Json = {
        "resourceType": "ServiceRequest",
        "id": id,
        "status": "draft",
        "intent": "order",
        "code": {"coding": [{"system": CPT, "code": cpt}]},
        "subject": {"reference": f"Patient/{patient}"},
        "reasonCode": [{"coding": [{"system": ICD, "code": "M54.50"}]}],
    }
    order.update(elements)
    return {name: value for name, value in order.items() if value is not None}


def a_condition(code: str, id: str = "extra", patient: str = "acute-mri-patient", **elements: object) -> Json:
    """An active, confirmed problem by ICD-10-CM code."""
    url = "http://terminology.hl7.org/CodeSystem"
    return {
        "resourceType": "Condition",
        "id": id,
        "clinicalStatus": {"coding": [{"system": f"{url}/condition-clinical", "code": "active"}]},
        "verificationStatus": {"coding": [{"system": f"{url}/condition-ver-status", "code": "confirmed"}]},
        "code": {"coding": [{"system": ICD, "code": code}]},
        "subject": {"reference": f"Patient/{patient}"},
        "recordedDate": "2026-11-02",
        **elements,
    }


def a_bundle(*resources: Json, links: list[tuple[str, str]] | None = None) -> Json:
    return searchset(list(resources), len(resources), EHR, links or [("self", f"{EHR}/Condition?patient=x")])


def a_refusal() -> Json:
    return outcome("forbidden", "may not be read")


def resources_at(body: Json, key: str) -> list[Json]:
    """What the client prefetched at one key."""
    return [entry["resource"] for entry in body["prefetch"][key].get("entry", [])]


def topic(card: Json) -> str:
    code: str = card["source"]["topic"]["code"]
    return code


def actions(card: Json, kind: str) -> list[Json]:
    """Every action of one type on a card."""
    return [
        action
        for suggestion in card.get("suggestions", [])
        for action in suggestion["actions"]
        if action["type"] == kind
    ]


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HANDLE = re.compile(r"/handout/[^\"?#\s]+")


def normalised(answer: object) -> Any:
    """An answer with what is random taken out: uuids and the handout's handle."""
    text = _UUID.sub("<uuid>", json.dumps(answer))
    return json.loads(_HANDLE.sub("/handout/<handle>", text))


def without(body: Json, *path: str) -> Json:
    """A copy of a request without one member, found by its path."""
    changed = copy.deepcopy(body)
    at = changed
    for name in path[:-1]:
        at = at[name]
    del at[path[-1]]
    return changed


def replacing(body: Json, value: object, *path: str) -> Json:
    """A copy of a request with one member replaced."""
    changed = copy.deepcopy(body)
    at = changed
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return changed
