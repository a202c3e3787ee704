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

from bench.body_codes import (
    HL7,
    ICD10,
    LOINC,
    MEDICINES,
    PAIN,
    PROBLEMS,
    PROCEDURES,
    READINGS,
    RED_FLAG,
    RXNORM,
    SNOMED,
    Json,
    concept,
    searchset,
)

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
            prefetch[KEYS[kind]] = searchset([write[kind](number) for number in range(count)])
        prefetch["allergies"] = searchset([])  # none on file: the comparable bodies hold none
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
                {"language": concept("English", ("urn:ietf:bcp:47", "en")), "preferred": True},
            ],
        }

    def _condition(self, number: int) -> Json:
        """Number 0 is the pain: a diagnosis of this visit, begun two weeks ago."""
        snomed, icd, text = PROBLEMS[number % len(PROBLEMS)]
        onset = recorded = self._when(100, 3000)
        if number == 0:
            (snomed, icd, text), onset, recorded = PAIN, self._when(14, 14), self._visit_began()
        elif number == 1 and self.red_flag:
            (snomed, icd, text), onset, recorded = RED_FLAG, self._when(1, 1), self._visit_began()
        status = "active" if number < 6 else "resolved"
        return {
            **self._resource("Condition", recorded),
            "clinicalStatus": concept("", (f"{HL7}/condition-clinical", status)),
            "verificationStatus": concept("", (f"{HL7}/condition-ver-status", "confirmed")),
            "category": [concept("Problem List Item", (f"{HL7}/condition-category", "problem-list-item"))],
            "code": concept(text, (SNOMED, snomed), (ICD10, icd)),
            "subject": self.patient,
            "encounter": {"reference": f"Encounter/{self.visit_id}"} if number == 0 else self._seen_in(),
            "onsetDateTime": onset,
            "recordedDate": recorded,
            "recorder": self.clinician,
        }

    def _observation(self, number: int) -> Json:
        code, text, unit, low, high, category = READINGS[number % len(READINGS)]
        when = self._when(1, 1500)
        value = round(self.chance.uniform(low, high), 1)
        return {
            **self._resource("Observation", when),
            "status": "final",
            "category": [concept(category, (f"{HL7}/observation-category", category))],
            "code": concept(text, (LOINC, code)),
            "subject": self.patient,
            "encounter": self._seen_in(),
            "effectiveDateTime": when,
            "issued": when,
            "performer": [self.clinician],
            "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
            "referenceRange": [{"low": {"value": low, "unit": unit}, "high": {"value": high, "unit": unit}}],
        }

    def _medication(self, number: int) -> Json:
        code, text = MEDICINES[number % len(MEDICINES)]
        when = self._when(5, 2000)
        repeat = {"frequency": 1, "period": 1, "periodUnit": "d"}
        return {
            **self._resource("MedicationRequest", when),
            "status": "active" if number < 4 else "completed",
            "intent": "order",
            "category": [concept("Outpatient", (f"{HL7}/medicationrequest-category", "outpatient"))],
            "medicationCodeableConcept": concept(text, (RXNORM, code)),
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
        code, text = PROCEDURES[number % len(PROCEDURES)]
        when = self._when(60, 3000)
        return {
            **self._resource("Procedure", when),
            "status": "completed",
            "code": concept(text, (SNOMED, code)),
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
            "class": {"system": f"{HL7}/v3-ActCode", "code": "AMB", "display": "ambulatory"},
            "type": [concept("Office Visit", (SNOMED, "185345009"))],
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
            "category": [concept("Laboratory", (f"{HL7}/v2-0074", "LAB"))],
            "code": concept("Comprehensive metabolic panel", (LOINC, "24323-8")),
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
            "code": concept("Lipid panel", (LOINC, "57698-3")),
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
            "category": [concept("Imaging", (SNOMED, "363679005"))],
            "code": concept("MRI lumbar spine without contrast", ("http://www.ama-assn.org/go/cpt", "72148")),
            "subject": self.patient,
            "encounter": {"reference": f"Encounter/{self.visit_id}"},
            "authoredOn": f"{self.today}T09:10:00-05:00",
            "requester": self.clinician,
            "reasonCode": [concept(PAIN[2], (SNOMED, PAIN[0]), (ICD10, PAIN[1]))],
        }


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
