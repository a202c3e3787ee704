"""Readings without a number that can be compared, coded answers, and allergies as facts."""

from typing import Any

import pytest
from builders import ago, allergy, chart, concept, facts_of, judge, observation, patient

from watchful.clinical.assessment import Status
from watchful.clinical.facts import DataClass, State

CRP = "1988-5"
HIGH, VERY_HIGH, LOW = ([concept(code, system="interpretation")] for code in ("H", "HH", "L"))


def _x(value: float) -> dict[str, Any]:
    """A number in a unit that cannot be converted."""
    return {"value": value, "unit": "x"}


def _raised(**elements: Any) -> tuple[bool, bool]:
    found = judge(chart(observation(CRP, None, None, days_ago=2, **elements)))
    return (
        found.flag("raised-inflammation").status is Status.PRESENT,
        found.flag("marked-inflammation").status is Status.PRESENT,
    )


@pytest.mark.parametrize(
    ("elements", "raised", "marked"),
    [
        ({"interpretation": HIGH}, True, False),
        ({"interpretation": VERY_HIGH}, True, True),
        ({"interpretation": LOW}, False, False),
        ({"interpretation": HIGH, "status": "entered-in-error"}, False, False),
        ({"valueQuantity": {"value": 40, "unit": "furlongs"}, "interpretation": HIGH}, True, False),
        ({"valueQuantity": _x(40), "referenceRange": [{"high": _x(9)}]}, True, False),
        ({"valueQuantity": _x(40), "referenceRange": [{"high": {"value": 9}}]}, True, False),
        ({"valueQuantity": _x(40), "referenceRange": [{"high": {"value": 9, "unit": "y"}}]}, False, False),
        ({"valueQuantity": _x(4), "referenceRange": [{"high": _x(9)}]}, False, False),
        ({"valueQuantity": {"value": 3, "unit": "mg/L"}, "interpretation": HIGH}, False, False),
        ({"dataAbsentReason": concept("unknown", system="absent")}, False, False),
    ],
)  # fmt: skip
def test_the_number_first_then_the_laboratorys_word_then_its_range(
    elements: dict[str, Any], raised: bool, marked: bool
) -> None:
    assert _raised(**elements) == (raised, marked)


def test_a_unit_that_cannot_be_read_makes_observations_unknown_all_the_same() -> None:
    facts = facts_of(chart(observation(CRP, 40, "furlongs", interpretation=HIGH)))

    assert facts.known[DataClass.OBSERVATION].state is State.UNKNOWN


@pytest.mark.parametrize(
    ("text", "status"),
    [(">60", "clear"), ("< 30", "blocked"), ("24", "blocked"), (" 95.5 ", "clear"), ("see comment", "unknown")],
)
def test_a_number_written_as_text_is_read_and_other_text_makes_observations_unknown(
    text: str, status: str
) -> None:
    kidney = observation("33914-3", None, None, days_ago=9, valueString=text)

    plan = judge(chart(kidney, who=patient(gender="male"))).pain_plan
    assert plan.medicine("nsaid-oral").status == status


@pytest.mark.parametrize(("answer", "pregnant"), [("77386006", True), ("60001007", False), ("10828004", False)])
def test_a_coded_answer_means_what_its_question_asked(answer: str, pregnant: bool) -> None:
    facts = facts_of(chart(observation("82810-3", None, None, valueCodeableConcept=concept(answer))))

    assert any("pregnancy" in each.concepts and each.kind == "result" for each in facts.findings) is pregnant


def _allergies(*given: dict[str, Any]) -> list[tuple[set[str], str, bool]]:
    facts = facts_of(chart(*given))
    return [
        (set(each.concepts), each.certainty, each.current) for each in facts.findings if each.kind == "allergy"
    ]


@pytest.mark.parametrize(
    ("elements", "read"),
    [
        ({"code": "5640"}, [({"nsaid"}, "confirmed", True)]),
        ({"code": "5640", "verification": None, "clinical": None}, [({"nsaid"}, "confirmed", True)]),
        ({"code": "5640", "verification": "unconfirmed"}, [({"nsaid"}, "suspected", True)]),
        ({"code": "5640", "clinical": "inactive"}, [({"nsaid"}, "confirmed", False)]),
        ({"code": "5640", "verification": "refuted"}, []),
        ({"code": "5640", "verification": "entered-in-error"}, []),
        ({"code": None, "name": "NSAIDs"}, [({"nsaid-class"}, "confirmed", True)]),
        ({"code": None, "name": "Tylenol"}, [({"acetaminophen"}, "confirmed", True)]),
        ({"code": None, "name": "peanuts"}, []),
        ({"code": "716186003"}, [({"no-known-allergy"}, "confirmed", True)]),
    ],
)
def test_allergies_are_read_by_their_status(
    elements: dict[str, Any], read: list[tuple[set[str], str, bool]]
) -> None:
    assert _allergies(allergy(**elements)) == read


def test_a_local_code_without_a_name_makes_allergies_unknown() -> None:
    facts = facts_of(chart(allergy("A7", system="urn:local")))

    assert facts.known[DataClass.ALLERGY].state is State.UNKNOWN
    assert (
        facts_of(chart(allergy("A7", system="urn:local", name="latex"))).known[DataClass.ALLERGY].state
        is State.KNOWN
    )


@pytest.mark.parametrize("code", ["11778-8", "11779-6", "11780-4"])
@pytest.mark.parametrize(
    ("due", "pregnant", "late"),
    [
        (ago(-60), "yes", True),
        (ago(-140), "yes", True),
        (ago(-141), "yes", False),
        (ago(-280), "yes", False),
        (ago(21), "possible", True),
        (ago(22), "no", False),
        (ago(-290), "no", False),
        ("2027-01", "yes", True),
    ],
)
def test_a_pregnancy_is_counted_back_from_its_expected_delivery(
    code: str, due: str, pregnant: str, late: bool
) -> None:
    found = judge(chart(observation(code, None, None, days_ago=30, valueDateTime=due)))

    assert found.pregnancy == pregnant
    rules = [rule.id for rule in found.pain_plan.medicine("nsaid-oral").rules]
    assert ("pregnancy" in rules, "late-pregnancy" in rules) == (pregnant != "no", late)


@pytest.mark.parametrize("value", [{"valueDateTime": "soon"}, {"valueString": "early spring"}])
def test_a_delivery_that_cannot_be_dated_makes_observations_unknown(value: dict[str, Any]) -> None:
    facts = facts_of(chart(observation("11778-8", None, None, **value)))

    assert facts.known[DataClass.OBSERVATION].state is State.UNKNOWN


def test_a_delivery_inside_the_status_of_a_pregnancy_is_read() -> None:
    """As C-CDA documents map it: a component of the pregnancy observation."""
    due = {"code": concept("11778-8"), "valueDateTime": ago(-60)}

    found = judge(chart(observation("82810-3", None, None, component=[due])))

    assert found.pregnancy == "yes"
    assert "late-pregnancy" in [rule.id for rule in found.pain_plan.medicine("nsaid-oral").rules]
