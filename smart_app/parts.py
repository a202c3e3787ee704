"""What door 2 of one site is made of. Everything that touches the world is handed in."""

from collections.abc import Callable
from datetime import datetime

import httpx2
from msgspec import Struct

from smart_app.client_keys import SigningKey
from watchful.chart.templates import Key
from watchful.clinical.knowledge.compiled import Knowledge
from watchful.content.load import Content
from watchful.ehr.breaker import Breaker
from watchful.journal.keys import Keys
from watchful.journal.store import Journal
from watchful.settings import Profile, Settings, Site
from watchful.telemetry import Metrics


class AppParts(Struct, frozen=True):
    site: Site
    profile: Profile
    """What this site's EHR takes."""
    prefetch: tuple[Key, ...]
    """What of a chart is read, with the profile's templates."""
    settings: Settings
    knowledge: Knowledge
    content: Callable[[str | None], Content]
    """The words for a language tag."""
    journal: Journal
    keys: Keys
    http: httpx2.AsyncClient
    breaker: Breaker
    now: Callable[[], datetime]
    """The time, with its zone (UTC)."""
    metrics: Metrics
    base_url: str
    """What this site's URLs start with, as an EHR sees them: `public_url` or `public_url/s/{site}`."""
    client_keys: tuple[SigningKey, ...] = ()
    """Ours, for `private_key_jwt`: the first signs."""
