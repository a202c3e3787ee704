"""Properties P2 to P4: less data, another order of the records or another time zone never loosen an answer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import TODAY, Resource, unreadable
from case_strategies import Case, any_cases
from hypothesis import given
from hypothesis import strategies as st

from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.facts import DataClass

ZONES = tuple(
    ZoneInfo(name)
    for name in ("UTC", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago")
)
EDGES = (0, 7, 14, 28, 30, 42, 60, 84, 90, 180, 183, 300, 365, 730, 1826)
"""Every window of the rules, in days: an event within a day of one of them may fall on either side."""
_DATED = ("DateTime", "start", "recordedDate", "authoredOn", "issued", "Instant")


@given(any_cases(), st.sampled_from(list(DataClass)))
def test_a_type_that_turns_unknown_never_makes_a_deferral(case: Case, kind: DataClass) -> None:
    before = case.judged()
    partly = case.with_resources([*case.resources, unreadable(kind)]).judged()

    if before.decision is not Decision.DEFER:
        assert partly.decision is not Decision.DEFER


@pytest.mark.parametrize("kind", [DataClass.PATIENT, DataClass.CONDITION, DataClass.MEDICATION])
@given(case=any_cases())
def test_nothing_is_deferred_without_patient_conditions_and_medicines(kind: DataClass, case: Case) -> None:
    assert case.with_resources([*case.resources, unreadable(kind)]).judged().decision is not Decision.DEFER


@given(any_cases(), st.sampled_from(list(DataClass)))
def test_a_type_that_is_lost_makes_a_deferral_only_by_taking_the_finding_along(
    case: Case, kind: DataClass
) -> None:
    before = case.judged()
    left = [each for each in case.resources if each["resourceType"] != kind or kind is DataClass.PATIENT]
    after = case.with_resources([*left, unreadable(kind)]).judged()

    if before.decision is not Decision.DEFER and not _rests_on(before, kind):
        assert after.decision is not Decision.DEFER


@given(any_cases(), st.data())
def test_a_shorter_history_never_makes_a_deferral(case: Case, data: st.DataObject) -> None:
    history = [each for each in case.resources if each["id"] in ("earlier", "another", "this-year")]
    if not history:
        return
    gone = data.draw(st.sampled_from(history))

    after = case.with_resources([each for each in case.resources if each is not gone]).judged()

    if case.judged().decision is not Decision.DEFER:
        assert after.decision is not Decision.DEFER


@given(any_cases(), st.data())
def test_the_order_of_the_records_changes_nothing(case: Case, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(case.resources))

    assert case.with_resources(shuffled).judged() == case.judged()


@given(any_cases(), st.data())
def test_a_record_sent_twice_changes_nothing(case: Case, data: st.DataObject) -> None:
    twice = data.draw(st.sampled_from(_records(case)))

    assert case.with_resources([*case.resources, twice]).judged() == case.judged()


@given(any_cases(), st.data())
def test_a_copy_under_another_id_adds_nothing_but_its_own_evidence(case: Case, data: st.DataObject) -> None:
    original = data.draw(st.sampled_from(_records(case)))
    copy = {**original, "id": f"zz-{original['id']}"}

    before, after = case.judged(), case.with_resources([*case.resources, copy]).judged()

    assert (after.decision, after.reason, after.deciding) == (before.decision, before.reason, before.deciding)
    assert [flag.status for flag in after.flags] == [flag.status for flag in before.flags]
    assert after.duration.days == before.duration.days


@given(any_cases(), st.sampled_from(ZONES), st.integers(-23 * 60, 23 * 60))
def test_time_of_day_and_zone_matter_only_at_the_edges(case: Case, zone: ZoneInfo, minutes: int) -> None:
    moved = [_moved(each, timedelta(minutes=minutes)) for each in case.resources]

    assert case.with_resources(moved).judged(zone=zone).decision == case.judged().decision


def _records(case: Case) -> list[Resource]:
    return [each for each in case.resources if each["resourceType"] != "Patient"]


def _rests_on(found: Assessment, kind: DataClass) -> bool:
    """Whether anything that spoke against deferral was read from this type."""
    if found.reason in ("recent-imaging", "repeat-visits", "subacute", "chronic", "acute-on-chronic", "hospice"):
        return True
    if found.reason in ("inpatient", "under-18", "duration-not-in-chart", "data-gap", "setting-unknown"):
        return found.reason in ("inpatient", "setting-unknown") and kind is DataClass.ENCOUNTER
    return any(each.reference.startswith(kind) for flag in found.present() for each in flag.evidence)


def _moved(resource: Resource, shift: timedelta) -> Resource:
    """The record with its days written as moments, moved by less than a day.

    At an edge it stays, or becomes, a day: that has no time, so no zone moves it, and a moment could fall on
    either side.
    """

    def move(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: move(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [move(each) for each in value]
        if name.endswith(_DATED) and isinstance(value, str) and len(value) >= len("2026-11-24"):
            noon = datetime.fromisoformat(value[:10]).replace(hour=12, tzinfo=UTC)
            age = (TODAY - noon.date()).days
            return value[:10] if any(abs(age - edge) <= 2 for edge in EDGES) else (noon + shift).isoformat()
        return value

    moved: Resource = move(resource)
    return moved
