"""Dates move, everything else stays."""

from datetime import date, datetime, timedelta
from typing import Any, get_args

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st

from watchful.demo import fixtures
from watchful.demo.shifting import is_date_element, shift, shift_dates

ANCHOR = date(2026, 11, 2)
TYPES_WITH_DATES = [
    "AllergyIntolerance", "Bundle", "Condition", "DiagnosticReport", "FamilyMemberHistory", "Meta",
    "MedicationRequest", "Observation", "Patient", "Period", "Procedure", "ServiceRequest", "Timing",
]  # fmt: skip
days = st.dates(date(1990, 1, 1), date(2090, 1, 1))
chart_days = st.dates(date(1900, 1, 1), date(2030, 1, 1))


@given(chart_days, days)
def test_a_day_keeps_its_distance_from_today(written: date, today: date) -> None:
    moved = date.fromisoformat(shift(written.isoformat(), ANCHOR, today))
    assert today - moved == ANCHOR - written


@given(chart_days, days)
def test_a_month_keeps_its_distance_in_months(written: date, today: date) -> None:
    moved = shift(f"{written:%Y-%m}", ANCHOR, today)
    year, month = map(int, moved.split("-"))
    assert len(moved) == 7
    assert (today.year - year) * 12 + today.month - month == (
        (ANCHOR.year - written.year) * 12 + ANCHOR.month - written.month
    )


@given(chart_days, days)
def test_a_year_keeps_its_distance_in_years(written: date, today: date) -> None:
    moved = shift(f"{written:%Y}", ANCHOR, today)
    assert len(moved) == 4
    assert today.year - int(moved) == ANCHOR.year - written.year


@given(chart_days, days, st.sampled_from(["T00:00:00Z", "T23:59:59.123+05:45", "T09:40:00-08:00", "T09:40Z"]))
def test_clock_time_and_offset_stay(written: date, today: date, time: str) -> None:
    assert shift(written.isoformat() + time, ANCHOR, today).endswith(time)


@given(days)
def test_there_and_back_is_where_we_were_for_exact_days(today: date) -> None:
    there = shift("2026-10-24", ANCHOR, today)
    assert shift(there, today, ANCHOR) == "2026-10-24"


@pytest.mark.parametrize(
    "node",
    [
        {"code": "7258"},
        {"valueString": "2026-11-02"},
        {"text": "2026"},
        {"valueQuantity": {"value": 2026, "unit": "mg"}},
        {"start": "not a date"},
        {"system": "urn:2026"},
    ],
)
def test_what_is_not_a_date_stays(node: dict[str, Any]) -> None:
    assert shift_dates(node, ANCHOR, date(2031, 5, 5)) == node


def test_lists_of_dates_move() -> None:
    assert shift_dates({"event": ["2026-11-01", "2026-11-02"]}, ANCHOR, date(2026, 11, 4)) == {
        "event": ["2026-11-03", "2026-11-04"]
    }


@given(days)
def test_age_in_days_and_validity_of_every_fixture_survive(today: date) -> None:
    still = fixtures.load("acute-mri", ANCHOR)
    moved = fixtures.load("acute-mri", today)
    born = [
        date.fromisoformat(next(r["birthDate"] for r in f.resources if "birthDate" in r)) for f in (still, moved)
    ]
    assert today - born[1] == ANCHOR - born[0]
    start = next(r["period"]["start"] for r in moved.resources if r["resourceType"] == "Encounter")
    assert datetime.fromisoformat(start).utcoffset() == timedelta(hours=-8)


@pytest.mark.parametrize(
    "kind",
    TYPES_WITH_DATES,
)
def test_every_r4_date_element_of_the_types_in_fixtures_is_known(kind: str) -> None:
    """Read from the models themselves, so that a new element cannot be forgotten."""
    model = get_fhir_model_class(kind)
    dated = {
        field.alias or name
        for name, field in model.model_fields.items()
        if {"date", "datetime"} & _type_names(field.annotation)
    }
    assert [name for name in dated if not is_date_element(name)] == []
    assert dated


def _type_names(annotation: Any) -> set[str]:
    return {getattr(annotation, "__name__", "").lower()}.union(*map(_type_names, get_args(annotation)))
