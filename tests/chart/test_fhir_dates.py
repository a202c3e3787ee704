"""FHIR dates to days: partial dates, time zones, daylight saving."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from watchful.chart.dates import parse

UTC, NEW_YORK, KIRITIMATI = (ZoneInfo(name) for name in ("UTC", "America/New_York", "Pacific/Kiritimati"))


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-11-24", date(2026, 11, 24), date(2026, 11, 24)),
        (" 2026-11-24 ", date(2026, 11, 24), date(2026, 11, 24)),
    ],
)
def test_a_date_stands_for_its_days_in_every_zone(text: str, earliest: date, latest: date) -> None:
    for zone in (UTC, NEW_YORK, KIRITIMATI):
        parsed = parse(text, zone)
        assert parsed is not None
        assert (parsed.earliest, parsed.latest) == (earliest, latest)


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2026-11-24T23:30:00Z", UTC, "2026-11-24"),
        ("2026-11-24T23:30:00Z", KIRITIMATI, "2026-11-25"),
        ("2026-11-24T03:30:00Z", NEW_YORK, "2026-11-23"),
        ("2026-11-24T23:30:00-08:00", UTC, "2026-11-25"),
        ("2026-11-24T23:30:00", NEW_YORK, "2026-11-24"),
        ("2026-11-24T08:00:00.123+01:00", UTC, "2026-11-24"),
        ("2026-11-24T08:00Z", UTC, "2026-11-24"),
    ],
)
def test_a_moment_is_read_on_the_calendar_of_the_site(text: str, zone: ZoneInfo, day: str) -> None:
    assert str(parse(text, zone)) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-08T04:59:59Z", "2026-03-07"),  # still winter time in New York: UTC-5
        ("2026-03-08T05:00:00Z", "2026-03-08"),
        ("2026-03-09T03:59:59Z", "2026-03-08"),  # summer time since that morning: UTC-4
        ("2026-03-09T04:00:00Z", "2026-03-09"),
        ("2026-11-01T03:59:59Z", "2026-10-31"),
        ("2026-11-02T04:59:59Z", "2026-11-01"),  # winter time again
        ("2026-11-02T05:00:00Z", "2026-11-02"),
    ],
)
def test_midnight_moves_with_daylight_saving(text: str, day: str) -> None:
    assert str(parse(text, NEW_YORK)) == day


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "yesterday",
        "2026-13",
        "2026-00-01",
        "2026-02-30",
        "26-11-24",
        "2026-11-24T25:00:00Z",
        "2026-11-24T",
        "0000",
        "11/24/2026",
        "2026-11-24 08:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert parse(text, UTC) is None
