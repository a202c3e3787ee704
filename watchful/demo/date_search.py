"""FHIR date search: a date of any precision is a range, and a search compares two ranges (R4 search, "date").

Times without an offset are taken as UTC, as a server set to UTC does.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta
from typing import Any

Range = tuple[datetime, datetime]
"""First and last moment, both within."""

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(T.+)?)?)?")
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
_MOMENT = timedelta(microseconds=1)


def range_of(value: Any) -> Range | None:
    """The range of a date, dateTime, instant or Period as it stands in a resource; None when it is none."""
    if isinstance(value, dict):
        start, end = range_of(value.get("start")), range_of(value.get("end"))
        return (start[0] if start else _FIRST, end[1] if end else _LAST)
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    year, month, day, time = match.groups()
    try:
        if time:
            moment = datetime.fromisoformat(str(value))
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return moment, moment + (timedelta(0) if "." in time else timedelta(seconds=1) - _MOMENT)
        first = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
        last_month = int(month or 12)
        last_day = int(day) if day else calendar.monthrange(int(year), last_month)[1]
        return first, datetime(int(year), last_month, last_day, tzinfo=UTC) + timedelta(days=1) - _MOMENT
    except (ValueError, OverflowError):
        return None


def date_matches(held: Range | None, value: str) -> bool:
    """Whether what a resource holds matches a search value with its prefix."""
    prefix, text = (value[:2], value[2:]) if value[:2].isalpha() else ("eq", value)
    wanted = range_of(text)
    if held is None or wanted is None:
        return False
    (low, high), (first, last) = held, wanted
    within = first <= low and high <= last
    return {
        "ge": high >= first,
        "gt": high > last,
        "le": low <= last,
        "lt": low < first,
        "sa": low > last,
        "eb": high < first,
        "ne": not within,
    }.get(prefix, within)
