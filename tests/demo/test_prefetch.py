"""Prefetch as a client sends it: one test a state."""

from datetime import date

import pytest
from fhir.resources.R4B.bundle import Bundle

from watchful.demo import fixtures
from watchful.demo.prefetch import fill, resolve

FIXTURE = fixtures.load("acute-mri", date(2026, 11, 2))
CONTEXT = FIXTURE.context


def one(template: str, **options: object) -> object:
    return resolve({"key": template}, CONTEXT, FIXTURE.resources, **options)["key"]  # type: ignore[arg-type]


def test_a_read_gives_the_resource() -> None:
    assert one("Patient/{{context.patientId}}") == FIXTURE.resources[0]


def test_a_read_without_result_is_null() -> None:
    assert one("Patient/somebody-else") is None


def test_a_search_gives_a_searchset() -> None:
    bundle = one("Condition?patient={{context.patientId}}&category=encounter-diagnosis")
    assert isinstance(bundle, dict)
    assert (bundle["type"], bundle["total"]) == ("searchset", 1)
    Bundle.model_validate(bundle)


def test_the_self_link_repeats_the_template() -> None:
    bundle = one("Condition?patient={{context.patientId}}")
    assert isinstance(bundle, dict)
    assert bundle["link"] == [
        {"relation": "self", "url": "https://ehr.example.org/r4/Condition?patient=acute-mri-patient"}
    ]


def test_a_search_without_result_is_an_empty_searchset() -> None:
    bundle = one("Immunization?patient={{context.patientId}}")
    assert isinstance(bundle, dict)
    assert bundle["total"] == 0
    assert "entry" not in bundle


def test_an_unreadable_type_is_an_outcome() -> None:
    answer = one("Condition?patient={{context.patientId}}", unreadable=["Condition"])
    assert isinstance(answer, dict)
    assert answer["resourceType"] == "OperationOutcome"


def test_an_unresolved_token_leaves_the_key_out() -> None:
    assert resolve({"a": "Encounter/{{context.nothing}}"}, CONTEXT, FIXTURE.resources) == {}


def test_a_key_may_be_left_out() -> None:
    templates = {"a": "Patient/{{context.patientId}}", "b": "Condition?patient={{context.patientId}}"}
    assert set(resolve(templates, CONTEXT, FIXTURE.resources, leave_out=["b"])) == {"a"}


@pytest.mark.parametrize(
    ("template", "user", "expected"),
    [
        ("Practitioner/{{userPractitionerId}}", "Practitioner/d", "Practitioner/d"),
        ("{{context.userId}}", "Practitioner/d", "Practitioner/d"),
        ("{{ context.patientId }}", "Practitioner/d", "p"),
        ("Practitioner/{{userPractitionerId}}", "PractitionerRole/r", None),
        ("PractitionerRole/{{userPractitionerRoleId}}", "PractitionerRole/r", "PractitionerRole/r"),
        ("Encounter/{{context.encounterId}}", "Practitioner/d", None),
        ("{{context.selections}}", "Practitioner/d", None),
        ("{{today()}}", "Practitioner/d", None),
    ],
)
def test_tokens(template: str, user: str, expected: str | None) -> None:
    assert fill(template, {"userId": user, "patientId": "p", "selections": ["a"]}) == expected
