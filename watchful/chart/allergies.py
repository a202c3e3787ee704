"""AllergyIntolerance to findings. "No known allergy" is a value set that no rule asks for."""

from collections.abc import Iterable
from typing import NamedTuple

from watchful.chart.coding import match_medicine, names_of
from watchful.chart.dates import parse
from watchful.chart.findings import NEVER_TRUE, PAST, SUSPECTED, Reading, code_of
from watchful.chart.resources import AllergyIntolerance
from watchful.clinical.facts import Finding


class ReadAllergies(NamedTuple):
    findings: list[Finding]
    nameless: int
    """Entries whose substance has neither a code that we know nor a name: it could be any."""


def read_allergies(allergies: Iterable[AllergyIntolerance], reading: Reading) -> ReadAllergies:
    """Allergies and intolerances alike, by code or name of the substance and of what a reaction was to."""
    findings: list[Finding] = []
    nameless = 0
    knowledge = reading.knowledge
    for each in allergies:
        verification = code_of(each.verificationStatus)
        if verification in NEVER_TRUE:
            continue
        substances = [each.code, *(reaction.substance for reaction in each.reaction or ())]
        matches = [match for match in (match_medicine(one, None, knowledge) for one in substances) if match]
        if not matches and not any(map(names_of, substances)):
            nameless += 1  # a code alone that we do not know may be any substance
            continue
        if matches:
            findings.append(
                Finding(
                    kind="allergy",
                    reference=f"AllergyIntolerance/{each.id}",
                    concepts=frozenset().union(*(match.concepts for match in matches)),
                    label=f"reaction to {matches[0].label}",
                    certainty="suspected" if verification in SUSPECTED else "confirmed",
                    current=code_of(each.clinicalStatus) not in PAST,
                    onset=parse(each.onsetDateTime, reading.zone),
                    recorded=parse(each.recordedDate, reading.zone),
                )
            )
    return ReadAllergies(findings, nameless)
