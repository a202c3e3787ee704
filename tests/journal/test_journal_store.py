"""The journal as doors use it, on both databases."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from journal_builders import (
    KEYS,
    NOW,
    SUGGESTIONS,
    a_case,
    a_shown_card,
    a_token,
    an_evaluation,
    an_override,
    row_counts,
)
from msgspec.structs import replace
from sqlalchemy import Engine, select, text

from watchful.errors import StoreUnavailable
from watchful.journal import FeedbackCounts, Journal, Replayed, Submission
from watchful.journal.feedback import LARGEST_PART, open_comment
from watchful.journal.records import new_id
from watchful.journal.tables import case, feedback


async def test_two_journals_on_one_database_refuse_each_others_tokens(
    journal: Journal, database_url: str, engine: Engine
) -> None:
    other = Journal.open(database_url, KEYS, clock=lambda: NOW)
    await other.start()
    await other.submit(Submission(token_use=a_token()))
    with pytest.raises(Replayed):
        await journal.submit(replace(a_shown_card(), token_use=a_token()))
    await other.close()
    assert row_counts(engine) == {"token_use": 1}


async def test_an_identifier_in_clear_is_refused(journal: Journal, engine: Engine) -> None:
    with pytest.raises(ValueError, match="keyed hashes"):
        await journal.submit(Submission(evaluations=(an_evaluation(patient_hash="Patient/smith-1"),)))
    with pytest.raises(ValueError, match="zone"):
        await journal.submit(Submission(evaluations=(an_evaluation(at=NOW.replace(tzinfo=None)),)))
    with pytest.raises(ValueError, match="card"):
        await journal.submit(Submission(cards=a_shown_card().cards))
    assert row_counts(engine) == {}


async def test_recent_shows_evaluations_with_card_and_feedback(journal: Journal) -> None:
    shown = a_shown_card(at=NOW)
    silent = Submission(evaluations=(an_evaluation(at=NOW + timedelta(seconds=1), decision="Silent"),))
    for submission in (shown, silent, a_shown_card("county")):
        await journal.submit(submission)
    uuid = shown.cards[0].uuid
    await journal.feedback("general", [an_override(uuid, reason_system="urn:site", reason_code="r1", comment="!")])
    newest, oldest = await journal.recent(10, "general")
    assert (newest["decision"], newest["card"], newest["feedback"]) == ("Silent", None, [])
    assert oldest["at"] == NOW
    assert oldest["flags"] == {"fever": "unknown"}
    assert oldest["card"]["suggestions"] == list(SUGGESTIONS)
    assert oldest["feedback"] == [
        {
            "card_uuid": uuid,
            "site": "general",
            "outcome": "overridden",
            "accepted": [],
            "reason_system": "urn:site",
            "reason_code": "r1",
            "has_comment": True,
            "outcome_at": NOW,
            "received_at": NOW,
        }
    ]
    assert len(await journal.recent(1, "general")) == 1


async def test_feedback_counts_what_is_new_repeated_and_unknown(journal: Journal, engine: Engine) -> None:
    mine, theirs = a_shown_card(), a_shown_card("county")
    await journal.submit(mine)
    await journal.submit(theirs)
    uuid = mine.cards[0].uuid
    taken = an_override(uuid, outcome="accepted", accepted=(SUGGESTIONS[0].upper(), "a name, in clear"))
    items = [
        an_override(uuid),
        an_override(uuid.upper()),
        an_override(uuid, outcome_at=NOW + timedelta(seconds=1)),
        taken,
        replace(taken, accepted=(SUGGESTIONS[1],)),
        an_override(theirs.cards[0].uuid),
        an_override(new_id(NOW)),
        an_override("no uuid\x00"),
    ]
    assert await journal.feedback("general", items) == FeedbackCounts(stored=4, duplicates=1, orphans=3)
    assert await journal.feedback("general", items) == FeedbackCounts(stored=0, duplicates=5, orphans=3)
    with engine.connect() as connection:
        accepted = connection.scalars(select(feedback.c.accepted).where(feedback.c.outcome == "accepted")).all()
    assert sorted(accepted) == [[SUGGESTIONS[0]], [SUGGESTIONS[1]]]


async def test_a_long_feedback_call_is_stored_whole(journal: Journal, engine: Engine) -> None:
    shown = a_shown_card()
    await journal.submit(shown)
    number = 2 * LARGEST_PART + 1
    items = [an_override(shown.cards[0].uuid, outcome_at=NOW + timedelta(seconds=at)) for at in range(number)]
    assert await journal.feedback("general", items) == FeedbackCounts(stored=number)
    assert row_counts(engine)["feedback"] == number


async def test_a_comment_is_kept_sealed_only(journal: Journal, engine: Engine) -> None:
    shown = a_shown_card()
    await journal.submit(shown)
    uuid = shown.cards[0].uuid
    comment = "Mrs Smith fell last week"
    await journal.feedback("general", [an_override(uuid, comment=comment, reason_code="r1\x00")])
    with engine.connect() as connection:
        row = connection.execute(select(feedback)).one()
    assert "Smith" not in str(row)
    assert row.reason_code == "r1"
    assert open_comment(KEYS, "general", uuid, row.sealed_comment) == comment


async def test_an_order_is_answered_for_the_same_facts_only(journal: Journal) -> None:
    shown = a_shown_card()
    await journal.submit(shown)
    order, facts = shown.evaluations[0].order_hash, shown.evaluations[0].facts_fingerprint
    assert not await journal.already_answered("general", order, facts)
    for _ in range(2):
        await journal.feedback("general", [an_override(shown.cards[0].uuid)])
    assert await journal.already_answered("general", order, facts)
    assert not await journal.already_answered("general", order, KEYS.hash("general", "facts", "a newer chart"))
    assert not await journal.already_answered("general", KEYS.hash("general", "order", "other"), facts)
    assert not await journal.already_answered("county", order, facts)


async def test_a_case_opens_with_its_handle_at_its_site_in_its_time(database_url: str, engine: Engine) -> None:
    now = NOW
    journal = Journal.open(database_url, KEYS, clock=lambda: now)
    await journal.start()
    handle = journal.new_handle()
    await journal.submit(Submission(cases=(a_case(handle),)))
    assert await journal.read_case("general", handle) == b"what the handout needs"
    assert await journal.read_case("county", handle) is None
    assert await journal.read_case("general", journal.new_handle()) is None
    assert await journal.read_case("general", "") is None
    now = NOW + timedelta(hours=24)
    assert await journal.read_case("general", handle) is None
    await journal.close()


async def test_a_case_moved_to_another_patient_does_not_open(journal: Journal, engine: Engine) -> None:
    handle = journal.new_handle()
    await journal.submit(Submission(cases=(a_case(handle),)))
    with engine.begin() as connection:
        connection.execute(case.update().values(patient_hash=KEYS.hash("general", "patient", "jones-2")))
    assert await journal.read_case("general", handle) is None


async def test_neither_payload_nor_handle_stands_in_the_file(tmp_path: Path) -> None:
    journal = Journal.open(f"sqlite:///{tmp_path}/journal.db", KEYS, clock=lambda: NOW)
    await journal.start()
    handle = journal.new_handle()
    await journal.submit(Submission(token_use=a_token("jti-in-clear"), cases=(a_case(handle, b"Smith, 1961"),)))
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert KEYS.prefix.encode() in written
    for secret in (b"Smith, 1961", handle.encode(), b"jti-in-clear"):
        assert secret not in written
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    await journal.close()


async def test_ping_and_reads_are_loud_when_the_database_is_gone(journal: Journal, engine: Engine) -> None:
    await journal.ping()
    with engine.begin() as connection:
        feedback.drop(connection)
    with pytest.raises(StoreUnavailable):
        await journal.recent(1, "general")
    await journal.close()
    with pytest.raises(StoreUnavailable):
        await journal.ping()


async def test_reads_and_writes_at_once(journal: Journal, engine: Engine) -> None:
    async def use(number: int) -> None:
        handle = journal.new_handle()
        shown = replace(a_shown_card(), token_use=a_token(f"jti-{number}"), cases=(a_case(handle),))
        await journal.submit(shown)
        assert await journal.read_case("general", handle) is not None
        await journal.feedback("general", [an_override(shown.cards[0].uuid)])

    await asyncio.gather(*[use(number) for number in range(60)])
    everything_but_answered = dict.fromkeys(("card", "evaluation", "token_use", "case", "feedback"), 60)
    assert row_counts(engine) == {**everything_but_answered, "answered": 60}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/db", "not a url"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="database"):
        Journal.open(url, KEYS, clock=lambda: NOW)


async def test_an_unreachable_database_is_named_without_its_url() -> None:
    journal = Journal.open("postgresql+psycopg://u:secret@127.0.0.1:1/db", KEYS, clock=lambda: NOW)
    with pytest.raises(StoreUnavailable, match="cannot be reached") as raised:
        await journal.start()
    assert "secret" not in str(raised.value)
    await journal.close()
    missing = Journal.open("sqlite:////no/such/directory/journal.db", KEYS, clock=lambda: NOW)
    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        await missing.start()
    await missing.close()


async def test_the_engines_own_messages_hide_parameters(engine: Engine) -> None:
    with pytest.raises(Exception, match="hidden") as raised, engine.connect() as connection:
        connection.execute(text("SELECT :patient FROM nowhere"), {"patient": "smith-1"})
    assert "smith" not in str(raised.value)
