"""A draft order as FHIR R4: what a clinician signs, or does not.

`draft` is a request that is "not yet complete or ready for action", and `order` what it is once a clinician has
signed it (R4 request-status, request-intent). Nothing here makes an order active.
"""

from datetime import datetime
from typing import Any

Json = dict[str, Any]


def draft_order(
    code: Json, *, patient: str, made_at: datetime, encounter: str | None = None, requester: str | None = None
) -> Json:
    """What every draft says; the rest is added to it. References are `Type/id`."""
    request: Json = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "code": code,
        "subject": {"reference": patient},
        "authoredOn": made_at.isoformat(timespec="seconds"),
    }
    if encounter:
        request["encounter"] = {"reference": encounter}
    if requester:
        request["requester"] = {"reference": requester}
    return request
