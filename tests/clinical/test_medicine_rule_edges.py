"""Each piece of evidence of each medicine rule, on both sides of its edge (clinical.md §0.1 item 12, §5.2).

Written apart from the data: the look-alikes of test_pain_plan.py say what must not count, this what must.
"""

from typing import Any

import pytest
from builders import Resource, allergy, chart, condition, judge, medicine, observation, patient, procedure


def stopped(code: str, days_ago: int) -> Resource:
    return medicine(code, status="stopped", days_ago=days_ago)


def taken(code: str | None = None, name: str | None = None) -> Resource:
    return medicine(code, name=name, days_ago=900)


def supplied(code: str, *, status: str, ended: int) -> Resource:
    """Ordered 200 days ago; the last day that the supply covers is `ended` days ago."""
    supply = {"expectedSupplyDuration": {"value": 201 - ended, "unit": "d", "code": "d"}}
    return medicine(code, status=status, days_ago=200, dispenseRequest=supply)


def egfr(value: float, days_ago: int = 30) -> Resource:
    return observation("98979-8", value, "mL/min/{1.73_m2}", days_ago=days_ago)


def met(*records: Resource, **who: Any) -> set[str]:
    plan = judge(chart(*records, who=patient(**{"gender": "male", **who}))).pain_plan
    told = [
        *(rule for each in plan.medicines for rule in each.rules),
        *(r for s in plan.steps for r in s.cautions),
    ]
    return {rule.id for rule in told if rule.status == "present"}


TAKEN_OR_LATELY = {  # rule -> medicine, days for which it counts after it was stopped
    "calcineurin-inhibitor": ("42316", 30),
    "blood-thinner": ("11289", 90),
    "lithium": ("6448", 30),
    "methotrexate": ("6851", 30),
    "steroid": ("8640", 30),
    "relaxant-sedatives": ("7804", 30),
    "relaxant-maoi": ("8123", 30),
}
TAKEN = {
    "low-dose-aspirin": "1191",
    "another-nsaid": "5640",
    "antidepressant": "36437",
    "another-acetaminophen": "161",
    "another-relaxant": "21949",
}
RECORDED: dict[str, list[Resource]] = {
    "nsaid-allergy": [allergy("5640"), condition("Z88.6"), condition("T39.395A")],
    "kidney-function-severe": [egfr(29), egfr(29, 2000)],
    "kidney-function-reduced": [egfr(59)],
    "kidney-disease-severe": [condition("N18.4", onset=3000), procedure("161665007", days_ago=3000)],
    "kidney-disease": [condition("N18.31", onset=3000)],
    "peptic-ulcer": [condition("Z87.11", onset=3000), condition("K92.2", onset=3000, clinical="resolved")],
    "bariatric-surgery": [condition("Z98.84", onset=3000), procedure("43644", days_ago=3000)],
    "blood-thinner": [condition("Z79.01"), taken("32968")],
    "low-dose-aspirin": [condition("Z79.82")],
    "bleeding-disorder": [condition("D66"), observation("777-3", 49, "10*3/uL", days_ago=400)],
    "severe-liver-disease": [condition("K74.60", onset=3000)],
    "heart-failure": [condition("I50.9", onset=3000)],
    "cardiovascular-disease": [
        condition("I25.10", onset=3000),
        condition("I21.4", onset=3000),
        condition("I60.9", onset=3000),
        condition("I61.9", onset=3000),
        condition("I62.00", onset=3000),
        condition("I69.151", onset=3000),
        procedure("33533", days_ago=3000),
    ],
    "hypertension": [condition("I10", onset=3000)],
    "steroid": [condition("Z79.52")],
    "acetaminophen-allergy": [allergy("161"), condition("T39.1X5A")],
    "unnamed-analgesic-allergy": [condition("Z88.6")],
    "liver-disease": [condition("K70.10", onset=3000)],
    "alcohol-use-disorder": [condition("F10.20", onset=3000)],
    "relaxant-allergy": [allergy("21949")],
    "relaxant-sedatives": [condition("F11.20", onset=3000), taken("596")],
    "relaxant-glaucoma": [condition("H40.9", onset=3000)],
    "relaxant-heart": [condition("I50.9", onset=3000), condition("I48.91", onset=3000)],
    "relaxant-thyroid": [condition("E05.90")],
    "relaxant-kidney": [egfr(59), condition("N18.31", onset=3000), condition("N18.4"), condition("Z94.0")],
    "relaxant-drowsy": [taken("39993"), taken("36437")],
    "relaxant-bladder": [condition("N40.1")],
    "heat-and-feeling": [condition("E11.42"), condition("R20.0", onset=3000)],
    "gastrointestinal-bleeding": [condition("K25.4", onset=3000)],
}


@pytest.mark.parametrize("rule", TAKEN_OR_LATELY)
def test_a_medicine_counts_while_taken_and_for_a_time_after(rule: str) -> None:
    code, days = TAKEN_OR_LATELY[rule]

    assert rule in met(taken(code))
    assert rule in met(stopped(code, days))
    assert rule not in met(stopped(code, days + 1))


@pytest.mark.parametrize("rule", TAKEN)
def test_a_medicine_counts_while_taken(rule: str) -> None:
    assert rule in met(taken(TAKEN[rule]))
    assert rule not in met(stopped(TAKEN[rule], 1))


@pytest.mark.parametrize("status", ["completed", "stopped"])
@pytest.mark.parametrize("rule", TAKEN_OR_LATELY)
def test_the_time_after_begins_when_the_supply_ends(rule: str, status: str) -> None:
    code, days = TAKEN_OR_LATELY[rule]

    assert rule in met(supplied(code, status=status, ended=days))
    assert rule not in met(supplied(code, status=status, ended=days + 1))


@pytest.mark.parametrize("rule", TAKEN)
def test_a_medicine_is_taken_while_its_supply_lasts(rule: str) -> None:
    assert rule in met(supplied(TAKEN[rule], status="completed", ended=0))
    assert rule in met(supplied(TAKEN[rule], status="completed", ended=-20))
    assert rule not in met(supplied(TAKEN[rule], status="completed", ended=1))


@pytest.mark.parametrize(
    ("rule", "record"),
    [(rule, record) for rule, records in RECORDED.items() for record in records],
    ids=lambda value: value if isinstance(value, str) else str(value["id"]),
)
def test_a_record_counts_whatever_its_age(rule: str, record: Resource) -> None:
    assert rule in met(record)


@pytest.mark.parametrize(
    ("rule", "inside", "outside"),
    [
        ("acute-kidney-injury", condition("N17.9", onset=90), condition("N17.9", onset=91)),
        ("recent-heart-attack", condition("I21.4", onset=183), condition("I21.4", onset=184)),
        ("relaxant-heart", condition("I21.4", onset=183), condition("I21.4", onset=184)),
        ("recent-bypass", procedure("33533", days_ago=14), procedure("33533", days_ago=15)),
        (
            "gastrointestinal-bleeding",
            condition("K25.4", onset=1826, clinical="resolved"),
            condition("K25.4", onset=1827, clinical="resolved"),
        ),
        ("kidney-function-severe", egfr(29), egfr(30)),
        ("kidney-function-reduced", egfr(59), egfr(60)),
        ("relaxant-kidney", egfr(59), egfr(60)),
        ("bleeding-disorder", observation("777-3", 49, "10*3/uL"), observation("777-3", 50, "10*3/uL")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_days_and_limits(rule: str, inside: Resource, outside: Resource) -> None:
    assert rule in met(inside)
    assert rule not in met(outside)


@pytest.mark.parametrize(
    ("rule", "inside", "outside"),
    [
        ("late-pregnancy", condition("Z34.93", recorded=120), condition("Z34.93", recorded=121)),
        ("late-pregnancy", condition("Z3A.20", recorded=0), condition("Z3A.19", recorded=0)),
        ("trying-to-conceive", condition("Z31.41", recorded=365), condition("Z31.41", recorded=366)),
        ("pregnancy", condition("Z34.90", recorded=3000), condition("Z39.2", recorded=10)),
        ("relaxant-pregnancy", condition("Z34.90", recorded=3000), condition("Z39.2", recorded=10)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_pregnancy(rule: str, inside: Resource, outside: Resource) -> None:
    assert rule in met(inside, gender="female")
    assert rule not in met(outside, gender="female")


def test_both_medicines_of_the_triple_are_needed() -> None:
    assert "triple-combination" in met(taken("29046"), taken("5487"))
    assert "triple-combination" not in met(taken("29046"), medicine("3827", id="another-of-its-kind"))


def test_kidneys_want_a_reading_of_the_last_year_from_65_or_with_diabetes() -> None:
    rule = "kidney-function-not-measured"

    assert rule in met(age=65)
    assert rule not in met(age=64)
    assert rule not in met(egfr(90, 365), age=65)
    assert rule in met(egfr(90, 366), age=65)
    assert rule in met(condition("E11.9"))
    assert rule not in met(condition("E11.9"), egfr(90, 365))
    assert rule in met(condition("E11.9"), egfr(90, 366))


@pytest.mark.parametrize(("rule", "age"), [("age-75", 75), ("relaxant-age", 65)])
def test_ages(rule: str, age: int) -> None:
    assert rule in met(age=age)
    assert rule not in met(age=age - 1)
