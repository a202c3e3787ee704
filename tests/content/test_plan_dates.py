"""When to look again: as the windows have it, sooner for leg pain and from 65, never after the six-week date."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from assessments import TODAY, WINDOWS, an_assessment

from watchful.content.plan import plan_dates


@pytest.mark.parametrize(
    ("changes", "windows", "days"),
    [
        ({}, {}, 21),
        ({"leg_pain": True}, {}, 14),
        ({"age": 65}, {}, 14),
        ({"age": 64}, {}, 21),
        ({"age": None}, {}, 21),
        ({}, {"follow_up_days": 28}, 28),
        ({}, {"follow_up_days": 7}, 7),
        ({"leg_pain": True}, {"follow_up_days": 28}, 14),
        ({"leg_pain": True}, {"follow_up_days": 7}, 7),
        ({}, {"follow_up_days": 60}, 42),
        ({}, {"follow_up_days": 28, "redate_days": 21}, 21),
    ],
)
def test_follow_up(changes: dict[str, Any], windows: dict[str, int], days: int) -> None:
    dates = plan_dates(an_assessment(**changes), today=TODAY, windows=msgspec.structs.replace(WINDOWS, **windows))
    assert dates.today == TODAY
    assert dates.follow_up - TODAY == timedelta(days=days)
    assert dates.six_weeks - TODAY == timedelta(days=windows.get("redate_days", 42))
    assert dates.one_visit is (dates.follow_up == dates.six_weeks)
