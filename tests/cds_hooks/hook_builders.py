"""Builders with defaults for hook calls: a test states only what matters to it.

The day is the fixtures' own anchor, so no date of a chart has to be moved.
"""

import copy
import json
import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from watchful.chart.templates import TEMPLATES
from watchful.demo import fixtures
from watchful.demo.prefetch import resolve
from watchful.demo.search import outcome, searchset

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


def reading_body(name: str = "acute-mri", hook: str = "order-select", bearer: str | None = "t0ken") -> Json:
    """The same call from an EHR that prefetches nothing and offers its FHIR server instead."""
    body = hook_body(name, hook)
    del body["prefetch"]
    body["fhirServer"] = EHR
    if bearer is not None:
        body["fhirAuthorization"] = {
            "access_token": bearer,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.rs",
            "subject": "watchful",
        }
    return body


def an_order(
    cpt: str = "72148", id: str = "order", patient: str = "acute-mri-patient", **elements: object
) -> Json:
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
