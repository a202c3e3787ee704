"""The five questions as FHIR R4: a published Questionnaire, and the answers of one visit to it.

Pure. The items carry our own ids and words and no code of a terminology: none that we know means the same.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from watchful.clinical.knowledge.compiled import Question
from watchful.clinical.spoken import Answers
from watchful.content.load import Content

Json = dict[str, Any]
ID = "red-flag-questions"


def questionnaire_url(base_url: str) -> str:
    """Its canonical URL, where it can also be read. `base_url` as EHRs see it."""
    return f"{base_url.rstrip('/')}/smart/Questionnaire/{ID}"


def questionnaire(questions: Sequence[Question], content: Content, *, url: str, version: str) -> Json:
    """The published form. `version` is that of the knowledge, so that an answer always names what was asked."""
    texts = content.review.questionnaire
    return {
        "resourceType": "Questionnaire",
        "id": ID,
        "language": content.language,
        "url": url,
        "version": version,
        "name": "RedFlagQuestions",
        "title": texts.title,
        "status": "active",
        "subjectType": ["Patient"],
        "description": texts.description,
        "purpose": texts.purpose,
        "item": [
            {"linkId": question.id, "text": question.ask, "type": "boolean", "required": False}
            for question in questions
        ],
    }


def questionnaire_response(
    answers: Answers,
    questions: Sequence[Question],
    *,
    url: str,
    version: str,
    patient: str,
    authored_at: datetime,
    encounter: str | None = None,
    author: str | None = None,
) -> Json:
    """What was answered in one visit, and nothing of what was not. References are `Type/id`; `authored_at` carries
    its zone. Raises ValueError where nothing was answered: there is nothing to file."""
    items = [
        {"linkId": each.id, "text": each.ask, "answer": [{"valueBoolean": answers[each.id] == "yes"}]}
        for each in questions
        if each.id in answers
    ]
    if not items:
        raise ValueError("no question was answered")
    response: Json = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{url}|{version}",
        "status": "completed",
        "subject": {"reference": patient},
        "authored": authored_at.isoformat(timespec="seconds"),
        "source": {"reference": patient},
        "item": items,
    }
    if encounter:
        response["encounter"] = {"reference": encounter}
    if author:
        response["author"] = {"reference": author}
    return response
