"""Every guard of the computed weight loss, on both sides of its limit (reference/clinical.md §3.2 row 6)."""

from typing import Any

import msgspec
import pytest
from builders import knowledge
from computed_records import found, look, measured

from watchful.clinical.facts import Finding, Measurement

FALL = ((150, 90.0), (120, 89.6), (0, 83.0))


def weighed(*readings: tuple[Any, float | None]) -> list[Measurement]:
    return [measured("body-weight", kilograms, days, id=f"w{number}")
            for number, (days, kilograms) in enumerate(readings)]  # fmt: skip


def lost(*readings: tuple[Any, float | None], beside: tuple[Finding | Measurement, ...] = (), **how: Any) -> bool:
    return bool(look("weight-trend", *weighed(*(readings or FALL)), *beside, **how))


@pytest.mark.parametrize(
    ("readings", "present"),
    [
        ([(150, 90), (120, 90), (60, 83)], True),
        ([(150, 90), (120, 90), (61, 83)], False),
        ([(30, 90), (0, 83)], True),
        ([(29, 90), (0, 83)], False),
        ([(365, 90), (0, 83)], True),
        ([(366, 90), (0, 83)], False),
        ([(425, 90), (60, 83)], True),
        ([(150, 100), (120, 100), (0, 95)], True),
        ([(150, 100), (120, 100), (0, 95.04)], False),
        ([(150, 95), (0, 90)], True),
        ([(150, 94.9), (0, 90)], False),
        ([(150, 94.9), (149, 70), (0, 90)], False),
        ([(150, 94.9), (149, 72), (0, 90)], True),
        ([(150, 94.9), (149, 71.9), (0, 90)], False),
        ([(150, 100), (0, 75)], True),
        ([(150, 100), (0, 74.9)], False),
        ([(150, 0), (120, 90), (0, 83)], True),
        ([(150, 0), (0, 83)], False),
        ([(150, 90), (0, 0)], False),
        ([(150, 90), (0, -83)], False),
        ([(150, 1.0), (0, 0.8)], False),
        ([(150, 90), (0, 83), (0, 90)], False),
        ([(150, 90), (0, 83), (0, 84), (0, 90)], True),
        ([((160, 140), 90), (0, 83)], False),
        ([(150, 90), ((20, 0), 83)], False),
        ([(150, 90), (None, 83)], False),
        ([(150, 90), (0, None)], False),
        ([(150, 90), (0, 83), (None, 90)], True),
        ([], False),
    ],
    ids=str,
)  # fmt: skip
def test_days_and_kilograms(readings: list[tuple[Any, float | None]], present: bool) -> None:
    assert bool(look("weight-trend", *weighed(*readings))) is present


@pytest.mark.parametrize(
    ("earlier", "present"), [(187.5, True), (187.7, False), (198.4, False), (209.1, False), (209.3, True)]
)
def test_pounds_beside_kilograms_are_an_error_also_where_a_site_allows_great_changes(
    earlier: float, present: bool
) -> None:
    """2.2046 pounds a kilogram, give or take 0.12."""
    shipped = knowledge().computed
    trend = msgspec.structs.replace(shipped.weight_trend, error_percent=90.0)

    assert lost((150, earlier), (0, 90), numbers=msgspec.structs.replace(shipped, weight_trend=trend)) is present


def test_kilograms_before_pounds_are_an_error_too_and_no_second_baseline() -> None:
    shipped = knowledge().computed
    trend = msgspec.structs.replace(shipped.weight_trend, error_percent=300.0)
    numbers = msgspec.structs.replace(shipped, weight_trend=trend)

    assert not lost((150, 94.9), (149, 40.8), (0, 90), numbers=numbers)
    assert lost((150, 94.9), (149, 50.0), (0, 90), numbers=numbers)


def test_the_newest_and_the_highest_are_told() -> None:
    newest, highest = look("weight-trend", *weighed((150, 90), (120, 88), (120, 90), (0, 83), (0, 83)))

    assert (newest.reference, newest.text) == ("Observation/w4", "weight 83.0 kg, 7.8 % less than 90.0 kg")
    assert (highest.reference, highest.text) == ("Observation/w2", "weight 90.0 kg")
    assert str(newest.date) == "2026-11-24"
    assert str(highest.date) == "2026-07-27"


def bmi(value: float | None, days_ago: int = 100, **more: Any) -> Measurement:
    return measured("body-mass-index", value, days_ago, **more)


def drug(concept: str, days_ago: Any, *, stopped: Any = None, **more: Any) -> Finding:
    ended = found(concept, stopped).recorded
    return found(concept, days_ago, kind="medication", ended=ended, **{"current": False, **more})


HEART = found("heart-failure", 900)
COUNSELLED = found("weight-counselling", 365)


@pytest.mark.parametrize(
    ("beside", "explained"),
    [
        ((found("bariatric-surgery", 730),), True),
        ((found("bariatric-surgery", 731),), False),
        ((found("bariatric-surgery", None),), False),
        ((found("bariatric-surgery", (740, 720)),), False),
        ((found("amputation", 365),), True),
        ((found("amputation", 366),), False),
        ((drug("weight-loss-medicine", 900, current=True),), True),
        ((drug("weight-loss-medicine", 365),), True),
        ((drug("weight-loss-medicine", 366),), False),
        ((drug("weight-loss-medicine", 900, stopped=365),), True),
        ((drug("weight-loss-medicine", 900, stopped=366),), False),
        ((drug("weight-loss-medicine", 10, current=True, certainty="suspected"),), False),
        ((found("weight-loss-medicine", 10),), False),
        ((COUNSELLED, bmi(30)), True),
        ((COUNSELLED, bmi(29.9)), False),
        ((COUNSELLED, bmi(None)), False),
        ((COUNSELLED, bmi(35, comparator="<")), False),
        ((COUNSELLED, bmi(35, comparator="<=")), False),
        ((COUNSELLED, bmi(35, comparator=">")), True),
        ((COUNSELLED, bmi(35, 365)), True),
        ((COUNSELLED, bmi(35, 366)), False),
        ((COUNSELLED,), False),
        ((bmi(35),), False),
        ((found("weight-counselling", 366), bmi(35)), False),
        ((drug("diuretic", 150), HEART), True),
        ((drug("diuretic", 151), HEART), False),
        ((drug("diuretic", (155, 145)), HEART), False),
        ((drug("diuretic", None), HEART), False),
        ((drug("diuretic", 100, certainty="suspected"), HEART), False),
        ((found("diuretic", 100), HEART), False),
        ((drug("diuretic", 100),), False),
        ((HEART,), False),
    ],
    ids=str,
)
def test_what_explains_a_loss(beside: tuple[Finding | Measurement, ...], explained: bool) -> None:
    assert lost(beside=beside) is not explained


@pytest.mark.parametrize(("started", "explained"), [(365, True), (366, False)])
def test_a_diuretic_of_over_a_year_ago_explains_nothing(started: int, explained: bool) -> None:
    readings = ((400, 90.0), (390, 90.0), (40, 83.0))

    assert lost(*readings, beside=(drug("diuretic", started), HEART)) is not explained


@pytest.mark.parametrize("sex", ["female", "other", "unknown", None])
@pytest.mark.parametrize(
    ("concept", "days_ago", "explained"),
    [("pregnancy", 300, True), ("pregnancy", 301, False), ("postpartum", 183, True), ("postpartum", 184, False)],
)
def test_pregnancy_explains_but_never_of_a_man(sex: Any, concept: str, days_ago: int, explained: bool) -> None:
    assert lost(beside=(found(concept, days_ago),), sex=sex) is not explained
    assert lost(beside=(found(concept, days_ago),), sex="male")
