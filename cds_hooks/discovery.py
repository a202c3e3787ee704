"""Discovery: what this service offers, as a CDS client reads it (D-1 to D-9)."""

import msgspec

from watchful.chart.templates import TEMPLATES

SERVICE_ID = "lumbar-imaging"
HOOKS = ("order-select", "order-sign")
"""One id for both hooks: a later answer replaces the earlier one (D-4)."""

_DESCRIPTION = (
    "Looks at lumbar X-ray, CT and MRI orders in visits for low back pain. Reads the record for red flags and "
    "answers with a reason to defer, a pain plan and a handout, or with the study that fits a finding."
)
_USAGE = (
    "Needs read access to Patient, Encounter, Condition, Observation, MedicationRequest, Procedure, "
    "DiagnosticReport, ServiceRequest and AllergyIntolerance, by prefetch or by fhirServer. Without Patient "
    "and Condition it answers 412."
)


def discovery() -> bytes:
    """The body of `GET {base}/cds-services`; the same for every caller."""
    return msgspec.json.encode(
        {
            "services": [
                {
                    "hook": hook,
                    "id": SERVICE_ID,
                    "title": "Watchful: lumbar imaging in low back pain",
                    "description": _DESCRIPTION,
                    "usageRequirements": _USAGE,
                    "prefetch": TEMPLATES,
                }
                for hook in HOOKS
            ]
        }
    )
