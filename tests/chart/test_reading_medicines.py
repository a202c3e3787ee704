"""What a MedicationRequest says: where its medicine stands, and whether it was meant to be taken (§3.1)."""

from typing import Any

import pytest
from builders import PATIENT_ID, RXNORM, chart, concept, facts_of, judge, medicine, patient

from watchful.clinical.assessment import MedicineStatus
from watchful.clinical.facts import DataClass, Finding, State

TACROLIMUS, APIXABAN = "42316", "1364430"
NAMED = concept(TACROLIMUS, system=RXNORM)


def _read(*resources: dict[str, Any]) -> list[Finding]:
    return [each for each in facts_of(chart(*resources)).findings if each.kind == "medication"]


def _known(*resources: dict[str, Any]) -> State:
    return facts_of(chart(*resources)).known[DataClass.MEDICATION].state


def _refers(reference: dict[str, str], **elements: Any) -> dict[str, Any]:
    return medicine(None, medicationReference=reference, **elements)


def test_a_coded_medicine() -> None:
    (found,) = _read(medicine(TACROLIMUS))

    assert found.concepts == {"immunosuppressive-medicine", "calcineurin-inhibitor"}
    assert found.label == "tacrolimus"


def test_a_contained_medicine() -> None:
    held = [
        {"resourceType": "Medication", "id": "other"},
        {"resourceType": "Medication", "id": "m", "code": NAMED},
    ]

    assert len(_read(_refers({"reference": "#m"}, contained=held))) == 1


@pytest.mark.parametrize("reference", ["Medication/m", "https://ehr.example.org/r4/Medication/m"])
def test_a_medicine_by_reference_to_its_resource(reference: str) -> None:
    resource = {"resourceType": "Medication", "id": "m", "code": NAMED}

    assert len(_read(_refers({"reference": reference}), resource)) == 1


def test_a_medicine_known_by_display_only() -> None:
    assert len(_read(_refers({"reference": "Medication/not-sent", "display": "Tacrolimus 1 MG capsule"}))) == 1
    assert len(_read(_refers({"display": "Tacrolimus 1 MG capsule"}))) == 1


def test_a_medicine_known_by_text_or_by_the_display_of_a_local_code() -> None:
    local = {"coding": [{"system": "urn:local", "code": "77", "display": "tacrolimus 1 mg"}]}

    assert len(_read(medicine(None, name="TACROLIMUS 1 mg capsules"))) == 1
    assert len(_read(medicine(None, medicationCodeableConcept=local))) == 1


@pytest.mark.parametrize(
    "request_",
    [
        medicine(None),
        _refers({"reference": "Medication/not-sent"}),
        _refers({"reference": "#not-there"}),
        _refers({}),
    ],
    ids=["nothing", "a resource that was not sent", "a contained one that is not there", "an empty reference"],
)
def test_a_request_without_any_name_could_be_any_medicine(request_: dict[str, Any]) -> None:
    assert _read(request_) == []
    assert _known(request_) is State.UNKNOWN


def test_other_medicines_are_known_and_of_no_matter() -> None:
    assert _read(medicine("11253", id="unlisted"), medicine(None, name="vitamin D")) == []
    assert _known(medicine(None, name="vitamin D")) is State.KNOWN


def test_what_must_not_be_given_is_not_taken() -> None:
    assert _read(medicine(TACROLIMUS, doNotPerform=True)) == []
    assert len(_read(medicine(TACROLIMUS, doNotPerform=False))) == 1


@pytest.mark.parametrize("intent", ["proposal", "option"])
def test_what_was_only_proposed_is_not_taken(intent: str) -> None:
    assert _read(medicine(TACROLIMUS, intent=intent)) == []


@pytest.mark.parametrize(
    "intent", ["order", "original-order", "reflex-order", "filler-order", "instance-order", None]
)
def test_what_was_ordered_is_taken(intent: str | None) -> None:
    assert len(_read(medicine(TACROLIMUS, intent=intent))) == 1


@pytest.mark.parametrize(
    ("reported", "certainty"),
    [
        ({"reportedBoolean": True}, "confirmed"),
        ({"reportedReference": {"reference": f"Patient/{PATIENT_ID}"}}, "confirmed"),
        ({"reportedBoolean": False}, "suspected"),
        ({}, "suspected"),
    ],
    ids=["reported", "reported by whom", "not reported", "nothing said"],
)
def test_a_plan_is_how_a_reported_medicine_is_written(reported: dict[str, Any], certainty: str) -> None:
    (found,) = _read(medicine(TACROLIMUS, intent="plan", **reported))

    assert found.certainty == certainty
    assert found.current


@pytest.mark.parametrize(
    ("status", "current", "certainty"),
    [
        ("active", True, "confirmed"),
        ("on-hold", True, "confirmed"),
        ("unknown", True, "suspected"),
        (None, True, "suspected"),
        ("no-such-status", True, "suspected"),
        ("completed", False, "confirmed"),
        ("stopped", False, "confirmed"),
    ],
)
def test_only_what_is_surely_over_is_not_current(status: str | None, current: bool, certainty: str) -> None:
    (found,) = _read(medicine(TACROLIMUS, status=status))

    assert (found.current, found.certainty) == (current, certainty)


@pytest.mark.parametrize("status", ["draft", "cancelled", "entered-in-error"])
def test_requests_that_came_to_nothing_do_not_count(status: str) -> None:
    assert _read(medicine(TACROLIMUS, status=status)) == []


@pytest.mark.parametrize(
    "elements",
    [
        {"intent": "plan", "reportedBoolean": True},
        {"intent": "plan"},
        {"status": "on-hold", "days_ago": 200},
        {"status": "unknown", "days_ago": 200},
        {"status": None, "days_ago": 200},
    ],
    ids=["reported", "planned", "on hold", "unknown", "no status"],
)
def test_a_blood_thinner_that_may_be_taken_blocks_anti_inflammatories(elements: dict[str, Any]) -> None:
    man = patient(gender="male")
    found = judge(chart(medicine(APIXABAN, **elements), who=man)).pain_plan

    assert judge(chart(who=man)).pain_plan.medicine("nsaid-oral").status is MedicineStatus.CLEAR
    assert found.medicine("nsaid-oral").status is MedicineStatus.BLOCKED


def test_a_cream_of_a_systemic_medicine_does_not_count() -> None:
    assert _read(medicine(TACROLIMUS, name="tacrolimus 0.1 % ointment")) == []
