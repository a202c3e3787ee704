"""What stands behind one card for a while: its handout, and the whole reasoning for the app to show.

Sealed by the store and found by an opaque handle. The handout page reads the same bytes as a `HandoutCase` and
never sees the reasoning.
"""

from collections.abc import Mapping

import msgspec

from watchful.clinical.assessment import Assessment
from watchful.clinical.facts import Availability, DataClass
from watchful.content.explain import Part, explain
from watchful.content.handout import HandoutCase


class Reasoning(msgspec.Struct, frozen=True):
    """One assessment, and what it was read from."""

    assessment: Assessment
    known: Mapping[DataClass, Availability]

    def told(self) -> tuple[Part, ...]:
        """In words, as `watchful assess --explain` tells it."""
        return explain(self.assessment, self.known)


class _CardCase(msgspec.Struct, frozen=True):
    reasoning: Reasoning


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_CardCase).decode


def card_case(handout: HandoutCase, reasoning: Reasoning) -> bytes:
    """Both as one JSON object."""
    return _encode({**msgspec.structs.asdict(handout), "reasoning": reasoning})


def reasoning_behind(stored: bytes) -> Reasoning:
    """The reasoning of a stored case. Raises msgspec.DecodeError for what `card_case` did not write."""
    return _decode(stored).reasoning
