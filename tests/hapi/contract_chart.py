"""The chart of the contract tests: everything that a search has to get right, for one patient and a neighbour."""

from typing import Any

Resource = dict[str, Any]

PATIENT = "Patient/contract-patient"
LOINC = "http://loinc.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
MARKER = {"system": "urn:watchful:fixture", "code": "synthetic"}
SUBJECT = {"reference": PATIENT}
DATES = {"year": "2024", "month": "2024-05", "day": "2024-05-20", "time": "2024-05-20T23:30:00+02:00"}
"""Id suffix to `effectiveDateTime`, in every precision that FHIR knows."""


def patient(id_: str) -> Resource:
    return {"resourceType": "Patient", "id": id_, "meta": {"tag": [MARKER]}, "birthDate": "1980"}


def observation(id_: str, category: str, when: str, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": [{"coding": [{"system": CATEGORY, "code": category}]}],
        "code": {"coding": [{"system": LOINC, "code": "8310-5"}]},
        "subject": SUBJECT,
        "effectiveDateTime": when,
        "valueQuantity": {"value": 37.5, "unit": "°C", "system": "http://unitsofmeasure.org", "code": "Cel"},
        **more,
    }


def condition(id_: str, code: str, subject: Resource = SUBJECT, **more: Any) -> Resource:
    return {
        "resourceType": "Condition",
        "id": id_,
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code}]},
        "subject": subject,
        **more,
    }


def chart() -> list[Resource]:
    """Loose resources of `contract-patient`, a Medication that one request refers to, and a neighbour."""
    return [
        patient("contract-patient"),
        patient("contract-neighbour"),
        {
            "resourceType": "Encounter", "id": "contract-visit", "status": "in-progress", "subject": SUBJECT,
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "period": {"start": "2026-11-02T09:40:00-08:00"},
        },
        condition("contract-pain", "M54.50", encounter={"reference": "Encounter/contract-visit"}),
        condition("contract-cancer", "C50.911", onsetDateTime="2024-05"),
        condition("contract-neighbours", "C50.911", {"reference": "Patient/contract-neighbour"}),
        *(observation(f"contract-date-{name}", "exam", when) for name, when in DATES.items()),
        *(observation(f"contract-vital-{n}", "vital-signs", f"2023-01-{n + 1:02d}") for n in range(31)),
        observation("contract-lab", "laboratory", "2022-02-02T08:00:00Z"),
        observation("contract-social", "social-history", "2022-02-02"),
        {
            "resourceType": "Medication", "id": "contract-prednisone",
            "code": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "8640"}]},
        },
        {
            "resourceType": "MedicationRequest", "id": "contract-request", "status": "active", "intent": "order",
            "medicationReference": {"reference": "Medication/contract-prednisone"}, "subject": SUBJECT,
            "authoredOn": "2026-10",
        },
        {
            "resourceType": "Procedure", "id": "contract-procedure", "status": "completed", "subject": SUBJECT,
            "code": {"text": "Appendectomy"}, "performedDateTime": "2001",
        },
        {
            "resourceType": "AllergyIntolerance", "id": "contract-allergy", "patient": SUBJECT,
            "code": {"text": "Aspirin"},
        },
    ]  # fmt: skip
