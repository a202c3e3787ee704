"""When a Condition began: a day, a period in which it began, an age, or words that nobody reads (§3.3 step 3)."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from watchful.chart.dates import parse
from watchful.chart.resources import Condition, Quantity
from watchful.clinical.dates import PartialDate


class Onset(NamedTuple):
    """What a record says of its beginning."""

    when: PartialDate | None
    vague: bool
    """It gives an onset that cannot be read, or none but the last day on which it can have begun."""


_NONE = Onset(None, vague=False)
_UNREAD = Onset(None, vague=True)


def onset_of(each: Condition, born: PartialDate | None, zone: ZoneInfo) -> Onset:
    """The onset, whichever of its five forms the record chose."""
    if each.onsetDateTime:
        when = parse(each.onsetDateTime, zone)
        return Onset(when, vague=when is None)
    if each.onsetPeriod is not None:
        start, end = parse(each.onsetPeriod.start, zone), parse(each.onsetPeriod.end, zone)
        return Onset(start or end, vague=start is None)
    if each.onsetAge is not None:
        return _at_age(each.onsetAge, each.onsetAge, born)
    if each.onsetRange is not None:
        return _at_age(each.onsetRange.low, each.onsetRange.high, born)
    return _UNREAD if each.onsetString else _NONE


def _at_age(youngest: Quantity | None, oldest: Quantity | None, born: PartialDate | None) -> Onset:
    """An age says the year, seldom the week: it may show that the pain is old, never that it is new."""
    if born is None or oldest is None:
        return _UNREAD
    first = _birthday(born.earliest, youngest) if youngest is not None else born.earliest
    last = _birthday(born.latest, oldest, completed=1)
    if first is None or last is None or first > last:
        return _UNREAD
    return Onset(PartialDate(first, last - timedelta(days=1)), vague=True)


_MONTHS: Mapping[str, int] = {"a": 12, "mo": 1}
_DAYS: Mapping[str, int] = {"wk": 7, "d": 1}
"""UCUM, which FHIR requires of an Age."""


def _birthday(born: date, age: Quantity, *, completed: int = 0) -> date | None:
    """The day on which that age, in whole units, is reached; `completed` more units later."""
    if age.value is None or age.comparator or age.code is None or age.value < 0:
        return None
    units = int(age.value) + completed
    try:
        if age.code in _DAYS:
            return born + timedelta(days=units * _DAYS[age.code])
        if age.code not in _MONTHS:
            return None
        years, month = divmod(born.month - 1 + units * _MONTHS[age.code], 12)
        year = born.year + years
        # who was born on the last days of a month turns a month older on the last day of a shorter one
        return date(year, month + 1, min(born.day, monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError):
        return None
