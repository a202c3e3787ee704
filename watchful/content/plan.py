"""The dates of the plan: when to look again, and when to think of a scan."""

from datetime import date, timedelta

from watchful.clinical.assessment import Assessment

USUAL = timedelta(weeks=3)
SOONER = timedelta(weeks=2)
"""For leg pain and from age 65 (`reference/clinical.md` §5.4)."""
OLDER = 65


def follow_up_date(assessment: Assessment, *, today: date, six_weeks: date) -> date:
    """Two or three weeks from today, and never after the six-week date, when both visits become one."""
    wait = SOONER if assessment.leg_pain or is_older(assessment) else USUAL
    return min(today + wait, six_weeks)


def is_older(assessment: Assessment) -> bool:
    """Whether the texts for later life apply."""
    return assessment.age is not None and assessment.age >= OLDER
