"""Three-valued flags: every row of the catalogue can be present, absent and, unless it reads nothing, unknown."""

import msgspec
import pytest
from builders import (
    TODAY,
    Resource,
    chart,
    condition,
    drafted,
    encounter,
    facts_of,
    imaging_order,
    judge,
    knowledge,
    patient,
    unreadable,
)
from case_strategies import deferrable_cases
from flag_evidence import evidence_of
from hypothesis import given, settings
from hypothesis import strategies as st

from watchful.clinical.assess import assess
from watchful.clinical.assessment import Status
from watchful.clinical.facts import Availability, DataClass, State
from watchful.clinical.knowledge.compiled import Flag

FLAGS = knowledge().flags
READING = [flag for flag in FLAGS if flag.reads]
every_flag = pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.row.id)


@every_flag
@settings(max_examples=15)
@given(data=st.data())
def test_present_with_its_evidence(flag: Flag, data: st.DataObject) -> None:
    case = data.draw(deferrable_cases()).with_evidence(data.draw(evidence_of(flag)))

    result = case.judged().flag(flag.row.id)

    assert result.status is Status.PRESENT
    assert result.evidence
    assert all(each.reference and each.text for each in result.evidence)


@every_flag
def test_absent_from_a_readable_chart_without_it(flag: Flag) -> None:
    assert judge(chart()).flag(flag.row.id).status is Status.ABSENT


@pytest.mark.parametrize("flag", READING, ids=lambda flag: flag.row.id)
def test_unknown_when_any_type_it_reads_was_not_readable(flag: Flag) -> None:
    facts = facts_of(chart())
    for kind in flag.reads:
        known = {**facts.known, kind: Availability(State.UNKNOWN, "fhir", "forbidden")}
        found = assess(
            msgspec.structs.replace(facts, known=known),
            drafted(imaging_order())[0].order,
            knowledge(),
            TODAY,
        )
        assert found.flag(flag.row.id).status is Status.UNKNOWN


def test_a_type_that_a_flag_does_not_read_leaves_it_absent() -> None:
    found = judge(chart(unreadable("MedicationRequest")))

    assert found.flag("long-term-steroids").status is Status.UNKNOWN
    assert found.flag("fever").status is Status.ABSENT
    assert found.flag("age-70-or-over").status is Status.ABSENT


@every_flag
@settings(max_examples=15)
@given(data=st.data())
def test_present_also_when_everything_was_read_in_part_only(flag: Flag, data: st.DataObject) -> None:
    case = data.draw(deferrable_cases()).with_evidence(data.draw(evidence_of(flag)))
    partly = case.with_resources([*case.resources, *(unreadable(kind) for kind in DataClass)])

    found = partly.judged()

    assert found.unknown == tuple(DataClass)
    assert found.flag(flag.row.id).status is Status.PRESENT


def test_every_flag_but_one_of_text_reads_some_type() -> None:
    assert [flag.row.id for flag in FLAGS if not flag.reads] == []


def test_a_patient_without_a_birth_date_leaves_the_flags_of_age_unknown() -> None:
    found = judge(chart(who=patient(birthDate=None)))

    assert found.flag("age-70-or-over").status is Status.UNKNOWN
    assert found.flag("age-65-69").status is Status.UNKNOWN


def test_suspected_is_said_only_when_every_record_is_a_suspicion() -> None:
    only_reason = judge(chart(visit=encounter(reasons=["C50.911"])))

    assert only_reason.flag("cancer-active").suspected


@pytest.mark.parametrize(
    ("records", "milder", "covered"),
    [
        ([condition("G83.4", onset=0)], "cauda-equina-possible", True),
        ([condition("R32", onset=2), condition("R20.0", onset=2)], "cauda-equina-possible", True),
        ([condition("R33.9", onset=2), condition("R20.0", onset=2)], "cauda-equina-possible", False),
        ([condition("G83.4", onset=0), condition("R32", onset=2)], "cauda-equina-possible", False),
        ([condition("R32", onset=2)], "cauda-equina-possible", False),
        ([condition("I71.40", onset=900)], "aortic-aneurysm-on-record", True),
        ([condition("I71.40", onset=900), condition("I71.40", id="over", clinical="resolved")],
         "aortic-aneurysm-on-record", False),
    ],
)  # fmt: skip
def test_a_milder_flag_on_no_record_of_its_own_is_present_and_covered(
    records: list[Resource], milder: str, covered: bool
) -> None:
    found = judge(chart(*records)).flag(milder)

    assert (found.status, found.covered) == (Status.PRESENT, covered)
