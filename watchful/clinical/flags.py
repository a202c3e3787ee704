"""Looks for every row of the red-flag catalogue in one chart: present, absent or unknown, with its evidence.

Cautious by construction: an undated record counts as recent, a provisional diagnosis as evidence,
and a flag whose data could not be read is unknown, never absent (safety rule 1).
"""

from collections.abc import Iterable, Sequence
from datetime import date

from watchful.clinical.assessment import Evidence, FlagResult, Status
from watchful.clinical.dates import PartialDate
from watchful.clinical.facts import ChartFacts, DataClass, Finding, ImagingOrder, Measurement
from watchful.clinical.knowledge.compiled import Flag, Knowledge
from watchful.clinical.knowledge.files import EvidenceFile


class Record:
    """The facts of one chart and one order, laid out so that a rule finds its own in one look-up."""

    def __init__(
        self, facts: ChartFacts, order: ImagingOrder, *, today: date, age: int | None, back_pain: bool
    ) -> None:
        self.today = today
        self.age = age
        self.back_pain = back_pain
        # without an age, what depends on it cannot be ruled out
        self.unknown = frozenset((*facts.unknown(), *((DataClass.PATIENT,) if age is None else ())))
        self.findings: dict[str, list[Finding]] = {}
        self.measurements: dict[str, list[Measurement]] = {}
        for finding in (*facts.findings, *order.reasons):
            if finding.event is not None and finding.event.in_future(today):
                continue  # a future date is an error of the record, not evidence
            for concept in finding.concepts:
                self.findings.setdefault(concept, []).append(finding)
        for measurement in facts.measurements:
            if measurement.when is not None and measurement.when.in_future(today):
                continue
            for concept in measurement.concepts:
                self.measurements.setdefault(concept, []).append(measurement)
        self.concepts = frozenset(self.findings) | frozenset(self.measurements)


def look_for_flags(record: Record, knowledge: Knowledge) -> tuple[FlagResult, ...]:
    """One result for each row of the catalogue, in its order."""
    found: dict[str, FlagResult] = {}
    concepts, unknown = record.concepts, record.unknown
    for flag in knowledge.flags:
        if flag.always or not flag.concepts.isdisjoint(concepts):
            found[flag.absent.id] = _look_for(flag, record, found)
        else:
            found[flag.absent.id] = flag.unknown if unknown and unknown & flag.reads else flag.absent
    return tuple(found.values())


def _look_for(flag: Flag, record: Record, earlier: dict[str, FlagResult]) -> FlagResult:
    findings: list[Finding] = []
    evidence: list[Evidence] = []
    met = False
    for item in flag.evidence:
        holds, from_findings, other = _holds(item, record, earlier)
        if holds:
            met = True
            findings.extend(from_findings)
            evidence.extend(other)
    if met:
        evidence[:0] = [Evidence(each.reference, each.event, each.label) for each in findings]
        return FlagResult(
            id=flag.row.id,
            family=flag.row.family,
            tier=flag.row.tier,
            status=Status.PRESENT,
            evidence=tuple(sorted(set(evidence), key=_order)),
            suspected=bool(findings) and all(each.certainty == "suspected" for each in findings),
        )
    return flag.unknown if record.unknown & flag.reads else flag.absent


def _holds(
    item: EvidenceFile, record: Record, earlier: dict[str, FlagResult]
) -> tuple[bool, Sequence[Finding], Sequence[Evidence]]:
    """Whether one evidence item holds, and what shows it."""
    no: tuple[bool, Sequence[Finding], Sequence[Evidence]] = (False, (), ())
    if item.with_back_pain and not record.back_pain:
        return no
    if item.with_flag and not any(
        flag in earlier and earlier[flag].status is Status.PRESENT for flag in item.with_flag
    ):
        return no
    shown: list[Evidence] = []
    if item.age_at_least is not None or item.age_below is not None:
        if record.age is None or not _in_range(record.age, item.age_at_least, item.age_below):
            return no
        shown.append(Evidence("Patient", None, f"age {record.age}"))
    if item.measured:
        readings = _readings(item, record)
        if not readings:
            return no
        shown.extend(Evidence(each.reference, each.when, f"{each.label} {each.value:g}") for each in readings)
    findings: list[Finding] = []
    if item.any_of:
        met = 0
        for concept in item.any_of:
            counted = [each for each in record.findings.get(concept, ()) if _counts(each, item, record.today)]
            met += bool(counted)
            findings.extend(counted)
        if met < item.distinct:
            return no
    return True, findings, shown


def _in_range(age: int, at_least: int | None, below: int | None) -> bool:
    return (at_least is None or age >= at_least) and (below is None or age < below)


def _counts(finding: Finding, item: EvidenceFile, today: date) -> bool:
    if finding.kind not in item.kinds:
        return False
    if item.state != "any" and finding.current is not (item.state == "current"):
        return False
    return item.within_days is None or _recent(finding.event, item.within_days, today)


def _recent(when: PartialDate | None, days: int, today: date) -> bool:
    return when is None or when.possibly_within(days, today)


def _readings(item: EvidenceFile, record: Record) -> list[Measurement]:
    """The measurements that reach the threshold; a reading "below 38" does not reach 38."""
    candidates: Iterable[Measurement] = record.measurements.get(item.measured, ())
    if item.latest_only:
        # an undated reading, or one of a vague date, may be the newest, so it is judged as well
        newest = max((each.when.earliest for each in candidates if each.when), default=record.today)
        candidates = [each for each in candidates if each.when is None or each.when.latest >= newest]
    return [
        each
        for each in candidates
        if (item.within_days is None or _recent(each.when, item.within_days, record.today))
        and (item.at_least is None or (each.value >= item.at_least and "<" not in each.comparator))
        and (item.at_most is None or (each.value <= item.at_most and ">" not in each.comparator))
    ]


def _order(evidence: Evidence) -> tuple[str, str, str]:
    """Sorting that does not depend on the order of the chart (property P3)."""
    return (evidence.reference, str(evidence.date or ""), evidence.text)
