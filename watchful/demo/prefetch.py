"""Resolves a service's prefetch templates as a CDS client does, from a chart held in memory.

Each value is one of the states of CDS Hooks 2.0.1 "Prefetch Template": a resource, a searchset, null for a
read that found nothing, an OperationOutcome for a type that may not be read, or no key at all.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from watchful.demo.search import Resource, outcome, search, searchset

_TOKEN = re.compile(r"\{\{\s*([^}]+?)\s*\}\}")
_USER_TOKENS = {
    "userPractitionerId": "Practitioner",
    "userPractitionerRoleId": "PractitionerRole",
    "userPatientId": "Patient",
    "userRelatedPersonId": "RelatedPerson",
}
EHR = "https://ehr.example.org/r4"
"""The FHIR base that links and full URLs of in-process answers carry."""


def resolve(
    templates: Mapping[str, str],
    context: Mapping[str, Any],
    resources: Sequence[Resource],
    unreadable: Collection[str] = (),
    *,
    leave_out: Collection[str] = (),
    base: str = EHR,
) -> dict[str, Resource | None]:
    """The `prefetch` object of a hook request. `leave_out` names keys that the client chose not to fetch."""
    prefetch: dict[str, Resource | None] = {}
    for key, template in templates.items():
        query = fill(template, context)
        if query is not None and key not in leave_out:
            prefetch[key] = _fetch(query, resources, unreadable, base)
    return prefetch


def fill(template: str, context: Mapping[str, Any]) -> str | None:
    """The template with its tokens replaced, or None when one of them has no value."""
    values = {token: _value(token, context) for token in _TOKEN.findall(template)}
    if None in values.values():
        return None
    return _TOKEN.sub(lambda match: str(values[match.group(1)]), template)


def _value(token: str, context: Mapping[str, Any]) -> str | None:
    if token in _USER_TOKENS:
        kind, _, id_ = str(context.get("userId", "")).partition("/")
        return id_ if kind == _USER_TOKENS[token] and id_ else None
    name = token.removeprefix("context.")
    value = context.get(name) if token.startswith("context.") else None
    return value if isinstance(value, str) and value else None


def _fetch(query: str, resources: Sequence[Resource], unreadable: Collection[str], base: str) -> Resource | None:
    target, is_search, parameters = query.partition("?")
    kind, _, id_ = target.partition("/")
    if kind in unreadable:
        return outcome("forbidden", f"{kind} may not be read")
    if not is_search:
        return next((r for r in resources if r["resourceType"] == kind and r["id"] == id_), None)
    found = search(resources, kind, parse_qsl(parameters)).resources
    return searchset(found, len(found), base, [("self", f"{base}/{query}")])
