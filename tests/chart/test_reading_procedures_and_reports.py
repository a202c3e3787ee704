"""What procedures, reports and earlier orders say: status and date (§3.1)."""

from typing import Any

import pytest
from builders import ago, chart, facts_of, imaging_order, procedure, report

from watchful.clinical.facts import Finding

LAMINECTOMY, MRI = "63047", "30679-5"


def _of(kind: str, *resources: dict[str, Any]) -> list[Finding]:
    return [each for each in facts_of(chart(*resources)).findings if each.kind == kind]


@pytest.mark.parametrize("status", ["completed", "in-progress"])
def test_a_procedure_done_or_under_way_counts(status: str) -> None:
    assert len(_of("procedure", procedure(LAMINECTOMY, status=status))) == 1


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "preparation", "on-hold", "stopped"])
def test_a_procedure_that_was_not_done_does_not_count(status: str) -> None:
    assert _of("procedure", procedure(LAMINECTOMY, status=status)) == []


@pytest.mark.parametrize(
    "when",
    [{"performedDateTime": "2026-10-02"}, {"performedPeriod": {"start": "2026-10-02", "end": "2026-10-03"}}],
)
def test_a_procedure_is_dated_by_its_start(when: dict[str, Any]) -> None:
    (found,) = _of("procedure", procedure(LAMINECTOMY, days_ago=None, **when))

    assert str(found.event) == "2026-10-02"


@pytest.mark.parametrize("status", ["partial", "preliminary", "final", "amended", "corrected", "appended"])
def test_a_report_counts_also_a_preliminary_one(status: str) -> None:
    assert len(_of("report", report(MRI, status=status))) == 1


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered", "unknown"])
def test_a_report_that_is_none_does_not_count(status: str) -> None:
    assert _of("report", report(MRI, status=status)) == []


def test_a_report_without_an_effective_time_is_dated_by_its_issue() -> None:
    (found,) = _of("report", report(MRI, days_ago=None, issued=ago(5, hour=9)))

    assert str(found.event) == ago(5)


@pytest.mark.parametrize("status", ["active", "completed"])
def test_an_order_on_file_counts(status: str) -> None:
    assert len(_of("referral", imaging_order("306170007", id="therapy", status=status))) == 1


@pytest.mark.parametrize("status", ["draft", "revoked", "entered-in-error"])
def test_an_order_that_came_to_nothing_does_not_count(status: str) -> None:
    assert _of("referral", imaging_order("306170007", id="therapy", status=status)) == []
    assert _of("referral", imaging_order("306170007", id="therapy", status="active", doNotPerform=True)) == []
