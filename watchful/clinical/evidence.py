"""Whether what a row asks for stands in one chart. Red flags and the rules of the pain plan share it.

Cautious by construction: an undated record counts as recent and a provisional diagnosis as evidence.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from watchful.clinical.assessment import Evidence
from watchful.clinical.computed import COMPUTED
from watchful.clinical.dates import PartialDate
from watchful.clinical.facts import DataClass, Finding, Measurement
from watchful.clinical.knowledge.compiled import Criteria
from watchful.clinical.knowledge.computed_file import ComputedFile
from watchful.clinical.knowledge.files import EvidenceFile
from watchful.clinical.knowledge.units import with_unit
from watchful.clinical.record import Record

FlagIsPresent = Callable[[str], bool]


class Met(NamedTuple):
    """What shows that a row is met."""

    evidence: tuple[Evidence, ...]
    suspected: bool
    """Every record behind it is provisional, differential or an order reason."""


def look_for(
    criteria: Criteria, record: Record, numbers: ComputedFile, present: FlagIsPresent | None = None
) -> Met | None:
    """What meets the row; None when nothing does. Any of its evidence items is enough, and all are told."""
    if not criteria.always and criteria.concepts.isdisjoint(record.concepts):
        return None
    findings: list[Finding] = []
    evidence: list[Evidence] = []
    met = False
    for item in criteria.evidence:
        holds, from_findings, other = _holds(item, record, numbers, present)
        if holds:
            met = True
            findings.extend(from_findings)
            evidence.extend(other)
    if not met:
        return None
    evidence[:0] = [Evidence(each.reference, each.event, each.label) for each in findings]
    return Met(
        evidence=tuple(sorted(set(evidence), key=_order)),
        suspected=bool(findings) and all(each.certainty == "suspected" for each in findings),
    )


_NO: tuple[bool, Sequence[Finding], Sequence[Evidence]] = (False, (), ())


def _holds(
    item: EvidenceFile, record: Record, numbers: ComputedFile, present: FlagIsPresent | None
) -> tuple[bool, Sequence[Finding], Sequence[Evidence]]:
    """Whether one evidence item holds, and what shows it."""
    if item.with_back_pain and not record.back_pain:
        return _NO
    if item.with_acute_back_pain and not record.acute_back_pain:
        return _NO
    if item.with_flag and not (present is not None and any(map(present, item.with_flag))):
        return _NO
    shown: list[Evidence] = []
    if item.age_at_least is not None or item.age_below is not None:
        if record.age is None or not _in_range(record.age, item.age_at_least, item.age_below):
            return _NO
        shown.append(Evidence("Patient", None, f"age {record.age}"))
    if item.missing_within_days is not None:
        if DataClass.OBSERVATION in record.unknown or _measured_within(item, record):
            return _NO
        days = item.missing_within_days
        shown.append(Evidence("Observation", None, f"none in {days} days: {item.measured.replace('-', ' ')}"))
    elif item.measured:
        reached = readings(item, record)
        if not reached:
            return _NO
        shown.extend(Evidence(each.reference, each.when, reading_text(each)) for each in reached)
    if item.computed:
        found = COMPUTED[item.computed].function(record, numbers)
        if not found:
            return _NO
        shown.extend(found)
    findings: list[Finding] = []
    if item.any_of:
        met = 0
        for concept in item.any_of:
            counted = [each for each in record.findings.get(concept, ()) if _counts(each, item, record.today)]
            met += bool(counted)
            findings.extend(counted)
        if met < item.distinct:
            return _NO
    return True, findings, shown


def reading_text(reading: Measurement) -> str:
    """A measurement in words, with its unit."""
    if reading.value is None:
        return f"{reading.label} {reading.flagged.replace('-', ' ')}"
    return f"{reading.label} {with_unit(reading.value, reading.unit, reading.comparator)}"


def _in_range(age: int, at_least: int | None, below: int | None) -> bool:
    return (at_least is None or age >= at_least) and (below is None or age < below)


def _counts(finding: Finding, item: EvidenceFile, today: date) -> bool:
    if finding.kind not in item.kinds:
        return False
    current = finding.current or _taken_lately(finding, 0, today)
    if item.state != "any" and current is not (item.state == "current"):
        return False
    days = item.within_days
    return days is None or _recent(finding.event, days, today) or _taken_lately(finding, days, today)


def _taken_lately(finding: Finding, days: int, today: date) -> bool:
    """Whether a medicine may have been taken in the window, though its order is older or closed: the supply of it
    reached into the window."""
    return (
        finding.kind == "medication"
        and finding.ended is not None
        and finding.ended.latest >= today - timedelta(days=days)
    )


def _recent(when: PartialDate | None, days: int, today: date) -> bool:
    return when is None or when.possibly_within(days, today)


def _measured_within(item: EvidenceFile, record: Record) -> bool:
    """Whether there certainly is a reading in the window that can be compared."""
    return any(
        each.value is not None and record.surely_within(each.when, item.missing_within_days or 0)
        for each in record.measurements.get(item.measured, ())
    )


def readings(item: EvidenceFile, record: Record) -> list[Measurement]:
    """The measurements that reach the threshold; a reading "below 38" does not reach 38."""
    candidates: Iterable[Measurement] = record.measurements.get(item.measured, ())
    if item.latest_only:
        # whatever may be the newest is judged: an undated reading, and one whose vague date may be later
        newest = max((each.when.earliest for each in candidates if each.when), default=date.min)
        candidates = [each for each in candidates if each.when is None or each.when.latest >= newest]
    return [
        each
        for each in candidates
        if (item.within_days is None or _recent(each.when, item.within_days, record.today))
        and _reaches(each, item)
    ]


def _reaches(reading: Measurement, item: EvidenceFile) -> bool:
    value, comparator = reading.value, reading.comparator
    if value is None:
        return reading.flagged in item.interpreted
    return (
        (item.at_least is None or (value >= item.at_least and "<" not in comparator))
        and (item.at_most is None or (value <= item.at_most and ">" not in comparator))
        and (
            item.below is None
            or (value < item.below and ">" not in comparator)
            or (value == item.below and comparator == "<")
        )
    )


def _order(evidence: Evidence) -> tuple[str, str, str]:
    """Sorting that does not depend on the order of the chart (property P3)."""
    return (evidence.reference, str(evidence.date or ""), evidence.text)
