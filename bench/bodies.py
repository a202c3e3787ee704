"""Hook bodies for measuring: one adult with two weeks of uncomplicated low back pain, and as much chart as asked.

    python -m bench.bodies OUT [--sizes 60,600] [--red-flag]

Every byte is invented, and the same arguments give the same bytes. Resources carry what real ones carry and
no rule reads (meta, identifier, display texts, notes of who and where), because that is what a decoder must
get past. The mix of types and the size, about 81 kB for 60 resources and 795 kB for 600, are those of the
load-test kit that the peers were measured with. The visit comes twice, at its own key and in the search,
as an EHR sends it; it counts once.
"""

import argparse
import datetime as dt
import json
import pathlib
import random
import uuid
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

PLACEHOLDER = "00000000-0000-4000-8000-000000000000"
"""The hookInstance as written; the load generator puts a fresh one in its place."""

KEYS = {
    "Condition": "conditions",
    "Observation": "observations",
    "MedicationRequest": "medications",
    "Procedure": "procedures",
    "Encounter": "encounters",
    "DiagnosticReport": "reports",
    "ServiceRequest": "orders",
}
"""Our prefetch key of each searched type."""

_SMALL = (12, 20, 8, 6, 8, 3, 2)  # and the Patient: 60
_LARGE = (40, 360, 60, 30, 80, 20, 9)  # and the Patient: 600

_SNOMED, _ICD10 = "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm"
_LOINC, _RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
_HL7 = "http://terminology.hl7.org/CodeSystem"

_PROBLEMS = (
    ("38341003", "I10", "Hypertension"),
    ("55822004", "E78.5", "Hyperlipidemia"),
    ("235595009", "K21.9", "Gastroesophageal reflux disease"),
    ("61582004", "J30.9", "Allergic rhinitis"),
    ("37796009", "G43.909", "Migraine"),
    ("444814009", "J01.90", "Viral sinusitis"),
    ("24079001", "L20.9", "Atopic dermatitis"),
    ("40930008", "E03.9", "Hypothyroidism"),
)
_PAIN = ("279039007", "M54.50", "Low back pain")
_RED_FLAG = ("192970008", "G83.4", "Cauda equina syndrome")
_READINGS = (
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
_MEDICINES = (
    ("314076", "lisinopril 10 MG Oral Tablet"),
    ("617310", "atorvastatin 20 MG Oral Tablet"),
    ("966224", "levothyroxine sodium 0.05 MG Oral Tablet"),
    ("313782", "acetaminophen 325 MG Oral Tablet"),
    ("198051", "omeprazole 20 MG Delayed Release Oral Capsule"),
)
_PROCEDURES = (
    ("430193006", "Medication reconciliation (procedure)"),
    ("710824005", "Assessment of health and social care needs (procedure)"),
    ("171207006", "Depression screening (procedure)"),
)


def hook_body(resources: int, today: dt.date, *, red_flag: bool = False, seed: int = 1) -> Json:
    """An order-select call with one drafted lumbar MRI and `resources` prefetched resources."""
    return _Writer(today, random.Random(f"{seed}/{resources}"), red_flag).body(resources)


def encoded(body: Json) -> bytes:
    """As an EHR writes it: no blanks."""
    return json.dumps(body, separators=(",", ":")).encode()


def mix(resources: int) -> dict[str, int]:
    """How many of each searched type; with the one Patient they add up to `resources`."""
    counts = _SMALL if resources <= 60 else _LARGE
    share = (resources - 1) / sum(counts)
    found = {kind: max(1, round(count * share)) for kind, count in zip(KEYS, counts, strict=True)}
    found["Observation"] += resources - 1 - sum(found.values())
    return found


class _Writer:
    """Writes one patient's resources."""

    def __init__(self, today: dt.date, chance: random.Random, red_flag: bool) -> None:
        self.today, self.chance, self.red_flag = today, chance, red_flag
        self.patient_id, self.visit_id = self._id(), self._id()
        self.patient = {"reference": f"Patient/{self.patient_id}", "display": "Example, Morgan"}
        self.clinician = {"reference": f"Practitioner/{self._id()}", "display": "Sample, Robin, MD"}
        self.clinic = {"reference": f"Organization/{self._id()}", "display": "Example Family Medicine"}

    def body(self, resources: int) -> Json:
        write: dict[str, Callable[[int], Json]] = {
            "Condition": self._condition,
            "Observation": self._observation,
            "MedicationRequest": self._medication,
            "Procedure": self._procedure,
            "Encounter": self._encounter,
            "DiagnosticReport": self._report,
            "ServiceRequest": self._order,
        }
        prefetch: Json = {"patient": self._patient(), "encounter": self._encounter(0)}
        for kind, count in mix(resources).items():
            prefetch[KEYS[kind]] = _searchset([write[kind](number) for number in range(count)])
        draft = self._draft()
        return {
            "hook": "order-select",
            "hookInstance": PLACEHOLDER,
            "context": {
                "userId": self.clinician["reference"],
                "patientId": self.patient_id,
                "encounterId": self.visit_id,
                "selections": [f"ServiceRequest/{draft['id']}"],
                "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]},
            },
            "prefetch": prefetch,
        }

    def _id(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def _when(self, fewest: int, most: int) -> str:
        day = self.today - dt.timedelta(days=self.chance.randint(fewest, most))
        return f"{day}T{self.chance.randint(8, 17):02}:{self.chance.randint(0, 59):02}:00-05:00"

    def _resource(self, kind: str, when: str, identity: str | None = None) -> Json:
        profile = f"http://hl7.org/fhir/us/core/StructureDefinition/us-core-{kind.lower()}"
        number = str(self.chance.randrange(10**9))
        return {
            "resourceType": kind,
            "id": identity or self._id(),
            "meta": {"versionId": "1", "lastUpdated": when, "profile": [profile]},
            "identifier": [{"system": "urn:oid:2.16.840.1.113883.19.5.99", "value": number}],
        }

    def _visit_began(self) -> str:
        return f"{self.today}T09:00:00-05:00"

    def _seen_in(self) -> Json:
        return {"reference": f"Encounter/{self._id()}", "display": "Office Visit"}

    def _patient(self) -> Json:
        return {
            **self._resource("Patient", self._when(1, 30), self.patient_id),
            "active": True,
            "name": [{"use": "official", "text": "Morgan Example", "family": "Example", "given": ["Morgan"]}],
            "telecom": [{"system": "phone", "value": "555-555-0142", "use": "home"}],
            "gender": "female",
            "birthDate": f"{self.today.year - 44}-01-15",
            "address": [{"line": ["1 Example Street"], "city": "Madison", "state": "WI", "postalCode": "53703"}],
            "communication": [
                {"language": _concept("English", ("urn:ietf:bcp:47", "en")), "preferred": True},
            ],
        }

    def _condition(self, number: int) -> Json:
        """Number 0 is the pain: a diagnosis of this visit, begun two weeks ago."""
        snomed, icd, text = _PROBLEMS[number % len(_PROBLEMS)]
        onset = recorded = self._when(100, 3000)
        if number == 0:
            (snomed, icd, text), onset, recorded = _PAIN, self._when(14, 14), self._visit_began()
        elif number == 1 and self.red_flag:
            (snomed, icd, text), onset, recorded = _RED_FLAG, self._when(1, 1), self._visit_began()
        status = "active" if number < 6 else "resolved"
        return {
            **self._resource("Condition", recorded),
            "clinicalStatus": _concept("", (f"{_HL7}/condition-clinical", status)),
            "verificationStatus": _concept("", (f"{_HL7}/condition-ver-status", "confirmed")),
            "category": [_concept("Problem List Item", (f"{_HL7}/condition-category", "problem-list-item"))],
            "code": _concept(text, (_SNOMED, snomed), (_ICD10, icd)),
            "subject": self.patient,
            "encounter": {"reference": f"Encounter/{self.visit_id}"} if number == 0 else self._seen_in(),
            "onsetDateTime": onset,
            "recordedDate": recorded,
            "recorder": self.clinician,
        }

    def _observation(self, number: int) -> Json:
        code, text, unit, low, high, category = _READINGS[number % len(_READINGS)]
        when = self._when(1, 1500)
        value = round(self.chance.uniform(low, high), 1)
        return {
            **self._resource("Observation", when),
            "status": "final",
            "category": [_concept(category, (f"{_HL7}/observation-category", category))],
            "code": _concept(text, (_LOINC, code)),
            "subject": self.patient,
            "encounter": self._seen_in(),
            "effectiveDateTime": when,
            "issued": when,
            "performer": [self.clinician],
            "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
            "referenceRange": [{"low": {"value": low, "unit": unit}, "high": {"value": high, "unit": unit}}],
        }

    def _medication(self, number: int) -> Json:
        code, text = _MEDICINES[number % len(_MEDICINES)]
        when = self._when(5, 2000)
        repeat = {"frequency": 1, "period": 1, "periodUnit": "d"}
        return {
            **self._resource("MedicationRequest", when),
            "status": "active" if number < 4 else "completed",
            "intent": "order",
            "category": [_concept("Outpatient", (f"{_HL7}/medicationrequest-category", "outpatient"))],
            "medicationCodeableConcept": _concept(text, (_RXNORM, code)),
            "subject": self.patient,
            "encounter": self._seen_in(),
            "authoredOn": when,
            "requester": self.clinician,
            "dosageInstruction": [
                {
                    "text": "Take 1 by mouth daily",
                    "timing": {"repeat": repeat},
                    "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
                }
            ],
        }

    def _procedure(self, number: int) -> Json:
        code, text = _PROCEDURES[number % len(_PROCEDURES)]
        when = self._when(60, 3000)
        return {
            **self._resource("Procedure", when),
            "status": "completed",
            "code": _concept(text, (_SNOMED, code)),
            "subject": self.patient,
            "encounter": self._seen_in(),
            "performedDateTime": when,
            "performer": [{"actor": self.clinician}],
        }

    def _encounter(self, number: int) -> Json:
        """Number 0 is today's visit, under way."""
        here = number == 0
        when = self._visit_began() if here else self._when(1, 2500)
        place = {"reference": f"Location/{self._id()}", "display": "Example Family Medicine"}
        return {
            **self._resource("Encounter", when, self.visit_id if here else None),
            "status": "in-progress" if here else "finished",
            "class": {"system": f"{_HL7}/v3-ActCode", "code": "AMB", "display": "ambulatory"},
            "type": [_concept("Office Visit", (_SNOMED, "185345009"))],
            "subject": self.patient,
            "participant": [{"individual": self.clinician}],
            "period": {"start": when} if here else {"start": when, "end": when},
            "location": [{"location": place}],
            "serviceProvider": self.clinic,
        }

    def _report(self, _number: int) -> Json:
        when = self._when(30, 2500)
        return {
            **self._resource("DiagnosticReport", when),
            "status": "final",
            "category": [_concept("Laboratory", (f"{_HL7}/v2-0074", "LAB"))],
            "code": _concept("Comprehensive metabolic panel", (_LOINC, "24323-8")),
            "subject": self.patient,
            "encounter": self._seen_in(),
            "effectiveDateTime": when,
            "issued": when,
            "performer": [self.clinician],
            "result": [{"reference": f"Observation/{self._id()}"} for _ in range(8)],
        }

    def _order(self, _number: int) -> Json:
        when = self._when(200, 2500)
        return {
            **self._resource("ServiceRequest", when),
            "status": "completed",
            "intent": "order",
            "code": _concept("Lipid panel", (_LOINC, "57698-3")),
            "subject": self.patient,
            "encounter": self._seen_in(),
            "authoredOn": when,
            "requester": self.clinician,
        }

    def _draft(self) -> Json:
        return {
            "resourceType": "ServiceRequest",
            "id": "draft-lumbar-mri",
            "status": "draft",
            "intent": "order",
            "category": [_concept("Imaging", (_SNOMED, "363679005"))],
            "code": _concept("MRI lumbar spine without contrast", ("http://www.ama-assn.org/go/cpt", "72148")),
            "subject": self.patient,
            "encounter": {"reference": f"Encounter/{self.visit_id}"},
            "authoredOn": f"{self.today}T09:10:00-05:00",
            "requester": self.clinician,
            "reasonCode": [_concept(_PAIN[2], (_SNOMED, _PAIN[0]), (_ICD10, _PAIN[1]))],
        }


def _concept(text: str, *codings: tuple[str, str]) -> Json:
    """A CodeableConcept; without a text, the bare codes that status elements carry."""
    if not text:
        return {"coding": [{"system": system, "code": code} for system, code in codings]}
    return {
        "coding": [{"system": system, "code": code, "display": text} for system, code in codings],
        "text": text,
    }


def _searchset(found: list[Json]) -> Json:
    base = "https://fhir.example.org/r4"
    entries = [
        {"fullUrl": f"{base}/{each['resourceType']}/{each['id']}", "resource": each, "search": {"mode": "match"}}
        for each in found
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}


def main() -> None:
    parser = argparse.ArgumentParser(description="Write hook bodies for measuring.")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--sizes", default="60,600")
    parser.add_argument("--red-flag", action="store_true", help="cauda equina syndrome: an emergency")
    parser.add_argument("--today", type=dt.date.fromisoformat, default=dt.datetime.now(dt.UTC).date())
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for size in map(int, arguments.sizes.split(",")):
        body = encoded(hook_body(size, arguments.today, red_flag=arguments.red_flag))
        path = arguments.out / f"order-select-{size}{'-red-flag' if arguments.red_flag else ''}.json"
        path.write_bytes(body)
        print(f"{path}  {len(body):,} bytes")


if __name__ == "__main__":
    main()
