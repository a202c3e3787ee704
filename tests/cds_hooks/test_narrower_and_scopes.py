"""What was searched by half, or not granted, is unknown however it arrived (safety rule 1)."""

from typing import Any

import pytest
from hook_builders import a_bundle, hook_body, reading_body


@pytest.mark.parametrize(
    ("key", "link", "status"),
    [
        ("conditions", "Condition?patient=acute-mri-patient&_count=50&_sort=-recorded-date", 200),
        ("conditions", "Condition?patient=acute-mri-patient&clinical-status=active", 412),
        ("conditions", "Condition?patient=acute-mri-patient&category=problem-list-item", 412),
        ("conditions", "Condition?patient=acute-mri-patient&recorded-date=ge2026", 412),
        ("conditions", "Condition?patient=acute-mri-patient&_lastUpdated=ge2026", 412),
        ("conditions", "Condition?_getpages=abc&_getpagesoffset=0", 200),
    ],
)
async def test_a_narrower_search_is_unknown(door: Any, key: str, link: str, status: int) -> None:
    body = hook_body("acute-mri")
    held = [entry["resource"] for entry in body["prefetch"][key]["entry"]]
    body["prefetch"][key] = a_bundle(*held, links=[("self", f"https://ehr.example.org/r4/{link}")])

    assert (await door.fire(body)).status_code == status


async def test_fewer_than_the_server_counted_is_unknown(door: Any) -> None:
    body = hook_body("acute-mri")
    body["prefetch"]["conditions"]["total"] = 400

    assert (await door.fire(body)).status_code == 412


def with_scope(scope: Any) -> dict[str, Any]:
    body = hook_body("acute-mri")
    body["fhirAuthorization"] = {**reading_body()["fhirAuthorization"], "scope": scope}
    return body


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ("patient/*.rs", 200),
        ("user/*.read launch openid fhirUser", 200),
        ("patient/*.* user/*.*", 200),
        ("patient/Patient.read patient/Observation.read", 412),
        ("patient/Condition.rs?category=http://x|problem-list-item patient/Patient.rs", 412),
        ("patient/Condition.cud patient/Patient.rs", 412),
        ("Observation.Read (Labs) (R4) Patient.Read (R4)", 200),
        ("launch online_access", 200),
        ("", 200),
        (7, 200),
        (["patient/*.rs"], 200),
        (None, 200),
    ],
    ids=str,
)
async def test_a_type_outside_the_granted_scope_is_unknown(door: Any, scope: Any, status: int) -> None:
    assert (await door.fire(with_scope(scope))).status_code == status


async def test_medicines_outside_the_scope_are_named(door: Any) -> None:
    scope = " ".join(f"user/{kind}.rs" for kind in ("Patient", "Condition", "Observation", "Encounter"))
    body = with_scope(scope)

    assert await door.topic(body) == "ReviewImaging"
    assert (await door.row())["data_classes"]["MedicationRequest"].startswith("unknown")
