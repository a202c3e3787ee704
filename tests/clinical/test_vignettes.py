"""The 72 vignettes of `reference/clinical.md` §7, each through the service's own path from FHIR JSON."""

import pytest
from builders import drafted, judge
from vignette_cases import Case, load_cases

CASES = load_cases()
MET = [case for case in CASES if not case.next]
WAITING = [case for case in CASES if case.next]


@pytest.mark.parametrize("case", MET, ids=lambda case: case.name)
def test_vignette(case: Case) -> None:
    orders = [order for order in case.drafted() if drafted(order)]
    if case.lumbar_orders is not None:
        assert len(orders) == case.lumbar_orders
    if not orders:
        assert case.decision == "Silent"
        assert case.reason == "out-of-scope"
        return

    found = judge(case.resources(), orders[0])

    assert found.decision == case.decision
    assert sorted(flag.id for flag in found.present()) == sorted(case.flags)
    assert (found.pregnancy, found.leg_pain) == (case.pregnancy, case.leg_pain)
    assert found.change_to == case.change_to
    assert {name: found.pain_plan.medicine(name).status for name in case.plan} == case.plan
    if case.reason is not None:
        assert found.reason == case.reason
    if case.duration is not None:
        assert found.duration.confidence == case.duration


def test_no_vignette_waits_for_a_later_version() -> None:
    assert [case.name for case in WAITING] == []
