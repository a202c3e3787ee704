"""One visit that acts: a session, an assessment and an EHR that takes resources, with sensible defaults."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from fhir.resources.R4B import get_fhir_model_class
from msgspec import Struct
from prometheus_client import generate_latest
from pydantic import SecretStr
from writable_ehr import Ehr, Line

from smart_app.acts.act import Act, Kind
from smart_app.acts.performing import offers, perform
from smart_app.session import Messaging, Session, Subject, Tokens
from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.facts import Availability, ChartFacts, DataClass, State
from watchful.clinical.knowledge import load as load_knowledge
from watchful.content.samples import sample
from watchful.ehr.breaker import Breaker
from watchful.ehr.http import http_client
from watchful.journal import Journal
from watchful.journal.keys import Keys
from watchful.parts import Parts, parts_of
from watchful.settings import Settings, Site, SmartClient, profile
from watchful.telemetry import Metrics

NOW = datetime(2026, 11, 9, 17, 30, tzinfo=UTC)
BASE = "https://ehr.example.org/r4"
TOKEN = "access-token.of-this-launch"
EVERYTHING = ("handout", "answers", "referral", "follow-up")
TYPES = {
    "handout": "DocumentReference",
    "answers": "QuestionnaireResponse",
    "referral": "ServiceRequest",
    "follow-up": "Task",
}
SCOPES = ("launch", "openid", "fhirUser", "patient/*.cruds")
KNOWLEDGE = load_knowledge()
ANSWERS = {KNOWLEDGE.questions[0].id: "no", KNOWLEDGE.questions[1].id: "yes"}
KNOWN = ChartFacts(known={kind: Availability(State.KNOWN, "fhir") for kind in DataClass})


class Office(Struct):
    """One worker of the service, its EHR, and the clock of both."""

    parts: Parts
    ehr: Ehr
    session: Session
    assessment: Assessment
    clock: list[datetime]

    async def offers(self, **more: Any) -> dict[str, Act]:
        made = await offers(self.session, self.parts, self.assessment, **more)
        return {each.kind: each for each in made}

    async def perform(self, kind: Kind, **more: Any) -> Act:
        act = await perform(kind, self.session, self.parts, self.assessment, **more)
        assert act is not None
        return act

    def later(self, **wait: float) -> None:
        self.clock.append(self.clock[-1] + timedelta(**wait))

    def metric(self, act: str, outcome: str) -> float:
        text = generate_latest(self.parts.metrics.registry).decode()
        found = re.search(rf'watchful_writes_total{{act="{act}",outcome="{outcome}",site="general"}} (\S+)', text)
        return float(found[1]) if found else 0.0


def a_session(assessment: Assessment, **changes: Any) -> Session:
    usual = Session(
        id="s1",
        site="general",
        base=BASE,
        patient="p1",
        encounter="e1",
        user="Practitioner/dr-1",
        tokens=Tokens(access=TOKEN, scopes=SCOPES, expires_at=NOW + timedelta(hours=1)),
        handle="k1.handle",
        card="11111111-1111-4111-8111-111111111111",
        messaging=Messaging(origin="https://ehr.example.org", handle="swm-1"),
        csrf="csrf",
        subject=Subject(
            order=assessment.order,
            facts=KNOWN,
            read_at=NOW,
            source="card",
            reason_references=("Condition/pain", "Observation/other"),
        ),
        answers={},
        opened_at=NOW,
        expires_at=NOW + timedelta(hours=8),
    )
    return msgspec.structs.replace(usual, **changes)


def a_site(writes: tuple[str, ...] = EVERYTHING, **changes: Any) -> Site:
    usual: dict[str, Any] = {
        "id": "general",
        "fhir": BASE,
        "timezone": "America/Los_Angeles",
        "contact": "Clinic, 555-0100",
        "smart": SmartClient(client_id="app", writes=writes),
    }
    return Site(**usual | changes)


def an_assessment(decision: Decision = Decision.DEFER, **changes: Any) -> Assessment:
    return sample(decision, "acute-no-flag", **changes)


@asynccontextmanager
async def office(
    folder: Path,
    *,
    ehr: Ehr | None = None,
    base: str = "",
    site: Site | None = None,
    assessment: Assessment | None = None,
    profile_writes: dict[str, str] | None = None,
    handout_form: str = "application/pdf",
    **session: Any,
) -> AsyncIterator[Office]:
    """Two offices on one `folder` are two workers on one journal. `base`: a real server, and no `ehr` of ours."""
    clock = [NOW]
    keys = Keys("a secret of some length, for tests only")
    site = site or a_site()
    if base:
        site, session = site.model_copy(update={"fhir": base}), {"base": base, **session}
    takes = {"writes": TYPES if profile_writes is None else profile_writes, "handout_form": handout_form}
    shape = profile("generic").model_copy(update=takes)
    ehr = ehr or Ehr()
    judged = assessment or an_assessment()
    journal = Journal.open(f"sqlite:///{folder}/journal.db", keys, clock=lambda: clock[-1])
    await journal.start()
    async with http_client(None if base else Line(ehr)) as http:
        parts = parts_of(
            site,
            Settings(public_url="https://watchful.example.org", site=(site,), secret=SecretStr("x" * 32)),
            KNOWLEDGE,
            journal=journal,
            keys=keys,
            http=http,
            now=lambda: clock[-1],
            metrics=Metrics(),
        )
        parts = msgspec.structs.replace(parts, profile=shape, breaker=Breaker(clock=lambda: 0.0))
        yield Office(parts, ehr, a_session(judged, **session), judged, clock)
    await journal.close()


def valid(resource: dict[str, Any]) -> None:
    """R4B, as fhir.resources has it."""
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)
