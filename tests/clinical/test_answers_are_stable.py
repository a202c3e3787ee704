"""Properties P2 to P4: less data, another order of the records or another time zone never loosen an answer."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from builders import TODAY, Resource, unreadable
from case_strategies import Case, any_cases
from hypothesis import given
from hypothesis import strategies as st

from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.facts import DataClass

ZONES = tuple(map(ZoneInfo, ("UTC", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago")))
EDGES = (7, 14, 28, 30, 42, 60, 84, 90, 180, 183, 300, 365, 730, 1826)
"""Every window of the rules, in days: an event within a day of one of them may fall on either side."""


@given(any_cases(), st.sampled_from(list(DataClass)))
def test_a_type_that_turns_unknown_never_makes_a_deferral(case: Case, kind: DataClass) -> None:
    before = case.judged()
    partly = case.with_resources([*case.resources, unreadable(kind)]).judged()

    if before.decision is not Decision.DEFER:
        assert partly.decision is not Decision.DEFER


@given(any_cases(), st.sampled_from(list(DataClass)))
def test_a_type_that_is_lost_makes_a_deferral_only_by_taking_the_finding_along(case: Case, kind: DataClass) -> None:
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


@given(any_cases(), st.integers())
def test_the_order_of_the_records_changes_nothing(case: Case, seed: int) -> None:
    shuffled = list(case.resources)
    random.Random(seed).shuffle(shuffled)

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


@given(case=any_cases(), data=st.data())
def test_the_time_of_day_and_the_zone_matter_only_at_the_edges(case: Case, data: st.DataObject) -> None:
    zone = data.draw(st.sampled_from(ZONES))
    shift = timedelta(minutes=data.draw(st.integers(-23 * 60, 23 * 60)))
    moved = []
    for each in case.resources:
        record, safe = _shifted(each, shift)
        if not safe:
            return
        moved.append(record)
    here = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=zone).date()

    assert case.with_resources(moved).judged(zone=zone, today=here).decision == case.judged().decision


def _records(case: Case) -> list[Resource]:
    return [each for each in case.resources if each["resourceType"] != "Patient"]


def _rests_on(found: Assessment, kind: DataClass) -> bool:
    """Whether anything that spoke against deferral was read from this type."""
    if found.reason in ("recent-imaging", "repeat-visits", "subacute", "chronic", "acute-on-chronic", "hospice"):
        return True
    if found.reason in ("inpatient", "under-18", "duration-not-in-chart", "data-gap", "setting-unknown"):
        return found.reason in ("inpatient", "setting-unknown") and kind is DataClass.ENCOUNTER
    return any(each.reference.startswith(kind) for flag in found.present() for each in flag.evidence)


def _shifted(resource: Resource, shift: timedelta) -> tuple[Resource, bool]:
    """The record with each of its days written as a moment, moved; and whether none lies at an edge."""
    safe = True

    def move(value: object, name: str = "") -> object:
        nonlocal safe
        if isinstance(value, dict):
            return {key: move(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [move(each) for each in value]
        if name.endswith(("DateTime", "start", "recordedDate", "authoredOn", "issued", "Instant")):
            if not isinstance(value, str) or len(value) < len("2026-11-24"):
                return value  # a month or a year has no time of day
            day = datetime.fromisoformat(value[:10]).replace(hour=12, tzinfo=UTC)
            age = (TODAY - day.date()).days
            safe = safe and (age > 2 and all(abs(age - edge) > 2 for edge in EDGES))
            return (day + shift).isoformat()
        return value

    if resource["id"] == "visit" or resource["resourceType"] == "Patient":
        return resource, True
    moved = move(msgspec.to_builtins(resource))
    assert isinstance(moved, dict)
    return moved, safe
