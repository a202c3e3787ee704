"""The handout as FHIR R4, for sites whose EHR can take it: filed in the chart, or sent to the patient.

Pure: nothing here writes to an EHR. The generic profile sends a link instead, because not every EHR accepts these.
"""

import base64
import hashlib
from datetime import datetime
from typing import Any, Literal

from watchful.content.handout import HandoutCase

Json = dict[str, Any]
ContentType = Literal["application/pdf", "text/html", "text/plain", "application/xhtml+xml;charset=utf-8"]
EDUCATION = {"system": "http://loinc.org", "code": "34895-3", "display": "Education note"}
"""The LOINC document type; a site that files handouts under its own type sends that one instead."""


def handout_document(
    case: HandoutCase,
    content: bytes,
    *,
    content_type: ContentType,
    title: str,
    patient: str,
    made_at: datetime,
    encounter: str | None = None,
    author: str | None = None,
) -> Json:
    """A DocumentReference with the handout inside it. References are `Type/id`; `made_at` carries its zone."""
    document: Json = {
        "resourceType": "DocumentReference",
        "status": "current",
        "docStatus": "final",
        "type": {"coding": [EDUCATION], "text": title},
        "subject": {"reference": patient},
        "date": made_at.isoformat(timespec="seconds"),
        "description": title,
        "content": [{"attachment": _attachment(case, content, content_type, title, made_at)}],
    }
    if author:
        document["author"] = [{"reference": author}]
    if encounter:
        document["context"] = {"encounter": [{"reference": encounter}]}
    return document


def handout_communication(
    case: HandoutCase,
    content: bytes,
    *,
    content_type: ContentType,
    title: str,
    patient: str,
    made_at: datetime,
    encounter: str | None = None,
    requester: str | None = None,
) -> Json:
    """A draft CommunicationRequest: give this handout to the patient. A clinician signs it or does not."""
    request: Json = {
        "resourceType": "CommunicationRequest",
        "status": "draft",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/communication-category",
                        "code": "instruction",
                        "display": "Instruction",
                    }
                ]
            }
        ],
        "priority": "routine",
        "medium": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode",
                        "code": "WRITTEN",
                        "display": "written",
                    }
                ]
            }
        ],
        "subject": {"reference": patient},
        "recipient": [{"reference": patient}],
        "payload": [{"contentAttachment": _attachment(case, content, content_type, title, made_at)}],
        "authoredOn": made_at.isoformat(timespec="seconds"),
    }
    if requester:
        request["requester"] = {"reference": requester}
    if encounter:
        request["encounter"] = {"reference": encounter}
    return request


def _attachment(
    case: HandoutCase, content: bytes, content_type: ContentType, title: str, made_at: datetime
) -> Json:
    # The hash is the one that R4 asks for (Attachment.hash: SHA-1 of the data, base64); it protects nothing.
    digest = hashlib.sha1(content, usedforsecurity=False).digest()
    return {
        "contentType": content_type,
        "language": case.language,
        "data": base64.b64encode(content).decode(),
        "size": len(content),
        "hash": base64.b64encode(digest).decode(),
        "title": title,
        "creation": made_at.isoformat(timespec="seconds"),
    }
