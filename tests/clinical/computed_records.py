"""Records for the computed evidence, made from facts directly: a day or a number more or less is one argument."""

from datetime import timedelta
from typing import Any

from builders import TODAY, drafted, imaging_order, knowledge

from watchful.clinical.assessment import Evidence
from watchful.clinical.computed import COMPUTED
from watchful.clinical.dates import PartialDate, day
from watchful.clinical.facts import Availability, ChartFacts, DataClass, Finding, Measurement, State
from watchful.clinical.knowledge.computed_file import ComputedFile
from watchful.clinical.record import Record


def when(days_ago: int | tuple[int, int] | None) -> PartialDate | None:
    """So many days before today; a pair is a vague date between the two."""
    if isinstance(days_ago, tuple):
        first, last = sorted(days_ago, reverse=True)
        return PartialDate(TODAY - timedelta(days=first), TODAY - timedelta(days=last))
    return day(TODAY - timedelta(days=days_ago)) if days_ago is not None else None


def measured(concept: str, value: float | None, days_ago: Any = 0, *, id: str = "", **more: Any) -> Measurement:
    return Measurement(
        reference=f"Observation/{id or f'{concept}-{days_ago}'}",
        concepts=frozenset({concept}),
        label=concept,
        value=value,
        when=when(days_ago),
        **more,
    )


def found(concept: str, days_ago: Any, *, kind: Any = "condition", id: str = "", **more: Any) -> Finding:
    return Finding(
        kind=kind,
        reference=f"{kind}/{id or f'{concept}-{days_ago}'}",
        concepts=frozenset({concept}),
        label=concept,
        recorded=when(days_ago),
        **more,
    )


def look(
    name: str, *facts: Finding | Measurement, sex: Any = "male", numbers: ComputedFile | None = None, **more: Any
) -> tuple[Evidence, ...]:
    """What one computed function finds in a record of nothing else."""
    chart = ChartFacts(
        known=dict.fromkeys(DataClass, Availability(State.KNOWN, "fhir")),
        sex=sex,
        findings=tuple(each for each in facts if isinstance(each, Finding)),
        measurements=tuple(each for each in facts if isinstance(each, Measurement)),
        **more,
    )
    order = drafted(imaging_order())[0].order
    record = Record(chart, order, today=TODAY, age=45, back_pain=True, acute_back_pain=True)
    return tuple(COMPUTED[name].function(record, numbers or knowledge().computed))
