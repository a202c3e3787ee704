"""Only the newest T-score of a site counts; a reading that may be the newest is judged as well."""

import pytest
from builders import chart, judge, observation, patient

from watchful.clinical.assessment import Status

SPINE, HIP = "38267-1", "38264-8"


def _low(*readings: tuple[str, float, str | None]) -> bool:
    scores = [
        observation(code, value, "{T-score}", id=f"s{number}", days_ago=None, effectiveDateTime=when)
        for number, (code, value, when) in enumerate(readings)
    ]
    return judge(chart(*scores, who=patient(age=45))).flag("low-t-score").status is Status.PRESENT


@pytest.mark.parametrize(
    ("newer", "older", "low"),
    [(-2.5, -1.0, True), (-2.4, -3.0, False), (-2.6, -2.6, True)],
)
def test_the_newer_reading_wins(newer: float, older: float, low: bool) -> None:
    assert _low((SPINE, newer, "2026-01-10"), (SPINE, older, "2020-01-10")) is low


def test_readings_of_one_day_are_all_judged() -> None:
    assert _low((SPINE, -1.0, "2026-01-10"), (SPINE, -2.7, "2026-01-10"))


def test_a_normal_hip_does_not_hide_a_low_spine() -> None:
    assert _low((SPINE, -2.7, "2020-01-10"), (HIP, -1.0, "2026-01-10"))


def test_an_undated_reading_may_be_the_newest() -> None:
    assert _low((SPINE, -2.7, None), (SPINE, -1.0, "2026-01-10"))


@pytest.mark.parametrize("vague", ["2026", "2026-01"])
def test_a_reading_within_a_vague_newest_date_may_be_the_newest(vague: str) -> None:
    assert _low((SPINE, -2.7, "2026-01-10"), (SPINE, -1.0, vague))
    assert _low((SPINE, -2.7, vague), (SPINE, -1.0, "2026-01-10"))


def test_a_reading_before_a_vague_newest_date_is_older() -> None:
    assert not _low((SPINE, -2.7, "2025-12-31"), (SPINE, -1.0, "2026"))
