"""What counts as a pregnancy of now, and as its second half, to the day (clinical.md §3.2 row 22, §5.2)."""

from typing import Any

import pytest
from computed_records import found, look, measured

from watchful.clinical.facts import Finding, Measurement


@pytest.mark.parametrize(
    ("fact", "present"),
    [
        (found("pregnancy", 3000), True),
        (found("pregnancy", 10, current=False), False),
        (found("pregnancy", 301, kind="visit"), True),
        (found("pregnancy", 302, kind="visit"), False),
        (found("pregnancy", 302, kind="result"), False),
        (found("pregnancy", None, kind="visit"), True),
        (measured("chorionic-gonadotropin", 25, 5), True),
        (measured("chorionic-gonadotropin", 24.9, 5), False),
        (measured("chorionic-gonadotropin", 25, 30), True),
        (measured("chorionic-gonadotropin", 25, 31), False),
        (measured("chorionic-gonadotropin", 25, None), True),
        (measured("chorionic-gonadotropin", 25, 5, comparator="<"), False),
        (measured("chorionic-gonadotropin", 25, 5, comparator="<="), False),
        (measured("chorionic-gonadotropin", 25, 5, comparator=">"), True),
        (measured("chorionic-gonadotropin", None, 5, flagged="high"), True),
        (measured("chorionic-gonadotropin", None, 5, flagged="very-high"), True),
        (measured("chorionic-gonadotropin", None, 5, flagged="low"), False),
        (measured("chorionic-gonadotropin", None, 5), False),
        (measured("gestational-age", 10, 231), True),
        (measured("gestational-age", 10, 232), False),
        (measured("gestational-age", 10, None), True),
        (measured("gestational-age", None, 301), True),
        (measured("gestational-age", None, 302), False),
    ],
    ids=str,
)
@pytest.mark.parametrize("sex", ["female", "other", None])
def test_a_pregnancy_of_now(fact: Finding | Measurement, present: bool, sex: Any) -> None:
    assert bool(look("pregnancy", fact, sex=sex)) is present
    assert not look("pregnancy", fact, sex="male")


def test_everything_that_shows_it_is_told_with_its_date() -> None:
    facts = (
        found("pregnancy", 50, id="a"),
        measured("chorionic-gonadotropin", 90, 5, id="b"),
        measured("gestational-age", 9, 3, id="c"),
    )

    assert [(each.reference, str(each.date), each.text) for each in look("pregnancy", *facts, sex="female")] == [
        ("condition/a", "2026-10-05", "pregnancy"),
        ("Observation/b", "2026-11-19", "chorionic-gonadotropin"),
        ("Observation/c", "2026-11-21", "gestational-age"),
    ]


@pytest.mark.parametrize(
    ("weeks", "days_ago", "late"),
    [
        (20, 0, True),
        (19.9, 0, False),
        (10, 70, True),
        (10, 69, False),
        (10, (70, 40), True),
        (20, None, True),
        (19.9, None, False),
        (None, 0, False),
        (None, None, False),
        (25, 126, True),
        (25, 127, False),
    ],
)
def test_the_second_half_by_its_weeks_and_the_time_since(weeks: Any, days_ago: Any, late: bool) -> None:
    statement = measured("gestational-age", weeks, days_ago, id="w")

    shown = look("twenty-weeks", statement, sex="female")

    assert [(each.reference, each.date, each.text) for each in shown] == (
        [("Observation/w", statement.when, "gestational-age")] if late else []
    )
    assert not look("twenty-weeks", statement, sex="male")


@pytest.mark.parametrize("count", [1, 3])
def test_problems_that_cannot_be_read_are_counted(count: int) -> None:
    (shown,) = look("uncoded-problems", uncoded_problems=count)

    assert (shown.reference, shown.date, shown.text) == ("Condition", None, f"uncoded problems: {count}")
    assert not look("uncoded-problems")
