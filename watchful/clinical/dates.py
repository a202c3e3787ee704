"""Partial dates: FHIR lets a date be a year, a month or a day, and each comparison must say which end it means.

A partial date is the span of days it may stand for. Comparisons are named after what they
promise, so that a rule can always choose the cautious one (`reference/clinical.md` §3.1 "Dates").
"""

from datetime import date, timedelta

import msgspec

ZONE_SLACK = timedelta(days=1)
"""A record may carry tomorrow's date: many systems write the day in UTC, and it is evening at the site."""


class PartialDate(msgspec.Struct, frozen=True):
    """The days, first to last, that a FHIR date, dateTime or instant may stand for."""

    earliest: date
    latest: date

    @property
    def exact(self) -> bool:
        """True when the day is known."""
        return self.earliest == self.latest

    def possibly_within(self, days: int, today: date) -> bool:
        """Whether it may lie in the `days` days up to and including today; a wholly future date does not."""
        return not self.in_future(today) and self.latest >= today - timedelta(days=days)

    def in_future(self, today: date) -> bool:
        """Whether every day it may stand for is after tomorrow (see ZONE_SLACK)."""
        return self.earliest > today + ZONE_SLACK

    def most_days_ago(self, today: date) -> int:
        """The longest time since it, in days; never negative."""
        return max(0, (today - self.earliest).days)

    def fewest_days_ago(self, today: date) -> int:
        """The shortest time since it, in days; never negative."""
        return max(0, (today - self.latest).days)

    def __str__(self) -> str:
        """As FHIR would write it: a day, a month or a year."""
        if self.exact:
            return self.earliest.isoformat()
        if (self.earliest.year, self.earliest.month) == (self.latest.year, self.latest.month):
            return self.earliest.isoformat()[:7]
        return self.earliest.isoformat()[:4]


def day(value: date) -> PartialDate:
    """A partial date that is one known day."""
    return PartialDate(value, value)
