"""Problems that a draft order carries inside itself: reasons that have no record of their own in the chart."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from msgspec import Raw

from watchful.chart.findings import Reading, read_conditions
from watchful.chart.resources import UNREADABLE, Condition, Reference, decode_resource, decode_type
from watchful.chart.subjects import normalise
from watchful.clinical.facts import Finding


class ContainedReasons(NamedTuple):
    findings: list[Finding]
    unreadable: bool
    """A problem stood inside that could not be read, or that is another patient's: the reason is not known."""


def contained_reasons(
    contained: Iterable[Raw], order: str, subject: Reference | None, reading: Reading
) -> ContainedReasons:
    """What the problems inside the order `order` (`ServiceRequest/id`) say, as suspicions of this visit.

    All of them, also one that only backs up the order: it stands there because whoever ordered thought of it.
    """
    conditions: list[Condition] = []
    unreadable = False
    for raw in contained:
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
    return ContainedReasons(
        [
            msgspec.structs.replace(
                found, kind="order-reason", reference=order, certainty="suspected", this_visit=True
            )
            for found in read_conditions(conditions, here).findings
        ],
        unreadable,
    )


def _same(inner: Reference | None, outer: Reference | None) -> bool:
    """Whether a problem inside belongs to whom the order is for, on whatever server; one that says none does."""
    if inner is None or outer is None or not inner.reference:
        return True
    return _target(inner) == _target(outer)


def _target(reference: Reference) -> list[str]:
    return normalise(reference.reference).split("/")[-2:]
