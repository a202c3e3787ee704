"""The questions and their answers as FHIR: valid R4, linked to one version, and nothing that was not answered."""

from datetime import UTC, datetime
from typing import Any

import pytest
from app_words import CONTENT, QUESTIONS
from builders import knowledge
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse
from hypothesis import given
from hypothesis import strategies as st

from watchful.clinical.spoken import Answer, Answers
from watchful.content.questionnaire import ID, questionnaire, questionnaire_response, questionnaire_url

URL = questionnaire_url("https://watchful.example/s/clinic/")
VERSION = knowledge().version


def published() -> dict[str, Any]:
    return questionnaire(knowledge().questions, CONTENT, url=URL, version=VERSION)


def response(answers: Answers, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "url": URL,
        "version": VERSION,
        "patient": "Patient/7",
        "authored_at": datetime(2026, 11, 9, 17, 30, tzinfo=UTC),
        **changes,
    }
    return questionnaire_response(answers, knowledge().questions, **values)


def test_the_published_form_is_valid_and_whole() -> None:
    form = published()
    Questionnaire.model_validate(form)

    assert f"https://watchful.example/s/clinic/smart/Questionnaire/{ID}" == URL
    assert (form["url"], form["version"], form["status"]) == (URL, VERSION, "active")
    assert [(item["linkId"], item["text"]) for item in form["item"]] == [
        (question.id, question.ask) for question in knowledge().questions
    ]
    assert {item["type"] for item in form["item"]} == {"boolean"}
    assert not any("code" in item or "initial" in item for item in form["item"])


def test_answers_are_valid_and_name_form_version_and_people() -> None:
    filed = response(
        {"told-weakness": "yes", "told-saddle": "no"}, encounter="Encounter/3", author="Practitioner/1"
    )
    QuestionnaireResponse.model_validate(filed)

    assert filed["questionnaire"] == f"{URL}|{VERSION}"
    assert filed["authored"] == "2026-11-09T17:30:00+00:00"
    assert filed["subject"] == filed["source"] == {"reference": "Patient/7"}
    assert filed["encounter"] == {"reference": "Encounter/3"}
    assert filed["author"] == {"reference": "Practitioner/1"}
    assert {item["linkId"]: item["answer"] for item in filed["item"]} == {
        "told-saddle": [{"valueBoolean": False}],
        "told-weakness": [{"valueBoolean": True}],
    }


def test_without_visit_or_author_nothing_stands_in_their_place() -> None:
    filed = response({"told-weakness": "yes"})
    QuestionnaireResponse.model_validate(filed)
    assert not {"encounter", "author"} & filed.keys()


@given(st.dictionaries(st.sampled_from(QUESTIONS), st.sampled_from(["yes", "no"]), min_size=1))
def test_exactly_what_was_answered_is_filed_in_the_order_of_the_form(answers: dict[str, Answer]) -> None:
    filed = response(answers)
    QuestionnaireResponse.model_validate(filed)

    assert [item["linkId"] for item in filed["item"]] == [each for each in QUESTIONS if each in answers]
    asked = {item["linkId"]: item["text"] for item in published()["item"]}
    assert all(item["text"] == asked[item["linkId"]] for item in filed["item"])


def test_nothing_answered_is_nothing_to_file() -> None:
    with pytest.raises(ValueError, match="no question was answered"):
        response({})
