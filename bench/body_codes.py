"""The codes of the invented chart, nearly all of them no sign of danger, and how FHIR wraps them."""

from typing import Any

Json = dict[str, Any]

SNOMED, ICD10 = "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm"
LOINC, RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
HL7 = "http://terminology.hl7.org/CodeSystem"

PROBLEMS = (
    ("38341003", "I10", "Hypertension"),
    ("55822004", "E78.5", "Hyperlipidemia"),
    ("235595009", "K21.9", "Gastroesophageal reflux disease"),
    ("61582004", "J30.9", "Allergic rhinitis"),
    ("37796009", "G43.909", "Migraine"),
    ("444814009", "J01.90", "Viral sinusitis"),
    ("24079001", "L20.9", "Atopic dermatitis"),
    ("40930008", "E03.9", "Hypothyroidism"),
)
PAIN = ("279039007", "M54.50", "Low back pain")
RED_FLAG = ("192970008", "G83.4", "Cauda equina syndrome")
READINGS = (
    ("8480-6", "Systolic blood pressure", "mm[Hg]", 108, 138, "vital-signs"),
    ("8867-4", "Heart rate", "/min", 58, 92, "vital-signs"),
    ("8310-5", "Body temperature", "Cel", 36.3, 37.2, "vital-signs"),
    ("29463-7", "Body weight", "kg", 69.5, 71.5, "vital-signs"),
    ("8302-2", "Body height", "cm", 168, 169, "vital-signs"),
    ("2339-0", "Glucose [Mass/volume] in Blood", "mg/dL", 78, 104, "laboratory"),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.7, 1.0, "laboratory"),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 12.6, 14.4, "laboratory"),
    ("6690-2", "Leukocytes [#/volume] in Blood", "10*3/uL", 4.6, 9.2, "laboratory"),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 136, 143, "laboratory"),
)
MEDICINES = (
    ("314076", "lisinopril 10 MG Oral Tablet"),
    ("617310", "atorvastatin 20 MG Oral Tablet"),
    ("966224", "levothyroxine sodium 0.05 MG Oral Tablet"),
    ("313782", "acetaminophen 325 MG Oral Tablet"),
    ("198051", "omeprazole 20 MG Delayed Release Oral Capsule"),
)
PROCEDURES = (
    ("430193006", "Medication reconciliation (procedure)"),
    ("710824005", "Assessment of health and social care needs (procedure)"),
    ("171207006", "Depression screening (procedure)"),
)


def concept(text: str, *codings: tuple[str, str]) -> Json:
    """A CodeableConcept; without a text, the bare codes that status elements carry."""
    if not text:
        return {"coding": [{"system": system, "code": code} for system, code in codings]}
    return {
        "coding": [{"system": system, "code": code, "display": text} for system, code in codings],
        "text": text,
    }


def searchset(found: list[Json]) -> Json:
    base = "https://fhir.example.org/r4"
    entries = [
        {"fullUrl": f"{base}/{each['resourceType']}/{each['id']}", "resource": each, "search": {"mode": "match"}}
        for each in found
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}
