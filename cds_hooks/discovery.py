"""Discovery: what this service offers, as a CDS client reads it (D-1 to D-9)."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from watchful.chart.templates import KEYS, Key

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


_OF_VERSION: dict[str, dict[str, str]] = {
    "2.0": {},
    # a hook's version is the one its published definition names, which for both is still 1.0
    "3.0": {"version": "3.0.0", "hookVersion": "1.0"},
}


def discovery(keys: Sequence[Key] = KEYS, version: Literal["2.0", "3.0"] = "2.0") -> bytes:
    """The body of `GET {base}/cds-services`; the same for every caller of one site."""
    return msgspec.json.encode(
        {
            "services": [
                {
                    "hook": hook,
                    "id": SERVICE_ID,
                    "title": "Watchful: lumbar imaging in low back pain",
                    "description": _DESCRIPTION,
                    "usageRequirements": _USAGE,
                    "prefetch": {key.name: key.template for key in keys},
                    **_OF_VERSION[version],
                }
                for hook in HOOKS
            ]
        }
    )
