"""The facts of one chart and one order, laid out so that a rule finds its own in one look-up."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from watchful.clinical.dates import PartialDate
from watchful.clinical.facts import ChartFacts, DataClass, Finding, ImagingOrder, Kind, Measurement


class Record:
    """One indexed pass over the chart. A wholly future date is an error of the record, not evidence."""

    def __init__(
        self,
        facts: ChartFacts,
        order: ImagingOrder,
        *,
        today: date,
        age: int | None,
        back_pain: bool,
        acute_back_pain: bool,
    ) -> None:
        self.today = today
        self.age = age
        self.sex: Literal["female", "male", "other", "unknown"] | None = facts.sex
        self.back_pain = back_pain
        self.acute_back_pain = acute_back_pain
        self.uncoded_problems = facts.uncoded_problems
        # without an age, what depends on it cannot be ruled out
        self.unknown = frozenset((*facts.unknown(), *((DataClass.PATIENT,) if age is None else ())))
        self.findings: dict[str, list[Finding]] = {}
        self.measurements: dict[str, list[Measurement]] = {}
        for finding in (*facts.findings, *order.reasons):
            if finding.event is not None and finding.event.in_future(today):
                continue
            for concept in finding.concepts:
                self.findings.setdefault(concept, []).append(finding)
        for measurement in facts.measurements:
            if measurement.when is not None and measurement.when.in_future(today):
                continue
            for concept in measurement.concepts:
                self.measurements.setdefault(concept, []).append(measurement)
        self.concepts = frozenset(self.findings) | frozenset(self.measurements)

    def of(self, concept: str, *kinds: Kind) -> Iterator[Finding]:
        """The findings of one value set, of the given kinds or of any."""
        return (each for each in self.findings.get(concept, ()) if not kinds or each.kind in kinds)

    def surely_within(self, when: PartialDate | None, days: int) -> bool:
        """Whether it certainly lies in the last `days`; an undated record does not."""
        return when is not None and when.most_days_ago(self.today) <= days and not when.in_future(self.today)
