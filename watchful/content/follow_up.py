"""The next visit as FHIR R4, with the two dates of the plan: a Task for those who book, or a draft order for it.

A Task asks the care team to book a visit; only with a requester does it ask for action (`requested`, `order`), for
nobody can answer for one that nobody asked for.
"""

from datetime import datetime

import msgspec

from watchful.content.draft_order import Json, draft_order
from watchful.content.plan import PlanDates


class FollowUpWords(msgspec.Struct, frozen=True, kw_only=True):
    """What the resources say in words."""

    name: str
    description: str
    """With both dates: some EHRs show nothing else."""
    follow_up: str
    six_weeks: str


def follow_up_task(
    dates: PlanDates,
    words: FollowUpWords,
    *,
    patient: str,
    made_at: datetime,
    encounter: str | None = None,
    requester: str | None = None,
) -> Json:
    """A Task that is due by the follow-up date. R4 has no due date of its own; `restriction.period.end` is where
    programs read it (R5 turned it into `requestedPeriod`)."""
    task: Json = {
        "resourceType": "Task",
        "status": "requested" if requester else "draft",
        "intent": "order" if requester else "proposal",
        "priority": "routine",
        "code": {"text": words.name},
        "description": words.description,
        "for": {"reference": patient},
        "authoredOn": made_at.isoformat(timespec="seconds"),
        "restriction": {"period": {"end": dates.follow_up.isoformat()}},
        "input": [
            {"type": {"text": words.follow_up}, "valueDate": dates.follow_up.isoformat()},
            {"type": {"text": words.six_weeks}, "valueDate": dates.six_weeks.isoformat()},
        ],
    }
    if encounter:
        task["encounter"] = {"reference": encounter}
    if requester:
        task["requester"] = {"reference": requester}
    return task


def follow_up_order(
    dates: PlanDates,
    words: FollowUpWords,
    *,
    patient: str,
    made_at: datetime,
    encounter: str | None = None,
    requester: str | None = None,
) -> Json:
    """A draft order for the visit, dated to the follow-up; a clinician signs it or does not."""
    request = draft_order(
        {"text": words.name}, patient=patient, made_at=made_at, encounter=encounter, requester=requester
    )
    request["occurrenceDateTime"] = dates.follow_up.isoformat()
    request["note"] = [{"text": words.description}]
    return request
