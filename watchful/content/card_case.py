"""What stands behind one card for a while: its handout, the whole reasoning, and what the app goes on from.

Sealed by the store and found by an opaque handle. The handout page reads the same bytes and never sees more than
the handout; the app opens the rest only for the patient of its own launch.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from watchful.clinical.assessment import Assessment
from watchful.clinical.facts import Availability, ChartFacts, DataClass
from watchful.content.explain import Part, explain
from watchful.content.handout import HandoutCase


class Reasoning(msgspec.Struct, frozen=True):
    """One assessment, and what it was read from."""

    assessment: Assessment
    known: Mapping[DataClass, Availability]

    def told(self) -> tuple[Part, ...]:
        """In words, as `watchful assess --explain` tells it."""
        return explain(self.assessment, self.known)


class Background(msgspec.Struct, frozen=True, kw_only=True):
    """The chart as the card saw it, so that the app can judge again with what the patient says."""

    card: str
    """The card's uuid."""
    facts: ChartFacts
    read_at: datetime
    encounter: str | None = None
    """`Encounter/id`'s id, where the hook or the order named one."""
    reason_references: tuple[str, ...] = ()
    """What the order names as its reasons."""


class _CardCase(msgspec.Struct, frozen=True):
    reasoning: Reasoning
    background: Background | None = None


class _Link(msgspec.Struct, frozen=True):
    has_handout: bool = True


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_CardCase).decode
_decode_link = msgspec.json.Decoder(_Link).decode


def card_case(handout: HandoutCase | None, reasoning: Reasoning, background: Background | None = None) -> bytes:
    """All of it as one JSON object: no handout where nothing may wait, no background where a site has no app."""
    leaflet = {"has_handout": False} if handout is None else msgspec.structs.asdict(handout)
    return _encode({**leaflet, **msgspec.structs.asdict(_CardCase(reasoning, background))})


def handout_behind(stored: bytes) -> HandoutCase | None:
    """The handout of a stored case; None where its card offered none. Raises msgspec.DecodeError."""
    return HandoutCase.from_json(stored) if _decode_link(stored).has_handout else None


def reasoning_behind(stored: bytes) -> Reasoning:
    """The reasoning of a stored case. Raises msgspec.DecodeError for what `card_case` did not write."""
    return _decode(stored).reasoning


def background_behind(stored: bytes) -> Background | None:
    """What the app goes on from; the order stands in the reasoning. Raises msgspec.DecodeError."""
    return _decode(stored).background
