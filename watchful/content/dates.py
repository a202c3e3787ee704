"""Dates and counts in the reader's own form, by CLDR (babel)."""

from datetime import date
from functools import lru_cache

import babel
from babel.dates import format_date, format_skeleton

from watchful.clinical.dates import PartialDate
from watchful.content.lines import Plural

_KEPT = 4096


@lru_cache(_KEPT)
def _skeleton(skeleton: str, day: date, locale: babel.Locale) -> str:
    return format_skeleton(skeleton, day, locale=locale)


def short_day(day: date, today: date, locale: babel.Locale) -> str:
    """`Nov 30`; with its year when that is not near: `Nov 30, 2024`."""
    near = abs((day - today).days) < 183
    return _skeleton("MMMd" if near else "yMMMd", day, locale)


def full_day(day: date, locale: babel.Locale) -> str:
    """`Nov 30, 2026`."""
    return _skeleton("yMMMd", day, locale)


def said_day(day: date, locale: babel.Locale) -> str:
    """`November 30`, to be said aloud."""
    return _skeleton("MMMMd", day, locale)


@lru_cache(_KEPT)
def spoken_day(day: date, locale: babel.Locale) -> str:
    """`Monday, November 30, 2026`, for a patient to read."""
    return format_date(day, "full", locale)


def partial_day(when: PartialDate, today: date, locale: babel.Locale) -> str:
    """A record's date, no more exact than the record: `Nov 2`, `Nov 2024`, `2024`."""
    first, last = when.earliest, when.latest
    if when.exact:
        return short_day(first, today, locale)
    if (first.year, first.month) == (last.year, last.month):
        return _skeleton("yMMM", first, locale)
    return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"


def count(number: int, lines: Plural, locale: babel.Locale) -> str:
    """The line for this number: `1 day`, `9 days`."""
    line: str = getattr(lines, _plural_form(number, locale)) or lines.other
    return line.format(count=number)


@lru_cache(_KEPT)
def _plural_form(number: int, locale: babel.Locale) -> str:
    form: str = locale.plural_form(number)
    return form
