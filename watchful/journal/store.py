"""The journal as the rest of the service sees it. Every failure of the database is a StoreUnavailable.

Writes go through the one writer thread and return after their commit. Reads have threads and
connections of their own.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from watchful.errors import StoreUnavailable
from watchful.journal import app_use, cases, feedback, retention, unmapped, visits, write_backs
from watchful.journal.database import READING, checkpoint, is_sqlite, open_engine
from watchful.journal.encoding import Encoder
from watchful.journal.keys import Keys
from watchful.journal.recent import recent_evaluations
from watchful.journal.records import (
    AppUse,
    FeedbackCounts,
    FeedbackItem,
    PurgeCounts,
    Submission,
    WriteBack,
    WriteClaim,
    WriteOutcome,
)
from watchful.journal.schema import migrate, require_current
from watchful.journal.writer import Writer

T = TypeVar("T")
Clock = Callable[[], datetime]

_READERS = 4
_PING_SECONDS = 2.0


class Journal:
    """One open journal. Several processes may each have one on the same database."""

    def __init__(self, engine: Engine, keys: Keys, clock: Clock) -> None:
        self._engine = engine
        self._keys = keys
        self._clock = clock
        self._encoder = Encoder(engine.dialect, keys)
        self._writer = Writer(engine)
        self._reading = engine.execution_options(**{READING: True})
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="journal-reader")

    @classmethod
    def open(cls, database_url: str, keys: Keys, *, clock: Clock) -> Self:
        """Nothing is read or written before `start`. Raises ValueError for a database we do not support."""
        return cls(open_engine(database_url), keys, clock)

    async def start(self) -> None:
        """Migrate (SQLite) or check the tables, then start the writer. Raises StoreUnavailable."""
        await self._in_thread(self._prepare)
        self._writer.start()

    async def close(self) -> None:
        """Commit what is waiting and let go of the database."""
        await self._writer.close()
        self._readers.shutdown()
        self._engine.dispose()

    @property
    def waiting(self) -> int:
        """How many submissions are queued, for a gauge."""
        return self._writer.waiting

    def new_handle(self) -> str:
        """A random opaque handle for a case: what links and `appContext` may carry."""
        return self._keys.new_handle()

    async def submit(self, submission: Submission) -> None:
        """Returns when everything is committed. Raises Replayed, with nothing written, or StoreUnavailable."""
        await self._writer.submit(self._encoder.rows(submission))

    async def feedback(self, site: str, items: Sequence[FeedbackItem]) -> FeedbackCounts:
        """Store feedback from one site's caller; safe to repeat. Counts are those of this call."""
        counts = FeedbackCounts()
        for start in range(0, len(items), feedback.LARGEST_PART):
            part = items[start : start + feedback.LARGEST_PART]
            now = self._clock()
            counts += await self._writer.run(
                partial(feedback.store, keys=self._keys, site=site, items=part, received_at=now)
            )
        return counts

    async def read_case(self, site: str, handle: str) -> bytes | None:
        """What was sealed under a handle; None when there is no such case at this site, or no longer."""
        return await self._read(partial(cases.read, keys=self._keys, site=site, handle=handle, now=self._clock()))

    async def case_of(self, site: str, handle: str, patient_id: str) -> bytes | None:
        """The same, only when it is this patient's."""
        patient = self._keys.hash(site, "patient", patient_id)
        return await self._read(
            partial(cases.read, keys=self._keys, site=site, handle=handle, now=self._clock(), patient_hash=patient)
        )

    async def keep_launch(self, site: str, state: str, payload: bytes, expires_at: datetime) -> None:
        """Keep what one authorization request has to remember."""
        await self._writer.run(self._kept(visits.LAUNCH, site, state, payload, expires_at))

    async def take_launch(self, site: str, state: str) -> bytes | None:
        """What was kept under `state`, once; None when it is unknown, used or expired."""
        return await self._writer.run(
            partial(visits.take, kind=visits.LAUNCH, keys=self._keys, site=site, key=state, now=self._clock())
        )

    async def keep_session(self, site: str, session_id: str, payload: bytes, expires_at: datetime) -> None:
        """Keep a new session, or replace it."""
        await self._writer.run(self._kept(visits.SESSION, site, session_id, payload, expires_at))

    async def renew_session(self, site: str, session_id: str, was: bytes, payload: bytes) -> visits.Renewal:
        """Replace a session that still is what it `was`. One that has ended is not brought back."""
        return await self._writer.run(
            partial(
                visits.renew,
                kind=visits.SESSION,
                keys=self._keys,
                site=site,
                key=session_id,
                was=was,
                payload=payload,
            )
        )

    async def prolong_session(self, site: str, session_id: str, until: datetime) -> None:
        """Have a session last until then, if it is not over. Looks first: mostly there is nothing to write."""
        asked: dict[str, Any] = {"kind": visits.SESSION, "keys": self._keys, "site": site, "key": session_id}
        asked |= {"until": until, "now": self._clock()}
        if await self._read(partial(visits.is_due, **asked)):
            await self._writer.run(partial(visits.prolong, **asked))

    async def read_session(self, site: str, session_id: str) -> bytes | None:
        """A session's payload; None when this site has no such session, or no longer."""
        return await self._read(
            partial(
                visits.read, kind=visits.SESSION, keys=self._keys, site=site, key=session_id, now=self._clock()
            )
        )

    async def end_session(self, site: str, session_id: str) -> None:
        """Forget a session."""
        await self._writer.run(
            partial(visits.forget, kind=visits.SESSION, keys=self._keys, site=site, key=session_id)
        )

    async def claim_write(
        self,
        site: str,
        key: str,
        act: str,
        resource_type: str,
        *,
        session: str,
        card: str,
        patient: str,
        after: WriteBack | None = None,
    ) -> WriteBack | None:
        """None: the write is this caller's to send. Else the earlier one as it stands, perhaps still running.

        `after` is an earlier one that was read and is to be tried again: it is taken over only if it still
        stands so and is neither made nor running, so that one of two who try again goes on.
        """
        claim = WriteClaim(
            site=site,
            key=key,
            act=act,
            resource_type=resource_type,
            session=session,
            card=card,
            patient=patient,
        )
        now = self._clock()
        return await self._writer.run(
            partial(write_backs.claim, keys=self._keys, claim=claim, after=after, now=now)
        )

    async def finish_write(
        self, site: str, key: str, outcome: WriteOutcome, status: int | None, resource_id: str = ""
    ) -> None:
        """Say what became of a write that was claimed; `resource_id` is kept sealed."""
        await self._writer.run(
            partial(
                write_backs.finish,
                keys=self._keys,
                site=site,
                key=key,
                outcome=outcome,
                status=status,
                resource_id=resource_id,
            )
        )

    async def write_of(self, site: str, key: str) -> WriteBack | None:
        """What became of a write; None when none was claimed."""
        return await self._read(partial(write_backs.read, keys=self._keys, site=site, key=key))

    async def used(self, use: AppUse) -> None:
        """Count one step of the app."""
        await self._writer.run(partial(app_use.store, keys=self._keys, use=use, at=self._clock()))

    async def already_answered(self, site: str, order_hash: str, facts_fingerprint: str) -> bool:
        """Whether a card on this very order was answered while the chart said what it says now."""
        return await self._read(
            partial(feedback.is_answered, site=site, order_hash=order_hash, facts_fingerprint=facts_fingerprint)
        )

    async def recent(self, limit: int, site: str) -> list[dict[str, Any]]:
        """The site's latest evaluations, newest first, each with its card and feedback; comments stay sealed."""
        return await self._read(partial(recent_evaluations, limit=limit, site=site))

    async def note_unmapped(self, site: str, codings: Sequence[unmapped.Coding]) -> None:
        """Keep order codings that no map knows."""
        at = self._clock()
        await self._writer.run(partial(unmapped.note, site=site, codings=codings, at=at))

    async def unmapped(self, site: str) -> list[unmapped.Coding]:
        """The order codings of a site that no map knows, the latest seen first."""
        return await self._read(partial(unmapped.listed, site=site))

    async def ping(self) -> None:
        """Raises StoreUnavailable unless the writer can open a transaction now."""
        try:
            async with asyncio.timeout(_PING_SECONDS):
                await self._writer.run(_ping)
        except TimeoutError:
            raise StoreUnavailable("The journal does not answer.") from None

    async def purge(self, now: datetime, retention_days: Mapping[str, int]) -> PurgeCounts:
        """Delete what is past its time, in slices between the hooks' own writes. Safe to repeat or interrupt."""
        total = PurgeCounts()
        for site, days in retention_days.items():
            before = now - timedelta(days=days)
            total += await self._all_slices(partial(retention.delete_evaluations, site=site, before=before))
            total += await self._all_slices(partial(retention.delete_app_rows, site=site, before=before))
        total += await self.forget_expired(now)
        await self._in_thread(self._truncate_log)
        return total + await self._read(partial(retention.unlisted, listed=tuple(retention_days)))

    async def forget_expired(self, now: datetime) -> PurgeCounts:
        """Delete what has outlived its own time: launches, sessions with their tokens, cases, token uses."""
        return await self._all_slices(partial(retention.delete_expired, now=now))

    def _kept(
        self, kind: visits.Kind, site: str, key: str, payload: bytes, expires_at: datetime
    ) -> Callable[[Connection], None]:
        return partial(
            visits.keep, kind=kind, keys=self._keys, site=site, key=key, payload=payload, expires_at=expires_at
        )

    async def _all_slices(self, delete: Callable[[Connection], PurgeCounts]) -> PurgeCounts:
        total = PurgeCounts()
        while True:
            deleted = await self._writer.run(delete)
            if not deleted.rows:
                return total
            total += deleted

    async def _read(self, query: Callable[[Connection], T]) -> T:
        return await self._in_thread(partial(self._query, query))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            answer = asyncio.get_running_loop().run_in_executor(self._readers, work)
        except RuntimeError:  # the readers were let go of: closed, or closing
            raise StoreUnavailable("The journal is not open.") from None
        return await answer

    # From here on: a reader's thread.

    def _prepare(self) -> None:
        try:
            if is_sqlite(self._engine):
                migrate(self._engine)
            with self._reading.connect() as connection:
                require_current(connection)
        except SQLAlchemyError:
            raise StoreUnavailable("The journal's database cannot be reached.") from None

    def _query(self, query: Callable[[Connection], T]) -> T:
        try:
            with self._reading.begin() as connection:
                return query(connection)
        except SQLAlchemyError:  # its text may quote a row
            raise StoreUnavailable("The journal could not be read.") from None

    def _truncate_log(self) -> None:
        """What was deleted must not live on in SQLite's log."""
        try:
            with self._reading.connect() as connection:
                checkpoint(connection, "TRUNCATE")
        except SQLAlchemyError:
            raise StoreUnavailable("The journal could not be read.") from None


def _ping(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
