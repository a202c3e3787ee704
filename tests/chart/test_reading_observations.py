"""What an Observation says: status, value, unit, comparator and date (§3.1)."""

from typing import Any

import pytest
from builders import ago, chart, facts_of, observation

from watchful.chart.units import convert
from watchful.clinical.facts import DataClass, Measurement, State

TEMPERATURE, CRP, SCORE = "8310-5", "1988-5", "38267-1"


def _read(*observations: dict[str, Any]) -> tuple[Measurement, ...]:
    return facts_of(chart(*observations)).measurements


@pytest.mark.parametrize("status", ["final", "amended", "corrected", "preliminary"])
def test_results_count_also_preliminary_ones(status: str) -> None:
    (reading,) = _read(observation(TEMPERATURE, 38.4, "Cel", status=status))

    assert reading.preliminary is (status == "preliminary")


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown"])
def test_mistaken_cancelled_and_future_results_do_not_count(status: str) -> None:
    assert _read(observation(TEMPERATURE, 38.4, "Cel", status=status)) == ()


def test_a_result_without_a_value_is_none() -> None:
    missing = observation(TEMPERATURE, None, None, dataAbsentReason={"coding": [{"code": "not-performed"}]})
    facts = facts_of(chart(missing))

    assert facts.measurements == ()
    assert facts.known[DataClass.OBSERVATION].state is State.KNOWN


@pytest.mark.parametrize(
    ("value", "unit", "celsius"),
    [
        (38.0, "Cel", 38.0),
        (100.4, "[degF]", 38.0),
        (100.4, "°F", 38.0),
        (101.1, "degF", 38.39),
        (99.1, None, 37.28),
        (37.2, None, 37.2),
        (45.0, None, 45.0),
        (45.1, None, 7.28),
        (311.15, "K", 38.0),
    ],
)
def test_temperatures_are_read_in_every_unit(value: float, unit: str | None, celsius: float) -> None:
    (reading,) = _read(observation(TEMPERATURE, value, unit))

    assert reading.value == pytest.approx(celsius, abs=0.01)


def test_exactly_100_4_fahrenheit_reaches_38_celsius() -> None:
    converted = convert(100.4, "[degF]", "Cel")

    assert converted is not None
    assert converted >= 38.0


@pytest.mark.parametrize(
    ("code", "value", "unit", "expected"),
    [
        (CRP, 11, "mg/dL", 110),
        (CRP, 11, "mg/L", 11),
        (CRP, 11000, "ug/L", 11),
        ("4537-7", 62, "mm/h", 62),
        ("4537-7", 62, "mm/hr", 62),
        ("6690-2", 12500, "/uL", 12.5),
        ("6690-2", 12.5, "10*9/L", 12.5),
        (SCORE, -2.6, "{T-score}", -2.6),
        (SCORE, -2.6, None, -2.6),
        (SCORE, -2.6, "{SD}", -2.6),
        ("6301-6", 4.2, "{INR}", 4.2),
        ("6301-6", 4.2, None, 4.2),
        ("29463-7", 198, "[lb_av]", 89.81),
    ],
)
def test_laboratory_values_come_in_the_unit_of_their_value_set(
    code: str, value: float, unit: str | None, expected: float
) -> None:
    assert [each.value for each in _read(observation(code, value, unit))] == [pytest.approx(expected, abs=0.01)]


def test_the_printed_unit_serves_where_the_code_is_none_of_ucum() -> None:
    printed = observation(CRP, 11, None)
    printed["valueQuantity"] = {"value": 11, "code": "MGDL", "unit": "mg/dL"}

    assert [each.value for each in _read(printed)] == [110]


@pytest.mark.parametrize("unit", ["furlongs", "%"])
def test_a_unit_that_cannot_be_understood_makes_the_type_unknown(unit: str) -> None:
    facts = facts_of(chart(observation(CRP, 11, unit)))

    assert facts.measurements == ()
    assert facts.known[DataClass.OBSERVATION].state is State.UNKNOWN


@pytest.mark.parametrize("comparator", ["<", "<=", ">=", ">", None, "ad"])
def test_comparators_are_kept(comparator: str | None) -> None:
    (reading,) = _read(observation(CRP, 10, "mg/L", comparator=comparator))

    assert reading.comparator == (comparator if comparator in ("<", "<=", ">=", ">") else "")


@pytest.mark.parametrize(
    "when",
    [
        {"effectiveDateTime": "2026-11-20"},
        {"effectiveInstant": "2026-11-20T08:00:00Z"},
        {"effectivePeriod": {"start": "2026-11-20"}},
        {"issued": "2026-11-20T08:00:00Z"},
        {"effectiveDateTime": "2026-11-20", "issued": "2026-11-23T08:00:00Z"},
    ],
    ids=lambda when: "+".join(when),
)
def test_the_effective_time_comes_before_the_time_of_issue(when: dict[str, Any]) -> None:
    (reading,) = _read(observation(CRP, 10, "mg/L", days_ago=None, **when))

    assert str(reading.when) == "2026-11-20"


def test_a_reading_without_any_date_is_undated() -> None:
    assert [each.when for each in _read(observation(CRP, 10, "mg/L", days_ago=None))] == [None]


@pytest.mark.parametrize("code", ["85394-5", "60830-7", "3142-7"])
def test_codes_that_look_alike_are_not_read(code: str) -> None:
    assert _read(observation(code, -2.6, None)) == ()


def test_the_date_is_the_day_of_the_chart() -> None:
    assert [str(each.when) for each in _read(observation(CRP, 10, "mg/L", days_ago=3))] == [ago(3)]
