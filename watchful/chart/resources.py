"""The few elements of each FHIR resource that the rules read, as narrow msgspec structs.

Names, addresses, notes and identifiers are never materialised. A resource whose element has the
wrong JSON type fails to decode and is unreadable; what is missing or null is simply not there.

None of them can be part of a cycle, so the collector need not know them (`gc=False`).
"""

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType


class Coding(Struct, gc=False):
    system: str | None = None
    code: str | None = None


class CodeableConcept(Struct, gc=False):
    coding: list[Coding] | None = None
    text: str | None = None


class NamedCoding(Struct, gc=False):
    system: str | None = None
    code: str | None = None
    display: str | None = None


class NamedConcept(Struct, gc=False):
    """A medicine or a problem: its names are read where its codes are not known."""

    coding: list[NamedCoding] | None = None
    text: str | None = None


class Reference(Struct, gc=False):
    reference: str | None = None


class NamedReference(Struct, gc=False):
    reference: str | None = None
    display: str | None = None


class Given(Struct, gc=False):
    """An object of which only its being there matters."""


class Period(Struct, gc=False):
    start: str | None = None
    end: str | None = None


class Quantity(Struct, gc=False):
    value: float | None = None
    comparator: str | None = None
    unit: str | None = None
    code: str | None = None


class Range(Struct, gc=False):
    low: Quantity | None = None
    high: Quantity | None = None


class _Resource(Struct, tag_field="resourceType", gc=False):
    id: str | None = None


class Communication(Struct, gc=False):
    language: CodeableConcept | None = None
    preferred: bool | None = None


class PatientLink(Struct, gc=False):
    other: Reference | None = None
    type: str | None = None


class Patient(_Resource, tag="Patient"):
    birthDate: str | None = None
    gender: str | None = None
    communication: list[Communication] | None = None
    link: list[PatientLink] | None = None


class Diagnosis(Struct, gc=False):
    condition: Reference | None = None


class Participant(Struct, gc=False):
    individual: Reference | None = None


class Encounter(_Resource, tag="Encounter", rename={"class_": "class"}):
    status: str | None = None
    class_: Coding | None = None
    type: list[CodeableConcept] | None = None
    serviceType: CodeableConcept | None = None
    subject: Reference | None = None
    period: Period | None = None
    reasonCode: list[CodeableConcept] | None = None
    reasonReference: list[Reference] | None = None
    diagnosis: list[Diagnosis] | None = None
    participant: list[Participant] | None = None
    serviceProvider: Reference | None = None


class Condition(_Resource, tag="Condition"):
    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    code: NamedConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    onsetDateTime: str | None = None
    onsetPeriod: Period | None = None
    onsetAge: Quantity | None = None
    onsetRange: Range | None = None
    onsetString: str | None = None
    recordedDate: str | None = None
    abatementDateTime: str | None = None
    abatementPeriod: Period | None = None
    abatementString: str | None = None
    abatementAge: Given | None = None
    abatementRange: Given | None = None


class Component(Struct, gc=False):
    code: CodeableConcept | None = None
    valueQuantity: Quantity | None = None
    valueCodeableConcept: CodeableConcept | None = None
    valueDateTime: str | None = None
    valueString: str | None = None
    """Read only for a number that stands there alone, as in ">60"."""
    valueInteger: float | None = None
    valueRange: Range | None = None
    dataAbsentReason: CodeableConcept | None = None
    interpretation: list[CodeableConcept] | None = None
    referenceRange: list[Range] | None = None


class Observation(_Resource, tag="Observation"):
    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    effectiveDateTime: str | None = None
    effectivePeriod: Period | None = None
    effectiveInstant: str | None = None
    issued: str | None = None
    valueQuantity: Quantity | None = None
    valueCodeableConcept: CodeableConcept | None = None
    valueDateTime: str | None = None
    valueString: str | None = None
    """As in a component."""
    valueInteger: float | None = None
    valueRange: Range | None = None
    dataAbsentReason: CodeableConcept | None = None
    interpretation: list[CodeableConcept] | None = None
    referenceRange: list[Range] | None = None
    hasMember: list[Given] | None = None
    component: list[Component] | None = None


class ContainedMedication(Struct, gc=False):
    id: str | None = None
    code: NamedConcept | None = None


class Repeat(Struct, gc=False):
    boundsDuration: Quantity | None = None
    boundsPeriod: Period | None = None


class Timing(Struct, gc=False):
    repeat: Repeat | None = None


class Dosage(Struct, gc=False):
    route: NamedConcept | None = None
    timing: Timing | None = None


class DispenseRequest(Struct):
    validityPeriod: Period | None = None
    numberOfRepeatsAllowed: int | None = None
    expectedSupplyDuration: Quantity | None = None


class MedicationRequest(_Resource, tag="MedicationRequest"):
    status: str | None = None
    intent: str | None = None
    doNotPerform: bool | None = None
    reportedBoolean: bool | None = None
    reportedReference: Given | None = None
    medicationCodeableConcept: NamedConcept | None = None
    medicationReference: NamedReference | None = None
    contained: list[ContainedMedication] | None = None
    subject: Reference | None = None
    authoredOn: str | None = None
    dosageInstruction: list[Dosage] | None = None
    dispenseRequest: DispenseRequest | None = None


class Medication(_Resource, tag="Medication"):
    code: NamedConcept | None = None


class Procedure(_Resource, tag="Procedure"):
    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    performedDateTime: str | None = None
    performedPeriod: Period | None = None


class DiagnosticReport(_Resource, tag="DiagnosticReport"):
    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    effectiveDateTime: str | None = None
    effectivePeriod: Period | None = None
    issued: str | None = None


class ServiceRequest(_Resource, tag="ServiceRequest"):
    status: str | None = None
    intent: str | None = None
    doNotPerform: bool | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    occurrenceDateTime: str | None = None
    occurrencePeriod: Period | None = None
    authoredOn: str | None = None


class Reaction(Struct, gc=False):
    substance: NamedConcept | None = None


class AllergyIntolerance(_Resource, tag="AllergyIntolerance", rename={"subject": "patient"}, gc=False):
    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    code: NamedConcept | None = None
    subject: Reference | None = None
    onsetDateTime: str | None = None
    recordedDate: str | None = None
    reaction: list[Reaction] | None = None


class Issue(Struct, gc=False):
    severity: str | None = None


class OperationOutcome(_Resource, tag="OperationOutcome"):
    issue: list[Issue] | None = None


Resource = (
    Patient
    | Encounter
    | Condition
    | Observation
    | MedicationRequest
    | Medication
    | Procedure
    | DiagnosticReport
    | ServiceRequest
    | AllergyIntolerance
    | OperationOutcome
)


class Entry(Struct, gc=False):
    resource: Resource | None = None


class Link(Struct, gc=False):
    relation: str | None = None
    url: str | None = None


class Bundle(_Resource, tag="Bundle"):
    type: str | None = None
    total: int | None = None
    link: list[Link] | None = None
    entry: list[Entry] | None = None


Value = Resource | Bundle
"""What may stand at a prefetch key, or come back from a FHIR server, beside null."""


class RawEntry(Struct, gc=False):
    resource: Raw | UnsetType = UNSET


class RawBundle(Struct, gc=False):
    """A Bundle whose resources are still to be decoded, one by one."""

    type: str | None = None
    total: int | None = None
    link: list[Link] | None = None
    entry: list[RawEntry] | None = None


class TypeOnly(Struct, gc=False):
    """Enough of any JSON object to say what it claims to be."""

    resourceType: str | None = None


UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises on bytes that are not the resource they should be."""

decode_value = msgspec.json.Decoder(Value | None).decode
decode_resource = msgspec.json.Decoder(Resource).decode
decode_raw_bundle = msgspec.json.Decoder(RawBundle).decode
decode_type = msgspec.json.Decoder(TypeOnly).decode
