"""A gathered chart to the facts that the rules read."""

from collections.abc import Iterator, Mapping
from typing import Literal
from zoneinfo import ZoneInfo

from watchful.chart.allergies import read_allergies
from watchful.chart.coding import match_concept
from watchful.chart.dates import parse
from watchful.chart.findings import (
    Reading,
    read_conditions,
    read_orders,
    read_procedures,
    read_reports,
    read_visits,
)
from watchful.chart.gather import Chart
from watchful.chart.medicines import read_medicines
from watchful.chart.observations import read_observations
from watchful.chart.orders import DraftOrder
from watchful.chart.resources import Encounter, Patient, Reference
from watchful.chart.subjects import normalise
from watchful.clinical.dates import PartialDate
from watchful.clinical.facts import Availability, ChartFacts, DataClass, Setting, State, Visit
from watchful.clinical.knowledge.compiled import Knowledge

_SETTINGS: Mapping[str, Setting] = {
    "AMB": "ambulatory",
    "VR": "virtual",
    "HH": "home",
    "EMER": "emergency",
    "IMP": "inpatient",
    "ACUTE": "inpatient",
    "NONAC": "inpatient",
    "OBSENC": "observation",
    "SS": "inpatient",
}
"""HL7 v3 ActCode of `Encounter.class`; FLD and PRENC are left out, so they stay unknown."""

_HAPPENED = frozenset({"arrived", "triaged", "in-progress", "onleave", "finished", None})
_SEX: Mapping[str | None, Literal["female", "male", "other", "unknown"]] = {
    "female": "female",
    "male": "male",
    "other": "other",
    "unknown": "unknown",
}


def chart_facts(
    chart: Chart, order: DraftOrder, knowledge: Knowledge, *, zone: ZoneInfo, user: str | None
) -> ChartFacts:
    """Facts for one draft order. `user` is the hook's `userId` (`Practitioner/x`)."""
    visit = chart.visit
    visit_reference = f"Encounter/{visit.id}" if visit is not None else ""
    patient = chart.patient
    born = parse(patient.birthDate, zone) if patient else None
    reading = Reading(knowledge, zone, visit_reference, _named_here(visit, order), born)
    known = dict(chart.known)
    conditions = read_conditions(chart.conditions, reading)
    observations = read_observations(chart.observations, reading)
    medicines = read_medicines(chart.medication_requests, chart.medications, reading)
    allergies = read_allergies(chart.allergies, reading)
    if order.unreadable_reason:
        _doubt(known, DataClass.CONDITION)
    if allergies.nameless:
        _doubt(known, DataClass.ALLERGY)
    if observations.unreadable:
        _doubt(known, DataClass.OBSERVATION)
    if medicines.nameless:
        _doubt(known, DataClass.MEDICATION)
    return ChartFacts(
        known=known,
        birth_date=born,
        sex=_SEX.get(patient.gender) if patient else None,
        language=_language(patient),
        findings=(
            *conditions.findings,
            *read_visits(_encounters(chart), reading),
            *medicines.findings,
            *read_procedures(chart.procedures, reading),
            *read_reports(chart.reports, reading),
            *read_orders(chart.orders, reading),
            *allergies.findings,
            *observations.findings,
        ),
        measurements=(*observations.measurements, *conditions.measurements),
        visit=_visit(visit, reading) if visit is not None else None,
        earlier_visits=tuple(_earlier_visits(chart, reading)),
        history_start=_history_start(chart.encounters, zone),
        first_visit=_first_visit(chart, user),
        uncoded_problems=conditions.uncoded,
    )


def _doubt(known: dict[DataClass, Availability], data: DataClass) -> None:
    """An entry that could not be understood makes its type unknown (safety rule 1)."""
    if known[data].state is not State.UNKNOWN:
        known[data] = Availability(State.UNKNOWN, known[data].source, "unreadable")


def _named_here(visit: Encounter | None, order: DraftOrder) -> frozenset[str]:
    """What the order and the visit name as reason or diagnosis: those conditions belong to this visit."""
    named = [*order.reason_references]
    if visit is not None:
        named += [each.reference for each in visit.reasonReference or () if each.reference]
        named += [
            each.condition.reference
            for each in visit.diagnosis or ()
            if each.condition is not None and each.condition.reference
        ]
    return frozenset("/".join(normalise(reference).split("/")[-2:]) for reference in named)


def _encounters(chart: Chart) -> list[Encounter]:
    if chart.visit is None or any(each.id == chart.visit.id for each in chart.encounters):
        return chart.encounters
    return [chart.visit, *chart.encounters]


def _language(patient: Patient | None) -> str | None:
    """The preferred language, else the only one given."""
    given = [each for each in (patient.communication if patient else None) or () if each.language is not None]
    preferred = [each for each in given if each.preferred] or given[:1]
    for each in preferred:
        codings = each.language.coding if each.language else None
        for coding in codings or ():
            if coding.code:
                return coding.code
    return None


def _earlier_visits(chart: Chart, reading: Reading) -> Iterator[Visit]:
    today = chart.visit.id if chart.visit is not None else None
    for each in chart.encounters:
        if each.id != today and each.status in _HAPPENED and (each.type or each.serviceType):
            visit = _visit(each, reading)
            if visit.concepts:
                yield visit


def _visit(visit: Encounter, reading: Reading) -> Visit:
    code = visit.class_.code if visit.class_ is not None else None
    kinds = (match_concept(each, reading.knowledge.tables) for each in (visit.serviceType, *(visit.type or ())))
    return Visit(
        reference=f"Encounter/{visit.id}",
        setting=_SETTINGS.get(code) if code else None,
        start=parse(visit.period.start if visit.period else None, reading.zone),
        concepts=frozenset().union(*(kind.concepts for kind in kinds if kind is not None)),
    )


def _history_start(encounters: list[Encounter], zone: ZoneInfo) -> PartialDate | None:
    """The start that surely came first: a bare year or month counts by its last day."""
    starts = [
        each.period.start
        for each in encounters
        if each.period is not None and each.period.start and each.status in _HAPPENED
    ]
    whole = min((start for start in starts if len(start) >= len("2026-11-02")), default=None)
    candidates = [whole, *(start for start in starts if len(start) < len("2026-11-02"))]
    # ISO text sorts by time to within a time zone, so of the whole dates only one has to be parsed
    dated = (parse(start, zone) for start in candidates)
    return min((each for each in dated if each is not None), key=lambda each: each.latest, default=None)


def _first_visit(chart: Chart, user: str | None) -> bool | None:
    """Whether no earlier encounter was with this practitioner or organisation; None when that cannot be said."""
    if chart.known[DataClass.ENCOUNTER].state is State.UNKNOWN or chart.visit is None:
        return None
    organisation = _target(chart.visit.serviceProvider)
    practitioner = user if user and user.startswith("Practitioner/") else None
    if not organisation and not practitioner:
        return None
    for each in chart.encounters:
        if each.id == chart.visit.id or each.status not in _HAPPENED:
            continue
        if organisation and _target(each.serviceProvider) == organisation:
            return False
        people = (_target(person.individual) for person in each.participant or ())
        if practitioner and practitioner in people:
            return False
    return True


def _target(reference: Reference | None) -> str:
    """`Type/id` at the end of a reference, wherever its server."""
    return "/".join(normalise(reference.reference).split("/")[-2:]) if reference is not None else ""
