"""This visit's back pain: present or not, how long, acute on chronic, seen before (§0.1 items 6, 7, 9)."""

from typing import Any

import msgspec
import pytest
from builders import (
    TODAY,
    Resource,
    ago,
    back_pain,
    chart,
    concept,
    condition,
    drafted,
    encounter,
    facts_of,
    imaging_order,
    judge,
    knowledge,
    procedure,
    report,
)

from watchful.clinical.assess import assess
from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.facts import Availability, DataClass, State

NO_ONSET = back_pain(onset=None, recordedDate=ago(0))


def _without_pain(*more: Resource, visit: Resource | None = None, order: Resource | None = None) -> Assessment:
    whole = [each for each in chart(*more, visit=visit) if each["id"] != "pain"]
    return judge(whole, order)


@pytest.mark.parametrize(
    ("days", "decision", "reason"),
    [
        (0, Decision.DEFER, "acute-no-flag"),
        (41, Decision.DEFER, "acute-no-flag"),
        (42, Decision.REVIEW, "subacute"),
        (84, Decision.REVIEW, "subacute"),
        (85, Decision.SILENT, "chronic"),
        (4000, Decision.SILENT, "chronic"),
    ],
)
def test_the_windows_of_acute_subacute_and_chronic(days: int, decision: Decision, reason: str) -> None:
    found = judge(chart(pain=back_pain(onset=days)))

    assert (found.decision, found.reason) == (decision, reason)
    assert (found.duration.days, found.duration.confidence) == (days, "explicit")
    assert found.duration.source == "Condition/pain"


def test_a_vague_onset_counts_from_its_first_day() -> None:
    found = judge(chart(pain=back_pain(onsetDateTime="2026-10")))

    assert (found.duration.days, found.reason) == (54, "subacute")


@pytest.mark.parametrize("history", [30, 400])
def test_an_onset_in_the_future_is_not_known(history: int) -> None:
    assert judge(chart(pain=back_pain(onset=-20), history=history)).duration.confidence == "unknown"


def test_the_longest_of_several_onsets_counts() -> None:
    found = judge(chart(back_pain("M54.41", id="leg", onset=60)))

    assert (found.duration.days, found.leg_pain) == (60, True)


@pytest.mark.parametrize("recorded", [0, 5, 41])
def test_a_recorded_date_never_proves_pain_short(recorded: int) -> None:
    pain = back_pain(onset=None, recordedDate=ago(recorded))

    assert judge(chart(pain=pain, history=30)).reason in ("duration-not-in-chart", "repeat-visits")
    assert judge(chart(pain=pain)).duration.confidence == "assumed"


def test_a_recorded_date_lengthens_a_duration() -> None:
    found = judge(chart(pain=back_pain(onset=None, recordedDate=ago(70))))

    assert (found.duration.days, found.duration.confidence, found.reason) == (70, "inferred", "subacute")


@pytest.mark.parametrize(
    ("recorded", "reason"),
    [
        (9, "acute-no-flag"),
        (27, "acute-no-flag"),
        (28, "repeat-visits"),
        (84, "repeat-visits"),
        (85, "acute-on-chronic"),
        (3000, "acute-on-chronic"),
        (-30, "acute-no-flag"),
    ],
)
def test_an_onset_after_the_recorded_date_does_not_make_the_pain_new(recorded: int, reason: str) -> None:
    found = judge(chart(pain=back_pain(onset=5, recordedDate=ago(recorded))))

    assert (found.duration.days, found.reason) == (5, reason)


def test_new_pain_recorded_long_ago_still_makes_an_aneurysm_an_emergency() -> None:
    found = judge(chart(condition("I71.40"), pain=back_pain(onset=5, recordedDate=ago(3000))))

    assert found.decision is Decision.URGENT


@pytest.mark.parametrize("code", ["278860009", "134407002", "M54.51"])
def test_a_chronic_code_is_chronic_whatever_its_dates(code: str) -> None:
    assert judge(chart(pain=back_pain(code, onset=5))).reason == "chronic"


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        ({"code": "M54.5", "onset": 900}, "acute-on-chronic"),
        ({"code": "M54.5", "onset": 900, "clinical": "resolved"}, "acute-no-flag"),
        ({"code": "278860009", "onset": 900}, "acute-on-chronic"),
        ({"code": "278860009", "recorded": 20}, "acute-on-chronic"),
        ({"code": "278860009"}, "acute-on-chronic"),
        ({"code": "M54.5", "onset": 60}, "repeat-visits"),
    ],
    ids=[
        "old and active",
        "old and resolved",
        "chronic",
        "chronic, newly written",
        "chronic, undated",
        "60 days old",
    ],
)
def test_an_active_old_problem_beside_new_pain(problem: dict[str, Any], reason: str) -> None:
    assert judge(chart(condition(**problem, id="problem"))).reason == reason


@pytest.mark.parametrize(
    ("days", "reason"),
    [(27, "acute-no-flag"), (28, "repeat-visits"), (180, "repeat-visits"), (181, "acute-no-flag")],
)
def test_an_earlier_visit_for_back_pain(days: int, reason: str) -> None:
    assert judge(chart(encounter("before", days_ago=days, reasons=["M54.50"]))).reason == reason


@pytest.mark.parametrize(
    ("history", "confidence"),
    [(None, "unknown"), (30, "unknown"), (179, "unknown"), (180, "assumed"), (900, "assumed")],
)
def test_pain_without_onset_is_new_only_after_a_long_quiet_history(history: int | None, confidence: str) -> None:
    found = judge(chart(pain=NO_ONSET, history=history))

    assert found.duration.confidence == confidence
    assert found.decision is (Decision.DEFER if confidence == "assumed" else Decision.REVIEW)


@pytest.mark.parametrize(
    "record",
    [
        condition("M51.26", id="disc", onset=100, clinical="resolved"),
        condition("M48.061", id="stenosis", onset=2000),
        encounter("before", days_ago=150, reasons=["M54.16"]),
        report("30679-5", days_ago=150),
        report("30679-5", days_ago=None),
        procedure("62323", days_ago=120),
    ],
    ids=["a disc", "an old active stenosis", "a visit", "imaging", "undated imaging", "an injection"],
)
def test_a_history_with_the_spine_in_it_is_not_quiet(record: Resource) -> None:
    assert judge(chart(record, pain=NO_ONSET)).duration.confidence != "assumed"


@pytest.mark.parametrize(
    "record",
    [
        condition("M51.26", id="disc", onset=900, clinical="resolved"),
        encounter("before", days_ago=200, reasons=["M54.16"]),
        report("30679-5", days_ago=200),
    ],
    ids=["a healed disc", "a visit", "imaging"],
)
def test_what_was_long_over_leaves_the_history_quiet(record: Resource) -> None:
    assert judge(chart(record, pain=NO_ONSET)).duration.confidence == "assumed"


@pytest.mark.parametrize("kind", list(DataClass))
def test_a_history_that_could_not_be_read_whole_proves_nothing(kind: DataClass) -> None:
    facts = facts_of(chart(pain=NO_ONSET))
    known = {**facts.known, kind: Availability(State.UNKNOWN, "fhir", "forbidden")}
    partly = msgspec.structs.replace(facts, known=known)

    found = assess(partly, drafted(imaging_order())[0].order, knowledge(), TODAY)

    history = (DataClass.ENCOUNTER, DataClass.CONDITION, DataClass.PROCEDURE, DataClass.REPORT)
    assert found.duration.confidence == ("unknown" if kind in history else "assumed")


@pytest.mark.parametrize(
    "found",
    [
        lambda: _without_pain(order=imaging_order(reasonCode=[concept("M54.50")])),
        lambda: _without_pain(visit=encounter(reasons=["M54.50"])),
        lambda: _without_pain(condition("M54.50", here=True)),
        lambda: _without_pain(condition("M54.50", recorded=7)),
        lambda: _without_pain(condition("M54.50"), visit=encounter(diagnosis=_diagnosis())),
    ],
    ids=["order reason", "visit reason", "linked problem", "problem of this week", "visit diagnosis"],
)
def test_back_pain_belongs_to_this_visit(found: Any) -> None:
    assert found().reason != "no-back-pain-this-visit"


@pytest.mark.parametrize(
    "record",
    [
        condition("M54.50", recorded=8),
        condition("M54.50"),
        condition("M54.2", here=True),
        condition("M54.50", recorded=3, clinical="resolved"),
        condition("M54.50", here=True, verification="refuted"),
    ],
    ids=["a week old", "undated", "neck pain", "resolved", "refuted"],
)
def test_a_stale_or_other_problem_does_not(record: Resource) -> None:
    found = _without_pain(record)

    assert (found.decision, found.reason) == (Decision.SILENT, "no-back-pain-this-visit")


def _diagnosis() -> list[Resource]:
    return [{"condition": {"reference": "Condition/c-M54.50"}}]
