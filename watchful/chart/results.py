"""What an observation says without a number: dates, a coded answer, the laboratory's word, its range."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from watchful.chart.coding import match_concept
from watchful.chart.dates import parse
from watchful.chart.resources import Observation, Quantity
from watchful.clinical.dates import PartialDate
from watchful.clinical.facts import Finding, Flagged, Measurement
from watchful.clinical.knowledge.compiled import Knowledge, Match


def observed(each: Observation) -> str | None:
    """When it was true: its effective time, else when it was issued."""
    return (
        each.effectiveDateTime
        or each.effectiveInstant
        or (each.effectivePeriod.start if each.effectivePeriod else None)
        or each.issued
    )


_NUMBER = re.compile(r"\s*([<>]=?)?\s*(\d{1,6}(?:\.\d{1,4})?)\s*")


def written_number(text: str) -> Quantity | None:
    """A quantity from text that is nothing but a number (">60"); None for any other text, which nobody keeps."""
    found = _NUMBER.fullmatch(text)
    return Quantity(value=float(found[2]), comparator=found[1]) if found else None


def answers(each: Observation, asked: Match, knowledge: Knowledge, zone: ZoneInfo) -> Iterator[Finding]:
    """What a coded answer means, by `results.toml`."""
    given = match_concept(each.valueCodeableConcept, knowledge.tables)
    if given is None:
        return
    for result in knowledge.results:
        if result.question in asked.concepts and result.answer in given.concepts:
            yield Finding(
                kind="result",
                reference=f"Observation/{each.id}",
                concepts=frozenset({result.means}),
                label=result.label,
                recorded=parse(observed(each), zone),
            )


DELIVERY_DATE = "delivery-date"


def expected_delivery(
    each: Observation, asked: Match, knowledge: Knowledge, zone: ZoneInfo
) -> tuple[Finding, Measurement] | None:
    """The pregnancy behind an expected delivery, no weeks old on its first day; None for a date that is none."""
    due = parse(each.valueDateTime, zone)
    if due is None:
        return None
    before = timedelta(days=knowledge.computed.pregnancy.delivery_days)
    first_day = PartialDate(due.earliest - before, due.latest - before)
    reference = f"Observation/{each.id}"
    return (
        Finding(
            kind="result",
            reference=reference,
            concepts=frozenset({"pregnancy"}),
            label=asked.label,
            onset=first_day,
            recorded=parse(observed(each), zone),
        ),
        Measurement(
            reference=reference,
            concepts=frozenset({"gestational-age"}),
            label=asked.label,
            value=0,
            when=first_day,
        ),
    )


_INTERPRETED: Mapping[str | None, Flagged] = {
    "H": "high",
    "HU": "high",
    "HH": "very-high",
    "L": "low",
    "LU": "low",
    "LL": "very-low",
}
"""HL7 v3 ObservationInterpretation."""


def flagged(each: Observation) -> Flagged:
    """What the laboratory calls a reading, else where it lies in its own reference range (§3.1)."""
    for concept in each.interpretation or ():
        for coding in concept.coding or ():
            if coding.code in _INTERPRETED:
                return _INTERPRETED[coding.code]
    value = each.valueQuantity
    if value is not None and value.value is not None:
        for bounds in each.referenceRange or ():
            if _beyond(value, bounds.high, above=True):
                return "high"
            if _beyond(value, bounds.low, above=False):
                return "low"
    return ""


def _beyond(value: Quantity, bound: Quantity | None, *, above: bool) -> bool:
    if bound is None or bound.value is None or value.value is None:
        return False
    if {bound.code, bound.unit} - {None} and (bound.code, bound.unit) != (value.code, value.unit):
        return False  # of another unit
    return value.value > bound.value if above else value.value < bound.value
