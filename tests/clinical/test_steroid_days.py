"""How days of steroids are counted, to the day (reference/clinical.md §3.2 row 11: 90 covered days in 365)."""

from typing import Any

import pytest
from computed_records import found, look

from watchful.clinical.facts import Finding

STARTLESS = "systemic-steroid, no start recorded"


def order(start: Any, last: Any = None, *, id: str = "", current: bool = False) -> Finding:
    """An order that covers from the one day to the other, both counted, in days before today."""
    ended = found("systemic-steroid", last).recorded
    return found(
        "systemic-steroid", start, kind="medication", id=id or f"{start}-{last}", ended=ended, current=current
    )


@pytest.mark.parametrize(
    ("orders", "present"),
    [
        ([order(100, 11)], True),
        ([order(100, 12)], False),
        ([order(89, current=True)], True),
        ([order(88, current=True)], False),
        ([order(3000)], False),
        ([order(120, 81), order(73, 24)], True),
        ([order(120, 81), order(72, 23)], False),
        ([order(120, 81), order(72, -17)], False),
        ([order(120, 81), order(80, 31)], True),
        ([order(100, 61), order(70, 21)], True),
        ([order(100, 61), order(70, 22)], False),
        ([order(89, 45), order(60, 16)], True),
        ([order(88, 44), order(60, 16)], False),
        ([order(89, -300)], True),
        ([order(88, -300)], False),
        ([order(400, 276)], True),
        ([order(400, 277)], False),
        ([order(600, 366)], False),
        ([order(365, 276)], True),
        ([order(88, 0), order(89, 95)], True),
        ([order(88, 0), order(120, 130)], False),
        ([order((100, 70), 11)], True),
        ([order(100, (30, 11))], True),
        ([order(100, 11), order(100, 80)], True),
        ([order(100, 80), order(100, 11)], True),
        ([order(200, 160), order(100, 11)], True),
        ([order(200, 150), order(100, 61)], False),
        ([order(None, 5)], False),
        ([order(None)], False),
        ([order(None, 5, current=True)], False),
        ([order(None, current=True)], True),
        ([order(None, 0, current=True)], True),
        ([order(None, -60, current=True)], True),
        ([order(None, 1, current=True)], False),
        ([order(None, -60)], False),
        ([order(93), order(62), order(31), order(0)], True),
        ([order(100), order(70), order(40), order(11)], True),
        ([order(99), order(70), order(40), order(11)], False),
        ([order(180), order(150), order(112), order(82)], False),
        ([order(180), order(150), order(113), order(83), order(53)], True),
        ([order(100), order(80, 11)], True),
        ([order(100), order(62, 0)], False),
        ([order(100), order(100), order(100)], False),
        ([found("systemic-steroid", 200, kind="condition")], False),
        ([], False),
    ],
    ids=lambda value: " ".join(each.reference for each in value) if isinstance(value, list) else str(value),
)  # fmt: skip
def test_ninety_days_without_a_break(orders: list[Finding], present: bool) -> None:
    assert bool(look("steroid-days", *orders)) is present
    assert bool(look("steroid-days", *reversed(orders))) is present


def told(*orders: Finding) -> list[tuple[str, str, str]]:
    return [(each.reference, str(each.date), each.text) for each in look("steroid-days", *orders)]


def test_an_order_without_a_start_is_told_as_such() -> None:
    assert told(order(100, 11), order(None, current=True, id="now")) == [("medication/now", "None", STARTLESS)]


def test_each_order_of_the_run_is_told_with_its_days() -> None:
    assert told(order(300, 280, id="other"), order(100, 61, id="a"), order(60, 11, id="b")) == [
        ("medication/a", "2026-08-16", "systemic-steroid, 40 days covered"),
        ("medication/b", "2026-09-25", "systemic-steroid, 50 days covered"),
    ]


def test_an_order_before_the_year_joins_the_run_but_is_not_told() -> None:
    assert [reference for reference, *_ in told(order(420, 366, id="old"), order(365, 270, id="new"))] == [
        "medication/new"
    ]


def test_an_order_that_ends_before_it_starts_covers_its_one_day() -> None:
    assert [text for *_, text in told(order(100, 110), order(99, 11))] == [
        "systemic-steroid, 1 days covered",
        "systemic-steroid, 89 days covered",
    ]


def test_of_orders_that_start_together_the_longer_is_told_then_the_later_reference() -> None:
    orders = [order(100, 12, id="c"), order(100, 11, id="a"), order(100, 11, id="b")]

    assert [reference for reference, *_ in told(*orders)] == ["medication/b"]
    assert told(*reversed(orders)) == told(*orders)
