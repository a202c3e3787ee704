"""The handout as FHIR: what we would send is valid R4, holds the handout, and names nobody but by reference."""

import base64
import hashlib
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from typing import Any

import pytest
from fhir.resources.R4B.communicationrequest import CommunicationRequest
from fhir.resources.R4B.documentreference import DocumentReference
from test_handout_words import a_case

from watchful.content.documents import handout_communication, handout_document
from watchful.content.handout import handout_words
from watchful.content.load import load
from watchful.content.pdf import handout_pdf
from watchful.content.plain import handout_text
from watchful.content.xhtml import handout_xhtml

WORDS = handout_words(a_case(language="es"), load("es"))
FORMS = {
    "application/pdf": handout_pdf(WORDS),
    "text/plain": handout_text(WORDS).encode(),
    "application/xhtml+xml;charset=utf-8": handout_xhtml(WORDS),
}


def sent(content_type: Any, **changes: Any) -> dict[str, Any]:
    return {
        "content_type": content_type,
        "title": WORDS.title,
        "patient": "Patient/7",
        "made_at": datetime(2026, 11, 9, 17, 30, tzinfo=UTC),
        **changes,
    }


@pytest.mark.parametrize("content_type", FORMS)
def test_a_document_reference_is_valid_and_whole(content_type: str) -> None:
    content = FORMS[content_type]
    made = handout_document(
        a_case(language="es"),
        content,
        **sent(content_type, encounter="Encounter/3", author="Practitioner/1"),
    )
    assert DocumentReference.model_validate(made).model_dump(mode="json", exclude_none=True)["status"] == "current"
    attachment = made["content"][0]["attachment"]
    assert base64.b64decode(attachment["data"]) == content
    assert attachment["size"] == len(content)
    assert base64.b64decode(attachment["hash"]) == hashlib.sha1(content, usedforsecurity=False).digest()
    assert attachment["language"] == "es"
    assert made["subject"] == {"reference": "Patient/7"}
    assert made["context"] == {"encounter": [{"reference": "Encounter/3"}]}


@pytest.mark.parametrize("content_type", FORMS)
def test_a_communication_request_is_a_valid_draft(content_type: str) -> None:
    content = FORMS[content_type]
    made = handout_communication(
        a_case(language="es"),
        content,
        **sent(content_type, encounter="Encounter/3", requester="Practitioner/1"),
    )
    CommunicationRequest.model_validate(made)
    assert made["status"] == "draft"
    assert made["recipient"] == [{"reference": "Patient/7"}]
    assert base64.b64decode(made["payload"][0]["contentAttachment"]["data"]) == content


def test_what_is_not_known_is_left_out() -> None:
    case, content = a_case(), b"text"
    document = handout_document(case, content, **sent("text/plain"))
    request = handout_communication(case, content, **sent("text/plain"))
    assert not {"author", "context"} & document.keys()
    assert not {"requester", "encounter"} & request.keys()
    DocumentReference.model_validate(document)
    CommunicationRequest.model_validate(request)


@pytest.mark.parametrize("language", ["en", "es", "ar", "zh-Hans"])
def test_the_xhtml_is_well_formed_and_says_what_the_page_says(language: str) -> None:
    words = handout_words(a_case(language=language, contact="A & B <clinic>"), load(language))
    page = ET.fromstring(handout_xhtml(words))  # noqa: S314  (our own page)
    assert page.attrib["lang"] == language
    assert page.attrib["dir"] == words.direction
    said = [text.strip() for text in page.find("{*}body").itertext()]  # type: ignore[union-attr]
    assert " ".join(said) == " ".join(line.removeprefix("- ") for line in handout_text(words).split("\n") if line)
