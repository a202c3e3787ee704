"""A write into a chart is claimed by one press only, and what became of it is told to all others."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from journal_builders import KEYS, NOW, a_shown_card, row_counts
from sqlalchemy import Engine, select

from watchful.errors import StoreUnavailable
from watchful.journal import AppUse, Journal, PurgeCounts, WriteBack
from watchful.journal.records import LONGEST_WRITE
from watchful.journal.tables import app_use, write_back

KEY = "urn:uuid:handout-of-smith"


async def claim(journal: Journal, key: str = KEY, **changes: Any) -> WriteBack | None:
    told: dict[str, Any] = {"session": "s1", "card": "", "patient": "smith-1", **changes}
    return await journal.claim_write("general", key, "handout", "DocumentReference", **told)


def running(**changes: Any) -> WriteBack:
    fields: dict[str, Any] = {
        "act": "handout",
        "resource_type": "DocumentReference",
        "outcome": "",
        "status": None,
        "resource_id": "",
        "claimed_at": NOW,
    }
    return WriteBack(**fields | changes)


async def test_the_first_goes_on_and_the_second_is_told(journal: Journal) -> None:
    assert await journal.write_of("general", KEY) is None
    assert await claim(journal) is None
    assert await claim(journal) == running()
    await journal.finish_write("general", KEY, "made", 201, "doc-7")
    made = running(outcome="made", status=201, resource_id="doc-7")
    assert await claim(journal) == made
    assert await journal.write_of("general", KEY) == made
    assert await journal.write_of("county", KEY) is None
    assert await claim(journal, "another") is None


async def test_of_many_presses_at_the_same_time_one_goes_on(database_url: str, engine: Engine) -> None:
    workers = [Journal.open(database_url, KEYS, clock=lambda: NOW) for _ in range(3)]
    for worker in workers:
        await worker.start()
    for number in range(8):
        answers = await asyncio.gather(*[claim(worker, f"k{number}") for worker in workers for _ in range(3)])
        assert answers.count(None) == 1
        assert answers.count(running()) == 8
    for worker in workers:
        await worker.close()
    assert row_counts(engine) == {"write_back": 8}


@pytest.mark.parametrize("outcome", ["refused", "failed"])
async def test_of_two_who_try_again_one_goes_on(database_url: str, engine: Engine, outcome: Any) -> None:
    workers = [Journal.open(database_url, KEYS, clock=lambda: NOW) for _ in range(2)]
    for worker in workers:
        await worker.start()
    assert await claim(workers[0]) is None
    await workers[0].finish_write("general", KEY, outcome, 403, "")
    earlier = await workers[0].write_of("general", KEY)
    assert earlier == running(outcome=outcome, status=403)
    assert await claim(workers[0]) == earlier
    answers = await asyncio.gather(*[claim(worker, after=earlier) for worker in workers for _ in range(3)])
    assert answers.count(None) == 1
    assert answers.count(running()) == 5
    for worker in workers:
        await worker.close()


async def test_a_claim_whose_process_died_may_be_taken_over_after_a_while(
    database_url: str, engine: Engine
) -> None:
    now = NOW
    journal = Journal.open(database_url, KEYS, clock=lambda: now)
    await journal.start()
    assert await claim(journal) is None
    earlier = await journal.write_of("general", KEY)
    assert earlier is not None
    now = NOW + LONGEST_WRITE - timedelta(seconds=1)
    assert earlier.still_running(now)
    assert await claim(journal, after=earlier) == earlier
    now = NOW + LONGEST_WRITE
    assert not earlier.still_running(now)
    assert await claim(journal) == earlier
    assert await claim(journal, after=earlier) is None
    assert await claim(journal, after=earlier) == running(claimed_at=now)
    await journal.close()


async def test_what_was_made_stays_made(journal: Journal) -> None:
    await claim(journal)
    await journal.finish_write("general", KEY, "made", 201, "doc-7")
    await journal.finish_write("general", KEY, "failed", None)
    made = await journal.write_of("general", KEY)
    assert made == running(outcome="made", status=201, resource_id="doc-7")
    assert await claim(journal, after=made) == made


async def test_what_failed_may_turn_out_to_be_made(journal: Journal) -> None:
    await claim(journal)
    await journal.finish_write("general", KEY, "failed", None)
    await journal.finish_write("general", KEY, "made", 200, "doc-7")
    assert await journal.write_of("general", KEY) == running(outcome="made", status=200, resource_id="doc-7")


async def test_hashes_are_those_of_the_hook_and_a_moved_row_gives_no_id(journal: Journal, engine: Engine) -> None:
    await claim(journal, card="0b6a1c1e-0000-4000-8000-000000000009")
    await journal.finish_write("general", KEY, "made", 201, "doc-7")
    await claim(journal, "other")
    with engine.begin() as connection:
        row = connection.execute(select(write_back).where(write_back.c.outcome == "made")).one()
        moved = {"outcome": "made", "sealed_resource_id": row.sealed_resource_id}
        connection.execute(write_back.update().values(moved))
    assert row.patient_hash == KEYS.hash("general", "patient", "smith-1")
    assert row.card_uuid == "0b6a1c1e-0000-4000-8000-000000000009"
    assert b"doc-7" not in row.sealed_resource_id
    assert await journal.write_of("general", "other") == running(outcome="made")


async def test_use_is_counted_without_a_word_of_the_chart(journal: Journal, engine: Engine) -> None:
    step = AppUse(site="general", step="answered", session="s1", decision="ReviewImaging", told=("b", "a"))
    await journal.used(step)
    await journal.used(AppUse(site="general", step="opened", session="s1"))
    with engine.connect() as connection:
        rows = connection.execute(select(app_use).order_by(app_use.c.step)).all()
    assert [(row.step, row.decision, row.told) for row in rows] == [
        ("answered", "ReviewImaging", ["a", "b"]),
        ("opened", "", []),
    ]
    assert {row.session_hash for row in rows} == {KEYS.hash("general", "session", "s1")}
    assert {(row.card_uuid, row.at) for row in rows} == {(None, NOW)}


async def test_recent_shows_what_the_app_did_for_a_card(journal: Journal) -> None:
    shown, other = a_shown_card(), a_shown_card()
    await journal.submit(shown)
    await journal.submit(other)
    uuid = shown.cards[0].uuid
    await journal.used(AppUse(site="general", step="opened", session="s1", decision="DeferImaging", card=uuid))
    await claim(journal, card=uuid)
    await journal.finish_write("general", KEY, "refused", 403)
    rows = {row["card_uuid"]: row for row in await journal.recent(5, "general")}
    assert rows[uuid]["app_uses"] == [
        {"card_uuid": uuid, "at": NOW, "step": "opened", "decision": "DeferImaging", "told": []}
    ]
    assert rows[uuid]["write_backs"] == [
        {
            "card_uuid": uuid,
            "at": NOW,
            "act": "handout",
            "resource_type": "DocumentReference",
            "outcome": "refused",
            "status": 403,
        }
    ]
    assert (rows[other.cards[0].uuid]["app_uses"], rows[other.cards[0].uuid]["write_backs"]) == ([], [])


async def test_the_purge_takes_use_and_writes_of_each_site_in_its_time(journal: Journal, engine: Engine) -> None:
    await claim(journal)
    await journal.used(AppUse(site="general", step="opened", session="s1"))
    await journal.used(AppUse(site="county", step="opened", session="s1"))
    month = NOW + timedelta(days=30)
    assert await journal.purge(month, {"general": 30, "county": 60}) == PurgeCounts()
    later = month + timedelta(seconds=1)
    purged = await journal.purge(later, {"general": 30, "county": 60})
    assert purged == PurgeCounts(write_backs=1, app_uses=1)
    assert row_counts(engine) == {"app_use": 1}
    assert await journal.purge(later, {"general": 30}) == PurgeCounts(unlisted_sites=("county",))


async def test_a_store_that_is_down_says_so(journal: Journal, engine: Engine) -> None:
    with engine.begin() as connection:
        write_back.drop(connection)
        app_use.drop(connection)
    for attempt in (
        claim(journal),
        journal.finish_write("general", KEY, "made", 201, "doc-7"),
        journal.write_of("general", KEY),
        journal.used(AppUse(site="general", step="opened", session="s1")),
    ):
        with pytest.raises(StoreUnavailable):
            await attempt
