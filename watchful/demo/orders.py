"""The studies a person can draft in the demo EHR, beside the order that comes with each patient.

CPT codes stand bare: their descriptors are licensed, so the words are our own (`reference/clinical.md` §4.1).
"""

import msgspec

CPT = "http://www.ama-assn.org/go/cpt"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"


class Coding(msgspec.Struct, frozen=True):
    """One code and the system it belongs to."""

    system: str
    code: str


class Study(msgspec.Struct, frozen=True):
    """One line of the order menu."""

    id: str
    text: str
    coding: tuple[Coding, ...]


STUDIES = (
    Study("xr", "Lumbar spine X-ray", (Coding(CPT, "72100"), Coding(LOINC, "24972-2"))),
    Study("ct", "Lumbar spine CT without contrast", (Coding(CPT, "72131"), Coding(LOINC, "30620-9"))),
    Study("mri", "Lumbar spine MRI without contrast", (Coding(CPT, "72148"), Coding(LOINC, "30679-5"))),
    Study(
        "mri-both", "Lumbar spine MRI without and with contrast", (Coding(CPT, "72158"), Coding(LOINC, "24967-2"))
    ),
    Study("knee", "Knee X-ray", (Coding(CPT, "73560"), Coding(SNOMED, "74016001"))),
)
