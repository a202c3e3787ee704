"""Property P1, safety rule 2: a hard or emergency flag in the record never coexists with DeferImaging."""

import pytest
from builders import chart, concept, condition, imaging_order, judge, knowledge
from case_strategies import deferrable_cases
from flag_evidence import evidence_of, places
from hypothesis import given
from hypothesis import strategies as st

from watchful.clinical.assessment import Decision, Status, Tier
from watchful.clinical.knowledge.compiled import Flag

NEVER_DEFER = [flag for flag in knowledge().flags if flag.row.tier in (Tier.EMERGENCY, Tier.HARD)]


def test_there_are_flags_to_test() -> None:
    assert len(NEVER_DEFER) > 20


@given(deferrable_cases())
def test_the_case_without_evidence_is_deferred(case) -> None:  # type: ignore[no-untyped-def]
    assert case.judged().decision is Decision.DEFER


@pytest.mark.parametrize("flag", NEVER_DEFER, ids=lambda flag: flag.row.id)
@given(data=st.data())
def test_any_evidence_of_a_hard_flag_is_found_and_stops_deferral(flag: Flag, data: st.DataObject) -> None:
    case = data.draw(deferrable_cases()).with_evidence(data.draw(evidence_of(flag)))

    found = case.judged()

    assert found.flag(flag.row.id).status is Status.PRESENT
    assert found.decision is not Decision.DEFER


@pytest.mark.parametrize("flag", NEVER_DEFER, ids=lambda flag: flag.row.id)
def test_every_single_code_of_a_hard_flag_stops_deferral(flag: Flag) -> None:
    deferred = []
    for item in flag.evidence:
        if item.distinct > 1 or item.state == "past" or item.age_at_least is not None or item.with_flag:
            continue
        for name in item.any_of:
            for where, code in places(name, tuple({"condition", "order-reason"} & set(item.kinds))):
                if where == "condition":
                    evidence = condition(code.code, system=code.system, id="evidence", recorded=0)
                    found = judge(chart(evidence))
                else:
                    reason = [concept(code.code, system=code.system)]
                    found = judge(chart(), imaging_order(reasonCode=reason))
                if found.decision is Decision.DEFER:
                    deferred.append((where, code))

    assert deferred == []
