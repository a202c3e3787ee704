"""Sessions as the pages see them: opened by path and cookie together, kept sealed, refreshed, ended.

The id in the path says which launch; only the cookie of that launch opens it, and the store keeps no more
than a keyed hash of its secret. One browser may hold many. Whatever is wrong (unknown id, no cookie, another
launch's cookie, expired, too long unused) is the same SessionGone to the outside.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hmac import compare_digest
from secrets import token_urlsafe
from weakref import WeakValueDictionary

import msgspec
from msgspec.structs import replace
from starlette.requests import Request

from smart_app.cookies import forgotten, kept, session_cookie
from smart_app.discovery import Discovery
from smart_app.oauth import OAuth, Spent
from smart_app.session import Session, Tokens
from watchful.ehr.address import allowed_base
from watchful.errors import EhrFailed, SessionGone
from watchful.parts import Parts

EARLY = timedelta(seconds=60)
"""A token is refreshed this long before its end, so that no read starts with one that dies under way."""
_MOST_TRIES = 5
_PAUSES = (0.0, 0.1, 0.4, 1.0)
"""Seconds before each look for the tokens of another worker: its answer may still be on the way."""
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Session).decode


class Sessions:
    """The sessions of one site."""

    def __init__(self, parts: Parts, discovery: Discovery | None = None) -> None:
        self._parts = parts
        self._site = parts.site.id
        self.discovery = discovery or Discovery(parts.http, parts.now)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def open(self, request: Request) -> Session:
        """The session that path and cookie open together, which counts as use of it. Raises SessionGone."""
        return await self.held(request.path_params.get("session", ""), request.cookies)

    async def held(self, session_id: str, cookies: Mapping[str, str]) -> Session:
        """The session of an id, for the browser with these cookies; it lasts on from now. Raises SessionGone."""
        secret = cookies.get(session_cookie(session_id), "") if session_id else ""
        if not secret:
            raise SessionGone("no-cookie")
        session = await self._read(session_id)
        if not session.cookie_hash or not compare_digest(session.cookie_hash, self._hash(session_id, secret)):
            raise SessionGone("other-cookie")
        await self._parts.journal.prolong_session(self._site, session_id, self._unused_until(session))
        return session

    def id_of(self, state: str) -> str:
        """The id of the session that a launch becomes: nobody can know it before, and a reload finds it again."""
        return self._parts.keys.hash(self._site, "session-id", state).rpartition(".")[2][:24]

    async def begin(self, session: Session) -> str:
        """Keep a new session, under a new secret. Returns the `Set-Cookie` header that opens it."""
        secret = token_urlsafe(32)
        session = replace(session, cookie_hash=self._hash(session.id, secret))
        until = self._unused_until(session)
        await self._parts.journal.keep_session(self._site, session.id, _encode(session), until)
        left = session.expires_at - self._parts.now()
        return kept(session_cookie(session.id), secret, int(left.total_seconds()))

    async def change(self, session: Session, change: Callable[[Session], Session]) -> Session:
        """Make one change to what is stored by now: another request may have changed the rest meanwhile.

        Raises SessionGone when it was ended meanwhile: nothing brings it back.
        """
        async with self._lock(session.id):
            return await self._change(session.id, change)

    async def fresh(self, session: Session, *, refused: bool = False) -> Session:
        """The session with a token that works, refreshed where need be (`refused`: the EHR took the old no more).

        Raises SessionGone when there is no way on, EhrFailed when the EHR does not answer.
        """
        if not refused and self._lasts(session.tokens):
            return session
        async with self._lock(session.id):
            stored = (await self._read(session.id)).tokens
            if stored.access != session.tokens.access and self._lasts(stored):
                return replace(session, tokens=stored)  # whoever came first has refreshed for all
            return await self._refreshed(replace(session, tokens=stored), refused)

    async def end(self, session: Session) -> str:
        """Forget it. Returns the `Set-Cookie` header that takes its cookie back."""
        async with self._lock(session.id):
            await self._parts.journal.end_session(self._site, session.id)
        return forgotten(session_cookie(session.id))

    async def _refreshed(self, session: Session, refused: bool) -> Session:
        """Under the lock of the session."""
        tokens = session.tokens
        if not tokens.refresh:
            if refused or tokens.expires_at <= self._parts.now():
                await self._parts.journal.end_session(self._site, session.id)
                raise SessionGone("token-ended")
            return session
        try:
            server = await self.discovery.server(session.base)
            tokens = await OAuth(self._parts, server).refresh(tokens, session.patient)
        except Spent:
            return await self._spent(session)
        except EhrFailed:
            if refused or tokens.expires_at <= self._parts.now():
                raise
            return session  # it still works for a while: the next page tries again
        # what this request changed and has not saved yet stays out of the store
        await self._change(session.id, lambda stored: replace(stored, tokens=tokens))
        return replace(session, tokens=tokens)

    async def _spent(self, session: Session) -> Session:
        """The EHR knows the refresh token no more: another worker has used it just now, or it is over."""
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            stored = (await self._read(session.id)).tokens
            if stored.refresh != session.tokens.refresh and self._lasts(stored):
                return replace(session, tokens=stored)
        await self._parts.journal.end_session(self._site, session.id)
        raise SessionGone("refresh-refused")

    def _unused_until(self, session: Session) -> datetime:
        """When it is over if nobody opens a page of it from now on."""
        smart = self._parts.site.smart
        assert smart is not None  # noqa: S101  (no session without it)
        return min(self._parts.now() + timedelta(minutes=smart.idle_minutes), session.expires_at)

    def _lasts(self, tokens: Tokens) -> bool:
        return tokens.expires_at - EARLY > self._parts.now()

    def _lock(self, session_id: str) -> asyncio.Lock:
        lock = self._locks.get(session_id)
        if lock is None:
            lock = self._locks[session_id] = asyncio.Lock()
        return lock

    def _hash(self, session_id: str, secret: str) -> str:
        return self._parts.keys.hash(self._site, "session-cookie", session_id, secret)

    async def _change(self, session_id: str, change: Callable[[Session], Session]) -> Session:
        """Change what is stored; once more on what it has become, where another worker was quicker."""
        for _ in range(_MOST_TRIES):
            payload = await self._payload(session_id)
            changed = change(self._session(session_id, payload))
            became = await self._parts.journal.renew_session(self._site, session_id, payload, _encode(changed))
            if became == "renewed":
                return changed
            if became == "gone":
                break
        raise SessionGone("ended")

    async def _read(self, session_id: str) -> Session:
        return self._session(session_id, await self._payload(session_id))

    async def _payload(self, session_id: str) -> bytes:
        payload = await self._parts.journal.read_session(self._site, session_id)
        if payload is None:
            raise SessionGone("unknown")
        return payload

    def _session(self, session_id: str, payload: bytes) -> Session:
        try:
            session = _decode(payload)
        except msgspec.DecodeError:  # of another version of ours
            raise SessionGone("unreadable") from None
        if session.id != session_id or session.site != self._site or session.expires_at <= self._parts.now():
            raise SessionGone("expired")
        if allowed_base(self._parts.site, session.base, self._parts.settings.allow_fhir) is None:
            raise SessionGone("other-server")  # the settings have changed: its tokens go there no more
        return session
