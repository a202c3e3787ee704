"""How many calls one issuer may make: a token bucket each, so that a loop at one EHR cannot starve another.

Counted after the signature, for an issuer's name in a bad token proves nothing and must cost it nothing.
Each worker counts for itself.
"""

import math
from collections.abc import Callable, Mapping

from watchful.errors import TooMany

BURST_SECONDS = 10
"""An issuer that was quiet may make this many seconds' worth of calls at once."""


class RateLimit:
    """The buckets of one site's issuers. `clock` never goes back."""

    def __init__(self, per_minute: Mapping[str, int], clock: Callable[[], float]) -> None:
        self._rates = {issuer: rate / 60 for issuer, rate in per_minute.items()}
        self._clock = clock
        now = clock()
        self._left = {issuer: (self._size(issuer), now) for issuer in self._rates}

    def take(self, issuer: str) -> None:
        """Count one call. Raises TooMany with the seconds until the next is welcome."""
        rate = self._rates.get(issuer)
        if rate is None:
            return
        left, since = self._left[issuer]
        now = self._clock()
        left = min(self._size(issuer), left + (now - since) * rate)
        if left < 1:
            self._left[issuer] = (left, now)
            raise TooMany(math.ceil((1 - left) / rate))
        self._left[issuer] = (left - 1, now)

    def _size(self, issuer: str) -> float:
        return max(self._rates[issuer] * BURST_SECONDS, 1.0)
