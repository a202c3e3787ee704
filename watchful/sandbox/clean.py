"""Removing what `seed` and `fire` made, and only that. Safe to repeat.

Found two ways: by the run's tag, and by the ids that were remembered. Nothing is deleted unless it carries
the tag, or an id that only this run can have given: a server may have been wiped and its ids dealt again.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from watchful.sandbox.charts import has_tag
from watchful.sandbox.client import Client, refusal
from watchful.sandbox.problems import Problem
from watchful.sandbox.remember import TAG_SYSTEM

TYPES = (
    "Task", "CommunicationRequest", "DocumentReference", "QuestionnaireResponse", "Questionnaire",
    "DiagnosticReport", "Observation", "MedicationRequest", "ServiceRequest", "Procedure", "Immunization",
    "AllergyIntolerance", "FamilyMemberHistory", "Condition", "Encounter", "Patient", "Practitioner",
    "Organization",
)  # fmt: skip
"""Everything that is ever made, those that refer before those that are referred to."""

_CHUNK = 50
_MAX_PAGES = 100
_GONE = frozenset({404, 410})


class Cleaned(Struct):
    """What became of it."""

    removed: int = 0
    gone: int = 0
    """Remembered, but no longer there."""
    left: dict[str, str] = {}
    """`Type/id` to the reason why it is still there."""


def clean(
    server: Client,
    tag: str,
    remembered: Sequence[str],
    progress: Callable[[int, int], None] = lambda done, of: None,
    *,
    just_made: bool = False,
) -> Cleaned:
    """Delete everything of one run. `just_made` trusts the remembered ids: they were given moments ago.

    Raises Problem when the server cannot be asked at all; what it refuses to delete is in `left`.
    """
    report = Cleaned()
    ours = set(tagged_on(server, tag))
    untagged = _missing(remembered, ours)
    report.gone = len(untagged)
    for resource in _by_id(server, untagged):
        reference = f"{resource['resourceType']}/{resource['id']}"
        report.gone -= 1
        if just_made or has_tag(resource, TAG_SYSTEM, tag) or str(resource["id"]).startswith(f"{tag}-"):
            ours.add(reference)
        else:
            report.left[reference] = "no longer carries our tag"
    ordered = sorted(ours, key=_rank)
    done = 0
    for start in range(0, len(ordered), _CHUNK):
        chunk = ordered[start : start + _CHUNK]
        report.left.update(_delete(server, chunk))
        done += len(chunk)
        progress(done, len(ordered))
    tied = [reference for reference in report.left if reference in ours]
    if len(tied) > 1:  # an encounter and its diagnosis refer to each other: only together can they go
        still = _delete(server, tied)
        report.left = {name: why for name, why in report.left.items() if name not in ours or name in still}
    report.removed = len(ours - report.left.keys())
    return report


def tagged_on(server: Client, tag: str) -> Iterator[str]:
    """`Type/id` of all that carries the run's tag now. A server that ignores `_tag` finds nothing of ours."""
    for kind in TYPES:
        query = f"{kind}?_tag={TAG_SYSTEM}|{tag}&_count=200&_elements=id,meta"
        for resource in _search(server, query):
            if resource.get("resourceType") == kind and has_tag(resource, TAG_SYSTEM, tag):
                yield f"{kind}/{resource['id']}"


def _by_id(server: Client, references: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Those of the references that exist."""
    wanted = set(references)
    for kind in sorted({reference.partition("/")[0] for reference in references}):
        ids = [reference.partition("/")[2] for reference in references if reference.startswith(f"{kind}/")]
        for start in range(0, len(ids), _CHUNK):
            query = f"{kind}?_id={','.join(ids[start : start + _CHUNK])}&_count=200&_elements=id,meta"
            for resource in _search(server, query):
                if f"{resource.get('resourceType')}/{resource.get('id')}" in wanted:
                    yield resource


def _search(server: Client, query: str) -> Iterator[dict[str, Any]]:
    relative: str | None = query
    for _ in range(_MAX_PAGES):
        if relative is None:
            return
        reply = server.get(relative)
        if reply.status in (400, 404) and relative == query:
            return  # a type or parameter that this server does not know
        if reply.status != 200 or not isinstance(reply.body, dict):
            raise refusal(reply, f"Searching {query.partition('?')[0]}")
        for entry in reply.body.get("entry", []):
            if isinstance(entry.get("resource"), dict):
                yield entry["resource"]
        urls = [str(link.get("url", "")) for link in reply.body.get("link", []) if link.get("relation") == "next"]
        relative = _below(server.base, urls[0]) if urls else None


def _below(base: str, url: str) -> str | None:
    """A next-page link as relative to our base, whatever name the server gives itself; None elsewhere."""
    if url.startswith(base):
        return url.removeprefix(base).lstrip("/")
    return f"?{url.partition('?')[2]}" if "_getpages=" in url else None


def _delete(server: Client, references: list[str]) -> dict[str, str]:
    """Delete in one transaction, else one by one; the reasons for what could not be."""
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": reference}} for reference in references],
    }
    try:
        if server.send("POST", "", bundle).status == 200:
            return {}
    except Problem:
        pass  # one by one tells which, and why
    left: dict[str, str] = {}
    waiting = references
    while waiting:
        left = {}
        for reference in waiting:
            try:
                reply = server.send("DELETE", reference)
            except Problem as problem:
                left[reference] = str(problem)
                continue
            if reply.status not in (200, 202, 204) and reply.status not in _GONE:
                left[reference] = f"HTTP {reply.status}"
        if len(left) == len(waiting):
            break  # no progress: what others still refer to becomes free only when those go
        waiting = list(left)
    return left


def _missing(remembered: Sequence[str], found: set[str]) -> list[str]:
    return [reference for reference in dict.fromkeys(remembered) if reference not in found]


def _rank(reference: str) -> tuple[int, str]:
    kind = reference.partition("/")[0]
    return (TYPES.index(kind) if kind in TYPES else -1, reference)
