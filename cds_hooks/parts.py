"""What door 1 of one site is made of. Everything that touches the world is handed in."""

from collections.abc import Callable, Sequence
from datetime import datetime

import httpx2
from msgspec import Struct

from watchful.chart.templates import Key
from watchful.chart.unmapped import Coding
from watchful.clinical.knowledge.compiled import Knowledge
from watchful.content.load import Content
from watchful.ehr.breaker import Breaker
from watchful.journal.keys import Keys
from watchful.journal.records import new_id
from watchful.journal.store import Journal
from watchful.settings import Profile, Settings, Site
from watchful.telemetry import Metrics


class Parts(Struct, frozen=True):
    site: Site
    profile: Profile
    """How this site's EHR takes cards."""
    prefetch: tuple[Key, ...]
    """The prefetch keys with the profile's templates."""
    settings: Settings
    knowledge: Knowledge
    content: Callable[[str | None], Content]
    """The words for a language tag."""
    journal: Journal
    keys: Keys
    http: httpx2.AsyncClient
    breaker: Breaker
    unmapped: Callable[[Sequence[Coding]], None]
    """Takes order codings that no map knows."""
    now: Callable[[], datetime]
    """The time, with its zone (UTC)."""
    metrics: Metrics
    base_url: str
    """What this site's URLs start with, as an EHR sees them: `public_url` or `public_url/s/{site}`."""

    def new_id(self) -> str:
        """A fresh UUID that sorts by time, which keeps the journal's pages together."""
        return new_id(self.now())
