"""One patient's chart for one request: what the client prefetched, and what had to be read from its server.

Missing keys are read in parallel under one deadline. Whatever cannot be had stays unknown, with the
reason, and the resources that did arrive are used all the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from msgspec import Struct

from watchful.chart.narrower import narrower
from watchful.chart.prefetch import MISSING, Slot, slot_of_raw
from watchful.chart.resources import (
    AllergyIntolerance,
    Condition,
    DiagnosticReport,
    Encounter,
    Medication,
    MedicationRequest,
    Observation,
    Patient,
    Procedure,
    Resource,
    ServiceRequest,
)
from watchful.chart.scopes import covers
from watchful.chart.subjects import Subject
from watchful.chart.templates import KEYS, Key, resolve
from watchful.clinical.facts import Availability, DataClass, State
from watchful.errors import BadRequest


class FhirAnswer(Protocol):
    """What a read or search came to."""

    @property
    def state(self) -> Literal["found", "empty", "failed"]: ...
    @property
    def pages(self) -> Sequence[bytes]: ...
    @property
    def why(self) -> str: ...


class FhirSource(Protocol):
    """The EHR's FHIR server, for one request. It never raises for what a server does, and ends by the deadline."""

    async def read_all(self, relatives: Mapping[str, str]) -> Mapping[str, FhirAnswer]:
        """Answers by the caller's keys, read in parallel; a relative URL with a query is a search."""


class Chart(Struct):
    """Decoded resources by type, and what is known of each data class."""

    subject: Subject
    known: dict[DataClass, Availability]
    patient: Patient | None = None
    visit: Encounter | None = None
    """The encounter that the client named, when it could be read."""
    encounters: list[Encounter] = []
    conditions: list[Condition] = []
    observations: list[Observation] = []
    medication_requests: list[MedicationRequest] = []
    medications: dict[str, Medication] = {}
    """By `Medication/id`, for requests that only refer to one."""
    procedures: list[Procedure] = []
    reports: list[DiagnosticReport] = []
    orders: list[ServiceRequest] = []
    allergies: list[AllergyIntolerance] = []
    foreign: int = 0
    """Resources of another patient: dropped, and their type made unknown (safety rule 7)."""


async def gather(
    sent: Mapping[str, Slot],
    *,
    subject: Subject,
    patient_id: str,
    encounter_id: str | None,
    fhir: FhirSource | None,
    keys: Sequence[Key] = KEYS,
    granted: frozenset[str] | None = None,
) -> Chart:
    """The chart from `sent` prefetch, completed from `fhir` where that may be read.

    `keys` are those of the site's profile; `granted` are the types that the EHR's token may read, None where
    nothing is said of them.

    Raises BadRequest when the Patient that comes back is another one (safety rule 7).
    """
    found: dict[str, tuple[Slot, Literal["prefetch", "fhir", "none"]]] = {}
    wanted: list[tuple[Key, str]] = []
    for key in keys:
        slot = sent.get(key.name, MISSING)
        if slot is not MISSING:
            slot = _as_asked(key, slot, granted)
        found[key.name] = (slot, "none" if slot is MISSING else "prefetch")
        if slot.state is State.UNKNOWN and fhir is not None and covers(granted, key.data):
            relative = resolve(key, patient_id=patient_id, encounter_id=encounter_id)
            if relative is not None:
                wanted.append((key, relative))
    if wanted and fhir is not None:
        answers = await fhir.read_all({key.name: relative for key, relative in wanted})
        for key, _ in wanted:
            before = found[key.name][0]
            answer = _as_asked(key, _slot(answers[key.name]), granted)
            if answer.state is not State.UNKNOWN or before is MISSING:
                found[key.name] = (answer, "fhir")
            else:
                # neither was whole: keep whichever holds more, and the reason of the newer attempt
                more = answer if len(answer.resources) > len(before.resources) else before
                found[key.name] = (Slot(State.UNKNOWN, answer.why, more.resources), "fhir")
    return assemble(found, subject, encounter_id)


def _as_asked(key: Key, slot: Slot, granted: frozenset[str] | None) -> Slot:
    """The slot, unknown where less was searched than asked for, or where the token may not search it whole."""
    if key.shape == "instance" or slot.state is State.UNKNOWN:
        return slot
    if not covers(granted, key.data):
        return Slot(State.UNKNOWN, "scope", slot.resources)
    if slot.searched and narrower(slot.searched, key.template):
        return Slot(State.UNKNOWN, "narrower", slot.resources)
    return slot


def _slot(answer: FhirAnswer) -> Slot:
    if answer.state == "empty" and not answer.pages:
        return Slot(State.EMPTY)
    resources: list[Resource] = []
    why = answer.why if answer.state == "failed" else ""
    searched = ""
    for page in answer.pages:
        slot = slot_of_raw(page)
        searched = searched or slot.searched
        resources.extend(slot.resources)
        if slot.state is State.UNKNOWN and (slot.why != "paging" or len(answer.pages) == 1):
            why = why or slot.why  # of several pages, those after it were followed
    if why:
        return Slot(State.UNKNOWN, why, resources)
    return Slot(State.KNOWN if resources else State.EMPTY, resources=resources, searched=searched)


def assemble(
    found: Mapping[str, tuple[Slot, Literal["prefetch", "fhir", "none"]]],
    subject: Subject,
    encounter_id: str | None,
) -> Chart:
    """Sort what stands at each key into one chart. Keys that are left out count as missing."""
    chart = Chart(subject=subject, known={})
    missing: tuple[Slot, Literal["none"]] = (MISSING, "none")
    for resource in found.get("patient", missing)[0].resources:
        if isinstance(resource, Patient):
            if not subject.accept(resource):
                raise BadRequest(
                    "The Patient resource is not the patient of this request.",
                    member="prefetch.patient.id",
                    issue="conflict",
                )
            chart.patient = resource
    mixed: set[DataClass] = set()
    for key in KEYS:
        slot, source = found.get(key.name, missing)
        state, why = slot.state, slot.why
        if slot.resources:
            here, foreign = _place(chart, key, slot.resources)
            chart.foreign += foreign
            if foreign:
                mixed.add(key.data)
                state, why = State.UNKNOWN, "foreign"
            elif state is State.KNOWN and not here:
                state, why = State.UNKNOWN, "wrong-type"
        if key.name == "encounter":
            if state is not State.UNKNOWN and slot.resources:
                chart.visit = slot.resources[0] if isinstance(slot.resources[0], Encounter) else None
        else:
            chart.known[key.data] = Availability(state, source, why)
    for kind in mixed:  # also where another key of the same type was whole
        chart.known[kind] = Availability(State.UNKNOWN, chart.known[kind].source, "foreign")
    if chart.visit is None and encounter_id:
        chart.visit = next((each for each in chart.encounters if each.id == encounter_id), None)
    return chart


def _place(chart: Chart, key: Key, resources: list[Resource]) -> tuple[int, int]:
    """Put resources where they belong: how many were of the key's own type, and how many another patient's.

    Another patient's are dropped; types nobody asked for (an `_include`) are left out.
    """
    buckets: dict[type[Resource], list[Any]] = {
        Observation: chart.observations,
        Condition: chart.conditions,
        Encounter: chart.encounters if key.shape == "search" else [],
        MedicationRequest: chart.medication_requests,
        Procedure: chart.procedures,
        DiagnosticReport: chart.reports,
        ServiceRequest: chart.orders,
        AllergyIntolerance: chart.allergies,
    }
    expected = _TYPES[key.data]
    mine, owns = chart.subject.reference, chart.subject.owns
    own = buckets.get(expected)
    if own is not None and {expected}.issuperset(map(type, resources)):  # nearly always: one type, one patient
        named = {each.subject.reference if each.subject is not None else None for each in resources}  # type: ignore[union-attr]
        if all(name == mine or owns(name) for name in named):
            own.extend(resources)
            return len(resources), 0
    here = foreign = 0
    for resource in resources:
        kind = type(resource)
        bucket = buckets.get(kind)
        if bucket is not None:
            subject = resource.subject  # type: ignore[union-attr]  # every type of `buckets` has one
            if subject is not None and subject.reference != mine and not owns(subject.reference):
                foreign += 1
                continue
            bucket.append(resource)
        elif kind is Medication:
            chart.medications[f"Medication/{resource.id}"] = resource  # type: ignore[assignment]
        if kind is expected:
            here += 1
    return here, foreign


_TYPES: Mapping[DataClass, type[Resource]] = {
    DataClass.PATIENT: Patient,
    DataClass.ENCOUNTER: Encounter,
    DataClass.CONDITION: Condition,
    DataClass.OBSERVATION: Observation,
    DataClass.MEDICATION: MedicationRequest,
    DataClass.PROCEDURE: Procedure,
    DataClass.REPORT: DiagnosticReport,
    DataClass.ORDER: ServiceRequest,
    DataClass.ALLERGY: AllergyIntolerance,
}
