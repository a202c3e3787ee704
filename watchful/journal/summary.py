"""An assessment reduced to what the journal may keep: states, bands and fingerprints, never dates or text."""

import msgspec

from watchful.clinical.assessment import Assessment, Status
from watchful.clinical.facts import Availability, ChartFacts
from watchful.journal.keys import Keys

_ENCODER = msgspec.json.Encoder(order="deterministic")


def flag_states(assessment: Assessment) -> dict[str, str]:
    """Every flag that is not plainly absent, with its status."""
    absent = Status.ABSENT
    return {flag.id: flag.status.value for flag in assessment.flags if flag.status is not absent}


def class_states(facts: ChartFacts) -> dict[str, str]:
    """State and source of each data class, e.g. `{"Patient": "known prefetch"}`."""
    return {str(kind): f"{had.state} {had.source}" for kind, had in facts.known.items()}


def age_band(age: int | None) -> str | None:
    """A decade of life; the young and the very old, who would stand out, share one band each."""
    if age is None:
        return None
    if age < 18:
        return "under 18"
    if age >= 80:
        return "80 and over"
    decade = max(18, age // 10 * 10)
    return f"{decade}-{age // 10 * 10 + 9}"


def facts_fingerprint(keys: Keys, site: str, facts: ChartFacts) -> str:
    """Equal for two readings of a chart that say the same, wherever each part was read."""
    states = {kind: Availability(had.state, "none") for kind, had in facts.known.items()}
    encoded = _ENCODER.encode(msgspec.structs.replace(facts, known=states))
    return keys.hash(site, "facts", encoded.decode())
