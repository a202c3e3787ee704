"""Ordered and reported medicines to findings: by code, by reference and by name, and where each of them acts."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from watchful.chart.coding import match_medicine, names_of
from watchful.chart.dates import parse
from watchful.chart.findings import ORDERED, Reading
from watchful.chart.resources import Medication, MedicationRequest
from watchful.chart.supply import covered_until
from watchful.clinical.facts import Finding
from watchful.clinical.knowledge.compiled import Knowledge, Match

_NEVER_TAKEN = frozenset({"draft", "cancelled", "entered-in-error"})
_OVER = frozenset({"completed", "stopped"})
_SURELY = frozenset({"active", "on-hold", *_OVER})
_PLAN = "plan"
"""How US Core writes a medicine that the patient reports. Of anything but a medicine, a plan is no order."""
_MEANT = ORDERED | {_PLAN}


class ReadMedicines(NamedTuple):
    findings: list[Finding]
    nameless: int
    """Requests whose medicine has neither a code that we know nor a name: it could be any."""


def read_medicines(
    requests: Iterable[MedicationRequest], medications: Mapping[str, Medication], reading: Reading
) -> ReadMedicines:
    """Ordered and reported medicines; never those that must not be given or were only proposed.

    One on hold, or of which nobody says how it stands, may be in the patient still: it is current.
    """
    findings: list[Finding] = []
    nameless = 0
    for each in requests:
        if each.status in _NEVER_TAKEN or each.intent not in _MEANT or each.doNotPerform:
            continue
        concept, name = each.medicationCodeableConcept, None
        if each.medicationReference is not None and concept is None:
            reference = each.medicationReference.reference or ""
            name = each.medicationReference.display
            if reference.startswith("#"):
                contained = (held for held in each.contained or () if held.id == reference[1:])
                concept = next((held.code for held in contained), None)
            else:
                referred = medications.get("/".join(reference.split("/")[-2:]))
                concept = referred.code if referred is not None else None
        if concept is None and not name:
            nameless += 1
            continue
        match = match_medicine(concept, name, reading.knowledge)
        if match is None and not name and not names_of(concept):
            nameless += 1  # a code alone that we do not know: a product may hold any ingredient
            continue
        if match is not None and not match.concepts.isdisjoint(reading.knowledge.systemic_only):
            match = _where_it_acts(match, each, [name or "", *names_of(concept)], reading.knowledge)
        if match is not None:
            findings.append(
                Finding(
                    kind="medication",
                    reference=f"MedicationRequest/{each.id}",
                    concepts=match.concepts,
                    label=match.label,
                    certainty="confirmed" if _surely_taken(each) else "suspected",
                    current=each.status not in _OVER,
                    recorded=parse(each.authoredOn, reading.zone),
                    ended=covered_until(each, [name or "", *names_of(concept)], reading.knowledge, reading.zone),
                )
            )
    return ReadMedicines(findings, nameless)


def _surely_taken(request: MedicationRequest) -> bool:
    """Whether the record says that it was taken, and not only that it may be."""
    reported = request.reportedBoolean or request.reportedReference is not None
    return request.status in _SURELY and (request.intent != _PLAN or reported)


def _where_it_acts(
    match: Match, request: MedicationRequest, names: Iterable[str], knowledge: Knowledge
) -> Match | None:
    """Without the value sets of systemic medicines when name or route says that it acts only where it is put."""
    routes = (name for dosage in request.dosageInstruction or () for name in names_of(dosage.route))
    if not any(knowledge.not_systemic.search(text.lower()) for text in (*names, *routes)):
        return match
    concepts = match.concepts - knowledge.systemic_only
    return Match(concepts, match.label) if concepts else None
