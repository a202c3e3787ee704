"""What an observation says: its dates, its numbers in whatever form, a coded answer, the laboratory's word."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from watchful.chart.coding import match_concept
from watchful.chart.dates import parse
from watchful.chart.resources import Component, Observation, Quantity, Range
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


class Numbers(NamedTuple):
    quantities: tuple[Quantity, ...]
    """Of a range both ends: a row that either end reaches is reached."""
    whole: bool
    """False where it says more, or something else, than these numbers: then it is not known."""


def stated_numbers(part: Observation | Component) -> Numbers:
    """The numbers of a reading. One that is nothing at all is whole only where the record says why, and where
    the reason does not mean that a value exists somewhere."""
    if part.valueQuantity is not None and part.valueQuantity.value is not None:
        return Numbers((part.valueQuantity,), True)
    if part.valueInteger is not None:
        return Numbers((Quantity(value=part.valueInteger),), True)
    if part.valueRange is not None:
        return _ends(part.valueRange)
    if part.valueString:
        written = written_number(part.valueString)
        return Numbers((written,) if written is not None else (), written is not None)
    if part.dataAbsentReason is not None:
        reasons = {coding.code for coding in part.dataAbsentReason.coding or ()}
        return Numbers((), reasons.isdisjoint(_WITHHELD))
    return Numbers((), isinstance(part, Observation) and bool(part.hasMember))  # a panel has its values in others


_WITHHELD = frozenset({"masked", "as-text", "unsupported"})
"""HL7 data-absent-reason: there is a value, and it is not here."""


def _ends(stated: Range) -> Numbers:
    """An open end may be anything."""
    low, high = (end if end is not None and end.value is not None else None for end in (stated.low, stated.high))
    if low is not None and high is not None:
        return Numbers((low, high), True)
    if low is not None:
        return Numbers((Quantity(low.value, ">=", low.unit, low.code),), False)
    if high is not None:
        return Numbers((Quantity(high.value, "<=", high.unit, high.code),), False)
    return Numbers((), False)


def answers(
    each: Observation, part: Observation | Component, asked: Match, knowledge: Knowledge, zone: ZoneInfo
) -> Iterator[Finding]:
    """What a coded answer of an observation, or of a component of it, means, by `results.toml`."""
    given = match_concept(part.valueCodeableConcept, knowledge.tables)
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
    each: Observation, part: Observation | Component, asked: Match, knowledge: Knowledge, zone: ZoneInfo
) -> tuple[Finding, Measurement] | None:
    """The pregnancy behind an expected delivery, no weeks old on its first day; None for a date that is none."""
    due = parse(part.valueDateTime, zone)
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


def flagged(each: Observation | Component) -> Flagged:
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


def called_normal(each: Observation | Component) -> bool:
    """Whether the laboratory says that nothing is wrong with a reading."""
    return any(coding.code == "N" for concept in each.interpretation or () for coding in concept.coding or ())


def _beyond(value: Quantity, bound: Quantity | None, *, above: bool) -> bool:
    if bound is None or bound.value is None or value.value is None:
        return False
    if {bound.code, bound.unit} - {None} and (bound.code, bound.unit) != (value.code, value.unit):
        return False  # of another unit
    return value.value > bound.value if above else value.value < bound.value
