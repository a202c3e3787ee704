"""Moves every FHIR date in a document by the same number of days, and nothing else.

A date is known by the name of its element, because a code may look like one (`7258` is an ingredient,
not a year). Precision stays: a day moves by days, a month by whole months, a year by whole years, so
that "this year" stays this year; a time of day keeps its clock time and its offset.
"""

import re
from datetime import date, timedelta
from typing import Any

DATE_ELEMENTS = frozenset(
    {
        "authored",
        "authoredOn",
        "birthDate",
        "created",
        "date",
        "end",
        "event",
        "issued",
        "lastOccurrence",
        "lastUpdated",
    }
    | {"received", "recorded", "sent", "start", "timestamp", "whenHandedOver", "whenPrepared"}
)
"""R4 elements of type date, dateTime or instant whose names do not already end in one of `_SUFFIXES`."""

_SUFFIXES = ("Date", "DateTime", "Instant")
_SHAPE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(T.+)?)?)?")


def shift_dates(node: Any, anchor: date, today: date) -> Any:
    """A copy of a JSON document in which what stood relative to `anchor` stands so relative to `today`."""
    return _walk(node, "", anchor, today)


def is_date_element(name: str) -> bool:
    """Whether a FHIR element of this name holds a date, dateTime or instant."""
    return name in DATE_ELEMENTS or name.endswith(_SUFFIXES)


def shift(value: str, anchor: date, today: date) -> str:
    """One FHIR date, dateTime or instant, moved; any other text comes back as it is."""
    match = _SHAPE.fullmatch(value)
    if match is None:
        return value
    year, month, day, time = match.groups()
    if month is None:
        return f"{int(year) + today.year - anchor.year:04d}"
    if day is None:
        months = int(year) * 12 + int(month) - 1 + _months(today) - _months(anchor)
        return f"{months // 12:04d}-{months % 12 + 1:02d}"
    moved = date(int(year), int(month), int(day)) + timedelta(days=(today - anchor).days)
    return moved.isoformat() + (time or "")


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _walk(node: Any, name: str, anchor: date, today: date) -> Any:
    if isinstance(node, dict):
        return {key: _walk(value, key, anchor, today) for key, value in node.items()}
    if isinstance(node, list):
        return [_walk(value, name, anchor, today) for value in node]
    if isinstance(node, str) and is_date_element(name):
        return shift(node, anchor, today)
    return node
