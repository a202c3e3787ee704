"""SMART scopes as this server grants and honours them, in the words of version 1 and version 2 (SMART 2.2 §3.0).

Its own reading of the specification, so that the app's is held against another.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from watchful.demo.resource_types import TYPES, WRITABLE

OTHERS = (
    "launch", "launch/patient", "openid", "fhirUser", "profile", "online_access", "offline_access",
    "messaging/ui", "messaging/scratchpad",
)  # fmt: skip
_DATA = re.compile(r"(patient|user)/(\*|[A-Z][A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)")
_V1 = {"read": "rs", "write": "c", "*": "crs"}


def supported() -> list[str]:
    """For `scopes_supported`."""
    reading = [f"{kind}.{word}" for kind in TYPES for word in ("read", "rs")]
    writing = [f"{kind}.{word}" for kind in WRITABLE for word in ("write", "c", "crs")]
    return [*OTHERS, *(f"{whose}/{data}" for whose in ("patient", "user") for data in (*reading, *writing))]


def grantable(asked: Iterable[str], allowed: frozenset[str] | None) -> tuple[str, ...]:
    """What of the scopes asked for is granted: in the same words where it can be, narrower where it must be."""
    offered = [_narrowed(scope) for scope in asked if allowed is None or scope in allowed]
    return tuple(dict.fromkeys(scope for scope in offered if scope))


def _narrowed(scope: str) -> str:
    """Nothing here can be changed or deleted, and only some types created; empty: not supported at all."""
    if scope in OTHERS:
        return scope
    read = _DATA.fullmatch(scope)
    if read is None:
        return ""
    whose, kind, word = read.groups()
    if kind != "*" and kind not in TYPES:
        return ""
    creates = kind in WRITABLE
    if word in _V1:
        words = {"read": "read", "write": "write" if creates else "", "*": "*" if creates else "read"}
        return f"{whose}/{kind}.{words[word]}" if words[word] else ""
    letters = "".join(letter for letter in word if letter in ("crs" if creates else "rs"))
    return f"{whose}/{kind}.{letters}" if letters else ""


class Access(Struct, frozen=True, kw_only=True):
    """What one access token opens."""

    client_id: str
    scopes: tuple[str, ...]
    patient: str
    encounter: str = ""
    user: str = ""
    ends: datetime
    grant: str
    """Which grant it belongs to: all that came of one code."""

    def reaches(self, letter: str, kind: str, owner: str | None) -> bool:
        """Whether it may create (`c`), read (`r`) or search (`s`) a type, of the patient that owns it.

        What belongs to nobody (a practitioner, a questionnaire) is open to whoever may read the type.
        """
        return any(
            letter in _V1.get(word, word)
            and named in (kind, "*")
            and (whose == "user" or owner in (None, self.patient))
            for whose, named, word in self._data
        )

    def bound_to_patient(self, letter: str, kind: str) -> bool:
        """Whether only the launch patient's are open to it."""
        reaching = [
            whose for whose, named, word in self._data if letter in _V1.get(word, word) and named in (kind, "*")
        ]
        return "user" not in reaching

    @property
    def _data(self) -> Sequence[tuple[str, str, str]]:
        matches = [_DATA.fullmatch(scope) for scope in self.scopes]
        return [(match[1], match[2], match[3]) for match in matches if match is not None]
