"""Which resource types the EHR says its token may read or create: a `scope` string.

Scopes are information, never a reason to refuse a call (A-4): one word that is not a SMART scope, as Epic
sends them, and the whole string says nothing. What a readable string leaves out, or grants in part only,
is unknown however it arrived: an empty answer may then mean "not permitted" (safety rule 1).
"""

import re

_RESOURCE = re.compile(
    r"(?:patient|user|system)/(?P<type>\*|[A-Z][A-Za-z]*)\."
    r"(?P<may>\*|read|write|c?r?u?d?s?)(?P<part>\?\S+)?"
)
"""SMART v1 (`read`, `write`, `*`) and v2 (a subset of `cruds` in that order, and a filter)."""
_OTHER = re.compile(r"launch(/\S+)?|openid|fhirUser|profile|online_access|offline_access|fhircast/\S*|smart/\S+")


def granted_types(scope: str | None) -> frozenset[str] | None:
    """The types that may be read whole; `*` among them means all. None where the string says nothing of types."""
    whole: set[str] = set()
    spoken = False
    for word in (scope or "").split():
        found = _RESOURCE.fullmatch(word)
        if found is None or not found["may"]:
            if _OTHER.fullmatch(word):
                continue
            return None
        spoken = True
        if not found["part"] and (found["may"] in ("*", "read") or (set("rs") & set(found["may"]) and _v2(found))):
            whole.add(found["type"])
    return frozenset(whole) if spoken else None


def creatable_types(scope: str | None) -> frozenset[str] | None:
    """The types that the token may create; `*` among them means all. None where the string says nothing of types.

    A part of a type (`patient/Observation.c?category=...`) does not count: who could tell whether ours is in it?
    """
    if granted_types(scope) is None:
        return None
    found = (_RESOURCE.fullmatch(word) for word in (scope or "").split())
    return frozenset(each["type"] for each in found if each is not None and not each["part"] and _creates(each))


def covers(granted: frozenset[str] | None, kind: str) -> bool:
    """Whether a type may be read, as far as anybody said."""
    return granted is None or "*" in granted or kind in granted


def _creates(found: re.Match[str]) -> bool:
    return found["may"] in ("*", "write") or (_v2(found) and "c" in found["may"])


def _v2(found: re.Match[str]) -> bool:
    return found["may"] not in ("read", "write")
