"""FHIR search over a list of resources: the few parameters that prefetch templates and chart reads use.

What is not understood is ignored, as a lenient R4 server does, and left out of `applied`, from which the
`self` link is made: so a client can see what was really searched (R4 search, "Server Conformance").
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from watchful.demo.date_search import date_matches, range_of

Resource = dict[str, Any]
Parameters = Sequence[tuple[str, str]]


class Found(msgspec.Struct, frozen=True):
    """The matches, and the parameters that were honoured."""

    resources: list[Resource]
    applied: list[tuple[str, str]]


def search(resources: Sequence[Resource], kind: str, parameters: Parameters) -> Found:
    """The resources of one type that match every parameter that is understood."""
    found = [resource for resource in resources if resource["resourceType"] == kind]
    applied = []
    for name, value in parameters:
        matcher = _MATCHERS.get(name)
        if matcher is None:
            if name == "_include" and value.startswith(f"{kind}:"):
                applied.append((name, value))
            if name == "_sort" and value in _SORTS:
                found.sort(key=lambda resource: _when(resource)[:10], reverse=value.startswith("-"))
                applied.append((name, value))
            continue
        choices = [choice for choice in value.split(",") if choice]
        found = [resource for resource in found if any(matcher(resource, choice) for choice in choices)]
        applied.append((name, value))
    return Found(found, applied)


def included(page: Sequence[Resource], resources: Sequence[Resource], parameters: Parameters) -> list[Resource]:
    """What `_include=Type:element` adds to a page: the resources that its matches refer to, each once."""
    held = {f"{resource['resourceType']}/{resource['id']}": resource for resource in resources}
    found: dict[str, Resource] = {}
    for name, value in parameters:
        kind, _, element = value.partition(":")
        for resource in page:
            if name != "_include" or resource["resourceType"] != kind:
                continue
            target = resource.get(element) or resource.get(f"{element}Reference") or {}
            reference = (
                "/".join(str(target.get("reference", "")).split("/")[-2:]) if isinstance(target, dict) else ""
            )
            if reference in held:
                found[reference] = held[reference]
    return list(found.values())


def patient_of(resource: Resource) -> str | None:
    """The id of the patient whose record a resource belongs to; None for practitioners and the like."""
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    owner = resource.get("subject") or resource.get("patient") or resource.get("for") or {}  # `for`: a Task's
    reference = str(owner.get("reference", ""))
    return reference.rpartition("Patient/")[2] if "Patient/" in reference else None


def bare_id(value: str) -> str:
    """`Patient/x` and `https://ehr/Patient/x` mean the same patient as `x`."""
    return value.rpartition("/")[2]


def searchset(
    found: Sequence[Resource],
    total: int,
    base: str,
    links: Sequence[tuple[str, str]],
    extra: Sequence[Resource] = (),
) -> Resource:
    """A Bundle of type searchset; `links` are (relation, url), `extra` is what came by `_include`.

    FHIR JSON knows no empty arrays: without a match there is no `entry`.
    """
    bundle: Resource = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links],
    }
    if found:
        bundle["entry"] = [
            {
                "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
                "resource": resource,
                "search": {"mode": mode},
            }
            for mode, several in (("match", found), ("include", extra))
            for resource in several
        ]
    return bundle


def outcome(code: str, text: str) -> Resource:
    """An OperationOutcome with one error."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": code, "diagnostics": text}],
    }


def _of_patient(resource: Resource, value: str) -> bool:
    return resource["resourceType"] != "Patient" and patient_of(resource) == bare_id(value)


def _in_encounter(resource: Resource, value: str) -> bool:
    reference = str((resource.get("encounter") or {}).get("reference", ""))
    return bare_id(reference) == bare_id(value)


def _token(*elements: str) -> Callable[[Resource, str], bool]:
    """Matches `code`, `system|code` and `|code` against a code, Coding or CodeableConcept element."""

    def matches(resource: Resource, value: str) -> bool:
        system, bar, code = value.rpartition("|")
        return any(
            code == found_code and (not bar or system == found_system)
            for element in elements
            for found_system, found_code in _codings(resource.get(element))
        )

    return matches


def _codings(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [("", value)]
    if isinstance(value, list):
        return [pair for item in value for pair in _codings(item)]
    if isinstance(value, dict) and "coding" in value:
        return _codings(value["coding"])
    if isinstance(value, dict) and "code" in value:
        return [(str(value.get("system", "")), str(value["code"]))]
    return []


def _identified(resource: Resource, value: str) -> bool:
    """`system|value`, `value` and `|value` against an Identifier or several."""
    system, bar, wanted = value.rpartition("|")
    held = resource.get("identifier") or []
    return any(
        wanted == each.get("value") and (not bar or system == each.get("system", ""))
        for each in (held if isinstance(held, list) else [held])
    )


def _when(resource: Resource) -> str:
    for element in ("effectiveDateTime", "performedDateTime", "authoredOn", "onsetDateTime", "date", "issued"):
        if element in resource:
            return str(resource[element])
    for element in ("period", "effectivePeriod", "performedPeriod"):
        if element in resource:
            return str(resource[element].get("start", ""))
    return str(resource.get("recordedDate", ""))


def _dated(*elements: str) -> Callable[[Resource, str], bool]:
    """Matches the first of the elements that the resource has."""

    def matches(resource: Resource, value: str) -> bool:
        held = next((resource[element] for element in elements if element in resource), None)
        return held is not None and date_matches(range_of(held), value)

    return matches


def _last_updated(resource: Resource, value: str) -> bool:
    """A resource that does not say when it was written counts as written just now."""
    written = (resource.get("meta") or {}).get("lastUpdated")
    return date_matches(range_of(written), value) if written else value[:2] in ("ge", "gt", "sa", "ne")


def _tagged(resource: Resource, value: str) -> bool:
    return _token("tag")(resource.get("meta") or {}, value)


_MATCHERS: dict[str, Callable[[Resource, str], bool]] = {
    "_id": lambda resource, value: resource["id"] == value,
    "patient": _of_patient,
    "subject": _of_patient,
    "encounter": _in_encounter,
    "category": _token("category"),
    "class": _token("class"),
    "code": _token("code", "medicationCodeableConcept"),
    "status": _token("status"),
    "intent": _token("intent"),
    "clinical-status": _token("clinicalStatus"),
    "verification-status": _token("verificationStatus"),
    "date": _dated(
        "effectiveDateTime", "performedDateTime", "authoredOn", "onsetDateTime", "date", "issued",
        "period", "effectivePeriod", "performedPeriod", "recordedDate",
    ),
    "authoredon": _dated("authoredOn"),
    "recorded-date": _dated("recordedDate"),
    "onset-date": _dated("onsetDateTime", "onsetPeriod"),
    "_lastUpdated": _last_updated,
    "_tag": _tagged,
    "identifier": _identified,
    "url": lambda resource, value: resource.get("url") == value,
}  # fmt: skip
_SORTS = frozenset({"date", "-date", "authoredon", "-authoredon", "recorded-date", "-recorded-date"})
