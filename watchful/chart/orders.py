"""Draft orders: which of them are lumbar imaging, and what they say.

The received JSON of an order is kept beside what was read, so that a suggestion to update it loses
nothing that the EHR sent (O-7).
"""

import re
from collections.abc import Iterable
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from watchful.chart.coding import match_concept
from watchful.chart.contained import contained_reasons
from watchful.chart.dates import parse
from watchful.chart.findings import Reading
from watchful.chart.resources import UNREADABLE, CodeableConcept, Period, Reference, decode_type
from watchful.clinical.facts import Finding, ImagingOrder
from watchful.clinical.knowledge.compiled import Knowledge, Study
from watchful.clinical.knowledge.lexicon import ALARMING_TEXT
from watchful.errors import BadRequest

_DRAFT = frozenset({"draft", "active", "on-hold", None})
"""At order-sign a draft may already read `active`; revoked, completed and mistaken orders never speak (C-7)."""
_INTENDED = frozenset({"order", "plan", "proposal", "original-order", "instance-order", None})
_LUMBAR_WORDS = re.compile(r"lumbar|lumbosacral|\bl(?:[-/ ]?s)?[- ]?spine\b")
"""Whole words where the letter stands alone: "cervical spine" ends in "l spine", too."""
_PRIORITIES: dict[str | None, Literal["routine", "urgent", "asap", "stat"]] = {
    "routine": "routine",
    "urgent": "urgent",
    "asap": "asap",
    "stat": "stat",
}


class _Order(Struct):
    """The elements of a drafted ServiceRequest that decide whether and how it is judged."""

    id: str | None = None
    status: str | None = None
    intent: str | None = None
    priority: str | None = None
    doNotPerform: bool | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    occurrenceDateTime: str | None = None
    occurrencePeriod: Period | None = None
    reasonCode: list[CodeableConcept] | None = None
    reasonReference: list[Reference] | None = None
    bodySite: list[CodeableConcept] | None = None
    contained: Raw | UnsetType = UNSET


class DraftEntry(Struct):
    fullUrl: str | None = None
    resource: Raw | UnsetType = UNSET


class DraftBundle(Struct):
    """`context.draftOrders`; older clients leave its type out (C-4)."""

    entry: list[DraftEntry] | None = None


class DraftOrder(Struct):
    """One lumbar imaging order of the basket."""

    order: ImagingOrder
    raw: bytes
    """The resource as it was received, byte for byte."""
    subject: str | None
    encounter: str | None
    reason_references: tuple[str, ...]
    unreadable_reason: bool = False
    """A problem that it contains could not be read."""


_decode_order = msgspec.json.Decoder(_Order).decode


def imaging_orders(
    bundle: DraftBundle,
    selections: Iterable[str] | None,
    knowledge: Knowledge,
    zone: ZoneInfo,
    unmapped: list[tuple[str, str]] | None = None,
) -> list[DraftOrder]:
    """The lumbar imaging orders among those selected; `selections` None means all of the basket (C-2).

    An entry that cannot be read, or is of another type, is nobody's imaging order and is left out. Raises
    BadRequest for an imaging order that is not UTF-8 throughout: it could not be sent back. The codings of
    orders that no map knows are added to `unmapped`.
    """
    chosen = None if selections is None else set(selections)
    found = []
    for entry in bundle.entry or ():
        if entry.resource is UNSET:
            continue
        try:
            if decode_type(entry.resource).resourceType != "ServiceRequest":
                continue
            order = _decode_order(entry.resource)
        except UNREADABLE:
            continue
        if chosen is not None and not _selected(order.id, entry.fullUrl, chosen):
            continue
        study = _study(order, knowledge)
        if study is None and unmapped is not None:
            unmapped.extend(_unknown_codings(order, knowledge))
        if study is not None:
            found.append(_draft(order, study, _whole(entry.resource), knowledge, zone))
    return found


def encounter_of(orders: Iterable[DraftOrder]) -> str | None:
    """The encounter that the order itself names, where the context names none."""
    for draft in orders:
        if draft.encounter and "Encounter/" in draft.encounter:
            return draft.encounter.rpartition("Encounter/")[2].partition("/")[0] or None
    return None


def _selected(order_id: str | None, full_url: str | None, chosen: set[str]) -> bool:
    """Match `Type/id`, tolerating an absolute or `urn:uuid:` reference and a bare id (C-5)."""
    names = {f"ServiceRequest/{order_id}", order_id, full_url}
    return bool(names & chosen) or any(
        f"/{choice}".partition("/_history/")[0].endswith(f"/ServiceRequest/{order_id}") for choice in chosen
    )


def _whole(raw: Raw) -> bytes:
    """The order as received, also where it was skipped unread."""
    received = bytes(raw)
    try:
        received.decode()
    except UnicodeDecodeError:
        raise BadRequest("A drafted order is not UTF-8 text.", member="context.draftOrders") from None
    return received


def _study(order: _Order, knowledge: Knowledge) -> tuple[str, str, Study] | None:
    """The lumbar study ordered, with the coding that says so; None when out of scope."""
    if order.doNotPerform or order.status not in _DRAFT or order.intent not in _INTENDED or not order.id:
        return None
    codings = _codings(order)
    if any(coding in knowledge.excluded_orders for coding in codings):
        return None
    for coding in codings:
        if coding in knowledge.studies:
            return (*coding, _most_precise(codings, knowledge))
    for coding in codings:
        if coding in knowledge.generic_studies and _says_lumbar(order, knowledge):
            return (*coding, knowledge.generic_studies[coding])
    return None


def _codings(order: _Order) -> list[tuple[str, str]]:
    codings = order.code.coding if order.code else None
    return [(each.system or "", each.code or "") for each in codings or ()]


def _unknown_codings(order: _Order, knowledge: Knowledge) -> list[tuple[str, str]]:
    codings = _codings(order)
    known = (knowledge.studies, knowledge.excluded_orders, knowledge.generic_studies)
    return [] if any(coding in each for coding in codings for each in known) else codings


def _most_precise(codings: Iterable[tuple[str, str]], knowledge: Knowledge) -> Study:
    """Several codings may name one order: the one that says how contrast is used is the most precise."""
    studies = [knowledge.studies[coding] for coding in codings if coding in knowledge.studies]
    return next((study for study in studies if study.contrast != "unspecified"), studies[0])


def _says_lumbar(order: _Order, knowledge: Knowledge) -> bool:
    concepts = [*(order.bodySite or ()), *((order.code,) if order.code else ())]
    for concept in order.bodySite or ():
        match = match_concept(concept, knowledge.tables)
        if match is not None and "lumbar-site" in match.concepts:
            return True
    return any(_LUMBAR_WORDS.search((concept.text or "").lower()) for concept in concepts)


def _draft(
    order: _Order, study: tuple[str, str, Study], raw: bytes, knowledge: Knowledge, zone: ZoneInfo
) -> DraftOrder:
    system, code, kind = study
    reference = f"ServiceRequest/{order.id}"
    occurrence = order.occurrenceDateTime or (order.occurrencePeriod.start if order.occurrencePeriod else None)
    reasons = []
    for concept in order.reasonCode or ():
        match = match_concept(concept, knowledge.tables)
        if match is not None:
            reasons.append(
                Finding(
                    kind="order-reason",
                    reference=reference,
                    concepts=match.concepts,
                    label=match.label,
                    certainty="suspected",
                    this_visit=True,
                )
            )
        for entry in knowledge.lexicon.in_text(concept.text or ""):
            reasons.append(
                Finding(
                    kind="order-reason",
                    reference=reference,
                    concepts=frozenset({ALARMING_TEXT}),
                    label=f"{entry.label}, in the words of the order",
                    certainty="suspected",
                    this_visit=True,
                )
            )
    inside = contained_reasons(
        order.contained, reference, order.subject, Reading(knowledge, zone, "", frozenset(), born=None)
    )
    return DraftOrder(
        order=ImagingOrder(
            reference=reference,
            system=system,
            code=code,
            label=kind.label,
            modality=kind.modality,
            contrast=kind.contrast,
            priority=_PRIORITIES.get(order.priority),
            occurrence=parse(occurrence, zone),
            reasons=(*reasons, *inside.findings),
        ),
        raw=raw,
        subject=order.subject.reference if order.subject else None,
        encounter=order.encounter.reference if order.encounter else None,
        reason_references=tuple(each.reference for each in order.reasonReference or () if each.reference),
        unreadable_reason=inside.unreadable,
    )
