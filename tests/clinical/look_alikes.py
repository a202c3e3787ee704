"""A look-alike: a chart that a hasty rule would flag, beside the smallest change that makes it the real thing.

The tables (`look_alikes_*.py`) are written by hand from reference/clinical.md §3.1 to §3.2 and never from the
shipped data: their days, limits and codes would not notice if the data moved with them.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from builders import Resource, chart, imaging_order, judge, patient

from watchful.clinical.assessment import FlagResult

Records = tuple[Resource, ...]


class Scene(NamedTuple):
    """One patient and one order."""

    records: Records
    age: int
    gender: str
    pain: Resource | None
    reason: str | None
    """The words of the drafted order's reason."""

    def flag(self, flag_id: str) -> FlagResult:
        who = patient(age=self.age, gender=self.gender)
        order = imaging_order(reasonCode=[{"text": self.reason}]) if self.reason else None
        return judge(chart(*self.records, who=who, pain=self.pain), order).flag(flag_id)


class Pair(NamedTuple):
    """A look-alike and the real thing."""

    what: str
    alike: Scene
    real: Scene


def pair(
    what: str,
    alike: Resource | Iterable[Resource] = (),
    real: Resource | Iterable[Resource] = (),
    *,
    beside: Iterable[Resource] = (),
    ages: tuple[int, int] = (45, 45),
    gender: str = "male",
    pains: tuple[Resource | None, Resource | None] = (None, None),
    reasons: tuple[str | None, str | None] = (None, None),
) -> Pair:
    """`beside` stands in both charts; a pair of values is that of the look-alike, then that of the real thing."""
    scenes = [
        Scene((*_records(each), *beside), age, gender, pain, reason)
        for each, age, pain, reason in zip((alike, real), ages, pains, reasons, strict=True)
    ]
    return Pair(what, *scenes)


def _records(given: Any) -> Records:
    return (given,) if isinstance(given, dict) else tuple(given)
