"""What looks like the record that a rule on medicines asks for, and must not set it off."""

import pytest
from builders import Resource, allergy, condition, knowledge, medicine, observation, procedure
from pain_plans import egfr, met, plan_of

LOOK_ALIKES: dict[str, list[Resource]] = {
    "nsaid-allergy": [
        allergy("5640", verification="refuted", id="refuted"),
        allergy("7258", verification="entered-in-error", id="mistake"),
        allergy("3355", clinical="resolved", id="resolved"),
        allergy("716186003", name="No known allergy", id="none"),
        allergy("161", id="acetaminophen"),
        condition("Z88.5", id="opioid-allergy"),
    ],
    "kidney-function-severe": [egfr(30), egfr(24, 400, id="old"), egfr(20, 1, status="entered-in-error", id="x")],
    "kidney-function-reduced": [egfr(60, comparator=">"), egfr(55, 300)],
    "kidney-disease-severe": [condition("N18.31"), condition("N20.0", id="stone")],
    "kidney-disease": [condition("N28.1", id="cyst")],
    "acute-kidney-injury": [condition("N17.9", onset=91)],
    "calcineurin-inhibitor": [medicine("42316", status="completed", days_ago=200), medicine("6851", id="other")],
    "kidney-function-not-measured": [condition("I10"), egfr(90, 360)],
    "gastrointestinal-bleeding": [
        condition("K92.2", onset=2000, clinical="resolved"),
        condition("K25.7", onset=10, id="quiet"),
        condition("K62.5", onset=10, id="rectal"),
    ],
    "peptic-ulcer": [condition("K21.9", id="reflux"), condition("K29.70", id="gastritis")],
    "bariatric-surgery": [procedure("43775", status="not-done"), condition("E66.01", id="obesity")],
    "blood-thinner": [
        medicine("11289", status="completed", days_ago=200),
        medicine("32968", doNotPerform=True, id="must-not"),
        medicine("1191", id="aspirin"),
    ],
    "low-dose-aspirin": [
        medicine("1191", status="completed", days_ago=100),
        allergy("6809", name="metformin", id="other"),
    ],
    "bleeding-disorder": [
        condition("D64.9", id="anemia"),
        observation("777-3", 50, "10*3/uL", days_ago=3),
        observation("777-3", 40, "10*3/uL", days_ago=300, id="old"),
    ],
    "severe-liver-disease": [condition("K76.0", id="fatty"), condition("K70.0", id="alcoholic-fatty")],
    "heart-failure": [condition("I51.7", id="large-heart"), condition("Z82.49", id="family")],
    "recent-heart-attack": [condition("I21.4", onset=184), condition("I25.2", id="old")],
    "recent-bypass": [procedure("33533", days_ago=15), condition("Z95.1", id="scar")],
    "cardiovascular-disease": [condition("I83.90", id="varices"), condition("Z82.3", id="family")],
    "triple-combination": [medicine("29046"), medicine("5487", status="stopped", id="stopped")],
    "hypertension": [condition("R03.0", id="one-reading"), condition("I95.9", id="low")],
    "late-pregnancy": [condition("Z3A.12", recorded=30), condition("Z3A.30", recorded=400, id="earlier")],
    "pregnancy": [condition("Z34.90", clinical="resolved", onset=300), condition("O80", onset=200, id="birth")],
    "trying-to-conceive": [condition("Z30.09", id="contraception"), condition("Z31.41", recorded=500)],
    "lithium": [medicine(None, name="Lithobid", status="completed", days_ago=90)],
    "methotrexate": [medicine("6851", status="stopped", days_ago=90), medicine("1256", id="azathioprine")],
    "another-nsaid": [medicine("5640", status="completed"), medicine("161", id="acetaminophen")],
    "steroid": [
        medicine("8640", status="completed", days_ago=60),
        medicine("5492", name="hydrocortisone 1 % topical cream", id="cream"),
    ],
    "antidepressant": [medicine("36437", status="stopped"), medicine(None, name="bupropion 150 MG", id="other")],
    "acetaminophen-allergy": [allergy("161", verification="refuted"), allergy("5640", id="ibuprofen")],
    "unnamed-analgesic-allergy": [condition("Z88.0", id="penicillin")],
    "liver-disease": [condition("K76.0", id="fatty"), condition("Z86.19", id="healed-hepatitis")],
    "alcohol-use-disorder": [condition("F10.21", id="remission"), condition("Z72.0", id="tobacco")],
    "another-acetaminophen": [medicine("161", status="completed"), medicine("5640", id="ibuprofen")],
    "relaxant-allergy": [allergy("21949", verification="refuted")],
    "relaxant-sedatives": [
        medicine("7804", status="completed", days_ago=90),
        condition("F11.21", id="remission"),
        medicine(None, name="buspirone 10 MG", id="other"),
    ],
    "relaxant-pregnancy": [condition("Z34.90", clinical="resolved", onset=300)],
    "relaxant-glaucoma": [condition("H40.051", id="pressure"), condition("H26.9", id="cataract")],
    "relaxant-maoi": [medicine(None, name="phenelzine 15 MG", status="completed", days_ago=60)],
    "relaxant-heart": [condition("R00.2", id="palpitations"), condition("I25.10", id="coronary")],
    "relaxant-thyroid": [condition("E03.9", id="underactive")],
    "another-relaxant": [medicine("21949", status="completed")],
    "relaxant-kidney": [egfr(60), condition("N20.0", id="stone")],
    "relaxant-drowsy": [medicine("39993", status="completed"), medicine(None, name="loratadine", id="other")],
    "relaxant-bladder": [condition("N40.0", id="no-symptoms"), condition("N39.0", id="infection")],
    "uncoded-problems": [condition("K76.0", id="fatty")],
    "heat-and-feeling": [condition("E11.9", id="diabetes"), condition("M79.2", id="neuralgia")],
}
AGES = {"age-75": 74, "relaxant-age": 64}


def test_every_rule_has_a_look_alike() -> None:
    assert set(LOOK_ALIKES) | set(AGES) == {rule.row.id for rule in knowledge().rules}


@pytest.mark.parametrize("rule_id", LOOK_ALIKES)
def test_a_look_alike_does_not_set_it_off(rule_id: str) -> None:
    sex = "female" if "pregnan" in rule_id or "conceive" in rule_id else "male"

    assert rule_id not in met(plan_of(*LOOK_ALIKES[rule_id], gender=sex))


@pytest.mark.parametrize("rule_id", AGES)
def test_a_younger_age_does_not_set_it_off(rule_id: str) -> None:
    assert rule_id not in met(plan_of(age=AGES[rule_id]))
    assert rule_id in met(plan_of(age=AGES[rule_id] + 1))
