"""What is remembered for a while only: launches, codes, tokens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Held = TypeVar("Held")


class Expiring(Generic[Held]):
    """Values by key, each until its end. What is over is dropped when something new comes."""

    def __init__(self, lasts: timedelta, now: Callable[[], datetime]) -> None:
        self._lasts = lasts
        self._now = now
        self._held: dict[str, tuple[datetime, Held]] = {}

    def put(self, key: str, value: Held) -> datetime:
        """When it ends."""
        now = self._now()
        self._held = {key: held for key, held in self._held.items() if held[0] > now}
        ends = now + self._lasts
        self._held[key] = (ends, value)
        return ends

    def get(self, key: str) -> Held | None:
        ends, value = self._held.get(key, (None, None))
        return value if ends is not None and ends > self._now() else None

    def take(self, key: str) -> Held | None:
        """Works once."""
        value = self.get(key)
        self._held.pop(key, None)
        return value

    def drop(self, unwanted: Callable[[Held], bool]) -> None:
        self._held = {key: held for key, held in self._held.items() if not unwanted(held[1])}
