"""Visits that belong to somebody else's plan, studies that are never suggested, and dates written in UTC."""

import pytest
from builders import Resource, back_pain, chart, condition, imaging_order, judge, procedure

from watchful.clinical.assessment import Assessment, Decision

CANCER = condition("C50.911", onset=300)


def _answer(found: Assessment) -> tuple[str, str]:
    return found.decision, found.reason


def test_an_examination_before_an_operation_is_left_alone() -> None:
    assert _answer(judge(chart(condition("Z01.818", onset=0, here=True)))) == ("Silent", "pre-operative")


def test_an_old_examination_before_an_operation_silences_nothing() -> None:
    assert judge(chart(condition("Z01.818", onset=400, here=False))).decision is Decision.DEFER


@pytest.mark.parametrize(
    ("days_ago", "reason"), [(10, "post-operative"), (90, "post-operative"), (91, "right-study")]
)
def test_the_weeks_after_a_spine_operation_belong_to_the_surgeon(days_ago: int, reason: str) -> None:
    assert _answer(judge(chart(procedure("63030", days_ago=days_ago)))) == ("Silent", reason)


def test_an_emergency_after_a_spine_operation_is_not_silenced() -> None:
    records = chart(procedure("63030", days_ago=10), condition("G83.4", onset=0, here=True))

    assert judge(records).decision is Decision.URGENT


@pytest.mark.parametrize("device", ["Z95.0", "Z95.810", "Z96.21", "Z96.82", "Z18.11"])
def test_mri_is_never_suggested_to_a_patient_with_an_unsafe_device(device: str) -> None:
    found = judge(chart(CANCER, condition(device, onset=900)), imaging_order("72100"))

    assert _answer(found) == ("ReviewImaging", "mri-unsafe-device")
    assert found.change_to is None


def test_without_a_device_the_same_order_is_changed_to_mri() -> None:
    assert judge(chart(CANCER), imaging_order("72100")).change_to == "mri-both"


@pytest.mark.parametrize("against", [condition("Z91.041", onset=900), condition("Z33.1", onset=60)])
def test_contrast_is_not_named_where_an_allergy_or_a_pregnancy_speaks_against_it(against: Resource) -> None:
    assert judge(chart(CANCER, against), imaging_order("72100")).change_to == "mri-without"


def test_a_sign_dated_tomorrow_is_evidence_for_many_systems_write_utc_days() -> None:
    assert judge(chart(condition("G83.4", onset=-1, here=True))).decision is Decision.URGENT


def test_a_sign_dated_next_week_is_an_error_of_the_record() -> None:
    assert judge(chart(condition("G83.4", onset=-7, here=True))).decision is Decision.DEFER


def test_therapy_from_before_this_episode_is_not_care_tried() -> None:
    records = chart(procedure("97161", days_ago=900), pain=back_pain(onset=50))

    assert _answer(judge(records)) == ("ReviewImaging", "subacute")


def test_therapy_in_this_episode_is_care_tried() -> None:
    records = chart(procedure("97161", days_ago=45), pain=back_pain(onset=50))

    assert _answer(judge(records)) == ("Silent", "conservative-care-tried")


def test_chronic_pain_coded_at_this_visit_makes_the_back_pain_chronic() -> None:
    assert _answer(judge(chart(condition("G89.29", onset=None, here=True)))) == ("Silent", "chronic")
