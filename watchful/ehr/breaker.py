"""A circuit breaker: a FHIR server that only fails is left alone for a while, so that answers stay quick.

One for each site. Only failures of the server itself count (no connection, no answer in time, 5xx); a
refusal such as 403 is an answer. Whoever is turned away reads `unknown`, as after any other failure.
"""

import time
from collections.abc import Callable

FAILURES_TO_OPEN = 20
"""In a row. A chart takes nine reads, so this is more than two whole charts without one answer."""
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 60.0


class Breaker:
    """Counts what reads came to and says whether the next may be tried."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._closed_again = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether reads are turned away now, but for a single probe."""
        return self._failures >= FAILURES_TO_OPEN

    def allows(self) -> bool:
        """Whether a read may be tried. Past the pause one read at a time goes through to probe."""
        if not self.is_open:
            return True
        if self._probing or self._clock() < self._closed_again:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """The server answered, whatever it said."""
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._probing = False

    def failed(self) -> None:
        """The server did not answer, or failed to."""
        was_open = self.is_open
        self._failures += 1
        if was_open and self._probing:
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._probing = False
        if self.is_open:
            self._closed_again = self._clock() + self._pause

    def abandoned(self) -> None:
        """A read ended without a verdict: it was cancelled, or refused before it was sent."""
        self._probing = False
