"""A problem that the drafted order carries inside itself is a reason of it (`reasonReference: "#c1"`)."""

from typing import Any

import pytest
from builders import PATIENT_ID, back_pain, chart, condition, drafted, encounter, facts_of, imaging_order, judge

from watchful.clinical.assessment import Decision
from watchful.clinical.facts import DataClass, Finding, State

CAUDA_EQUINA, PAIN = "G83.4", "M54.50"


def _order(*inside: dict[str, Any], **elements: Any) -> dict[str, Any]:
    named = [{"reference": f"#{each['id']}"} for each in inside]
    return imaging_order(contained=[*inside], reasonReference=named, **elements)


def _reasons(*inside: dict[str, Any]) -> tuple[Finding, ...]:
    return drafted(_order(*inside))[0].order.reasons


def _known(*inside: dict[str, Any]) -> State:
    return facts_of(chart(), _order(*inside)).known[DataClass.CONDITION].state


def test_a_contained_emergency_is_one() -> None:
    inside = condition(CAUDA_EQUINA, id="c1")

    assert judge(chart()).decision is Decision.DEFER
    assert judge(chart(), _order(inside)).decision is Decision.URGENT
    assert judge(chart(), imaging_order(contained=[inside])).decision is Decision.URGENT  # named by nothing


def test_it_is_told_as_a_suspicion_of_the_order() -> None:
    (found,) = _reasons(condition(CAUDA_EQUINA, id="c1", onset=3))

    assert (found.kind, found.reference, found.certainty) == (
        "order-reason",
        "ServiceRequest/drafted",
        "suspected",
    )
    assert found.this_visit
    assert found.onset is not None


def test_contained_back_pain_is_pain_of_this_visit() -> None:
    stale = back_pain(here=False, onset=None, recorded=900, clinical="resolved")
    plain = chart(pain=stale, visit=encounter())

    assert judge(plain).decision is Decision.SILENT
    assert judge(plain, _order(condition(PAIN, id="c1", onset=5))).decision is not Decision.SILENT


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
def test_what_was_never_true_is_no_reason(verification: str) -> None:
    assert _reasons(condition(CAUDA_EQUINA, id="c1", verification=verification)) == ()


def test_alarming_words_inside_are_read() -> None:
    (found,) = _reasons(condition({"text": "? cauda equina"}, id="c1"))

    assert "alarming-text" in found.concepts


@pytest.mark.parametrize(
    "subject", [f"Patient/{PATIENT_ID}", f"https://ehr.example.org/r4/Patient/{PATIENT_ID}", None]
)
def test_whose_problem_it_is_may_be_said_in_any_form(subject: str | None) -> None:
    inside = condition(CAUDA_EQUINA, id="c1", subject={"reference": subject} if subject else None)

    assert len(_reasons(inside)) == 1
    assert _known(inside) is State.KNOWN


def test_another_patients_problem_is_dropped_and_makes_the_type_unknown() -> None:
    inside = condition(CAUDA_EQUINA, id="c1", subject={"reference": "Patient/other"})

    assert _reasons(inside) == ()
    assert _known(inside) is State.UNKNOWN


@pytest.mark.parametrize(
    "contained",
    [
        [{"resourceType": "Condition", "id": "c1", "code": "not a concept"}],
        ["no resource"],
        condition(CAUDA_EQUINA, id="c1"),
    ],
    ids=["wrong element", "no resource", "no list"],
)
def test_what_cannot_be_read_inside_makes_the_type_unknown(contained: Any) -> None:
    order = imaging_order(contained=contained)

    assert drafted(order)[0].order.reasons == ()
    assert facts_of(chart(), order).known[DataClass.CONDITION].state is State.UNKNOWN


def test_other_resources_inside_are_of_no_matter() -> None:
    inside = {"resourceType": "Practitioner", "id": "c1", "code": "anything"}

    assert _reasons(inside) == ()
    assert _known(inside) is State.KNOWN
