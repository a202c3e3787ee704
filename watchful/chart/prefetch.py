"""What the client sent at one prefetch key, or a server answered: data, known-empty, or unknown.

The decision table of `reference/standards.md` §2.4. Missing, null, empty and error are four
different things, and only two of them mean "nothing on file".
"""

from msgspec import UNSET, Raw, Struct, UnsetType

from watchful.chart.resources import (
    UNREADABLE,
    Bundle,
    Link,
    OperationOutcome,
    RawEntry,
    Resource,
    Value,
    decode_raw_bundle,
    decode_resource,
    decode_type,
    decode_value,
)
from watchful.clinical.facts import State

_At = Value | None | UnsetType


class Prefetch(Struct):
    """The keys of `templates.KEYS`, decoded in one pass; any other key is skipped unread."""

    patient: _At = UNSET
    encounter: _At = UNSET
    conditions: _At = UNSET
    encounters: _At = UNSET
    observations: _At = UNSET
    medications: _At = UNSET
    procedures: _At = UNSET
    reports: _At = UNSET
    orders: _At = UNSET
    allergies: _At = UNSET


class Slot(Struct):
    """What is known at one key."""

    state: State
    why: str = ""
    """For unknown: a word for journal and metrics (`missing`, `outcome`, `unreadable`, `paging`, ...)."""
    resources: list[Resource] = []
    """Also filled, with what could be read, where the state is unknown."""
    searched: str = ""
    """The `self` link of a searchset: what the server says it searched for."""


MISSING = Slot(State.UNKNOWN, "missing")
_BUNDLE_TYPES = frozenset({None, "searchset", "collection"})
"""Older examples and the CDS Hooks Sandbox leave the type out (C-4)."""
_FATAL = frozenset({"error", "fatal"})
_NOT_CHART: frozenset[type] = frozenset({type(None), OperationOutcome})


def slots(prefetch: Prefetch | dict[str, Raw] | None) -> dict[str, Slot]:
    """One slot for each key that the client sent."""
    if prefetch is None:
        return {}
    if isinstance(prefetch, dict):
        known = Prefetch.__struct_fields__
        return {name: slot_of_raw(raw) for name, raw in prefetch.items() if name in known}
    found = {}
    for name in Prefetch.__struct_fields__:
        value = getattr(prefetch, name)
        if value is not UNSET:
            found[name] = slot_of(value)
    return found


def slot_of(value: Value | None) -> Slot:
    """Judge a decoded value."""
    if value is None:
        return Slot(State.EMPTY)
    if isinstance(value, OperationOutcome):
        return Slot(State.UNKNOWN, "outcome")
    if not isinstance(value, Bundle):
        return Slot(State.KNOWN, resources=[value])
    if value.type not in _BUNDLE_TYPES:
        return Slot(State.UNKNOWN, "bundle-type")
    why = "paging" if _has_next(value.link) else ""
    held = [entry.resource for entry in value.entry or ()]
    if (value.total or 0) > len(held):  # it counted more than it sent, and linked to no page with the rest
        why = why or "paging"
    searched = _self_link(value.link)
    if _NOT_CHART.isdisjoint(map(type, held)):
        return _judged(held, why, searched)  # type: ignore[arg-type]  # the line above rules None out
    resources: list[Resource] = []
    for resource in held:
        if isinstance(resource, OperationOutcome):
            # Epic sends a warning inside an empty answer; only an error means that something is missing
            if any(issue.severity in _FATAL for issue in resource.issue or ()):
                why = "outcome"
        elif resource is not None:
            resources.append(resource)
        else:
            why = "unreadable"
    return _judged(resources, why, searched)


def slot_of_raw(raw: Raw | bytes) -> Slot:
    """Judge an undecoded value: whole if it decodes, else resource by resource, so a bad one costs only itself."""
    try:
        return slot_of(decode_value(raw))
    except UNREADABLE:
        pass
    try:
        claimed = decode_type(raw).resourceType
        if claimed != "Bundle":
            return Slot(State.UNKNOWN, "unreadable")
        bundle = decode_raw_bundle(raw)
    except UNREADABLE:
        return Slot(State.UNKNOWN, "unreadable")
    if bundle.type not in _BUNDLE_TYPES:
        return Slot(State.UNKNOWN, "bundle-type")
    resources: list[Resource] = []
    why = "paging" if _has_next(bundle.link) else ""
    others = 0
    for entry in bundle.entry or ():
        resource, failed = _one(entry)
        why = failed or why
        if resource is not None:
            resources.append(resource)
        elif not failed:
            others += _foreign_type(entry.resource)
    if others and not resources:
        why = why or "wrong-type"  # what was asked for would stand beside what it includes
    if (bundle.total or 0) > len(bundle.entry or ()):
        why = why or "paging"
    return _judged(resources, why, _self_link(bundle.link))


def _one(entry: RawEntry) -> tuple[Resource | None, str]:
    """A resource of a Bundle, or why it could not be had; a type that no rule reads is neither."""
    if entry.resource is UNSET:
        return None, "unreadable"
    try:
        resource = decode_resource(entry.resource)
    except UNREADABLE:
        return None, "" if _foreign_type(entry.resource) else "unreadable"
    if isinstance(resource, OperationOutcome):
        return None, "outcome" if any(issue.severity in _FATAL for issue in resource.issue or ()) else ""
    return resource, ""


def _foreign_type(raw: Raw | UnsetType) -> bool:
    """Whether it is a resource of a type that no rule reads: an `_include`, a note, a practitioner."""
    if raw is UNSET:
        return False
    try:
        claimed = decode_type(raw).resourceType
    except UNREADABLE:
        return False
    return bool(claimed) and claimed not in _READ_TYPES


_READ_TYPES = frozenset(
    {
        "Patient",
        "Encounter",
        "Condition",
        "Observation",
        "MedicationRequest",
        "Medication",
        "Procedure",
        "DiagnosticReport",
        "ServiceRequest",
        "AllergyIntolerance",
        "OperationOutcome",
    }
)


def _has_next(links: list[Link] | None) -> bool:
    return any(link.relation == "next" for link in links or ())


def _self_link(links: list[Link] | None) -> str:
    return next((link.url or "" for link in links or () if link.relation == "self"), "")


def _judged(resources: list[Resource], why: str, searched: str = "") -> Slot:
    if why:
        return Slot(State.UNKNOWN, why, resources, searched)
    return Slot(State.KNOWN if resources else State.EMPTY, resources=resources, searched=searched)
