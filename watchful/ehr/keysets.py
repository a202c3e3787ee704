"""The key sets that trusted callers publish: fetched from the listed address alone, kept, refreshed, served stale.

A token can never make us fetch anything: the address comes from the settings, an unknown `kid` asks for it
at a limited rate, and all who wait share one fetch. Redirects are refused, the body is capped, and a set
without one usable key counts as a failed fetch. Through an outage the last good set serves on, but
not for ever.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Protocol

import httpx2
import structlog
from joserfc.jwk import Key

from watchful.settings import Issuer
from watchful.settings.keys import KeyFileError, published_keys, read_keys

MAX_BYTES = 262_144
"""A published set has a few kilobytes; one with certificate chains some tens."""
FETCH_SECONDS = 2.0
MIN_SECONDS_BETWEEN = 30.0
"""At most one fetch in this time, whatever tokens arrive."""
MIN_SECONDS_BEFORE_THE_FIRST = 5.0
"""The same while there is no set at all: every caller is refused until one arrives."""

_log = structlog.get_logger(__name__)

Monotonic = Callable[[], float]


class KeySource(Protocol):
    """Where the keys of one issuer come from."""

    def get(self, kid: str) -> Key | None:
        """The key of that name, if it may still be trusted."""

    async def wanted(self, kid: str) -> bool:
        """Try to have the key or a fresher set. Whether it is worth looking again."""


class PinnedKeys:
    """Keys from a file: read once, never fetched."""

    def __init__(self, keys: Mapping[str, Key]) -> None:
        self._keys = keys

    def get(self, kid: str) -> Key | None:
        return self._keys.get(kid)

    async def wanted(self, kid: str) -> bool:
        return False


class PublishedKeys:
    """The key set behind one `jku` of the settings."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        url: str,
        algorithms: tuple[str, ...],
        *,
        max_age: float,
        stale: float,
        site: str = "",
        clock: Monotonic = time.monotonic,
    ) -> None:
        self.url = url
        self._client = client
        self._algorithms = algorithms
        self._max_age = max_age
        self._stale = stale
        self._site = site
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._fetching: asyncio.Task[bool] | None = None

    @property
    def age(self) -> float | None:
        """Seconds since the last good fetch; None before the first."""
        return None if self._fetched is None else self._clock() - self._fetched

    @property
    def kids(self) -> tuple[str, ...]:
        """The names of the keys in hand."""
        return tuple(self._keys)

    def get(self, kid: str) -> Key | None:
        """A key of a set that is fresh, or that went stale while its address could not be fetched."""
        age = self.age
        if age is None or age > self._max_age + self._stale:
            return None
        if age > self._max_age and self._may_fetch():
            return None  # `wanted` fetches; if that fails, the next look finds the stale key
        return self._keys.get(kid)

    async def wanted(self, kid: str) -> bool:
        if not self._may_fetch() and self._fetching is None:
            return False
        await self.fetch()
        return True

    async def fetch(self) -> bool:
        """Fetch now, or wait for the fetch that is under way. Whether a usable set arrived. Never raises."""
        task = self._fetching
        if task is None:
            self._tried = self._clock()
            task = self._fetching = asyncio.create_task(self._fetch())
            task.add_done_callback(self._done)
        # one caller that goes away must not take the fetch from the others
        return await asyncio.shield(task)

    def _may_fetch(self) -> bool:
        pause = MIN_SECONDS_BETWEEN if self._keys else MIN_SECONDS_BEFORE_THE_FIRST
        return self._tried is None or self._clock() - self._tried >= pause

    def _done(self, _task: asyncio.Task[bool]) -> None:
        self._fetching = None

    async def _fetch(self) -> bool:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                body = await self._body()
            keys = published_keys(body, self._algorithms)
        except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL, KeyFileError, _Refused) as error:
            _log.warning("keys_not_fetched", site=self._site, error=type(error).__name__, reason=_why(error))
            return False
        self._keys = keys
        self._fetched = self._clock()
        return True

    async def _body(self) -> bytes:
        headers = {"Accept": "application/json"}
        async with self._client.stream("GET", self.url, headers=headers, follow_redirects=False) as response:
            if response.status_code != 200:
                raise _Refused(f"http-{response.status_code}")
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise _Refused("too-large")
        return bytes(body)


class _Refused(Exception):
    """Ends a fetch inside this module; the text is one word for the log."""


def _why(error: Exception) -> str:
    match error:
        case _Refused():
            return str(error)
        case KeyFileError():
            return "no-usable-key"
        case _:
            return "transport"


def key_source(issuer: Issuer, client: httpx2.AsyncClient, site: str) -> PinnedKeys | PublishedKeys:
    """The keys of one issuer of the settings. Raises KeyFileError for a pinned file that cannot be trusted."""
    if issuer.jwks is not None:
        return PinnedKeys(read_keys(issuer.jwks, issuer.algorithms))
    if issuer.jku is None:
        raise KeyFileError([f"issuer {issuer.iss} has neither jwks nor jku"])
    return PublishedKeys(
        client,
        issuer.jku,
        issuer.algorithms,
        max_age=issuer.keys_max_age_minutes * 60,
        stale=issuer.keys_stale_hours * 3600,
        site=site,
    )
