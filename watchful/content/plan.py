"""The plan that waits: which decisions leave room for it, when to look again, and when to think of a scan."""

from datetime import date, timedelta
from typing import NamedTuple

from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.knowledge.files import WindowsFile

SOONER_DAYS = 14
"""For leg pain and from age 65 (`reference/clinical.md` §5.4)."""
OLDER = 65
WAITING = frozenset({Decision.DEFER, Decision.REVIEW})
"""The decisions that leave room for a plan that waits. A handout, a follow-up or physical therapy beside an urgent
finding, or instead of the study that fits, would say the opposite of the page."""


class PlanDates(NamedTuple):
    """The days that card, talk track, handout and re-dated order agree on."""

    today: date
    follow_up: date
    six_weeks: date

    @property
    def one_visit(self) -> bool:
        """The follow-up falls on the six-week date, and both visits become one."""
        return self.follow_up == self.six_weeks


def plan_dates(assessment: Assessment, *, today: date, windows: WindowsFile) -> PlanDates:
    """The follow-up as the site's windows have it, two weeks at the latest for leg pain or from age 65,
    and never after the six-week date."""
    sooner = assessment.leg_pain or is_older(assessment)
    wait = min(windows.follow_up_days, SOONER_DAYS) if sooner else windows.follow_up_days
    six_weeks = today + timedelta(days=windows.redate_days)
    return PlanDates(today, min(today + timedelta(days=wait), six_weeks), six_weeks)


def is_older(assessment: Assessment) -> bool:
    """Whether the texts for later life apply."""
    return assessment.age is not None and assessment.age >= OLDER
