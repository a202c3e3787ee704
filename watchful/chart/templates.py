"""The prefetch keys: what each holds, and the search that fills it.

Plain 2.0 tokens only (D-7). No code, status or date filters: servers differ in what they honour, and
a filter that drops an old cancer is worse than a longer answer. Observations are asked for by category,
because Epic and Oracle answer no other search; US Core requires one on every vital sign and result.
"""

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


def resolve(key: Key, *, patient_id: str, encounter_id: str | None) -> str | None:
    """The relative URL to read for one key, ids escaped; None when the visit is needed and not known."""
    if "{{context.encounterId}}" in key.template and not encounter_id:
        return None
    filled = key.template.replace("{{context.patientId}}", quote(patient_id, safe=""))
    return filled.replace("{{context.encounterId}}", quote(encounter_id or "", safe=""))
