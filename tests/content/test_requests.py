"""Referral and follow-up as FHIR: valid R4, drafts unless a person asks, and dates that agree with the plan."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest
from fhir.resources.R4B.task import Task

from watchful.content.follow_up import FollowUpWords, follow_up_order, follow_up_task
from watchful.content.plan import PlanDates
from watchful.content.referral import OrderCode, physical_therapy

DATES = PlanDates(date(2026, 11, 9), date(2026, 11, 30), date(2026, 12, 21))
WORDS = FollowUpWords(
    name="Follow-up visit", description="By Nov 30.", follow_up="Follow-up", six_weeks="Six weeks"
)
WHO: dict[str, Any] = {"patient": "Patient/7", "made_at": datetime(2026, 11, 9, 17, 30, tzinfo=UTC)}
KNOWN = {"encounter": "Encounter/3", "requester": "Practitioner/1"}


def referral(**changes: Any) -> dict[str, Any]:
    return physical_therapy(**{"order": OrderCode(), "text": "Referral to physical therapy", **WHO, **changes})


def test_a_referral_is_a_draft_for_a_clinician_to_sign() -> None:
    made = referral(**KNOWN, reasons=("Condition/1", "Condition/2"))
    ServiceRequest.model_validate(made)
    assert (made["status"], made["intent"]) == ("draft", "order")
    assert made["code"] == {
        "coding": [{"system": "http://snomed.info/sct", "code": "306170007"}],
        "text": "Referral to physical therapy",
    }
    assert made["reasonReference"] == [{"reference": "Condition/1"}, {"reference": "Condition/2"}]
    assert made["authoredOn"] == "2026-11-09T17:30:00+00:00"


def test_the_sites_own_order_goes_before_ours() -> None:
    own = OrderCode("urn:site", "PT-1", "Physical therapy, spine clinic")
    assert referral(order=own)["code"] == {
        "coding": [{"system": "urn:site", "code": "PT-1", "display": "Physical therapy, spine clinic"}],
        "text": "Physical therapy, spine clinic",
    }


def test_an_ehr_with_defaults_of_its_own_gets_the_code_alone() -> None:
    made = referral(order=OrderCode("urn:site", "PT-1", "PT"), reasons=("Condition/1",), details="item")
    ServiceRequest.model_validate(made)
    assert "text" not in made["code"]
    assert "reasonReference" not in made


def test_a_task_asks_for_action_only_where_somebody_asks() -> None:
    asked, unasked = follow_up_task(DATES, WORDS, **WHO, **KNOWN), follow_up_task(DATES, WORDS, **WHO)
    for made in (asked, unasked):
        Task.model_validate(made)
        assert made["restriction"]["period"]["end"] == "2026-11-30"
        assert [each["valueDate"] for each in made["input"]] == ["2026-11-30", "2026-12-21"]
    assert (asked["status"], asked["intent"]) == ("requested", "order")
    assert (unasked["status"], unasked["intent"]) == ("draft", "proposal")
    assert not {"encounter", "requester"} & unasked.keys()


@pytest.mark.parametrize("more", [KNOWN, {}])
def test_a_follow_up_order_is_a_draft_for_that_day(more: dict[str, Any]) -> None:
    made = follow_up_order(DATES, WORDS, **WHO, **more)
    ServiceRequest.model_validate(made)
    assert (made["status"], made["occurrenceDateTime"]) == ("draft", "2026-11-30")
    assert made["note"] == [{"text": "By Nov 30."}]
