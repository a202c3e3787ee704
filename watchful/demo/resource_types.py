"""Which resource types the demo FHIR endpoint knows."""

READABLE = (
    "AllergyIntolerance", "Condition", "DiagnosticReport", "Encounter", "FamilyMemberHistory", "Immunization",
    "Medication", "MedicationRequest", "Observation", "Organization", "Patient", "Practitioner", "Procedure",
    "ServiceRequest",
)  # fmt: skip
WRITABLE = (
    "CommunicationRequest", "DocumentReference", "Questionnaire", "QuestionnaireResponse", "ServiceRequest",
    "Task",
)  # fmt: skip
"""What an app may create; nothing can be changed or deleted."""
UNOWNED = ("Medication", "Organization", "Patient", "Practitioner", "Questionnaire")
"""Types without a subject."""
TYPES = tuple(sorted({*READABLE, *WRITABLE}))
