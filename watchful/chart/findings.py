"""Resources to findings and measurements, by the record-reading rules of `reference/clinical.md` §3.1.

Each function reads one resource type in one pass, and keeps only what belongs to a value set. Medicines and
allergies have modules of their own.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from watchful.chart.coding import is_coded, match_concept, names_of, statements
from watchful.chart.dates import parse
from watchful.chart.resources import (
    CodeableConcept,
    Condition,
    DiagnosticReport,
    Encounter,
    NamedConcept,
    Observation,
    Procedure,
    ServiceRequest,
)
from watchful.chart.results import answers, flagged, observed, written_number
from watchful.chart.subjects import normalise
from watchful.chart.units import convert
from watchful.clinical.dates import PartialDate
from watchful.clinical.facts import Finding, Measurement
from watchful.clinical.knowledge.compiled import Knowledge, Match
from watchful.clinical.knowledge.files import LexiconEntry
from watchful.clinical.knowledge.lexicon import ALARMING_TEXT

NEVER_TRUE = frozenset({"refuted", "entered-in-error"})
SUSPECTED = frozenset({"unconfirmed", "provisional", "differential"})
PAST = frozenset({"inactive", "remission", "resolved"})
_READ_OBSERVATIONS = frozenset({"final", "amended", "corrected", "preliminary"})
_PREPARED = "preparation"
_READ_PROCEDURES = frozenset({"completed", "in-progress", _PREPARED})
_READ_REPORTS = frozenset({"partial", "preliminary", "final", "amended", "corrected", "appended"})
_READ_ENCOUNTERS = frozenset({"arrived", "triaged", "in-progress", "onleave", "finished", None})
_READ_ORDERS = frozenset({"active", "completed"})
ORDERED = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order", None})


class Reading(NamedTuple):
    """What makes a chart's dates and codes readable."""

    knowledge: Knowledge
    zone: ZoneInfo
    visit: str
    """`Encounter/id` of this visit, or empty."""
    visit_diagnoses: frozenset[str]
    """`Condition/id` of what this visit or the order names as its reason or diagnosis."""


class ReadConditions(NamedTuple):
    findings: list[Finding]
    uncoded: int
    measurements: list[Measurement]
    """Numbers that a code states ("24 weeks of pregnancy")."""


def code_of(concept: CodeableConcept | None) -> str | None:
    """The first code of a status concept."""
    return concept.coding[0].code if concept is not None and concept.coding else None


def read_conditions(conditions: Iterable[Condition], reading: Reading) -> ReadConditions:
    """Problems and diagnoses. Refuted ones are dropped, provisional ones are suspicion, and suspicion counts.

    A problem whose codes no value set knows is read by its name, for the few words that must not be missed.
    """
    findings: list[Finding] = []
    measurements: list[Measurement] = []
    uncoded: set[str | None] = set()
    tables, lexicon = reading.knowledge.tables, reading.knowledge.lexicon
    for each in conditions:
        match = match_concept(each.code, tables)
        verification = code_of(each.verificationStatus)
        if verification in NEVER_TRUE:
            continue
        here = _at_this_visit(each, reading)
        words: Iterable[LexiconEntry] = ()
        if match is None:
            if not is_coded(each.code, tables):
                uncoded.add(each.id)
            read = (lexicon.in_problem, lexicon.in_text) if here else (lexicon.in_problem,)
            names = names_of(each.code)
            words = dict.fromkeys([entry for look in read for name in names for entry in look(name)])
        else:
            finding = _condition(each, match, verification, here, reading.zone)
            findings.append(finding)
            # weeks are true of the day on which they were written down
            written = finding.recorded or finding.onset
            measurements += _stated(each.code, finding.reference, written, match.label, reading.knowledge)
            if "low-back-pain" in match.concepts and each.code is not None and each.code.text:
                words = lexicon.in_text(each.code.text)
        for entry in words:
            named = Match(frozenset({ALARMING_TEXT}), f"{entry.label}, in the words of the record")
            findings.append(_condition(each, named, verification, here, reading.zone))
    return ReadConditions(findings, len(uncoded), measurements)


def _stated(
    concept: NamedConcept | CodeableConcept | None,
    reference: str,
    when: PartialDate | None,
    label: str,
    knowledge: Knowledge,
) -> list[Measurement]:
    return [
        Measurement(reference=reference, concepts=frozenset({set_id}), label=label, value=value, when=when)
        for set_id, value in statements(concept, knowledge)
    ]


def _at_this_visit(condition: Condition, reading: Reading) -> bool:
    if f"Condition/{condition.id}" in reading.visit_diagnoses:
        return True
    linked = condition.encounter.reference if condition.encounter is not None else None
    return bool(reading.visit) and normalise(linked).endswith(reading.visit)


def _condition(each: Condition, match: Match, verification: str | None, here: bool, zone: ZoneInfo) -> Finding:
    onset = each.onsetDateTime or (each.onsetPeriod.start if each.onsetPeriod else None)
    abated = each.abatementDateTime or (each.abatementPeriod.start if each.abatementPeriod else None)
    over = bool(abated or each.abatementPeriod or each.abatementString or each.abatementAge or each.abatementRange)
    return Finding(
        kind="condition",
        reference=f"Condition/{each.id}",
        concepts=match.concepts,
        label=match.label,
        certainty="suspected" if verification in SUSPECTED else "confirmed",
        current=not over and code_of(each.clinicalStatus) not in PAST,
        onset=parse(onset, zone),
        recorded=parse(each.recordedDate, zone),
        ended=parse(abated, zone),
        this_visit=here,
    )


def read_visits(encounters: Iterable[Encounter], reading: Reading) -> Iterator[Finding]:
    """Reasons of encounters: suspicion, dated by the encounter."""
    tables = reading.knowledge.tables
    for each in encounters:
        if not each.reasonCode or each.status not in _READ_ENCOUNTERS:
            continue
        for concept in each.reasonCode:
            match = match_concept(concept, tables)
            if match is not None:
                reference = f"Encounter/{each.id}"
                yield Finding(
                    kind="visit",
                    reference=reference,
                    concepts=match.concepts,
                    label=match.label,
                    certainty="suspected",
                    recorded=parse(each.period.start if each.period else None, reading.zone),
                    this_visit=reference == reading.visit,
                )


class ReadObservations(NamedTuple):
    findings: list[Finding]
    """Questions answered with a code: a positive pregnancy test."""
    measurements: list[Measurement]
    unreadable: int
    """Readings of a kind we need whose value or unit could not be understood."""


def read_observations(observations: Iterable[Observation], reading: Reading) -> ReadObservations:
    """Observations: numbers in the unit of their value set, else what the record says of them; coded answers."""
    read = ReadObservations([], [], 0)
    unreadable = 0
    tables = reading.knowledge.tables
    units: dict[frozenset[str], str] = {}
    for each in observations:
        match = match_concept(each.code, tables)
        if match is None or each.status not in _READ_OBSERVATIONS:
            continue
        if each.valueCodeableConcept is not None:
            read.findings.extend(answers(each, match, reading.knowledge, reading.zone))
        unit = units.get(match.concepts)
        if unit is None:
            unit = units[match.concepts] = _unit(match, reading.knowledge)
        if not unit:
            continue
        quantity = each.valueQuantity
        if quantity is None and each.valueString:
            quantity = written_number(each.valueString)
            unreadable += quantity is None  # words stand where a number should: what they say is not known
        value = None
        if quantity is not None and quantity.value is not None:
            value = _converted(quantity.value, (quantity.code, quantity.unit), unit)
            if value is None:
                unreadable += 1
        called = flagged(each) if value is None else ""
        if value is None and not called:
            continue
        read.measurements.append(
            Measurement(
                reference=f"Observation/{each.id}",
                concepts=match.concepts,
                label=match.label,
                value=value,
                unit=unit,
                comparator=_COMPARATORS.get(quantity.comparator, "") if quantity is not None else "",
                when=parse(observed(each), reading.zone),
                preliminary=each.status == "preliminary",
                flagged=called,
            )
        )
    return read._replace(unreadable=unreadable)


def _unit(match: Match, knowledge: Knowledge) -> str:
    """The unit that its value set measures in; empty when none of them is measured."""
    sets = (knowledge.value_sets.get(name) for name in sorted(match.concepts))
    return next((each.unit for each in sets if each is not None and each.unit), "")


_COMPARATORS: Mapping[str | None, Literal["<", "<=", ">=", ">"]] = {"<": "<", "<=": "<=", ">=": ">=", ">": ">"}


def _converted(value: float, spellings: tuple[str | None, str | None], wanted: str) -> float | None:
    """By the UCUM code first, then by the unit as printed; a value with neither by what is plausible."""
    for spelling in spellings:
        if spelling:
            converted = convert(value, spelling, wanted)
            if converted is not None:
                return converted
    return None if any(spellings) else convert(value, None, wanted)


def read_procedures(procedures: Iterable[Procedure], reading: Reading) -> Iterator[Finding]:
    """Procedures done or under way; one in preparation is still to come, like an order for it."""
    for each in procedures:
        match = match_concept(each.code, reading.knowledge.tables)
        if match is not None and each.status in _READ_PROCEDURES:
            when = each.performedDateTime or (each.performedPeriod.start if each.performedPeriod else None)
            yield Finding(
                kind="referral" if each.status == _PREPARED else "procedure",
                reference=f"Procedure/{each.id}",
                concepts=match.concepts,
                label=match.label,
                onset=parse(when, reading.zone),
            )


def read_reports(reports: Iterable[DiagnosticReport], reading: Reading) -> Iterator[Finding]:
    """Reports, also preliminary ones."""
    for each in reports:
        match = match_concept(each.code, reading.knowledge.tables)
        if match is not None and each.status in _READ_REPORTS:
            when = (
                each.effectiveDateTime
                or (each.effectivePeriod.start if each.effectivePeriod else None)
                or each.issued
            )
            yield Finding(
                kind="report",
                reference=f"DiagnosticReport/{each.id}",
                concepts=match.concepts,
                label=match.label,
                onset=parse(when, reading.zone),
            )


def read_orders(orders: Iterable[ServiceRequest], reading: Reading) -> Iterator[Finding]:
    """Earlier orders and referrals."""
    for each in orders:
        match = match_concept(each.code, reading.knowledge.tables)
        if match is not None and each.status in _READ_ORDERS and not each.doNotPerform:
            when = each.occurrenceDateTime or (each.occurrencePeriod.start if each.occurrencePeriod else None)
            yield Finding(
                kind="referral",
                reference=f"ServiceRequest/{each.id}",
                concepts=match.concepts,
                label=match.label,
                current=each.status == "active" and each.intent in ORDERED,
                onset=parse(when, reading.zone),
                recorded=parse(each.authoredOn, reading.zone),
            )
