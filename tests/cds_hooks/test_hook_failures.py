"""A failure of ours is loud (safety rule 5): never an empty list of cards, always counted."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hook_builders import FEEDBACK, HOOKS, hook_body
from hook_door import Door, knowledge, with_site
from outcomes import refused

from watchful.settings import Settings


class Explodes:
    """A catalogue row whose evidence cannot be evaluated."""

    def __getattr__(self, name: str) -> object:
        raise ZeroDivisionError(name)


@pytest.mark.parametrize("mode", ["live", "silent"])
@pytest.mark.parametrize("hook", HOOKS)
async def test_a_failing_rule_is_500_and_counted(settings: Settings, open_door: Any, hook: str, mode: str) -> None:
    broken = replace(knowledge(), flags=(Explodes(),))
    async with open_door(with_site(settings, mode=mode), rules=broken) as door:
        issue = refused(await door.fire(hook_body("acute-mri", hook)), 500)

        assert issue["code"] == "exception"
        assert door.metric("watchful_rule_failures_total", error="ZeroDivisionError") == 1
        assert door.metric("watchful_errors_total", status="500", reason="exception") == 1
        assert await door.rows() == []


async def test_a_failing_rule_does_not_touch_calls_it_has_no_part_in(settings: Settings, open_door: Any) -> None:
    async with open_door(settings, rules=replace(knowledge(), flags=(Explodes(),))) as door:
        assert (await door.fire(hook_body("acute-mri"))).status_code == 500
        assert (await door.fire(hook_body("neck-mri"))).status_code == 200


@pytest.mark.parametrize("name", ["acute-mri", "cancer-mri", "cauda-equina", "unreadable-conditions"])
@pytest.mark.parametrize("hook", HOOKS)
async def test_a_closed_journal_is_503(door: Door, hook: str, name: str) -> None:
    await door.service.journal.close()
    issue = refused(await door.fire(hook_body(name, hook)), 503)

    assert issue["code"] == "transient"
    assert door.metric("watchful_errors_total", status="503", reason="transient") == 1


@pytest.mark.parametrize("table", ["evaluation", "card", "case"])
async def test_a_journal_that_cannot_be_written_is_503(door: Door, tmp_path: Path, table: str) -> None:
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute(f'ALTER TABLE "{table}" RENAME TO gone')
    database.close()

    refused(await door.fire(hook_body("acute-mri")), 503)


async def test_a_journal_that_cannot_be_read_is_503_at_order_sign(door: Door, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute("ALTER TABLE answered RENAME TO gone")
    database.close()

    refused(await door.fire(hook_body("acute-mri", "order-sign")), 503)


async def test_an_unwritten_row_leaves_no_card(door: Door, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute("ALTER TABLE evaluation RENAME TO gone")
    refused(await door.fire(hook_body("acute-mri")), 503)
    with sqlite3.connect(tmp_path / "journal.db") as database:
        (cards,) = database.execute("SELECT count(*) FROM card").fetchone()
        database.execute("ALTER TABLE gone RENAME TO evaluation")
    database.close()

    assert cards == 0
    assert await door.topic(hook_body("acute-mri")) == "DeferImaging"  # and it recovers by itself


async def test_feedback_without_a_journal_is_503(door: Door) -> None:
    await door.service.journal.close()
    item = {"card": "5f8f1f0c-0d2c-4e5a-9c57-6a3a0d9b1c11", "outcome": "accepted"}

    refused(await door.http.post(FEEDBACK, json={"feedback": [item]}), 503)


async def test_a_call_out_of_scope_needs_no_journal(door: Door) -> None:
    await door.service.journal.close()

    assert (await door.fire(hook_body("neck-mri"))).json() == {"cards": []}
