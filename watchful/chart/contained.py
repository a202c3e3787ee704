"""Problems that a draft order carries inside itself: reasons that have no record of their own in the chart."""

from typing import NamedTuple

import msgspec
from msgspec import UNSET, Raw, UnsetType

from watchful.chart.findings import Reading, read_conditions
from watchful.chart.resources import UNREADABLE, Condition, Reference, decode_resource, decode_type
from watchful.chart.subjects import normalise
from watchful.clinical.facts import Finding

_decode_list = msgspec.json.Decoder(list[Raw] | None).decode


class ContainedReasons(NamedTuple):
    findings: tuple[Finding, ...]
    unreadable: bool
    """A problem stood inside that could not be read, or that is another patient's: the reason is not known."""


_NOTHING = ContainedReasons((), unreadable=False)
_UNREAD = ContainedReasons((), unreadable=True)


def contained_reasons(
    contained: Raw | UnsetType, order: str, subject: Reference | None, reading: Reading
) -> ContainedReasons:
    """What the problems inside the order `order` (`ServiceRequest/id`) say, as suspicions of this visit.

    All of them, also one that only backs up the order: it stands there because whoever ordered thought of it.
    """
    if contained is UNSET:
        return _NOTHING
    try:
        held = _decode_list(contained) or ()
    except UNREADABLE:
        return _UNREAD
    conditions: list[Condition] = []
    unreadable = False
    for raw in held:
        try:
            if decode_type(raw).resourceType != "Condition":
                continue
            condition = decode_resource(raw)
        except UNREADABLE:
            unreadable = True
            continue
        if isinstance(condition, Condition) and _same(condition.subject, subject):
            conditions.append(condition)
        else:
            unreadable = True
    here = reading._replace(visit_diagnoses=frozenset(f"Condition/{each.id}" for each in conditions))
    found = read_conditions(conditions, here).findings
    as_reason = {"kind": "order-reason", "reference": order, "certainty": "suspected", "this_visit": True}
    return ContainedReasons(tuple(msgspec.structs.replace(each, **as_reason) for each in found), unreadable)


def _same(inner: Reference | None, outer: Reference | None) -> bool:
    """Whether a problem inside belongs to whom the order is for, on whatever server; one that says none does."""
    if inner is None or outer is None or not inner.reference:
        return True
    return _target(inner) == _target(outer)


def _target(reference: Reference) -> list[str]:
    return normalise(reference.reference).split("/")[-2:]
