"""Launches and sessions of the app: once, sealed, only at their site and in their time."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from journal_builders import KEYS, NOW, a_case, row_counts
from sqlalchemy import Engine, select

from watchful.errors import StoreUnavailable
from watchful.journal import AppUse, Case, Journal, PurgeCounts, Submission
from watchful.journal.tables import smart_launch, smart_session

SOON = NOW + timedelta(minutes=10)


async def opened(url: str, at: Callable[[], object]) -> Journal:
    journal = Journal.open(url, KEYS, clock=at)  # type: ignore[arg-type]
    await journal.start()
    return journal


def ends(engine: Engine) -> list[datetime]:
    with engine.connect() as connection:
        return list(connection.scalars(select(smart_session.c.expires_at)))


async def test_a_launch_is_taken_once(journal: Journal, engine: Engine) -> None:
    await journal.keep_launch("general", "state-1", b"verifier", SOON)
    assert row_counts(engine) == {"smart_launch": 1}
    assert await journal.take_launch("general", "state-2") is None
    assert await journal.take_launch("county", "state-1") is None
    assert await journal.take_launch("general", "state-1") == b"verifier"
    assert await journal.take_launch("general", "state-1") is None
    assert row_counts(engine) == {}


async def test_of_many_who_take_at_the_same_time_one_gets_it(database_url: str, engine: Engine) -> None:
    workers = [await opened(database_url, lambda: NOW) for _ in range(3)]
    for number in range(8):
        state = f"state-{number}"
        await workers[0].keep_launch("general", state, b"verifier", SOON)
        answers = await asyncio.gather(
            *[worker.take_launch("general", state) for worker in workers for _ in range(3)]
        )
        assert sorted(answers, key=bool) == [None] * 8 + [b"verifier"]
    for worker in workers:
        await worker.close()


async def test_an_expired_launch_is_none_and_gone(database_url: str, engine: Engine) -> None:
    now = NOW
    journal = await opened(database_url, lambda: now)
    await journal.keep_launch("general", "late", b"verifier", SOON)
    now = SOON
    assert await journal.take_launch("general", "late") is None
    assert row_counts(engine) == {}
    await journal.close()


async def test_what_has_expired_is_deleted_with_its_tokens(journal: Journal, engine: Engine) -> None:
    await journal.keep_launch("general", "old", b"verifier", SOON)
    await journal.keep_session("county", "old", b"token", SOON)
    await journal.keep_session("general", "lasting", b"token", NOW + timedelta(hours=8))
    forgotten = await journal.forget_expired(SOON + timedelta(seconds=1))
    assert (forgotten.launches, forgotten.sessions) == (1, 1)
    assert row_counts(engine) == {"smart_session": 1}
    assert await journal.read_session("general", "lasting") == b"token"


async def test_a_session_is_kept_replaced_and_ended(journal: Journal, engine: Engine) -> None:
    await journal.keep_session("general", "s1", b"first", SOON)
    await journal.keep_session("general", "s1", b"second", SOON)
    assert row_counts(engine) == {"smart_session": 1}
    assert await journal.read_session("general", "s1") == b"second"
    assert await journal.read_session("county", "s1") is None
    assert await journal.read_session("general", "s2") is None
    await journal.end_session("county", "s1")
    assert await journal.read_session("general", "s1") == b"second"
    await journal.end_session("general", "s1")
    await journal.end_session("general", "s1")
    assert await journal.read_session("general", "s1") is None
    assert row_counts(engine) == {}


async def test_what_was_ended_is_not_renewed(journal: Journal, engine: Engine) -> None:
    await journal.keep_session("general", "s1", b"first", SOON)
    assert await journal.renew_session("general", "s1", b"first", b"second") == "renewed"
    assert await journal.read_session("general", "s1") == b"second"
    await journal.end_session("general", "s1")
    assert await journal.renew_session("general", "s1", b"second", b"third") == "gone"
    assert row_counts(engine) == {}


async def test_of_two_changes_to_one_session_one_is_told_to_look_again(
    journal: Journal, database_url: str
) -> None:
    await journal.keep_session("general", "s1", b"first", SOON)
    other = await opened(database_url, lambda: NOW)
    changes = await asyncio.gather(
        *(each.renew_session("general", "s1", b"first", name) for each, name in ((journal, b"a"), (other, b"b")))
    )
    await other.close()
    assert sorted(changes) == ["changed", "renewed"]
    assert await journal.read_session("general", "s1") == (b"a" if changes[0] == "renewed" else b"b")


async def test_a_session_ends_by_itself(database_url: str, engine: Engine) -> None:
    now = NOW
    journal = await opened(database_url, lambda: now)
    await journal.keep_session("general", "s1", b"token", SOON)
    now = SOON
    assert await journal.read_session("general", "s1") is None
    await journal.close()


async def test_a_session_in_use_is_prolonged_and_a_change_leaves_its_end_alone(
    journal: Journal, engine: Engine
) -> None:
    await journal.keep_session("general", "s1", b"first", SOON)
    later = SOON + timedelta(minutes=30)
    await journal.prolong_session("county", "s1", later)
    await journal.prolong_session("general", "s2", later)
    assert ends(engine) == [SOON]
    await journal.prolong_session("general", "s1", later)
    assert await journal.renew_session("general", "s1", b"first", b"second") == "renewed"
    assert ends(engine) == [later]
    await journal.prolong_session("general", "s1", SOON)
    assert ends(engine) == [later]
    assert await journal.forget_expired(SOON + timedelta(seconds=1)) == PurgeCounts()
    assert await journal.read_session("general", "s1") == b"second"


async def test_a_session_is_prolonged_at_most_once_a_minute_whoever_uses_it(
    journal: Journal, database_url: str, engine: Engine
) -> None:
    await journal.keep_session("general", "s1", b"token", SOON)
    workers = [journal, *[await opened(database_url, lambda: NOW) for _ in range(2)]]
    for seconds, written in ((1, 0), (60, 0), (61, 61), (90, 61), (121, 61), (122, 122)):
        until = SOON + timedelta(seconds=seconds)
        await asyncio.gather(*[worker.prolong_session("general", "s1", until) for worker in workers for _ in "ab"])
        assert ends(engine) == [SOON + timedelta(seconds=written)]
    for worker in workers[1:]:
        await worker.close()


async def test_a_session_that_need_not_be_prolonged_does_not_wait_for_the_writer(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journal.keep_session("general", "s1", b"token", SOON)
    monkeypatch.setattr(journal._writer, "run", None)
    await journal.prolong_session("general", "s1", SOON + timedelta(seconds=59))


async def test_a_session_that_is_over_is_not_brought_back(database_url: str, engine: Engine) -> None:
    now = NOW
    journal = await opened(database_url, lambda: now)
    await journal.keep_session("general", "s1", b"token", SOON)
    now = SOON
    await journal.prolong_session("general", "s1", SOON + timedelta(hours=1))
    assert ends(engine) == [SOON]
    assert await journal.read_session("general", "s1") is None
    await journal.close()


async def test_a_row_copied_over_another_does_not_open(journal: Journal, engine: Engine) -> None:
    await journal.keep_session("general", "mine", b"token", SOON)
    await journal.keep_session("general", "theirs", b"another token", SOON)
    await journal.keep_launch("general", "state", b"verifier", SOON)
    with engine.begin() as connection:
        sealed = connection.scalars(select(smart_session.c.sealed_payload)).all()
        connection.execute(smart_session.update().values(sealed_payload=sealed[0]))
        connection.execute(smart_launch.update().values(sealed_payload=sealed[0]))
    answers = [await journal.read_session("general", each) for each in ("mine", "theirs")]
    assert sum(answer is not None for answer in answers) == 1
    assert await journal.take_launch("general", "state") is None


async def test_with_another_secret_nothing_is_found(database_url: str, journal: Journal) -> None:
    await journal.keep_session("general", "s1", b"token", SOON)
    other = Journal.open(database_url, type(KEYS)("another secret that is long enough"), clock=lambda: NOW)
    await other.start()
    assert await other.read_session("general", "s1") is None
    await other.close()


async def test_purge_takes_what_has_expired(journal: Journal, engine: Engine) -> None:
    await journal.keep_launch("general", "state", b"verifier", SOON)
    await journal.keep_session("general", "s1", b"token", SOON + timedelta(hours=1))
    assert await journal.purge(SOON, {}) == PurgeCounts()
    later = SOON + timedelta(seconds=1)
    assert await journal.purge(later, {}) == PurgeCounts(launches=1)
    assert await journal.purge(later + timedelta(hours=1), {}) == PurgeCounts(sessions=1)
    assert row_counts(engine) == {}


async def test_a_case_is_shown_to_its_own_patient_only(journal: Journal) -> None:
    handle = journal.new_handle()
    await journal.submit(Submission(cases=(a_case(handle),)))
    assert await journal.case_of("general", handle, "smith-1") == b"what the handout needs"
    assert await journal.case_of("general", handle, "jones-2") is None
    assert await journal.case_of("general", journal.new_handle(), "smith-1") is None
    assert await journal.case_of("county", handle, "smith-1") is None


async def test_a_store_that_is_down_says_so(journal: Journal, engine: Engine) -> None:
    with engine.begin() as connection:
        smart_session.drop(connection)
        smart_launch.drop(connection)
    for attempt in (
        journal.keep_launch("general", "s", b"", SOON),
        journal.take_launch("general", "s"),
        journal.keep_session("general", "s", b"", SOON),
        journal.renew_session("general", "s", b"", b""),
        journal.read_session("general", "s"),
        journal.prolong_session("general", "s", SOON),
        journal.end_session("general", "s"),
    ):
        with pytest.raises(StoreUnavailable):
            await attempt


CANARIES = {
    "state": "state-canary-7f3a",
    "session": "session-canary-91bd",
    "token": "eyJ-token-canary",
    "patient": "patient-canary-42",
    "identifier": "identifier-canary-0d",
    "resource": "resource-canary-5e",
}


async def test_no_token_patient_or_handle_stands_in_the_file(tmp_path: Path) -> None:
    journal = await opened(f"sqlite:///{tmp_path}/journal.db", lambda: NOW)
    say = CANARIES
    handle = journal.new_handle()
    payload = f"{say['token']} {say['patient']} {handle}".encode()
    hashed = KEYS.hash("general", "patient", say["patient"])
    case = Case(handle=handle, site="general", patient_hash=hashed, payload=payload, expires_at=SOON)
    await journal.submit(Submission(cases=(case,)))
    await journal.keep_launch("general", say["state"], payload, SOON)
    await journal.keep_session("general", say["session"], payload, SOON)
    await journal.renew_session("general", say["session"], payload, payload)
    claim = {"session": say["session"], "card": "", "patient": say["patient"]}
    await journal.claim_write("general", say["identifier"], "handout", "DocumentReference", **claim)
    await journal.finish_write("general", say["identifier"], "made", 201, say["resource"])
    await journal.used(AppUse(site="general", step="opened", session=say["session"], decision="DeferImaging"))
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert written.count(KEYS.prefix.encode()) >= 8
    assert [name for name, text in {**say, "handle": handle}.items() if text.encode() in written] == []
    assert await journal.read_session("general", say["session"]) == payload
    await journal.close()
