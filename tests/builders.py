"""FHIR R4 resources for tests, as plain dicts: sensible defaults, any element overridden by keyword.

Dates are written as days before `TODAY` (`ago(9)`). A keyword set to None takes the element out. The way from
resources to an assessment (`judge`, `facts_of`) is the service's own: Bundle, reader, rules.
"""

import json
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from watchful.chart.bundle import read_bundle
from watchful.chart.facts import chart_facts
from watchful.chart.orders import DraftBundle, DraftOrder, imaging_orders
from watchful.clinical.assess import assess
from watchful.clinical.assessment import Assessment
from watchful.clinical.facts import ChartFacts
from watchful.clinical.knowledge import Knowledge, load
from watchful.clinical.spoken import NOT_ASKED, Answers

Resource = dict[str, Any]

TODAY = date(2026, 11, 24)
ZONE = ZoneInfo("UTC")
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
CPT = "http://www.ama-assn.org/go/cpt"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PATIENT_ID = "p"
VISIT_ID = "visit"


@cache
def knowledge() -> Knowledge:
    """The shipped knowledge; it is immutable, so one serves every test."""
    return load()


def ago(days: int, *, hour: int | None = None) -> str:
    """The FHIR date so many days before today; with `hour`, a dateTime in UTC."""
    day = TODAY - timedelta(days=days)
    if hour is None:
        return day.isoformat()
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC).isoformat()


def born(years: int, *, days_later: int = -100) -> str:
    """The birth date of somebody who turned (or turns) `years` so many days after today."""
    birthday = TODAY + timedelta(days=days_later)
    return birthday.replace(year=birthday.year - years).isoformat()


def system_of(code: str) -> str:
    """The system a bare code is written in; RxNorm has to be named."""
    if re.match(r"[A-Z]", code):
        return ICD
    if re.fullmatch(r"\d{1,7}-\d", code):
        return LOINC
    return CPT if re.fullmatch(r"\d{5}", code) else SNOMED


def concept(*codes: str | Resource, system: str | None = None, text: str | None = None) -> Resource:
    """A CodeableConcept of one coding a code; one that is whole already passes through."""
    if codes and not isinstance(codes[0], str):
        return codes[0]
    return _given(
        coding=[{"system": system or system_of(code), "code": code} for code in map(str, codes)] or None, text=text
    )


def patient(*, age: int = 34, **elements: Any) -> Resource:
    return _given(
        **{"resourceType": "Patient", "id": PATIENT_ID, "gender": "female", "birthDate": born(age), **elements}
    )


def encounter(
    id: str = VISIT_ID,
    *,
    days_ago: int | None = 0,
    setting: str | None = "AMB",
    reasons: Iterable[str] = (),
    **elements: Any,
) -> Resource:
    """An encounter; with its defaults, the visit at which the order is drafted."""
    return _about_patient(
        "Encounter",
        id,
        {
            "status": "in-progress" if days_ago == 0 else "finished",
            "class": {"system": ACT_CODE, "code": setting} if setting else None,
            "period": {"start": ago(days_ago)} if days_ago is not None else None,
            "reasonCode": [concept(code) for code in reasons] or None,
            **elements,
        },
    )


def condition(
    code: str | Resource,
    *,
    system: str | None = None,
    text: str | None = None,
    id: str | None = None,
    verification: str | None = "confirmed",
    clinical: str | None = "active",
    onset: int | None = None,
    recorded: int | None = None,
    here: bool = False,
    **elements: Any,
) -> Resource:
    """A problem or diagnosis; `here` links it to this visit."""
    return _about_patient(
        "Condition",
        id or f"c-{code}",
        {
            "clinicalStatus": concept(clinical, system="clinical") if clinical else None,
            "verificationStatus": concept(verification, system="ver") if verification else None,
            "code": concept(code, system=system, text=text),
            "encounter": {"reference": f"Encounter/{VISIT_ID}"} if here else None,
            "onsetDateTime": ago(onset) if onset is not None else None,
            "recordedDate": ago(recorded) if recorded is not None else None,
            **elements,
        },
    )


def back_pain(code: str = "M54.50", *, onset: int | None = 9, **elements: Any) -> Resource:
    """The low back pain of this visit."""
    return condition(code, **{"id": "pain", "onset": onset, "here": True, **elements})


def observation(
    code: str, value: float | None, unit: str | None, *, days_ago: int | None = 0, **elements: Any
) -> Resource:
    quantity = None if value is None else _given(value=value, code=unit, unit=unit)
    comparator = elements.pop("comparator", None)
    if quantity is not None and comparator:
        quantity["comparator"] = comparator
    return _about_patient(
        "Observation",
        elements.pop("id", f"o-{code}"),
        {
            "status": "final",
            "code": concept(code),
            "effectiveDateTime": ago(days_ago) if days_ago is not None else None,
            "valueQuantity": quantity,
            **elements,
        },
    )


def medicine(code: str | None, *, name: str | None = None, days_ago: int | None = 10, **elements: Any) -> Resource:
    named = concept(*([code] if code else []), system=RXNORM, text=name) if code or name else None
    return _about_patient(
        "MedicationRequest",
        elements.pop("id", f"m-{code or 'named'}"),
        {
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": named,
            "authoredOn": ago(days_ago) if days_ago is not None else None,
            **elements,
        },
    )


def allergy(
    code: str | Resource | None,
    *,
    name: str | None = None,
    system: str | None = None,
    verification: str | None = "confirmed",
    clinical: str | None = "active",
    **elements: Any,
) -> Resource:
    """An allergy or intolerance; a short number is an RxNorm code."""
    if system is None and isinstance(code, str):
        system = RXNORM if len(code) < 8 else system_of(code)
    return _given(
        **{
            "resourceType": "AllergyIntolerance",
            "id": elements.pop("id", f"a-{code or 'named'}"),
            "clinicalStatus": concept(clinical, system="clinical") if clinical else None,
            "verificationStatus": concept(verification, system="ver") if verification else None,
            "code": concept(*([code] if code else []), system=system, text=name) if code or name else None,
            "patient": {"reference": f"Patient/{PATIENT_ID}"},
            **elements,
        }
    )


def procedure(code: str | Resource, *, days_ago: int | None = 10, **elements: Any) -> Resource:
    return _about_patient(
        "Procedure",
        elements.pop("id", f"pr-{code}"),
        {
            "status": "completed",
            "code": concept(code),
            "performedDateTime": ago(days_ago) if days_ago is not None else None,
            **elements,
        },
    )


def report(code: str | Resource, *, days_ago: int | None = 25, **elements: Any) -> Resource:
    return _about_patient(
        "DiagnosticReport",
        elements.pop("id", f"r-{code}"),
        {
            "status": "final",
            "code": concept(code),
            "effectiveDateTime": ago(days_ago) if days_ago is not None else None,
            **elements,
        },
    )


def imaging_order(code: str | None = "72148", *, text: str | None = None, **elements: Any) -> Resource:
    """A drafted order; by default a routine lumbar MRI without contrast."""
    named = elements.pop("code", None) or concept(*([code] if code else []), text=text)
    return _about_patient(
        "ServiceRequest",
        elements.pop("id", "drafted"),
        {"status": "draft", "intent": "order", "priority": "routine", "code": named, **elements},
    )


def chart(
    *more: Resource,
    who: Resource | None = None,
    visit: Resource | None = None,
    pain: Resource | None = None,
    history: int | None = 400,
) -> list[Resource]:
    """The plain case: acute low back pain at an office visit, a long quiet history, nothing else."""
    earlier = [] if history is None else [encounter("earlier", days_ago=history, reasons=["Z00.00"])]
    return [who or patient(), visit or encounter(), *earlier, pain or back_pain(), *more]


def unreadable(kind: str) -> Resource:
    """A resource that cannot be decoded, which makes its type unknown."""
    return {"resourceType": kind, "id": "unreadable", "status": 7, "code": "not a concept", "birthDate": 7}


def bundle(resources: Iterable[Resource]) -> bytes:
    """A chart file."""
    entries = [{"resource": each} for each in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def drafted(*orders: Resource, zone: ZoneInfo = ZONE) -> list[DraftOrder]:
    """The lumbar imaging orders that the service sees among `orders`."""
    content = json.dumps({"entry": [{"resource": each} for each in orders]}).encode()
    return imaging_orders(msgspec.json.decode(content, type=DraftBundle), None, knowledge(), zone)


def facts_of(
    resources: Iterable[Resource],
    order: Resource | None = None,
    *,
    today: date = TODAY,
    zone: ZoneInfo = ZONE,
    known: Knowledge | None = None,
) -> ChartFacts:
    """What is read from a chart for one order."""
    read = read_bundle(bundle(resources), today=today, zone=zone, encounter_id=VISIT_ID)
    draft = drafted(order or imaging_order(), zone=zone)[0]
    return chart_facts(read, draft, known or knowledge(), zone=zone, user=None)


def judge(
    resources: Iterable[Resource],
    order: Resource | None = None,
    *,
    today: date = TODAY,
    zone: ZoneInfo = ZONE,
    signing: bool = True,
    known: Knowledge | None = None,
    spoken: Answers = NOT_ASKED,
) -> Assessment:
    """The whole way from FHIR JSON to the assessment of one drafted order."""
    order = order or imaging_order()
    facts = facts_of(resources, order, today=today, zone=zone, known=known)
    drafts = drafted(order, zone=zone)
    return assess(facts, drafts[0].order, known or knowledge(), today, signing=signing, spoken=spoken)


def _about_patient(kind: str, id: str, elements: Resource) -> Resource:
    return _given(
        **{"resourceType": kind, "id": id, "subject": {"reference": f"Patient/{PATIENT_ID}"}, **elements}
    )


def _given(**elements: Any) -> Resource:
    return {name: value for name, value in elements.items() if value is not None}
