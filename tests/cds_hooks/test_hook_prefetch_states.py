"""What stands at each prefetch key: data, nothing on file, or unknown (`reference/standards.md` §2.4).

Unknown is never absent (safety rule 1): every state is tried at every key, and the journal row says what
the service took it for.
"""

import json
from typing import Any

import pytest
from hook_builders import EHR, Json, a_bundle, a_condition, a_refusal, hook_body, resources_at, without
from hook_door import Door

TYPES = {
    "patient": "Patient",
    "conditions": "Condition",
    "encounters": "Encounter",
    "observations": "Observation",
    "medications": "MedicationRequest",
    "procedures": "Procedure",
    "reports": "DiagnosticReport",
    "orders": "ServiceRequest",
    "allergies": "AllergyIntolerance",
}
SEARCHES = [key for key in TYPES if key != "patient"]
MISSING = object()

EPIC_WARNING = {
    "resourceType": "OperationOutcome",
    "issue": [
        {
            "severity": "warning",
            "code": "informational",
            "details": {"text": "Resource request returns no results."},
        }
    ],
}
FATAL = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
NEXT = [("self", f"{EHR}/X?patient=x"), ("next", f"{EHR}/X?page=2")]

EMPTY: dict[str, Any] = {
    "null": None,
    "no entry": {"resourceType": "Bundle", "type": "searchset", "total": 0},
    "null entry": {"resourceType": "Bundle", "type": "searchset", "entry": None},
    "empty entry": {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": []},
    "no bundle type": {"resourceType": "Bundle"},
    "Epic's warning": {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 0,
        "entry": [{"resource": EPIC_WARNING, "search": {"mode": "outcome"}}],
    },
}
UNKNOWN: dict[str, Any] = {
    "missing": MISSING,
    "OperationOutcome": a_refusal(),
    "OperationOutcome that only warns": EPIC_WARNING,
    "error entry": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": FATAL}]},
    "next page": {"resourceType": "Bundle", "type": "searchset", "link": [{"relation": "next", "url": "x"}]},
    "text": "Condition?patient=1",
    "HTML": "<html><body>Sign in</body></html>",
    "number": 7,
    "list": [],
    "no type": {},
    "null type": {"resourceType": None},
    "transaction": {"resourceType": "Bundle", "type": "transaction", "entry": []},
    "history": {"resourceType": "Bundle", "type": "history"},
    "batch-response": {"resourceType": "Bundle", "type": "batch-response"},
    "entry of the wrong shape": {"resourceType": "Bundle", "type": "searchset", "entry": {"resource": {}}},
    "entry without resource": {"resourceType": "Bundle", "type": "searchset", "entry": [{"fullUrl": "x"}]},
    "entry with null": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": None}]},
    "entry with text": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": "Condition/1"}]},
    "other resource": {"resourceType": "Medication", "id": "m"},
    "unread resource": {"resourceType": "Claim", "id": "c"},
    "bundle of another type": a_bundle({"resourceType": "Medication", "id": "m"}),
    "bundle of an unread type": a_bundle({"resourceType": "Claim", "id": "c"}),
}


def sent(key: str, value: object, name: str = "acute-mri") -> Json:
    body = hook_body(name)
    if value is MISSING:
        return without(body, "prefetch", key)
    body["prefetch"][key] = value
    return body


async def state(door: Door, body: Json, key: str) -> str:
    """What the journal says was known of one key's type."""
    answer = await door.fire(body)
    assert answer.status_code in (200, 412), answer.text
    known: str = (await door.rows())[0]["data_classes"][TYPES[key]].split()[0]
    return known


@pytest.mark.parametrize("key", SEARCHES)
async def test_every_empty_state(door: Door, key: str) -> None:
    for name, value in EMPTY.items():
        assert await state(door, sent(key, value), key) == "empty", name


@pytest.mark.parametrize("key", TYPES)
async def test_every_unknown_state(door: Door, key: str) -> None:
    for name, value in UNKNOWN.items():
        assert await state(door, sent(key, value), key) == "unknown", name


@pytest.mark.parametrize("key", SEARCHES)
async def test_a_page_that_is_not_the_last_is_unknown_but_read(door: Door, key: str) -> None:
    body = hook_body("cancer-xray")
    body["prefetch"][key] = a_bundle(*resources_at(body, key), links=NEXT)

    assert await state(door, body, key) == "unknown"
    assert (await door.rows())[0]["flags"].get("cancer-active") == "present"


@pytest.mark.parametrize("key", TYPES)
async def test_the_fixture_s_own_state(door: Door, key: str) -> None:
    held = hook_body("acute-mri")["prefetch"][key]
    expected = "known" if key == "patient" or held.get("entry") else "empty"

    assert await state(door, hook_body("acute-mri"), key) == expected


@pytest.mark.parametrize("value", [MISSING, a_refusal(), "text", {}], ids=["missing", "refused", "text", "object"])
@pytest.mark.parametrize("key", ["patient", "conditions"])
async def test_without_patient_or_conditions_there_is_no_answer(door: Door, key: str, value: object) -> None:
    answer = await door.fire(sent(key, value))

    assert answer.status_code == 412
    said = answer.json()["issue"][0]["diagnostics"]
    assert f"({TYPES[key]})" in said
    assert {"patient": "demographics", "conditions": "problems"}[key] in said
    assert (await door.row())["reason"] == "chart-unreadable"


async def test_a_patient_who_is_nowhere_on_file_is_not_deferred(door: Door) -> None:
    """A read that found nothing: the age is not known, so nothing is pushed."""
    assert await door.topic(sent("patient", None)) == "ReviewImaging"


@pytest.mark.parametrize("value", [MISSING, a_refusal(), "text"], ids=["missing", "refused", "text"])
async def test_without_medicines_nothing_is_pushed_and_the_card_says_so(door: Door, value: object) -> None:
    card = await door.card(sent("medications", value))

    assert card["source"]["topic"]["code"] == "ReviewImaging"
    assert "medicines" in card["summary"] + card["detail"]


@pytest.mark.parametrize("key", ["observations", "procedures", "reports", "orders", "allergies"])
async def test_another_gap_is_named_on_the_card(door: Door, key: str) -> None:
    words = {"observations": "results"}
    card = await door.card(sent(key, a_refusal()))

    assert f"{words.get(key, key)} could not be read" in card["detail"]


@pytest.mark.parametrize(
    "value",
    [None, MISSING, a_refusal(), "text", {}, a_bundle()],
    ids=["null", "missing", "refused", "text", "object", "bundle"],
)
async def test_the_encounter_key_is_never_load_bearing(door: Door, value: object) -> None:
    """D-9: the visit is found among the encounters too."""
    assert await door.topic(sent("encounter", value)) == "DeferImaging"


@pytest.mark.parametrize(
    "broken",
    [
        {"resourceType": "Condition", "id": "broken", "code": "M54.50"},
        {"resourceType": "Condition", "id": 7},
        {"resourceType": "Condition", "onsetDateTime": {"start": "2026"}},
        {"resourceType": ["Condition"]},
        "not a resource",
    ],
    ids=str,
)
async def test_one_unreadable_resource_costs_only_itself(door: Door, broken: object) -> None:
    body = hook_body("cancer-xray")
    body["prefetch"]["conditions"]["entry"].insert(0, {"resource": broken})

    card = await door.card(body)

    assert card["source"]["topic"]["code"] == "ChangeStudy"  # the cancer was read all the same
    row = await door.row()
    assert row["data_classes"]["Condition"].startswith("unknown")
    assert row["data_classes"]["Observation"].startswith("known")
    assert "problems could not be read" in card["detail"]


async def test_text_that_is_not_utf_8_costs_only_its_resource(door: Door) -> None:
    body = hook_body("cancer-xray")
    body["prefetch"]["conditions"]["entry"].append({"resource": a_condition("M54.50", "CANARY")})

    answer = await door.fire(json.dumps(body).encode().replace(b"CANARY", b"\xff\xfe"))

    assert answer.status_code == 200
    assert (await door.row())["data_classes"]["Condition"].startswith("unknown")


async def test_an_unreadable_resource_of_a_patient_without_findings_is_no_deferral(door: Door) -> None:
    body = hook_body("acute-mri")
    body["prefetch"]["conditions"]["entry"].append({"resource": {"resourceType": "Condition", "id": 7}})

    assert (await door.fire(body)).status_code == 412


async def test_included_resources_of_unread_types_do_no_harm(door: Door) -> None:
    body = hook_body("acute-mri")
    body["prefetch"]["conditions"]["entry"].append({"resource": {"resourceType": "Practitioner", "id": "p"}})

    assert await door.topic(body) == "DeferImaging"
    assert (await door.row())["data_classes"]["Condition"] == "known prefetch"


async def test_keys_nobody_asked_for_are_ignored(door: Door) -> None:
    body = hook_body("acute-mri")
    body["prefetch"] |= {"coverageBundle": {"resourceType": "Bundle"}, "vendor": "<html>", "x": None}

    assert await door.topic(body) == "DeferImaging"


async def test_a_prefetch_that_is_null_is_a_missing_one(door: Door) -> None:
    body = hook_body("acute-mri")
    body["prefetch"] = None

    assert (await door.fire(body)).status_code == 412
