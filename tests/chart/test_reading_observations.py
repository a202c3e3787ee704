"""What an Observation says: status, value, unit, comparator and date (§3.1)."""

from typing import Any

import pytest
from builders import ago, chart, concept, facts_of, judge, observation, patient

from watchful.chart.units import convert
from watchful.clinical.assessment import MedicineStatus
from watchful.clinical.facts import DataClass, Measurement, State

TEMPERATURE, CRP, SCORE, EGFR = "8310-5", "1988-5", "38267-1", "62238-1"


def _read(*observations: dict[str, Any]) -> tuple[Measurement, ...]:
    return facts_of(chart(*observations)).measurements


def _known(*observations: dict[str, Any]) -> State:
    return facts_of(chart(*observations)).known[DataClass.OBSERVATION].state


def _says(code: str, **value: Any) -> dict[str, Any]:
    return observation(code, None, None, **value)


def _ml(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "mL/min/1.73m2"}


@pytest.mark.parametrize("status", ["final", "amended", "corrected", "preliminary"])
def test_results_count_also_preliminary_ones(status: str) -> None:
    (reading,) = _read(observation(TEMPERATURE, 38.4, "Cel", status=status))

    assert reading.value == 38.4


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


def test_a_whole_number_is_read_like_a_quantity_without_a_unit() -> None:
    assert [each.value for each in _read(_says(EGFR, valueInteger=22))] == [22]
    assert _known(_says(EGFR, valueInteger=22)) is State.KNOWN
    assert _known(_says(CRP, valueInteger=22)) is State.UNKNOWN  # mg/L or mg/dL


def test_of_a_range_both_ends_are_read() -> None:
    stated = _says(EGFR, valueRange={"low": _ml(15), "high": _ml(29)})

    assert [(each.value, each.comparator) for each in _read(stated)] == [(15, ""), (29, "")]
    assert _known(stated) is State.KNOWN


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ({"low": _ml(15)}, [(15, ">=")]),
        ({"high": _ml(90)}, [(90, "<=")]),
        ({"low": {"unit": "mL/min"}, "high": _ml(90)}, [(90, "<=")]),
        ({"low": {"value": 15, "unit": "furlongs"}, "high": _ml(90)}, [(90, "")]),
        ({}, []),
    ],
    ids=["no upper end", "no lower end", "an end without a number", "an end in another unit", "empty"],
)
def test_a_range_with_an_open_end_is_not_wholly_known(
    stated: dict[str, Any], read: list[tuple[float, str]]
) -> None:
    written = _says(EGFR, valueRange=stated)

    assert [(each.value, each.comparator) for each in _read(written)] == read
    assert _known(written) is State.UNKNOWN


UNREAD: list[dict[str, Any]] = [
    {"valueString": "22 mL/min"},
    {"valueRatio": {"numerator": _ml(22), "denominator": {"value": 1}}},
    {"valueCodeableConcept": {"text": "stage 4"}},
    {"valueQuantity": {"unit": "mL/min"}},
    {},
    *({"dataAbsentReason": {"coding": [{"code": why}]}} for why in ("masked", "as-text", "unsupported")),
]
"""Forms of a kidney function of which nobody can say that it is good."""


@pytest.mark.parametrize("value", UNREAD, ids=str)
def test_a_value_in_a_form_that_is_not_read_makes_the_type_unknown(value: dict[str, Any]) -> None:
    assert _read(_says(EGFR, **value)) == ()
    assert _known(_says(EGFR, **value)) is State.UNKNOWN


@pytest.mark.parametrize("why", ["not-performed", "asked-declined", "error", "unknown"])
def test_a_value_that_never_was_is_not_unknown(why: str) -> None:
    assert _known(_says(EGFR, dataAbsentReason={"coding": [{"code": why}]})) is State.KNOWN


def test_a_panel_has_its_values_in_its_members() -> None:
    assert _known(_says(EGFR, hasMember=[{"reference": "Observation/x"}])) is State.KNOWN


def test_a_component_is_read_with_the_date_of_its_observation() -> None:
    part = {"code": concept(EGFR), "valueQuantity": _ml(22)}
    (reading,) = _read(_says("24323-8", id="panel", days_ago=3, component=[part, {"code": concept(CRP)}]))

    assert (reading.value, reading.reference, str(reading.when)) == (22, "Observation/panel", ago(3))


def test_a_component_without_a_value_makes_the_type_unknown() -> None:
    assert _known(_says("24323-8", component=[{"code": concept(EGFR)}])) is State.UNKNOWN
    assert _known(_says("24323-8", component=[{"code": concept("85354-9")}])) is State.KNOWN


@pytest.mark.parametrize(
    "value",
    [
        {"valueInteger": 22},
        {"valueRange": {"low": _ml(15), "high": _ml(29)}},
        {"valueRange": {"high": _ml(90)}},
        *UNREAD,
    ],
    ids=str,
)
def test_a_kidney_function_in_any_form_never_leaves_an_anti_inflammatory_clear(value: dict[str, Any]) -> None:
    man = patient(gender="male")
    found = judge(chart(_says(EGFR, **value), who=man)).pain_plan

    assert judge(chart(observation(EGFR, 95, "mL/min"), who=man)).pain_plan.medicine("nsaid-oral").status is (
        MedicineStatus.CLEAR
    )
    assert found.medicine("nsaid-oral").status is not MedicineStatus.CLEAR
