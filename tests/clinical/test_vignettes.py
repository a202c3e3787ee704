"""The 72 vignettes of `reference/clinical.md` §7, each through the service's own path from FHIR JSON."""

import pytest
from builders import drafted, judge
from vignette_cases import Case, load_cases

CASES = load_cases()
MET = [case for case in CASES if not case.next]
WAITING = [case for case in CASES if case.next]


def _decisions(case: Case) -> list[str]:
    """One decision a lumbar order; an order that is not lumbar imaging is silence."""
    seen = [order for order in case.drafted() if drafted(order)]
    return [judge(case.resources(), order).decision for order in seen] or ["Silent"]


def test_every_vignette_is_here() -> None:
    assert sorted({case.id for case in CASES}) == [f"V{number:02}" for number in range(1, 73)]
    assert len({case.name for case in CASES}) == len(CASES)


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


@pytest.mark.parametrize("case", WAITING, ids=lambda case: case.name)
def test_vignette_of_a_later_version_is_safe_already(case: Case) -> None:
    decisions = _decisions(case)

    if case.defers_until_next:
        # not safe yet, and known: this assertion fails on the day the gap is closed
        assert decisions == ["DeferImaging"]
    elif case.decision != "DeferImaging":
        assert "DeferImaging" not in decisions


def test_no_waiting_vignette_is_forgotten() -> None:
    assert [case.name for case in WAITING] == [
        "V57",
    ]
    assert [case.name for case in WAITING if case.defers_until_next] == []
