"""One patient a request (safety rule 7): the wrong Patient refuses it, a stray resource is dropped and told."""

import pytest
from hook_builders import EHR, Json, a_condition, an_order, hook_body, reading_body
from hook_door import Door

SEARCHES = [
    "conditions", "encounters", "observations", "medications", "procedures", "reports", "orders", "allergies",
]  # fmt: skip
STRAY: dict[str, Json] = {
    "conditions": a_condition("G83.4", "stray"),
    "encounters": {"resourceType": "Encounter", "id": "stray", "status": "finished"},
    "observations": {"resourceType": "Observation", "id": "stray", "status": "final"},
    "medications": {"resourceType": "MedicationRequest", "id": "stray", "status": "active", "intent": "order"},
    "procedures": {"resourceType": "Procedure", "id": "stray", "status": "completed"},
    "reports": {"resourceType": "DiagnosticReport", "id": "stray", "status": "final"},
    "orders": {"resourceType": "ServiceRequest", "id": "stray", "status": "active", "intent": "order"},
    "allergies": {"resourceType": "AllergyIntolerance", "id": "stray"},
}


def with_stray(key: str, reference: str = "Patient/somebody-else") -> Json:
    body = hook_body("acute-mri")
    whose = "patient" if key == "allergies" else "subject"
    stray = {**STRAY[key], whose: {"reference": reference}}
    body["prefetch"][key].setdefault("entry", []).append({"resource": stray})
    return body


@pytest.mark.parametrize("key", SEARCHES)
async def test_another_patient_s_resource_makes_its_type_unknown(door: Door, key: str) -> None:
    answer = await door.fire(with_stray(key))

    assert answer.status_code == (412 if key == "conditions" else 200)
    (row,) = await door.rows()
    assert row["data_classes"][STRAY[key]["resourceType"]].startswith("unknown")
    assert [state for state in row["data_classes"].values() if state.startswith("unknown")] == ["unknown prefetch"]
    assert door.metric("watchful_foreign_resources_total") == 1


async def test_another_patient_s_emergency_is_not_this_patient_s(door: Door) -> None:
    await door.fire(with_stray("conditions"))

    assert "cauda-equina" not in {
        flag for flag, state in (await door.row())["flags"].items() if state == "present"
    }


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/acute-mri-patient",
        f"{EHR}/Patient/acute-mri-patient",
        "Patient/acute-mri-patient/_history/3",
        f"{EHR}/Patient/acute-mri-patient/_history/3",
    ],
)
async def test_this_patient_under_every_form_of_reference(door: Door, reference: str) -> None:
    await door.fire(with_stray("procedures", reference))

    assert (await door.row())["data_classes"]["Procedure"] == "known prefetch"


@pytest.mark.parametrize(
    "reference",
    ["https://other.example.org/r4/Patient/acute-mri-patient", "Patient/acute-mri-patient2", "urn:uuid:1", "#p"],
)
async def test_a_patient_somewhere_else_is_somebody_else(door: Door, reference: str) -> None:
    await door.fire(with_stray("procedures", reference))

    assert (await door.row())["data_classes"]["Procedure"].startswith("unknown")


async def test_the_visit_of_another_patient_is_not_read(door: Door) -> None:
    body = hook_body("acute-mri")
    body["prefetch"]["encounter"]["subject"] = {"reference": "Patient/somebody-else"}

    await door.fire(body)

    assert (await door.row())["data_classes"]["Encounter"].startswith("unknown")
    assert door.metric("watchful_foreign_resources_total") == 1


async def test_another_patient_resource_refuses_the_call(door: Door) -> None:
    body = hook_body("acute-mri")
    body["prefetch"]["patient"] = hook_body("acute-xray")["prefetch"]["patient"]

    answer = await door.fire(body)

    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == ["prefetch.patient.id"]
    assert await door.rows() == []


@pytest.mark.parametrize("kind", ["replaces", "replaced-by"])
async def test_a_merged_patient_is_the_same_patient(door: Door, kind: str) -> None:
    body = hook_body("acute-mri", "order-sign")
    link = {"other": {"reference": "Patient/acute-mri-patient"}, "type": kind}
    body["prefetch"]["patient"] |= {"id": "merged", "link": [link]}
    stray = {**STRAY["procedures"], "subject": {"reference": "Patient/merged"}}
    body["prefetch"]["procedures"].setdefault("entry", []).append({"resource": stray})

    assert await door.topic(body) == "DeferImaging"
    assert (await door.row())["data_classes"]["Procedure"] == "known prefetch"


@pytest.mark.parametrize("kind", ["seealso", "refer"])
async def test_another_link_is_not_the_same_patient(door: Door, kind: str) -> None:
    body = hook_body("acute-mri")
    link = {"other": {"reference": "Patient/acute-mri-patient"}, "type": kind}
    body["prefetch"]["patient"] |= {"id": "merged", "link": [link]}

    assert (await door.fire(body)).status_code == 400


async def test_an_order_for_another_patient_refuses_the_call(door: Door) -> None:
    answer = await door.fire(hook_body("acute-mri", "order-sign", an_order(patient="somebody-else")))

    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == ["context.draftOrders"]


async def test_an_unselected_order_for_another_patient_is_not_looked_at(door: Door) -> None:
    orders = (an_order(id="mine"), an_order(id="other", patient="somebody-else"))
    body = hook_body("acute-mri", "order-select", *orders, selections=["ServiceRequest/mine"])

    assert await door.topic(body) == "DeferImaging"


async def test_an_order_that_names_no_patient_belongs_to_the_request(door: Door) -> None:
    assert await door.topic(hook_body("acute-mri", "order-sign", an_order(subject=None))) == "DeferImaging"


@pytest.mark.parametrize("patient", ["somebody-else", "Patient/somebody-else"])
async def test_a_token_for_another_patient_refuses_the_call(door: Door, patient: str) -> None:
    body = hook_body("acute-mri")
    body["fhirAuthorization"] = {"access_token": "t", "patient": patient}

    answer = await door.fire(body)

    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == ["fhirAuthorization.patient"]
    assert answer.json()["issue"][0]["code"] == "conflict"


@pytest.mark.parametrize("patient", ["acute-mri-patient", "Patient/acute-mri-patient", None])
async def test_a_token_for_this_patient(door: Door, patient: str | None) -> None:
    body = hook_body("acute-mri")
    body["fhirAuthorization"] = {**reading_body()["fhirAuthorization"], "patient": patient}

    assert await door.topic(body) == "DeferImaging"
