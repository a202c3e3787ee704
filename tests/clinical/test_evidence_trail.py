"""What is shown for a flag or a rule: each record with its own day and words, in an order of our own."""

import pytest
from builders import (
    Resource,
    chart,
    concept,
    condition,
    encounter,
    imaging_order,
    judge,
    knowledge,
    medicine,
    observation,
    patient,
)

from watchful.clinical.assessment import MedicineStatus, RuleResult
from watchful.clinical.knowledge.units import UNITS


def trail(flag_id: str, *records: Resource, **scene: object) -> list[tuple[str, str | None, str]]:
    evidence = judge(chart(*records, **scene)).flag(flag_id).evidence  # type: ignore[arg-type]
    return [(each.reference, str(each.date) if each.date else None, each.text) for each in evidence]


def test_findings_and_readings_are_told_with_day_and_words() -> None:
    records = (
        condition("R50.9", onset=3),
        observation("8310-5", 38.5, "Cel", id="t"),
        observation("8310-5", 39, "Cel", id="s", comparator=">", days_ago=1),
    )

    assert trail("fever", *records) == [
        ("Condition/c-R50.9", "2026-11-21", "fever"),
        ("Observation/s", "2026-11-23", "body temperature over\u00a039.0\u00a0°C, over\u00a0102.2\u00a0°F"),
        ("Observation/t", "2026-11-24", "body temperature 38.5\u00a0°C, 101.3\u00a0°F"),
    ]
    assert trail("fever", *reversed(records)) == trail("fever", *records)


@pytest.mark.parametrize(
    ("flag_id", "code", "value", "unit", "told"),
    [
        ("fever", "8310-5", 100.4, "[degF]", "body temperature 38.0\u00a0°C, 100.4\u00a0°F"),
        ("marked-inflammation", "1988-5", 12, "mg/dL", "C-reactive protein 120\u00a0mg/L"),
        ("marked-inflammation", "4537-7", 55, "mm/h", "sedimentation rate 55\u00a0mm/h"),
        ("raised-white-cells", "6690-2", 14.5, "10*3/uL", "white cell count 14.5\u00a0×10³/µL"),
        ("low-t-score", "38267-1", -2.6, "{T-score}", "spine T-score -2.6"),
    ],
)
def test_a_reading_is_told_with_the_unit_that_clinicians_read(
    flag_id: str, code: str, value: float, unit: str, told: str
) -> None:
    (shown,) = trail(flag_id, observation(code, value, unit, id="r"), who=patient(age=70))
    assert shown[2] == told


def test_every_unit_that_is_measured_in_is_described() -> None:
    assert {each.unit for each in knowledge().value_sets.values() if each.unit} == set(UNITS)


def test_records_of_one_reference_are_told_by_day_then_words() -> None:
    same = [
        condition("C50.911", id="x", onset=5),
        condition("C61", id="x", onset=400),
        condition("C73", id="x"),
        condition("C18.9", id="x", onset=5),
    ]

    assert [text for _, _, text in trail("cancer-active", *same)] == [
        "thyroid cancer",
        "prostate cancer",
        "breast cancer",
        "colon cancer",
    ]


def test_a_reading_without_a_number_is_told_by_what_it_is_called() -> None:
    called = {"coding": [{"system": "interpretation", "code": "HH"}]}

    (shown,) = trail("marked-inflammation", observation("4537-7", None, None, id="e", interpretation=[called]))

    assert shown == ("Observation/e", "2026-11-24", "sedimentation rate very high")


def test_a_test_that_was_never_made_is_told_with_its_window() -> None:
    (shown,) = rule("kidney-function-not-measured", condition("I10"), gender="male").evidence[1:]

    assert (shown.reference, shown.date, shown.text) == (
        "Observation",
        None,
        "none in 365 days: glomerular filtration",
    )


def test_an_age_is_told_in_years() -> None:
    assert trail("age-70-or-over", who=patient(age=72)) == [("Patient", None, "age 72")]
    assert trail("minor-trauma-older", condition("W18.30XA", onset=3), who=patient(age=72)) == [
        ("Condition/c-W18.30XA", "2026-11-21", "slip, trip or fall"),
        ("Patient", None, "age 72"),
    ]


def test_an_undated_record_is_told_without_a_day() -> None:
    assert trail("hiv", condition("Z21")) == [("Condition/c-Z21", None, "HIV infection without symptoms")]


@pytest.mark.parametrize(
    ("records", "suspected"),
    [
        ([condition("C61", verification="provisional")], True),
        ([condition("C61", verification="provisional"), condition("C50.911")], False),
        ([condition("C61")], False),
        ([encounter("seen", days_ago=3, reasons=["C61"])], True),
    ],
)
def test_a_flag_is_suspected_only_when_all_its_records_are(records: list[Resource], suspected: bool) -> None:
    assert judge(chart(*records)).flag("cancer-active").suspected is suspected


def test_a_reading_or_an_age_is_no_suspicion() -> None:
    assert not judge(chart(observation("8310-5", 39, "Cel"))).flag("fever").suspected
    assert not judge(chart(who=patient(age=72))).flag("age-70-or-over").suspected


def test_a_reason_of_the_order_is_a_suspicion() -> None:
    found = judge(chart(), imaging_order(reasonCode=[concept("R50.9")]))

    assert found.flag("fever").suspected


def rules_of(medicine_id: str, *records: Resource, **who: object) -> tuple[RuleResult, ...]:
    return judge(chart(*records, who=patient(**who))).pain_plan.medicine(medicine_id).rules  # type: ignore[arg-type]


def rule(rule_id: str, *records: Resource, **who: object) -> RuleResult:
    return next(each for each in rules_of("nsaid-oral", *records, **who) if each.id == rule_id)


def test_a_rule_is_told_with_level_title_and_evidence() -> None:
    (rule,) = rules_of("nsaid-oral", medicine("11289", id="w"), gender="male")

    assert (rule.id, rule.level, rule.status.value, rule.title) == (
        "blood-thinner",
        "block",
        "present",
        "a blood thinner or platelet inhibitor",
    )
    assert [(each.reference, str(each.date), each.text) for each in rule.evidence] == [
        ("MedicationRequest/w", "2026-11-14", "warfarin")
    ]


@pytest.mark.parametrize(("days", "met"), [(365, False), (366, True), (None, True)])
def test_an_old_or_undated_filtration_rate_is_none(days: int | None, met: bool) -> None:
    rate = observation("98979-8", 90, "mL/min/{1.73_m2}", days_ago=days)

    rules = rules_of("nsaid-oral", condition("I10"), rate, gender="male")

    assert ("kidney-function-not-measured" in {each.id for each in rules}) is met


def test_a_problem_without_a_known_code_is_a_caution_for_the_plan() -> None:
    uncoded = condition("local", system="urn:local", text="kidney trouble")

    assert rule("uncoded-problems", uncoded, gender="male").evidence[0].text == "uncoded problems: 1"


def test_a_caution_is_called_one() -> None:
    rules = rules_of("nsaid-topical", age=75, gender="male")

    assert ("age-75", "caution") in [(rule.id, rule.level) for rule in rules]


def test_blocks_stand_before_cautions_and_what_was_met_before_what_is_unknown() -> None:
    unread = {"resourceType": "Procedure", "id": "x", "status": 7}
    records = (medicine("11289"), condition("I10", onset=900), unread)

    rules = [(rule.level, rule.status.value) for rule in rules_of("nsaid-oral", *records, gender="male")]

    assert rules == sorted(rules, key=lambda each: (each[0] != "block", each[1] != "present"))
    assert {("block", "present"), ("block", "unknown"), ("caution", "present")} <= set(rules)


def test_steps_and_medicines_carry_their_titles() -> None:
    plan = judge(chart()).pain_plan

    assert [step.title for step in plan.steps][:3] == [
        "heat, with a cloth between, not in sleep",
        "keep moving, back to usual activity as pain allows",
        "physical therapy",
    ]
    assert [each.title for each in plan.medicines] == [
        "anti-inflammatory pills (ibuprofen, naproxen)",
        "anti-inflammatory gel (diclofenac)",
        "acetaminophen",
        "muscle relaxant",
    ]
    assert all(each.status is MedicineStatus.CLEAR for each in plan.medicines)


@pytest.mark.parametrize(("age", "possible"), [(11, False), (12, True), (55, True), (56, False)])
def test_a_pregnancy_is_possible_from_twelve_to_fifty_five(age: int, possible: bool) -> None:
    assert judge(chart(who=patient(age=age))).pain_plan.pregnancy_possible is possible
