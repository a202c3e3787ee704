"""The prefetch keys: what each holds, and the search that fills it.

Plain 2.0 tokens only (D-7). No code, status or date filters: servers differ in what they honour, and
a filter that drops an old cancer is worse than a longer answer. Observations are asked for by category,
because Epic and Oracle answer no other search; US Core requires one on every vital sign and result.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple
from urllib.parse import quote

from watchful.clinical.facts import DataClass


class Key(NamedTuple):
    """One prefetch key."""

    name: str
    data: DataClass
    shape: Literal["instance", "search"]
    template: str


KEYS: tuple[Key, ...] = (
    Key("patient", DataClass.PATIENT, "instance", "Patient/{{context.patientId}}"),
    Key("encounter", DataClass.ENCOUNTER, "instance", "Encounter/{{context.encounterId}}"),
    Key("conditions", DataClass.CONDITION, "search", "Condition?patient={{context.patientId}}&_count=200"),
    Key("encounters", DataClass.ENCOUNTER, "search", "Encounter?patient={{context.patientId}}&_count=200"),
    Key(
        "observations",
        DataClass.OBSERVATION,
        "search",
        "Observation?patient={{context.patientId}}&category=vital-signs,laboratory,imaging,exam&_count=200",
    ),
    Key(
        "medications",
        DataClass.MEDICATION,
        "search",
        "MedicationRequest?patient={{context.patientId}}&_count=200",
    ),
    Key("procedures", DataClass.PROCEDURE, "search", "Procedure?patient={{context.patientId}}&_count=200"),
    Key("reports", DataClass.REPORT, "search", "DiagnosticReport?patient={{context.patientId}}&_count=200"),
    Key("orders", DataClass.ORDER, "search", "ServiceRequest?patient={{context.patientId}}&_count=200"),
    Key(
        "allergies",
        DataClass.ALLERGY,
        "search",
        "AllergyIntolerance?patient={{context.patientId}}&_count=200",
    ),
)

TEMPLATES: dict[str, str] = {key.name: key.template for key in KEYS}
"""As discovery offers them."""


_TOKEN = re.compile(r"\{\{(.*?)\}\}")
_PLAIN_TOKENS = frozenset({"context.patientId", "context.encounterId", "context.userId"}) | {
    f"user{kind}Id" for kind in ("Practitioner", "PractitionerRole", "Patient", "RelatedPerson")
}
_SEARCH = re.compile(r"[A-Z][A-Za-z]+\?[a-z_-]+=[^&=?\s]+(&[a-z_-]+=[^&=?\s]+)*")
_INSTANCE = re.compile(r"[A-Z][A-Za-z]+/\{\{[^{}/]+\}\}")


def keys_for(changed: Mapping[str, str]) -> tuple[Key, ...]:
    """The keys with a profile's own templates. ValueError for one that a 2.0 client could not resolve."""
    if unknown := changed.keys() - TEMPLATES.keys():
        raise ValueError(f"no such prefetch key: {', '.join(sorted(unknown))}")
    keys = tuple(key._replace(template=changed.get(key.name, key.template)) for key in KEYS)
    problems = [problem for key in keys for problem in lint(key)]
    if problems:
        raise ValueError("; ".join(problems))
    return keys


def lint(key: Key) -> Iterator[str]:
    """What keeps a client of CDS Hooks 2.0 from resolving one template (D-7, D-8)."""
    tokens = _TOKEN.findall(key.template)
    for token in tokens:
        if token not in _PLAIN_TOKENS:
            yield f"{key.name}: {{{{{token}}}}} is not a token of the order hooks"
    if "{{context.encounterId}}" in key.template and key.shape == "search":
        yield f"{key.name}: context.encounterId is optional, so no search may need it (D-9)"
    bare = _TOKEN.sub("x", key.template)
    form = _SEARCH.fullmatch(bare) if key.shape == "search" else _INSTANCE.fullmatch(key.template)
    if form is None or "{" in bare or "}" in bare or not tokens:
        yield f"{key.name}: neither a read nor a type search of one patient"
    if not key.template.startswith(str(key.data)):
        yield f"{key.name}: not a template for {key.data}"


def templates_hash(keys: tuple[Key, ...]) -> str:
    """Names one set of templates: what a site types into its EHR is compared by it."""
    text = "\n".join(f"{key.name} {key.template}" for key in sorted(keys))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def resolve(key: Key, *, patient_id: str, encounter_id: str | None) -> str | None:
    """The relative URL to read for one key, ids escaped; None when the visit is needed and not known."""
    if "{{context.encounterId}}" in key.template and not encounter_id:
        return None
    filled = key.template.replace("{{context.patientId}}", quote(patient_id, safe=""))
    return filled.replace("{{context.encounterId}}", quote(encounter_id or "", safe=""))
