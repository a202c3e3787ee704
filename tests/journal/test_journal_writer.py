"""Group commit: all waiting submissions in one transaction, each told its own fate."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from journal_builders import KEYS, a_case, a_shown_card, a_token, row_counts
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, text

from watchful.errors import StoreUnavailable
from watchful.journal import Replayed, Submission
from watchful.journal import writer as writing
from watchful.journal.encoding import Encoder
from watchful.journal.tables import evaluation
from watchful.journal.writer import Writer


@pytest.fixture
async def writer(engine: Engine) -> AsyncIterator[Writer]:
    opened = Writer(engine)
    opened.start()
    yield opened
    await opened.close()


@asynccontextmanager
async def held(writer: Writer) -> AsyncIterator[None]:
    """While inside, the writer is busy, so that what is submitted waits together."""
    busy, release = threading.Event(), threading.Event()

    def hold(_connection: Connection) -> None:
        busy.set()
        release.wait(30)

    holding = asyncio.create_task(writer.run(hold))
    try:
        await asyncio.to_thread(busy.wait, 30)
        yield
    finally:
        release.set()
        await holding


async def submit_together(
    writer: Writer, engine: Engine, submissions: Sequence[Submission]
) -> list[BaseException | None]:
    """What became of each, submitted so that one batch takes them all."""
    encoder = Encoder(engine.dialect, KEYS)
    async with held(writer):
        tasks = [asyncio.create_task(writer.submit(encoder.rows(each))) for each in submissions]
        while writer.waiting < len(tasks):
            await asyncio.sleep(0)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_everything_of_a_submission_is_stored(writer: Writer, engine: Engine) -> None:
    whole = replace(a_shown_card(), token_use=a_token(), cases=(a_case(KEYS.new_handle()),))
    await writer.submit(Encoder(engine.dialect, KEYS).rows(whole))
    assert row_counts(engine) == {"card": 1, "evaluation": 1, "token_use": 1, "case": 1}


async def test_all_that_wait_share_one_commit(
    writer: Writer, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = []
    write = writer._write

    def counted(connection: Connection, batch: list[Any]) -> None:
        batches.append(len(batch))
        write(connection, batch)

    monkeypatch.setattr(writer, "_write", counted)
    assert await submit_together(writer, engine, [a_shown_card() for _ in range(77)]) == [None] * 77
    assert batches == [77]
    assert row_counts(engine) == {"card": 77, "evaluation": 77}


async def test_a_token_spent_before_refuses_the_submission_and_writes_nothing(
    writer: Writer, engine: Engine
) -> None:
    encoder = Encoder(engine.dialect, KEYS)
    await writer.submit(encoder.rows(Submission(token_use=a_token())))
    replay = replace(a_shown_card(), token_use=a_token(), cases=(a_case(KEYS.new_handle()),))
    with pytest.raises(Replayed) as raised:
        await writer.submit(encoder.rows(replay))
    assert raised.value.reason == "replayed"
    assert row_counts(engine) == {"token_use": 1}


async def test_a_token_twice_in_one_batch_passes_once_and_the_others_commit(
    writer: Writer, engine: Engine
) -> None:
    batch = [
        replace(a_shown_card(), token_use=a_token("twice")),
        replace(a_shown_card(), token_use=a_token("once")),
        replace(a_shown_card(), token_use=a_token("twice")),
        a_shown_card(),
    ]
    answers = await submit_together(writer, engine, batch)
    assert [type(answer) for answer in answers] == [type(None), type(None), Replayed, type(None)]
    assert row_counts(engine) == {"token_use": 2, "card": 3, "evaluation": 3}


async def test_two_writers_on_one_database_let_a_token_pass_once(engine: Engine) -> None:
    writers = [Writer(engine), Writer(engine)]
    encoder = Encoder(engine.dialect, KEYS)
    for each in writers:
        each.start()
    attempts = [
        each.submit(encoder.rows(Submission(token_use=a_token(f"jti-{number}"))))
        for number in range(40)
        for each in (writers if number % 2 else reversed(writers))
    ]
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    for each in writers:
        await each.close()
    assert [type(answer) for answer in answers].count(Replayed) == 40
    assert answers.count(None) == 40
    assert row_counts(engine) == {"token_use": 40}


async def test_a_failed_commit_is_loud_for_all_and_the_writer_goes_on(
    writer: Writer, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    with engine.begin() as connection:
        evaluation.drop(connection)
    batch = [replace(a_shown_card(), token_use=a_token(str(number))) for number in range(5)]
    answers = await submit_together(writer, engine, batch)
    assert [type(answer) for answer in answers] == [StoreUnavailable] * 5
    assert "journal_write_failed" in capsys.readouterr().out
    with engine.begin() as connection:
        evaluation.create(connection)
    assert row_counts(engine) == {}
    assert await submit_together(writer, engine, batch) == [None] * 5
    assert row_counts(engine) == {"token_use": 5, "card": 5, "evaluation": 5}


async def test_a_row_that_the_database_refuses_costs_the_others_nothing(writer: Writer, engine: Engine) -> None:
    taken = a_shown_card()
    encoder = Encoder(engine.dialect, KEYS)
    await writer.submit(encoder.rows(taken))
    batch = [a_shown_card(), taken, a_shown_card()]
    answers = await submit_together(writer, engine, batch)
    assert [type(answer) for answer in answers] == [type(None), StoreUnavailable, type(None)]
    assert row_counts(engine) == {"card": 3, "evaluation": 3}


async def test_a_lost_connection_fails_what_waited_and_is_opened_again(writer: Writer, engine: Engine) -> None:
    encoder = Encoder(engine.dialect, KEYS)
    await writer.submit(encoder.rows(a_shown_card()))

    def lose(connection: Connection) -> None:
        connection.connection.driver_connection.close()  # type: ignore[union-attr]

    with pytest.raises(StoreUnavailable):
        await writer.run(lose)
    await writer.submit(encoder.rows(a_shown_card()))
    assert row_counts(engine) == {"card": 2, "evaluation": 2}


async def test_a_fault_in_a_job_reaches_its_caller_only(writer: Writer, engine: Engine) -> None:
    def faulty(connection: Connection) -> None:
        connection.execute(text("DELETE FROM card"))
        raise KeyError("a fault of ours")

    await writer.submit(Encoder(engine.dialect, KEYS).rows(Submission(token_use=a_token())))
    with pytest.raises(StoreUnavailable):
        await writer.run(faulty)
    assert await writer.run(lambda connection: connection.scalar(text("SELECT 7"))) == 7


async def test_a_cancelled_request_does_not_disturb_its_batch(writer: Writer, engine: Engine) -> None:
    encoder = Encoder(engine.dialect, KEYS)
    async with held(writer):
        tasks = [asyncio.create_task(writer.submit(encoder.rows(a_shown_card()))) for _ in range(3)]
        while writer.waiting < len(tasks):
            await asyncio.sleep(0)
        tasks[1].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [type(None), asyncio.CancelledError, type(None)]
    assert row_counts(engine) == {"card": 3, "evaluation": 3}


async def test_over_the_bound_is_refused_at_once(
    writer: Writer, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LONGEST_QUEUE", 2)
    answers = await _submit_while_held(writer, engine, 3)
    assert [type(answer) for answer in answers] == [type(None), type(None), StoreUnavailable]
    assert row_counts(engine) == {"card": 2, "evaluation": 2}


async def _submit_while_held(writer: Writer, engine: Engine, number: int) -> list[BaseException | None]:
    encoder = Encoder(engine.dialect, KEYS)
    async with held(writer):
        tasks = [asyncio.create_task(writer.submit(encoder.rows(a_shown_card()))) for _ in range(number)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_close_commits_what_waits_and_then_refuses(engine: Engine) -> None:
    writer = Writer(engine)
    encoder = Encoder(engine.dialect, KEYS)
    with pytest.raises(StoreUnavailable):
        await writer.submit(encoder.rows(a_shown_card()))
    writer.start()
    tasks = [asyncio.create_task(writer.submit(encoder.rows(a_shown_card()))) for _ in range(20)]
    await asyncio.sleep(0)
    await writer.close()
    assert await asyncio.gather(*tasks, return_exceptions=True) == [None] * 20
    with pytest.raises(StoreUnavailable):
        await writer.submit(encoder.rows(a_shown_card()))
    assert row_counts(engine) == {"card": 20, "evaluation": 20}


async def test_checkpoints_keep_the_log_short(
    engine: Engine, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL looks after its own log")
    monkeypatch.setattr(writing, "ROWS_BETWEEN_CHECKPOINTS", 20)
    encoder = Encoder(engine.dialect, KEYS)
    for _ in range(200):
        await writer.submit(encoder.rows(a_shown_card()))
    with engine.connect() as connection:
        connection.rollback()
        _busy, frames, _moved = connection.connection.cursor().execute("PRAGMA wal_checkpoint").fetchone()
    assert frames < 400
