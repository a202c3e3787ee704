"""Whether a server searched for less than it was asked: the `self` link of a searchset tells.

A searchset says in its `self` link what was really searched (FHIR R4 §3.1.1.4). Where that holds a filter
that our template does not, or fewer values of one, "none found" means nothing (safety rule 1). What only
pages, sorts or formats an answer narrows nothing.
"""

from functools import lru_cache
from urllib.parse import parse_qsl

_HARMLESS = frozenset(
    {"patient", "subject", "page", "cursor", "offset", "ct", "session", "sessionid", "pagenumber", "queryid"}
)
"""Whose record it is, which `subjects` checks on every resource, and vendors' own words for paging."""
_NARROWING = frozenset(
    {"_id", "_lastupdated", "_tag", "_security", "_profile", "_text", "_content", "_filter", "_has", "_list"}
    | {"_summary", "_elements", "_type", "_source", "_in"}
)
"""Of the parameters with an underscore; the others (`_count`, `_sort`, `_getpages`, ...) only shape the answer."""


def narrower(self_link: str, template: str) -> bool:
    """Whether the search behind `self_link` may have left out what `template` asks for."""
    _, question, query = self_link.partition("?")
    if not question:
        return False
    wanted = _wanted(template)
    seen: set[str] = set()
    for name, value in parse_qsl(query, keep_blank_values=True):
        name = name.partition(":")[0].lower() if ":missing" not in name else name
        if name in _HARMLESS or name.startswith("-") or (name.startswith("_") and name not in _NARROWING):
            continue
        ours = wanted.get(name)
        if ours is None or name in seen:  # repeated, a parameter means AND
            return True
        seen.add(name)
        if not ours <= _values(value):
            return True
    return False


@lru_cache(maxsize=64)
def _wanted(template: str) -> dict[str, frozenset[str]]:
    _, _, query = template.partition("?")
    return {name: _values(value) for name, value in parse_qsl(query) if not name.startswith("_")}


def _values(text: str) -> frozenset[str]:
    """The codes of a token parameter, whatever system they are written with."""
    return frozenset(value.rpartition("|")[2] for value in text.split(","))
