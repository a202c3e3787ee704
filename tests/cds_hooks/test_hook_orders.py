"""Drafts as they are met in the field: which of them are lumbar imaging, and which are nobody's business."""

from typing import Any

import pytest
from hook_builders import CPT, HOOKS, LOINC, NO_CARDS, SIX_WEEKS, actions, an_order, hook_body
from hook_door import Door, with_site

from watchful.settings import LocalCode, Settings

LOCAL = "urn:oid:1.2.3.4"


async def judged(door: Door, hook: str = "order-sign", **elements: object) -> str:
    return await door.topic(hook_body("acute-mri", hook, an_order(**elements)))


async def test_the_sandbox_opens_its_imaging_tab_with_an_empty_coding(door: Door) -> None:
    """`reference/clients.md` §1: the first PAMA call has no code, no text and no reason yet."""
    first = {
        "resourceType": "ServiceRequest",
        "id": "example-request-id",
        "status": "draft",
        "intent": "plan",
        "code": {"coding": [{}]},
        "subject": {"reference": "Patient/acute-mri-patient"},
        "reasonCode": [],
    }
    body = hook_body("acute-mri", "order-select", first, selections=["ServiceRequest/example-request-id"])
    body["context"]["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": first}]}

    answer = await door.fire(body)

    assert (answer.status_code, answer.json()) == (200, NO_CARDS)


async def test_the_sandbox_once_a_code_is_chosen(door: Door) -> None:
    code = {"coding": [{"code": "72148", "system": CPT}], "text": "Mri lumbar spine w/o dye"}

    assert await judged(door, "order-select", intent="plan", code=code) == "DeferImaging"


@pytest.mark.parametrize("hook", HOOKS)
async def test_an_order_that_already_reads_active(door: Door, hook: str) -> None:
    assert await judged(door, hook, status="active") == "DeferImaging"


@pytest.mark.parametrize("status", ["revoked", "completed", "entered-in-error", "unknown"])
@pytest.mark.parametrize("hook", HOOKS)
async def test_an_order_that_will_not_happen_is_silent(door: Door, hook: str, status: str) -> None:
    assert await judged(door, hook, status=status) == "Silent"


async def test_an_order_not_to_do_it_is_silent(door: Door) -> None:
    assert await judged(door, doNotPerform=True) == "Silent"
    assert await judged(door, doNotPerform=False) == "DeferImaging"


@pytest.mark.parametrize("intent", ["order", "plan", "proposal", "original-order", None])
async def test_intents_that_lead_to_a_scan(door: Door, intent: str | None) -> None:
    assert await judged(door, intent=intent) == "DeferImaging"


@pytest.mark.parametrize("intent", ["option", "reflex-order", "directive"])
async def test_other_intents_are_silent(door: Door, intent: str) -> None:
    assert await judged(door, intent=intent) == "Silent"


async def test_an_id_of_194_characters(door: Door) -> None:
    long = "eA1.b-" * 32 + "z9"
    assert len(long) == 194
    body = hook_body("acute-mri", "order-select", an_order(id=long), selections=[f"ServiceRequest/{long}"])

    (delete,) = actions(await door.card(body), "delete")
    assert delete["resourceId"] == f"ServiceRequest/{long}"


@pytest.mark.parametrize(
    "other",
    [
        {"resourceType": "ProcedureRequest", "id": "x", "code": {"coding": [{"system": CPT, "code": "72148"}]}},
        {"resourceType": "Medication", "id": "x", "code": {"text": "ibuprofen"}},
        {"resourceType": "MedicationRequest", "id": "x", "status": "draft", "intent": "order"},
        {"resourceType": "ServiceRequest", "id": "x", "code": "not a concept"},
        {"resourceType": "ServiceRequest", "id": "x"},
        {"resourceType": 7},
        {},
        "text",
        None,
        [],
    ],
    ids=str,
)
async def test_an_entry_that_is_no_imaging_order_changes_nothing(door: Door, other: Any) -> None:
    body = hook_body("acute-mri", "order-sign", other, an_order())

    (delete,) = actions(await door.card(body), "delete")
    assert delete["resourceId"] == "ServiceRequest/order"


@pytest.mark.parametrize("coding", [{}, {"system": CPT}, {"code": "72148"}, {"display": "Lumbar MRI"}], ids=str)
async def test_a_coding_that_names_no_study_is_silent(door: Door, coding: object) -> None:
    assert await judged(door, code={"coding": [coding]}) == "Silent"


async def test_an_empty_coding_beside_a_full_one(door: Door) -> None:
    assert await judged(door, code={"coding": [{}, {"system": CPT, "code": "72148"}]}) == "DeferImaging"


async def test_words_without_a_code_are_silent(door: Door) -> None:
    """Free text names no modality that could be relied on; the row would have no code either."""
    assert await judged(door, code={"text": "Lumbar spine MRI without contrast"}) == "Silent"


@pytest.mark.parametrize("code", [None, {}, {"coding": []}, {"coding": None}], ids=str)
async def test_an_order_without_a_code_is_silent(door: Door, code: object) -> None:
    assert await judged(door, code=code) == "Silent"


async def test_a_requester_that_is_only_a_reason_for_its_absence(door: Door) -> None:
    url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    requester = {"extension": [{"url": url, "valueCode": "unknown"}]}

    assert await judged(door, requester=requester) == "DeferImaging"


@pytest.mark.parametrize("system", [CPT, "urn:oid:2.16.840.1.113883.6.12"])
async def test_code_systems_by_url_and_by_oid(door: Door, system: str) -> None:
    assert await judged(door, code={"coding": [{"system": system, "code": "72148"}]}) == "DeferImaging"


@pytest.mark.parametrize(("system", "code"), [(CPT, "72141"), (CPT, "73721"), (LOINC, "24556-3")])
async def test_imaging_of_another_region_is_silent(door: Door, system: str, code: str) -> None:
    assert await judged(door, code={"coding": [{"system": system, "code": code}]}) == "Silent"


@pytest.mark.parametrize("patient", ["acute-mri-patient", "Patient/acute-mri-patient"])
async def test_patient_id_bare_or_as_a_reference(door: Door, patient: str) -> None:
    assert await door.topic(hook_body("acute-mri", "order-sign", patientId=patient)) == "DeferImaging"


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(
    "when",
    [
        {"occurrenceDateTime": SIX_WEEKS.isoformat()},
        {"occurrenceDateTime": "2026-12-20T08:00:00Z"},
        {"occurrencePeriod": {"start": "2027-01-04"}},
    ],
    ids=str,
)
async def test_an_order_dated_six_weeks_ahead_is_silent(door: Door, hook: str, when: dict[str, object]) -> None:
    assert await judged(door, hook, **when) == "Silent"
    assert (await door.row())["reason"] == "already-dated"


async def test_the_order_as_the_card_re_dates_it_is_silent(door: Door) -> None:
    body = hook_body("acute-mri", "order-select")
    (update,) = actions(await door.card(body), "update")

    assert await door.topic(hook_body("acute-mri", "order-sign", update["resource"])) == "Silent"


async def test_an_order_for_next_week_is_judged(door: Door) -> None:
    assert await judged(door, occurrenceDateTime="2026-11-09") == "DeferImaging"


async def test_a_site_s_own_order_code(settings: Settings, open_door: Any) -> None:
    local = LocalCode(system=LOCAL, code="IMG1234", study="mri-without")
    order = an_order(code={"coding": [{"system": LOCAL, "code": "IMG1234"}]})
    body = hook_body("acute-mri", "order-sign", order)

    async with open_door(settings) as door:
        assert await door.topic(body) == "Silent"
    async with open_door(with_site(settings, local_codes=(local,))) as door:
        card = await door.card(body)
        row = await door.row()

    assert card["source"]["topic"]["code"] == "DeferImaging"
    assert (row["order_system"], row["order_code"], row["modality"]) == (LOCAL, "IMG1234", "mri")
    assert "+" in row["knowledge_version"]


async def test_a_site_s_own_code_gets_no_change_it_could_not_write(settings: Settings, open_door: Any) -> None:
    local = LocalCode(system=LOCAL, code="XR1", study="xr")
    order = an_order(code={"coding": [{"system": LOCAL, "code": "XR1"}]}, patient="cancer-xray-patient")

    async with open_door(with_site(settings, local_codes=(local,))) as door:
        card = await door.card(hook_body("cancer-xray", "order-sign", order))

    assert card["source"]["topic"]["code"] == "ChangeStudy"
    assert "suggestions" not in card
    assert "selectionBehavior" not in card
