"""Which pain medicines may be spoken of: every rule present, absent and unknown, and what must not set it off."""

from typing import Any

import msgspec
import pytest
from builders import (
    TODAY,
    Resource,
    ago,
    allergy,
    chart,
    condition,
    drafted,
    encounter,
    facts_of,
    imaging_order,
    judge,
    knowledge,
    medicine,
    observation,
    patient,
    unreadable,
)
from case_strategies import deferrable_cases
from flag_evidence import evidence_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pain_plans import EGFR, egfr, met, plan_of, statuses

from watchful.clinical.assess import assess
from watchful.clinical.assessment import Decision, MedicineStatus
from watchful.clinical.facts import Availability, DataClass, State
from watchful.clinical.knowledge.compiled import Rule
from watchful.clinical.pain_plan import nameable

RULES = knowledge().rules
MEDICINES = [each.id for each in knowledge().medicines.medicine]
NSAIDS = ("nsaid-oral", "nsaid-topical")
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.row.id)


def test_a_chart_with_nothing_on_it_is_clear() -> None:
    plan = plan_of()

    assert set(statuses(plan).values()) == {MedicineStatus.CLEAR}
    assert not met(plan)
    assert nameable(plan) == (("nsaid-oral", "nsaid-topical", "acetaminophen"), False)


def test_the_steps_are_always_offered() -> None:
    steps = [step.id for step in plan_of(unreadable("Condition"), unreadable("Patient")).steps]

    assert steps == ["heat", "keep-moving", "physical-therapy", "follow-up", "scan-if-not-better-by-six-weeks"]


@every_rule
@settings(max_examples=25)
@given(data=st.data())
def test_met_with_its_evidence(rule: Rule, data: st.DataObject) -> None:
    case = data.draw(deferrable_cases()).with_evidence(data.draw(evidence_of(rule)))

    plan = case.judged().pain_plan

    assert rule.row.id in met(plan)
    for medicine_id in rule.row.block:
        blocked = plan.medicine(medicine_id)
        assert blocked.status is MedicineStatus.BLOCKED
        decided = next(each for each in blocked.rules if each.id == rule.row.id)
        assert decided.level == "block"
        assert all(each.reference and each.text for each in decided.evidence)
        assert decided.evidence
    for target in rule.row.caution:
        if target in MEDICINES:
            assert plan.medicine(target).status is not MedicineStatus.CLEAR


@every_rule
def test_unknown_when_any_type_it_reads_was_not_readable(rule: Rule) -> None:
    facts = facts_of(chart(who=patient(gender="male")))
    for kind in rule.reads:
        known = {**facts.known, kind: Availability(State.UNKNOWN, "fhir", "forbidden")}
        order = drafted(imaging_order())[0].order
        plan = assess(msgspec.structs.replace(facts, known=known), order, knowledge(), TODAY).pain_plan
        for medicine_id in {*rule.row.block, *rule.row.caution} & set(MEDICINES):
            assert plan.medicine(medicine_id).status is MedicineStatus.UNKNOWN, kind
            assert not nameable(plan).medicines or medicine_id not in nameable(plan).medicines


@pytest.mark.parametrize("kind", ["AllergyIntolerance", "Condition", "MedicationRequest", "Observation"])
def test_without_what_it_needs_no_medicine_is_clear(kind: str) -> None:
    plan = plan_of(unreadable(kind))

    assert set(statuses(plan).values()) == {MedicineStatus.UNKNOWN}
    assert all(kind in each.unknown for each in plan.medicines)
    assert nameable(plan).medicines == ()


def test_without_an_age_no_medicine_is_clear() -> None:
    assert set(statuses(plan_of(birthDate=None)).values()) == {MedicineStatus.UNKNOWN}


def test_a_block_that_is_met_stands_whatever_is_unknown() -> None:
    plan = plan_of(medicine("11289"), unreadable("AllergyIntolerance"))

    assert plan.medicine("nsaid-oral").status is MedicineStatus.BLOCKED
    assert plan.medicine("acetaminophen").status is MedicineStatus.UNKNOWN


def test_unknown_weighs_more_than_a_caution() -> None:
    plan = plan_of(condition("I10", onset=900), unreadable("AllergyIntolerance"))

    assert plan.medicine("nsaid-oral").status is MedicineStatus.UNKNOWN


def test_unknown_allergies_do_not_stop_a_deferral_and_are_named() -> None:
    found = judge(chart(unreadable("AllergyIntolerance")))

    assert found.decision is Decision.DEFER
    assert found.unknown == (DataClass.ALLERGY,)


@pytest.mark.parametrize("kind", ["allergy", "intolerance", None])
@pytest.mark.parametrize("named", [{"code": "5640"}, {"code": None, "name": "Advil"}, {"code": "372665008"}])
def test_allergies_and_intolerances_count_alike(kind: str | None, named: dict[str, Any]) -> None:
    assert "nsaid-allergy" in met(plan_of(allergy(**named, type=kind)))


def test_the_substance_of_a_reaction_counts() -> None:
    reaction = [{"substance": {"coding": [{"system": "http://snomed.info/sct", "code": "387207008"}]}}]

    assert "nsaid-allergy" in met(plan_of(allergy(None, name="pain pills", reaction=reaction)))


def test_an_allergy_without_a_substance_makes_allergies_unknown() -> None:
    plan = plan_of(allergy(None))

    assert plan.medicine("acetaminophen").unknown == (DataClass.ALLERGY,)


@pytest.mark.parametrize(
    "known", [{"code": "716186003"}, {"code": "409137002"}, {"code": "91935009", "name": "Allergy to peanuts"}]
)
def test_no_known_allergy_and_other_allergies_leave_the_plan_clear(known: dict[str, Any]) -> None:
    assert set(statuses(plan_of(allergy(**known))).values()) == {MedicineStatus.CLEAR}


@pytest.mark.parametrize("code", ["91935009", "855332"])
def test_an_unknown_code_without_a_name_makes_allergies_unknown(code: str) -> None:
    assert plan_of(allergy(code)).medicine("acetaminophen").unknown == (DataClass.ALLERGY,)


def test_a_product_code_without_a_name_makes_medicines_unknown() -> None:
    """855332 is a warfarin tablet: a code that no value set holds, and nothing says what is in it."""
    assert plan_of(medicine("855332")).medicine("nsaid-oral").status is MedicineStatus.UNKNOWN
    named = plan_of(medicine("855332", name="Warfarin Sodium 5 MG Oral Tablet"))
    assert named.medicine("nsaid-oral").status is MedicineStatus.BLOCKED


def test_an_allergy_is_not_a_medicine_that_is_taken() -> None:
    found = judge(chart(allergy("6851"), allergy("11289", id="warfarin"), allergy("8640", id="steroid")))

    assert not found.present()
    assert met(found.pain_plan) == set()


@pytest.mark.parametrize(
    ("readings", "status"),
    [
        ([egfr(29.9)], "blocked"),
        ([egfr(29.9, 3000)], "blocked"),
        ([egfr(30, comparator="<")], "blocked"),
        ([egfr(25, comparator=">")], "clear"),
        ([egfr(30)], "caution"),
        ([egfr(59)], "caution"),
        ([egfr(60, comparator="<")], "caution"),
        ([egfr(60)], "clear"),
        ([egfr(60, comparator=">")], "clear"),
        ([egfr(80, 10), egfr(24, 400)], "clear"),
        ([egfr(24, 10), egfr(80, 400)], "blocked"),
        ([egfr(45, 10), egfr(29, 10, id="other-formula")], "blocked"),
        ([observation("62238-1", 22, "mL/min/1.73_m2", days_ago=5), egfr(70, 100)], "blocked"),
    ],
    ids=str,
)
def test_the_newest_kidney_function_decides(readings: list[Resource], status: str) -> None:
    assert plan_of(*readings).medicine("nsaid-oral").status == status


def test_a_missing_kidney_function_alone_does_not_block() -> None:
    assert plan_of(age=64).medicine("nsaid-oral").status is MedicineStatus.CLEAR
    assert plan_of(age=65).medicine("nsaid-oral").status is MedicineStatus.CAUTION
    assert plan_of(egfr(80), age=65).medicine("nsaid-oral").status is MedicineStatus.CLEAR
    assert plan_of(condition("E11.9")).medicine("nsaid-oral").status is MedicineStatus.CAUTION
    assert plan_of(condition("E11.9"), egfr(80)).medicine("nsaid-oral").status is MedicineStatus.CLEAR


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (condition("Z3A.24", recorded=2), "blocked"),
        (condition("Z3A.14", recorded=43), "blocked"),
        (condition("Z3A.14", recorded=30), "caution"),
        (condition("313179009", recorded=2), "blocked"),
        (condition("Z34.93", recorded=20), "blocked"),
        (condition("Z34.91", recorded=20), "caution"),
        (condition("Z34.90", onset=1200), "caution"),
        (encounter("checked", days_ago=200, reasons=["Z34.90"]), "caution"),
        (encounter("checked", days_ago=302, reasons=["Z34.90"]), "clear"),
        (observation("18185-9", 25, "wk", days_ago=3), "blocked"),
        (observation("18185-9", 98, "d", days_ago=3), "caution"),
        (observation("82810-3", None, None, valueCodeableConcept={"coding": [
            {"system": "http://snomed.info/sct", "code": "77386006"}]}), "caution"),
        (observation("82810-3", None, None, valueCodeableConcept={"coding": [
            {"system": "http://snomed.info/sct", "code": "60001007"}]}), "clear"),
        (observation("2106-3", None, None, days_ago=4, valueCodeableConcept={"coding": [
            {"system": "http://snomed.info/sct", "code": "10828004"}]}), "caution"),
        (observation("21198-7", 900, "m[IU]/mL", days_ago=4), "caution"),
        (observation("21198-7", 3, "m[IU]/mL", days_ago=4), "clear"),
        (observation("21198-7", 900, "m[IU]/mL", days_ago=90), "clear"),
    ],
)  # fmt: skip
def test_pregnancy_by_its_weeks(record: Resource, status: str) -> None:
    assert plan_of(record, gender="female").medicine("nsaid-oral").status == status


def test_a_positive_test_is_a_pregnancy_for_the_decision_too() -> None:
    hormone = observation("21198-7", 900, "m[IU]/mL", days_ago=4)

    assert judge(chart(hormone)).pregnancy == "yes"
    assert judge(chart(hormone, who=patient(gender="male"))).pregnancy == "no"


@pytest.mark.parametrize(
    ("who", "noted"),
    [
        ({"gender": "female", "age": 30}, True),
        ({"gender": "female", "age": 55}, True),
        ({"gender": "female", "age": 56}, False),
        ({"gender": "male", "age": 30}, False),
        ({"gender": None, "age": 30}, True),
    ],
)
def test_not_if_you_may_be_pregnant(who: dict[str, Any], noted: bool) -> None:
    assert nameable(plan_of(**who)).not_if_pregnant is noted


def test_a_caution_on_one_nsaid_takes_both_from_the_handout() -> None:
    assert nameable(plan_of(condition("I10"), egfr(90))).medicines == ("acetaminophen",)


def test_a_relaxant_is_the_clinicians_alone() -> None:
    plan = plan_of()

    assert plan.medicine("muscle-relaxant").status is MedicineStatus.CLEAR
    assert "muscle-relaxant" not in nameable(plan).medicines


def test_nothing_is_named_where_nothing_is_clear() -> None:
    plan = plan_of(medicine("11289"), condition("K74.60"))

    assert nameable(plan).medicines == ()


def test_heat_asks_for_care_where_burns_are_not_felt() -> None:
    heat = plan_of(condition("E11.42", onset=900)).steps[0]

    assert [rule.id for rule in heat.cautions] == ["heat-and-feeling"]


def test_provisional_and_visit_diagnoses_count() -> None:
    assert "heart-failure" in met(plan_of(condition("I50.9", verification="provisional")))
    assert "heart-failure" in met(plan_of(encounter("seen", days_ago=300, reasons=["I50.9"])))


def test_a_reading_of_next_month_is_no_reading() -> None:
    future = observation(EGFR, 12, "mL/min/{1.73_m2}", days_ago=-30)

    assert plan_of(future).medicine("nsaid-oral").status is MedicineStatus.CLEAR
    assert ago(-30) > TODAY.isoformat()
