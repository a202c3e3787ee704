"""Launches under way: what each asked for, kept sealed until the EHR's answer comes, and taken once.

Anybody can begin a launch, and each is a commit of its own. They go to the journal a few at a time, in the order
in which they came: however many there are, a hook never waits behind more than those few.
"""

from asyncio import Semaphore
from datetime import timedelta

import msgspec

from smart_app.oauth import Asked
from watchful.parts import Parts

LASTS = timedelta(minutes=10)
"""In which the browser must come back: time to log in at the EHR."""
AT_ONCE = 2
"""One is written while the next is on its way to the writer; more would not be written sooner."""
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Asked).decode


class Launches:
    """The launches of one site."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._turn = Semaphore(AT_ONCE)

    async def keep(self, asked: Asked) -> None:
        expires_at = self._parts.now() + LASTS
        async with self._turn:
            await self._parts.journal.keep_launch(self._parts.site.id, asked.state, _encode(asked), expires_at)

    async def take(self, state: str) -> Asked | None:
        """What was asked under a state, to the first who asks; None when there is nothing, or no longer."""
        async with self._turn:
            payload = await self._parts.journal.take_launch(self._parts.site.id, state)
        try:
            return _decode(payload) if payload is not None else None
        except msgspec.DecodeError:  # of another version of ours
            return None
