"""The one thread that writes: whatever is waiting goes into one transaction, and everyone in it learns its fate.

A submission's `await` ends only after the commit. A spent token refuses its own submission and leaves
the others alone. A commit that fails is an error for every submission in it, never silence (safety
rule 5); the writer then opens a new connection and goes on.
"""

import asyncio
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import msgspec
import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPICursor

from watchful.errors import StoreUnavailable, Untrusted
from watchful.journal import tables
from watchful.journal.database import checkpoint, raw_transaction
from watchful.journal.statements import Insert, Row

T = TypeVar("T")

LONGEST_QUEUE = 4_096
LARGEST_BATCH = 256
ROWS_BETWEEN_CHECKPOINTS = 1_000

_log = structlog.get_logger("watchful.journal")


class Replayed(Untrusted):
    """The caller's token was used before. Nothing of the submission was written."""

    def __init__(self) -> None:
        super().__init__("replayed")


class Rows(msgspec.Struct, frozen=True):
    """A submission as the rows of the four tables, ready to be inserted."""

    token: tuple[str, object] | None
    """Its hash and when it expires."""
    cards: Sequence[Row]
    evaluations: Sequence[Row]
    cases: Sequence[Row]


class _Waiting(msgspec.Struct, gc=False, eq=False, kw_only=True):
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    answer: Any = None
    """What the future gets; an exception is raised there."""


class _Submitted(_Waiting, kw_only=True):
    rows: Rows


class _Asked(_Waiting, kw_only=True):
    job: Callable[[Connection], Any]


W = TypeVar("W", bound=_Waiting)


class Writer:
    """Starts and owns the thread; `submit` and `run` are for the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="journal-writer", daemon=True)
        self._open = False
        self._tokens = Insert(tables.token_use, engine.dialect, new_only=True)
        self._cards = Insert(tables.card, engine.dialect)
        self._evaluations = Insert(tables.evaluation, engine.dialect)
        self._cases = Insert(tables.case, engine.dialect)
        self._connection: Connection | None = None
        self._rows_since_checkpoint = 0
        driver = engine.dialect.loaded_dbapi
        self._refused_data = (driver.IntegrityError, driver.DataError)

    @property
    def waiting(self) -> int:
        """How many submissions are queued, for a gauge."""
        return self._queue.qsize()

    def start(self) -> None:
        self._open = True
        self._thread.start()

    async def close(self) -> None:
        """Commit what is waiting, then stop. Nothing can be submitted any more."""
        if self._open:
            self._open = False
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)

    async def submit(self, rows: Rows) -> None:
        """Returns when the rows are committed. Raises Replayed or StoreUnavailable."""
        self._check_room()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._queue.put(_Submitted(future=future, loop=loop, rows=rows))
        await future

    async def run(self, job: Callable[[Connection], T]) -> T:
        """Run `job` in a transaction of its own between two batches, so that it never contends with them."""
        self._check_room()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Asked(future=future, loop=loop, job=job))
        return await future

    def _check_room(self) -> None:
        if not self._open:
            raise StoreUnavailable("The journal is not open.")
        if self._queue.qsize() >= LONGEST_QUEUE:
            raise StoreUnavailable("The journal cannot keep up.")

    # From here on: the writer's thread.

    def _work(self) -> None:
        try:
            going_on = True
            while going_on:
                taken, going_on = self._take()
                batch = [waiting for waiting in taken if isinstance(waiting, _Submitted)]
                if batch:
                    self._attend(batch, self._write)
                for waiting in taken:
                    if isinstance(waiting, _Asked):
                        self._attend([waiting], _run_jobs)
                self._checkpoint_when_due()
        finally:  # also when the thread dies of a fault of ours: nobody may wait for ever
            self._open = False
            self._disconnect()
            self._abandon_the_rest()

    def _take(self) -> tuple[list[_Waiting], bool]:
        """Everything that waits now, at least one; and whether to go on afterwards."""
        taken: list[_Waiting] = []
        following = self._queue.get()
        while following is not None:
            taken.append(following)
            if len(taken) >= LARGEST_BATCH:
                return taken, True
            try:
                following = self._queue.get_nowait()
            except Empty:
                return taken, True
        return taken, False

    def _abandon_the_rest(self) -> None:
        while not self._queue.empty():
            waiting = self._queue.get()
            if waiting is not None:
                waiting.answer = StoreUnavailable("The journal has stopped.")
                _wake([waiting])

    def _attend(self, batch: list[W], work: Callable[[Connection, list[W]], None]) -> None:
        """Do the work in one transaction and wake those who wait for it, whatever happened."""
        try:
            work(self._connected(), batch)
        except self._refused_data as error:
            if len(batch) > 1:  # one caller's bad row must not cost the others their answer
                for waiting in batch:
                    self._attend([waiting], work)
                return
            _refuse(batch, error)
        except Exception as error:  # the thread's outer wall: any failure must reach those who wait
            _refuse(batch, error)
            _wake(batch)
            self._disconnect()
            return
        _wake(batch)

    def _write(self, connection: Connection, batch: list[_Submitted]) -> None:
        with raw_transaction(connection) as cursor:
            accepted = self._spend_tokens(cursor, batch)
            cards = [row for rows in accepted for row in rows.cards]
            evaluations = [row for rows in accepted for row in rows.evaluations]
            cases = [row for rows in accepted for row in rows.cases]
            self._cards.execute(cursor, cards)
            self._evaluations.execute(cursor, evaluations)
            self._cases.execute(cursor, cases)
        self._rows_since_checkpoint += len(accepted) + len(cards) + len(evaluations) + len(cases)

    def _spend_tokens(self, cursor: DBAPICursor, batch: list[_Submitted]) -> list[Rows]:
        """The submissions whose token was new; the others are answered with Replayed."""
        spent: dict[str, Row] = {}
        for waiting in batch:
            token = waiting.rows.token
            if token is not None:
                waiting.answer = Replayed() if token[0] in spent else None
                spent.setdefault(token[0], token)
        # in one order everywhere, or two processes that spend the same tokens would deadlock
        new = self._tokens.execute(cursor, [spent[token_hash] for token_hash in sorted(spent)])
        for waiting in batch:
            if waiting.rows.token is not None and waiting.rows.token[0] not in new:
                waiting.answer = Replayed()
        return [waiting.rows for waiting in batch if waiting.answer is None]

    def _checkpoint_when_due(self) -> None:
        if self._rows_since_checkpoint < ROWS_BETWEEN_CHECKPOINTS:
            return
        self._rows_since_checkpoint = 0
        try:
            checkpoint(self._connected())
        except Exception as error:  # as above; nobody waits for it, so the log is the only place
            self._disconnect()
            _report("journal_checkpoint_failed", error)

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _run_jobs(connection: Connection, batch: list[_Asked]) -> None:
    with connection.begin():
        for waiting in batch:
            waiting.answer = waiting.job(connection)


def _refuse(batch: Sequence[_Waiting], error: Exception) -> None:
    _report("journal_write_failed", error, len(batch))
    for waiting in batch:
        waiting.answer = StoreUnavailable("The journal could not be written.")


def _report(what: str, error: Exception, count: int = 0) -> None:
    """The kind of failure and where; never the database's own message, which may quote a row (safety rule 6)."""
    code = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).stem}:{frame.lineno}"
    _log.error(what, error=type(error).__name__, reason=code, at=where, count=count)


def _wake(batch: Sequence[_Waiting]) -> None:
    """Hand out the answers with one wake-up for each event loop, not one for each waiter."""
    loops = {waiting.loop for waiting in batch}
    for loop in loops:
        with suppress(RuntimeError):  # the loop was closed: nobody waits there any more
            loop.call_soon_threadsafe(_settle, [waiting for waiting in batch if waiting.loop is loop])


def _settle(batch: Sequence[_Waiting]) -> None:
    for waiting in batch:
        if waiting.future.done():  # its request was cancelled; the row is committed all the same
            continue
        if isinstance(waiting.answer, Exception):
            waiting.future.set_exception(waiting.answer)
        else:
            waiting.future.set_result(waiting.answer)
