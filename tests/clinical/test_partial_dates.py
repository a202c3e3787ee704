"""Comparisons of partial dates: each says which end it means, and the cautious one is there to choose."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchful.clinical.dates import PartialDate, day

TODAY = date(2026, 11, 24)
NOVEMBER = PartialDate(date(2026, 11, 1), date(2026, 11, 30))
THIS_YEAR = PartialDate(date(2026, 1, 1), date(2026, 12, 31))
LAST_YEAR = PartialDate(date(2025, 1, 1), date(2025, 12, 31))


def _ago(days: int) -> PartialDate:
    return day(TODAY - timedelta(days=days))


@pytest.mark.parametrize(
    ("days_ago", "within"), [(0, True), (29, True), (30, True), (31, False), (-1, True), (-2, False)]
)
def test_a_day_lies_within_a_window_up_to_its_last_day(days_ago: int, within: bool) -> None:
    assert _ago(days_ago).possibly_within(30, TODAY) is within


@pytest.mark.parametrize(
    ("when", "days", "within"),
    [
        (NOVEMBER, 0, True),
        (THIS_YEAR, 7, True),
        (LAST_YEAR, 7, False),
        (LAST_YEAR, 328, True),
        (LAST_YEAR, 327, False),
    ],
)
def test_a_vague_date_is_recent_when_any_of_its_days_may_be(when: PartialDate, days: int, within: bool) -> None:
    assert when.possibly_within(days, TODAY) is within


def test_only_a_wholly_future_date_is_in_the_future() -> None:
    assert _ago(-2).in_future(TODAY)
    assert not _ago(-1).in_future(TODAY)  # the day in UTC, while it is evening at the site
    assert not _ago(0).in_future(TODAY)
    assert not NOVEMBER.in_future(TODAY)
    assert PartialDate(date(2027, 1, 1), date(2027, 12, 31)).in_future(TODAY)


def test_how_long_ago_has_two_ends_and_neither_is_negative() -> None:
    assert (NOVEMBER.most_days_ago(TODAY), NOVEMBER.fewest_days_ago(TODAY)) == (23, 0)
    assert (LAST_YEAR.most_days_ago(TODAY), LAST_YEAR.fewest_days_ago(TODAY)) == (692, 328)
    assert (_ago(9).most_days_ago(TODAY), _ago(9).fewest_days_ago(TODAY)) == (9, 9)
    assert (_ago(-3).most_days_ago(TODAY), _ago(-3).fewest_days_ago(TODAY)) == (0, 0)


def test_it_is_written_as_fhir_writes_it() -> None:
    assert [str(each) for each in (_ago(0), NOVEMBER, THIS_YEAR)] == ["2026-11-24", "2026-11", "2026"]
    assert (_ago(0).exact, NOVEMBER.exact) == (True, False)


@given(st.integers(0, 3000), st.integers(0, 400), st.integers(0, 2000))
def test_a_vaguer_date_is_never_less_recent(days_ago: int, margin: int, window: int) -> None:
    exact = TODAY - timedelta(days=days_ago)
    vague = PartialDate(exact - timedelta(days=margin), exact + timedelta(days=margin))

    assert vague.possibly_within(window, TODAY) or not day(exact).possibly_within(window, TODAY)
    assert vague.most_days_ago(TODAY) >= day(exact).most_days_ago(TODAY)
    assert vague.fewest_days_ago(TODAY) <= day(exact).fewest_days_ago(TODAY)
