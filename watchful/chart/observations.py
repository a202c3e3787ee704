"""Observations to measurements in the unit of their value set, and to findings where a code answers them."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from watchful.chart.coding import match_concept
from watchful.chart.dates import parse
from watchful.chart.findings import Reading
from watchful.chart.resources import Component, Observation, Quantity
from watchful.chart.results import (
    DELIVERY_DATE,
    answers,
    called_normal,
    expected_delivery,
    flagged,
    observed,
    stated_numbers,
)
from watchful.chart.units import convert
from watchful.clinical.facts import Finding, Measurement
from watchful.clinical.knowledge.compiled import Knowledge, Match

_COUNTED = frozenset({"final", "amended", "corrected", "preliminary"})
_Comparator = Literal["<", "<=", ">=", ">", ""]
_COMPARATORS: Mapping[str | None, _Comparator] = {"<": "<", "<=": "<=", ">=": ">=", ">": ">"}


class ReadObservations(NamedTuple):
    findings: list[Finding]
    """Questions answered with a code or a date: a positive pregnancy test, a delivery expected."""
    measurements: list[Measurement]
    unreadable: int
    """Readings of a kind we need whose value or unit could not be understood."""


def read_observations(observations: Iterable[Observation], reading: Reading) -> ReadObservations:
    """Observations and their components: numbers, else what the record says of them; coded answers."""
    findings: list[Finding] = []
    measurements: list[Measurement] = []
    unreadable = 0
    tables = reading.knowledge.tables
    units: dict[frozenset[str], str] = {}
    for each in observations:
        if each.status not in _COUNTED:
            continue
        parts: tuple[Observation | Component, ...] = (each, *each.component) if each.component else (each,)
        for part in parts:
            match = match_concept(part.code, tables)
            if match is None:
                continue
            answered: list[Finding] = []
            if part.valueCodeableConcept is not None:
                answered = list(answers(each, part, match, reading.knowledge, reading.zone))
                findings += answered
            if DELIVERY_DATE in match.concepts and (part.valueDateTime or part.valueString):
                pregnancy = expected_delivery(each, part, match, reading.knowledge, reading.zone)
                unreadable += pregnancy is None
                if pregnancy is not None:
                    findings.append(pregnancy[0])
                    measurements.append(pregnancy[1])
                continue
            unit = units.get(match.concepts)
            if unit is None:
                unit = units[match.concepts] = _unit(match, reading.knowledge)
            if unit:
                read, known = _measured(each, part, match, unit, reading)
                measurements += read
                unreadable += not known and not answered
    return ReadObservations(findings, measurements, unreadable)


def _measured(
    each: Observation, part: Observation | Component, match: Match, unit: str, reading: Reading
) -> tuple[list[Measurement], bool]:
    """The measurements of one reading, and whether they are all that it says."""
    stated = stated_numbers(part)
    known = stated.whole
    values: list[tuple[float | None, _Comparator]] = []
    for quantity in stated.quantities:
        value = _converted(quantity, unit)
        if value is None:
            known = False
        else:
            values.append((value, _COMPARATORS.get(quantity.comparator, "")))
    called = "" if values else flagged(part)
    if called:
        values = [(None, "")]
    if not stated.quantities and not part.valueString and (called or called_normal(part)):
        known = True  # the laboratory's word stands for the number
    when = parse(observed(each), reading.zone) if values else None
    return [
        Measurement(
            reference=f"Observation/{each.id}",
            concepts=match.concepts,
            label=match.label,
            value=value,
            unit=unit,
            comparator=comparator,
            when=when,
            flagged=called,
        )
        for value, comparator in values
    ], known


def _unit(match: Match, knowledge: Knowledge) -> str:
    """The unit that its value set measures in; empty when none of them is measured."""
    sets = (knowledge.value_sets.get(name) for name in sorted(match.concepts))
    return next((each.unit for each in sets if each is not None and each.unit), "")


def _converted(quantity: Quantity, wanted: str) -> float | None:
    """By the UCUM code first, then by the unit as printed; a value with neither by what is plausible."""
    if quantity.value is None:
        return None
    spellings = [spelling for spelling in (quantity.code, quantity.unit) if spelling]
    for spelling in spellings:
        converted = convert(quantity.value, spelling, wanted)
        if converted is not None:
            return converted
    return None if spellings else convert(quantity.value, None, wanted)
