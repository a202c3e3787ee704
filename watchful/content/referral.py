"""A referral to physical therapy as FHIR R4: a draft order that a clinician signs, or does not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from watchful.content.draft_order import Json, draft_order

SNOMED = "http://snomed.info/sct"
PHYSICAL_THERAPY = "306170007"
"""Referral to physiotherapy service; code and meaning found alike in four independent public files, 2026-11-25."""


class OrderCode(msgspec.Struct, frozen=True):
    """What the EHR calls an order for physical therapy."""

    system: str = SNOMED
    code: str = PHYSICAL_THERAPY
    display: str = ""
    """The site's own name; none for SNOMED CT, whose descriptions we do not carry."""


def physical_therapy(
    order: OrderCode,
    *,
    text: str,
    patient: str,
    made_at: datetime,
    encounter: str | None = None,
    requester: str | None = None,
    reasons: Sequence[str] = (),
    details: Literal["full", "item"] = "full",
) -> Json:
    """The draft. `item`: the code alone, where the EHR's own defaults win."""
    coding = {"system": order.system, "code": order.code}
    if order.display:
        coding["display"] = order.display
    request = draft_order(
        {"coding": [coding]}, patient=patient, made_at=made_at, encounter=encounter, requester=requester
    )
    if details == "full":
        request["code"]["text"] = order.display or text
        if reasons:
            request["reasonReference"] = [{"reference": each} for each in reasons]
    return request
