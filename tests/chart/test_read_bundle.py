"""A chart file: references by urn:uuid, one patient, what is not a Bundle, what cannot be read."""

import json
from typing import Any

import pytest
from builders import (
    TODAY,
    ZONE,
    ago,
    back_pain,
    bundle,
    chart,
    condition,
    encounter,
    facts_of,
    patient,
    unreadable,
)

from watchful.chart.bundle import read_bundle
from watchful.chart.gather import Chart
from watchful.clinical.facts import DataClass, State
from watchful.errors import BadRequest

UUID = "0f1f0a3e-1111-4222-8333-444455556666"


def _read(content: bytes, **how: Any) -> Chart:
    return read_bundle(content, today=TODAY, zone=ZONE, **how)


def _synthetic(*, full_url: bool) -> bytes:
    """Patient and condition that refer to each other as synthetic charts do."""
    about = {"subject": {"reference": f"urn:uuid:{UUID}"}, "encounter": {"reference": "urn:uuid:visit"}}
    entries = []
    for resource in (patient(id=UUID), {**encounter(), **about}, back_pain(**about)):
        entry: dict[str, Any] = {"resource": resource}
        if full_url:
            entry["fullUrl"] = f"urn:uuid:{resource['id']}"
        entries.append(entry)
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


@pytest.mark.parametrize("full_url", [True, False], ids=["with fullUrl", "without fullUrl"])
def test_references_by_urn_uuid_are_followed(full_url: bool) -> None:
    found = _read(_synthetic(full_url=full_url))

    assert found.subject.reference == f"Patient/{UUID}"
    assert [each.id for each in found.conditions] == ["pain"]
    assert found.conditions[0].encounter is not None
    assert found.conditions[0].encounter.reference == "Encounter/visit"
    assert found.foreign == 0


def test_what_the_file_does_not_hold_is_none_on_file() -> None:
    known = _read(bundle(chart())).known

    assert known[DataClass.CONDITION].state is State.KNOWN
    assert known[DataClass.PROCEDURE].state is State.EMPTY
    assert not [kind for kind in DataClass if known[kind].state is State.UNKNOWN]


@pytest.mark.parametrize("kind", list(DataClass))
def test_an_entry_that_cannot_be_read_makes_its_type_unknown_and_no_other(kind: DataClass) -> None:
    found = _read(bundle([*chart(), unreadable(kind)]))

    assert [each for each in DataClass if found.known[each].state is State.UNKNOWN] == [kind]
    assert found.conditions


@pytest.mark.parametrize("count", [0, 2])
def test_a_chart_has_exactly_one_patient(count: int) -> None:
    people = [patient(id=f"p{number}") for number in range(count)]

    with pytest.raises(BadRequest, match=f"holds {count} Patient"):
        _read(bundle([*people, condition("I10")]))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!DOCTYPE html><html><body>Sign in</body></html>",
        b"[]",
        b"null",
        b'{"resourceType": "Patient", "id": "p"}',
        b'{"entry": []}',
        b'{"resourceType": "Bundle", "entry": 7}',
        b'{"resourceType": "Bundle", "entry": [',
        b'{"resourceType": "Bundle", "type": "\xff"}',
        b"[" * 100_000,
    ],
    ids=["empty", "HTML", "list", "null", "a Patient", "no type", "entry is a number", "cut", "not UTF-8", "deep"],
)
def test_what_is_not_a_bundle_is_refused(content: bytes) -> None:
    with pytest.raises(BadRequest):
        _read(content)


@pytest.mark.parametrize("entry", [{}, {"fullUrl": "urn:uuid:1"}, {"resource": None}, {"resource": {"id": "x"}}])
def test_an_entry_that_claims_no_type_is_left_out(entry: dict[str, Any]) -> None:
    whole = json.loads(bundle(chart()))
    whole["entry"].append(entry)

    assert len(_read(json.dumps(whole).encode()).conditions) == 1


def test_another_patients_record_is_dropped_and_makes_its_type_unknown() -> None:
    found = _read(bundle([*chart(), condition("C50.911", subject={"reference": "Patient/somebody-else"})]))

    assert [each.id for each in found.conditions] == ["pain"]
    assert found.foreign == 1
    assert found.known[DataClass.CONDITION].state is State.UNKNOWN


def test_types_that_no_rule_reads_change_nothing() -> None:
    note = {"resourceType": "DocumentReference", "id": "note"}

    assert facts_of([*chart(), note]) == facts_of(chart())


def test_this_visit_is_the_one_named_else_the_latest_of_today() -> None:
    morning = encounter("morning", period={"start": ago(0, hour=8)}, status="finished")
    others = [morning, encounter("planned", days_ago=-1, status="planned")]
    content = bundle([patient(), *others, encounter("old", days_ago=30)])

    named, found = _read(content, encounter_id="old").visit, _read(content).visit
    none = _read(bundle([patient(), encounter("old", days_ago=30)])).visit

    assert named is not None
    assert named.id == "old"
    assert found is not None
    assert found.id == "morning"
    assert none is None
