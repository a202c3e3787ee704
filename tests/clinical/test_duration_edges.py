"""The edges of "how long": sources that are told, days that decide (clinical.md §0.1 items 6 to 9, §3.3)."""

import pytest
from builders import Resource, back_pain, chart, concept, condition, encounter, judge, procedure

UNDATED = back_pain(onset=None)


def duration(*more: Resource, pain: Resource = UNDATED, history: int | None = 400) -> tuple[int | None, str, str]:
    found = judge(chart(*more, pain=pain, history=history)).duration
    return found.days, found.source, found.confidence


@pytest.mark.parametrize(
    ("pain", "told"),
    [
        (back_pain(onset=9), (9, "Condition/pain", "explicit")),
        (back_pain(onset=None, recorded=42), (42, "Condition/pain", "inferred")),
        (back_pain(onset=None, recorded=41), (None, "history", "assumed")),
        (UNDATED, (None, "history", "assumed")),
    ],
)
def test_a_duration_says_where_it_was_read(pain: Resource, told: tuple[int | None, str, str]) -> None:
    assert duration(pain=pain) == told


def test_without_onset_and_history_nothing_is_known() -> None:
    assert duration(history=None) == (None, "none", "unknown")


def test_other_illness_before_does_not_make_the_pain_old() -> None:
    assert duration(condition("I10", onset=20))[2] == "assumed"


@pytest.mark.parametrize(("days", "confidence"), [(180, "unknown"), (181, "assumed")])
def test_an_injection_of_the_spine_counts_for_half_a_year(days: int, confidence: str) -> None:
    assert duration(procedure("62323", days_ago=days))[2] == confidence


@pytest.mark.parametrize(("days", "reason"), [(84, "repeat-visits"), (85, "acute-on-chronic")])
def test_an_older_problem_is_chronic_after_twelve_weeks(days: int, reason: str) -> None:
    assert judge(chart(condition("M54.50", id="before", onset=days))).reason == reason


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (condition("G89.29", here=True), "chronic"),
        (condition("G89.29", recorded=7), "chronic"),
        (condition("G89.29", recorded=8), "acute-no-flag"),
        (condition("G89.29"), "acute-no-flag"),
        (condition("G89.29", recorded=3, clinical="resolved"), "acute-no-flag"),
    ],
)
def test_chronic_pain_of_no_stated_place_counts_at_this_visit(record: Resource, reason: str) -> None:
    assert judge(chart(record)).reason == reason


@pytest.mark.parametrize(
    ("care", "reason"),
    [
        (procedure("97161", days_ago=42), "conservative-care-tried"),
        (procedure("97161", days_ago=41), "subacute"),
        (procedure("97161", days_ago=50), "conservative-care-tried"),
        (procedure("97161", days_ago=51), "subacute"),
        (encounter("therapy", days_ago=45, reasons=["91251008"]), "conservative-care-tried"),
        (condition("91251008", onset=45), "subacute"),
    ],
)
def test_care_counts_when_it_began_in_this_episode_and_six_weeks_ago(care: Resource, reason: str) -> None:
    assert judge(chart(care, pain=back_pain(onset=50))).reason == reason


SERVICE_TYPE = "http://terminology.hl7.org/CodeSystem/service-type"
NUCC = "http://nucc.org/provider-taxonomy"


def _clinic(days_ago: int | None = 60, **elements: object) -> Resource:
    return encounter("clinic", days_ago=days_ago, **elements)


@pytest.mark.parametrize(
    ("clinic", "confidence"),
    [
        (_clinic(serviceType=concept("394882004")), "unknown"),
        (_clinic(serviceType=concept("164", system=SERVICE_TYPE)), "unknown"),
        (_clinic(type=[concept("185349003"), concept("208VP0014X", system=NUCC)]), "unknown"),
        (_clinic(180, serviceType=concept("394882004")), "unknown"),
        (_clinic(181, serviceType=concept("394882004")), "assumed"),
        (_clinic(None, serviceType=concept("394882004")), "unknown"),
        (_clinic(serviceType=concept("394882004"), status="cancelled"), "assumed"),
        (_clinic(serviceType=concept("394882004"), status="planned"), "assumed"),
        (_clinic(serviceType=concept("394592004")), "assumed"),
        (_clinic(serviceType={"text": "Pain clinic"}), "assumed"),
    ],
)
def test_a_visit_to_a_pain_clinic_counts_for_half_a_year(clinic: Resource, confidence: str) -> None:
    found = judge(chart(clinic, pain=UNDATED))

    assert found.duration.confidence == confidence
    assert found.reason == ("duration-not-in-chart" if confidence == "unknown" else "acute-no-flag")
