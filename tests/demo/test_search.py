"""The search parameters that the demo endpoint understands."""

from typing import Any

import pytest

from watchful.demo.search import outcome, patient_of, search, searchset

LOINC = "http://loinc.org"


def observation(id: str, code: str = "8310-5", when: str = "2026-11-02T09:00:00Z", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "category": [{"coding": [{"system": "cat", "code": "vital-signs"}]}],
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": "Patient/p"},
        "encounter": {"reference": "Encounter/e"},
        "effectiveDateTime": when,
    } | more


OBSERVATIONS = [
    observation("new"),
    observation("old", when="2024-05"),
    observation("other", subject={"reference": "Patient/q"}, status="amended"),
    observation("lab", code="4537-7", category=[{"coding": [{"code": "laboratory"}]}], encounter={}),
]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("patient", "p", ["new", "old", "lab"]),
        ("patient", "Patient/q", ["other"]),
        ("subject", "https://ehr.example.org/r4/Patient/p", ["new", "old", "lab"]),
        ("patient", "nobody", []),
        ("_id", "new,lab", ["new", "lab"]),
        ("category", "laboratory", ["lab"]),
        ("category", "cat|vital-signs", ["new", "old", "other"]),
        ("category", "dog|vital-signs", []),
        ("code", f"{LOINC}|4537-7,{LOINC}|99", ["lab"]),
        ("encounter", "e", ["new", "old", "other"]),
        ("encounter", "Encounter/e", ["new", "old", "other"]),
        ("status", "amended", ["other"]),
        ("date", "ge2026-01-01", ["new", "other", "lab"]),
        ("date", "ge2024-05-20", ["new", "old", "other", "lab"]),
        ("date", "lt2024-06", ["old"]),
        ("date", "2026-11-02", ["new", "other", "lab"]),
    ],
)
def test_parameter(name: str, value: str, expected: list[str]) -> None:
    found = search(OBSERVATIONS, "Observation", [(name, value)])
    assert [r["id"] for r in found.resources] == expected
    assert found.applied == [(name, value)]


def test_parameters_narrow_one_another() -> None:
    found = search(OBSERVATIONS, "Observation", [("patient", "p"), ("category", "vital-signs"), ("_sort", "date")])
    assert [r["id"] for r in found.resources] == ["old", "new"]


def test_an_unknown_parameter_is_ignored_and_not_claimed() -> None:
    found = search(OBSERVATIONS, "Observation", [("patient", "p"), ("code:in", "x"), ("_sort", "rubbish")])
    assert len(found.resources) == 3
    assert found.applied == [("patient", "p")]


def test_other_types_are_left_out() -> None:
    assert search(OBSERVATIONS, "Condition", []).resources == []


def test_owner_of_a_resource() -> None:
    assert patient_of({"resourceType": "Patient", "id": "p"}) == "p"
    assert patient_of({"resourceType": "FamilyMemberHistory", "patient": {"reference": "Patient/p"}}) == "p"
    assert patient_of({"resourceType": "Practitioner", "id": "x"}) is None


def test_a_searchset_without_matches_has_no_entry() -> None:
    assert "entry" not in searchset([], 0, "http://x", [("self", "http://x/Condition")])


def test_outcome_names_the_issue() -> None:
    assert outcome("forbidden", "no")["issue"] == [{"severity": "error", "code": "forbidden", "diagnostics": "no"}]
