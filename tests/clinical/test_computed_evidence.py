"""Evidence that a table cannot say: weight trends with their guards, days that steroids cover."""

from typing import Any

import pytest
from builders import (
    RXNORM,
    Resource,
    ago,
    chart,
    concept,
    condition,
    judge,
    medicine,
    observation,
    patient,
    procedure,
)

from watchful.clinical.assessment import Status
from watchful.clinical.facts import DataClass


def weight(kilograms: float, days_ago: int, unit: str = "kg", **elements: Any) -> Resource:
    id = elements.pop("id", f"w{days_ago}-{kilograms}")
    return observation("29463-7", kilograms, unit, days_ago=days_ago, id=id, **elements)


def lost(*resources: Resource, **who: Any) -> bool:
    found = judge(chart(*resources, who=patient(**{"gender": "male", "age": 45, **who})))
    return found.flag("measured-weight-loss").status is Status.PRESENT


FALL = (weight(90, 150), weight(89.6, 120), weight(83, 0))


@pytest.mark.parametrize(
    ("weights", "present"),
    [
        (FALL, True),
        ((weight(90, 150), weight(90, 120), weight(85.5, 0)), True),
        ((weight(90, 150), weight(90, 120), weight(85.6, 0)), False),
        ((weight(90, 150), weight(85, 0)), True),
        ((weight(80, 150), weight(75.5, 0)), False),
        ((weight(90, 365), weight(83, 0)), True),
        ((weight(90, 366), weight(83, 0)), False),
        ((weight(90, 30), weight(83, 0)), True),
        ((weight(90, 29), weight(83, 0)), False),
        ((weight(90, 210), weight(83, 60)), True),
        ((weight(90, 211), weight(83, 61)), False),
        ((weight(198.4, 150, "[lb_av]"), weight(83, 0)), True),
        ((weight(90, 150), weight(67.5, 0)), True),
        ((weight(90, 150), weight(67.4, 0)), False),
        ((weight(198, 150), weight(90, 0)), False),
        ((weight(40.8, 150), weight(90, 0)), False),
        ((weight(198, 150), weight(91, 120), weight(90.5, 90), weight(85, 0)), True),
        ((weight(83, 150), weight(90, 0)), False),
        ((weight(90, 150), weight(83, 0, status="entered-in-error")), False),
        ((weight(90, 150), weight(83, 5), weight(89, 0)), False),
        ((weight(90, 150, comparator="<"), weight(83, 0)), False),
        ((weight(83, 0),), False),
        ((weight(80, 150), weight(80, 150, id="copy"), weight(75.5, 0), weight(75.5, 0, id="copy-2")), False),
    ],
    ids=lambda value: str(len(value)) if isinstance(value, tuple) else str(value),
)
def test_weight_lost_between_measurements(weights: tuple[Resource, ...], present: bool) -> None:
    assert lost(*weights) is present


BMI_34 = observation("39156-5", 34, "kg/m2", days_ago=150)


@pytest.mark.parametrize(
    "why",
    [
        [medicine(None, name="Ozempic 1 MG pen", days_ago=160)],
        [medicine(None, name="phentermine 37.5 MG", days_ago=200, status="completed")],
        [procedure("43775", days_ago=300)],
        [condition("Z98.84", onset=300)],
        [condition("Z71.3", recorded=140), BMI_34],
        [condition("Z89.512", onset=100)],
        [condition("I50.9", onset=900), medicine("4603", days_ago=100)],
    ],
    ids=["GLP-1", "weight-loss medicine", "sleeve", "status", "diet and BMI", "amputation", "diuretic"],
)
def test_an_explained_loss_is_none(why: list[Resource]) -> None:
    assert not lost(*FALL, *why)


@pytest.mark.parametrize(
    "why_not",
    [
        [medicine(None, name="Ozempic 1 MG pen", days_ago=500, status="stopped")],
        [medicine(None, name="Ozempic 1 MG pen", doNotPerform=True)],
        [procedure("43775", days_ago=731)],
        [procedure("43775", days_ago=100, status="not-done")],
        [condition("Z98.84")],
        [condition("Z71.3", recorded=140)],
        [BMI_34],
        [condition("I50.9", onset=900), medicine("4603", days_ago=400)],
        [medicine("4603", days_ago=100)],
        [condition("Z39.2", recorded=50)],
    ],
    ids=["stopped", "must not", "old sleeve", "not done", "undated", "diet only", "BMI only", "old diuretic",
         "no heart failure", "a man"],
)  # fmt: skip
def test_what_does_not_explain_a_loss(why_not: list[Resource]) -> None:
    assert lost(*FALL, *why_not)


@pytest.mark.parametrize(("record", "explained"), [
    (condition("Z34.90", onset=200), True), (condition("Z39.2", recorded=183), True),
    (condition("Z39.2", recorded=184), False), (condition("Z34.90", onset=301), False),
])  # fmt: skip
def test_a_pregnancy_or_a_birth_explains_for_a_time(record: Resource, explained: bool) -> None:
    assert lost(*FALL, record, gender="female") is not explained


def test_the_numbers_are_told() -> None:
    flag = judge(chart(*FALL, who=patient(gender="male"))).flag("measured-weight-loss")

    assert [each.text for each in flag.evidence] == ["weight 83.0 kg, 7.8 % less than 90.0 kg", "weight 90.0 kg"]


def test_unknown_without_observations() -> None:
    found = judge(chart({"resourceType": "Observation", "id": "x", "status": 7}))

    assert found.flag("measured-weight-loss").status is Status.UNKNOWN
    assert DataClass.OBSERVATION in found.unknown


PREDNISONE = "8640"


def supply(days: float, refills: int = 0, unit: str = "d") -> Resource:
    return {"expectedSupplyDuration": {"value": days, "code": unit}, "numberOfRepeatsAllowed": refills}


def steroid(days_ago: int | None, days: float | None = None, refills: int = 0, **elements: Any) -> Resource:
    if days is not None:
        elements["dispenseRequest"] = supply(days, refills)
    id = elements.pop("id", f"s{days_ago}")
    return medicine(elements.pop("code", PREDNISONE), days_ago=days_ago, id=id, **elements)


def long_term(*orders: Resource) -> bool:
    return judge(chart(*orders)).flag("long-term-steroids").status is Status.PRESENT


@pytest.mark.parametrize(
    ("orders", "present"),
    [
        ([steroid(120, 30, 3)], True),
        ([steroid(120, 90)], True),
        ([steroid(120, 89)], False),
        ([steroid(89, 90)], True),
        ([steroid(88, 90)], False),
        ([steroid(14, 5)], False),
        ([steroid(120, 30, 3, status="stopped")], False),
        ([steroid(120, 30, 3, status="completed")], True),
        ([steroid(120, 30, 3, doNotPerform=True)], False),
        ([steroid(90, 30), steroid(60, 30), steroid(30, 30)], True),
        ([steroid(97, 30), steroid(60, 30), steroid(23, 30)], False),
        ([steroid(97, 30), steroid(60, 30), steroid(23, 30), steroid(120, 23)], True),
        ([steroid(104, 30), steroid(66, 30), steroid(29, 30)], False),
        ([steroid(100, 30), steroid(62, 35), steroid(25, 30)], False),
        ([steroid(100, 30), steroid(90, 30), steroid(50, 40)], True),
        ([steroid(100, 40), steroid(100, 40, id="other")], False),
        ([steroid(500, 90)], False),
        ([steroid(400, 130)], True),
        ([steroid(120, 3, refills=0, status="completed"), steroid(60, 5), steroid(10, 5)], False),
        ([steroid(100)], True),
        ([steroid(80)], False),
        ([steroid(None)], True),
        ([steroid(100, status="completed")], False),
        ([steroid(100, name="methylprednisolone acetate 40 MG/ML Injection")], False),
        ([steroid(100, name="prednisolone 1 % ophthalmic")], False),
    ],
)
def test_days_covered_by_steroids(orders: list[Resource], present: bool) -> None:
    assert long_term(*orders) is present


@pytest.mark.parametrize(
    ("elements", "present"),
    [
        ({"dispenseRequest": supply(3, unit="mo")}, True),
        ({"dispenseRequest": supply(13, unit="wk")}, True),
        ({"dispenseRequest": {"expectedSupplyDuration": {"value": 95, "unit": "days"}}}, True),
        ({"dispenseRequest": {"expectedSupplyDuration": {"value": 5, "unit": "day"}}}, False),
        ({"dispenseRequest": supply(95, unit="tablets"), "status": "completed"}, False),
        ({"dispenseRequest": {"validityPeriod": {"end": ago(5)}}}, True),
        ({"dispenseRequest": {"validityPeriod": {"end": ago(5)}}, "status": "completed"}, False),
        ({"dispenseRequest": {**supply(5), "validityPeriod": {"end": ago(-200)}}}, False),
        ({"dosageInstruction": [{"timing": {"repeat": {"boundsDuration": {"value": 100, "code": "d"}}}}]}, True),
        ({"dosageInstruction": [{"timing": {"repeat": {"boundsDuration": {"value": 6, "code": "d"}}}}]}, False),
        ({"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"end": ago(20)}}}}]}, True),
        ({"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": {"end": ago(115)}}}}]}, False),
    ],
)  # fmt: skip
def test_how_an_order_says_what_it_covers(elements: dict[str, Any], present: bool) -> None:
    assert long_term(steroid(120, **elements)) is present


def test_a_steroid_of_the_lungs_or_the_skin_is_none() -> None:
    orders = [
        medicine("5492", name="hydrocortisone 1 % topical cream", days_ago=400, id="cream"),
        medicine(None, name="triamcinolone nasal spray", days_ago=400, id="spray"),
        medicine(None, medicationCodeableConcept=concept("8640", system=RXNORM), days_ago=400, id="drops",
                 dosageInstruction=[{"route": {"text": "ophthalmic"}}]),
    ]  # fmt: skip

    assert not long_term(*orders)


def test_the_order_of_records_and_copies_change_nothing() -> None:
    orders = [steroid(90, 30), steroid(60, 30), steroid(30, 30)]

    assert long_term(*reversed(orders))
    assert long_term(*orders, *orders)
    assert not long_term(steroid(60, 30), steroid(60, 30))
