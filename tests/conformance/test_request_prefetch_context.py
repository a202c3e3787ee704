"""R-1 to R-4, P-1 to P-7, A-1 to A-6 and C-1 to C-7 of the requirement list."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hook_builders import (
    SERVICE,
    a_bundle,
    a_refusal,
    an_order,
    hook_body,
    normalised,
    reading_body,
    replacing,
    without,
)
from hook_door import Door, Ehr, settings_for
from outcomes import refused
from site_builders import Wire, calling, settings_of, site, usual_issuers
from token_builders import PUBLIC

requirement = pytest.mark.requirement


@requirement("R-1")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (("hook",), 400),
        (("hookInstance",), 400),
        (("context",), 400),
        (("context", "patientId"), 400),
        (("context", "userId"), 200),
        (("context", "encounterId"), 200),
        (("prefetch",), 412),
    ],
    ids=str,
)
async def test_members_of_the_body(door: Door, path: tuple[str, ...], status: int) -> None:
    body = hook_body()
    if path[-1] in body or path[-1] in body["context"]:
        body = without(body, *path)

    assert (await door.fire(body)).status_code == status


@requirement("R-2")
async def test_an_answer_within_half_a_second(door: Door) -> None:
    await door.fire(hook_body())
    started = time.perf_counter()
    await door.fire(hook_body())

    assert time.perf_counter() - started < 0.5


@requirement("R-3")
@pytest.mark.parametrize(
    "media", ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"]
)
async def test_media_types(door: Door, media: str) -> None:
    assert (await door.fire(hook_body(), {"Content-Type": media})).status_code == 200
    refused(await door.fire(hook_body(), {"Content-Type": "text/plain"}), 415)


@requirement("R-4", "O-16")
async def test_a_card_leads_back_to_its_call(door: Door) -> None:
    card = await door.card(hook_body())
    row = await door.row()

    assert row["card_uuid"] == card["uuid"]
    assert row["hook_instance_hash"]
    assert row["knowledge_version"]
    assert row["order_hash"]
    assert row["at"]


@requirement("P-1", "A-2")
async def test_what_is_missing_is_fetched_with_the_token(tmp_path: Path, open_door: Any) -> None:
    ehr = Ehr("acute-mri")
    body = hook_body() | {
        key: value for key, value in reading_body().items() if key in ("fhirServer", "fhirAuthorization")
    }
    del body["prefetch"]["reports"]
    async with open_door(settings_for(tmp_path), transport=ehr.transport) as door:
        assert (await door.fire(body)).status_code == 200

    assert ehr.types_asked == ["DiagnosticReport"]
    assert {each.headers["authorization"] for each in ehr.asked} == {"Bearer t0ken"}


@requirement("P-2", "P-6")
@pytest.mark.parametrize(
    ("key", "status"),
    [("patient", 412), ("conditions", 412), ("reports", 200), ("procedures", 200), ("observations", 200)],
)
async def test_required_and_optional_data(door: Door, key: str, status: int) -> None:
    body = hook_body()
    del body["prefetch"][key]
    answer = await door.fire(body)

    assert answer.status_code == status
    if status == 412:
        assert refused(answer, 412)["code"] == "incomplete"


@requirement("P-3")
async def test_both_ways_lead_to_one_card(tmp_path: Path, open_door: Any) -> None:
    ehr = Ehr("cancer-xray")
    async with open_door(settings_for(tmp_path), transport=ehr.transport) as door:
        read, sent = await door.card(reading_body("cancer-xray")), await door.card(hook_body("cancer-xray"))

    assert read["detail"] == sent["detail"]


@requirement("P-4", "P-5")
@pytest.mark.parametrize("key", ["reports", "procedures", "observations", "orders"])
async def test_what_may_not_be_read_is_named(door: Door, key: str) -> None:
    body = hook_body()
    whole = await door.card(body)
    card = await door.card(replacing(body, a_refusal(), "prefetch", key))

    assert card["detail"] != whole["detail"]
    assert "no red flag" not in card["summary"] or "in the record" in card["summary"]


@requirement("P-7")
async def test_draft_orders_are_not_looked_up(tmp_path: Path, open_door: Any) -> None:
    ehr = Ehr("acute-mri")
    async with open_door(settings_for(tmp_path), transport=ehr.transport) as door:
        await door.fire(reading_body())

    assert not [each for each in ehr.asked if "/ServiceRequest/" in each.path]


@requirement("A-1")
@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER", None])
async def test_authorization_as_it_comes(tmp_path: Path, open_door: Any, kind: str | None) -> None:
    ehr = Ehr("acute-mri")
    body = reading_body()
    body["fhirAuthorization"] |= {"token_type": kind, "vendor": {"x": 1}, "expires_in": "300"}
    async with open_door(settings_for(tmp_path), transport=ehr.transport) as door:
        assert (await door.fire(body)).status_code == 200
    assert ehr.asked


@requirement("A-3")
async def test_the_access_token_is_nowhere(tmp_path: Path, open_door: Any) -> None:
    settings = settings_for(tmp_path)
    async with open_door(settings, transport=Ehr("acute-mri").transport) as door:
        body = reading_body()
        body["fhirAuthorization"]["access_token"] = "s3cretT0ken"
        assert (await door.fire(body)).status_code == 200
        await door.service.note_unmapped()

    for file in tmp_path.glob("journal.db*"):
        assert b"s3cretT0ken" not in file.read_bytes()


@requirement("A-4")
@pytest.mark.parametrize("scope", ["Observation.Read (Labs) (R4)", "?!", "", 5, {"a": 1}, "patient/*.rs"])
async def test_scopes_never_spoil_a_call(door: Door, scope: Any) -> None:
    body = hook_body() | {"fhirAuthorization": {"access_token": "x", "scope": scope}}

    assert (await door.fire(body)).status_code == 200


@requirement("A-5")
@pytest.mark.parametrize(
    "server", ["https://evil.example/r4", "http://169.254.169.254/", "http://ehr.example.org/r4"]
)
async def test_no_other_server_is_read(tmp_path: Path, template: Path, wire: Wire, server: str) -> None:
    only = site(tmp_path, "general", *usual_issuers(tmp_path))
    async with calling(settings_of(tmp_path, only), wire, template) as caller:
        body = reading_body() | {"fhirServer": server}
        assert (await caller.post(SERVICE, caller.token(PUBLIC + SERVICE), body)).status_code == 412
    assert not wire.sent


@requirement("A-6")
async def test_patients_are_not_mixed(door: Door) -> None:
    body = hook_body() | {"fhirAuthorization": {"access_token": "x", "patient": "somebody"}}
    refused(await door.fire(body), 400)
    refused(await door.fire(replacing(hook_body(), "somebody", "prefetch", "patient", "id")), 400)
    refused(await door.fire(hook_body("acute-mri", "order-select", an_order(patient="somebody"))), 400)


@requirement("C-1")
async def test_only_selected_orders(door: Door) -> None:
    orders = [an_order("72148", "mri"), an_order("72100", "xray")]
    await door.fire(hook_body("acute-mri", "order-select", *orders, selections=["ServiceRequest/xray"]))

    assert [row["modality"] for row in await door.rows()] == ["xr"]


@requirement("C-2")
@pytest.mark.parametrize("selections", [None, []])
async def test_without_selections_all_are(door: Door, selections: Any) -> None:
    body = hook_body("acute-mri", "order-select", an_order("72148", "a"), an_order("72100", "b"))
    if selections is not None:
        body["context"]["selections"] = selections
    await door.fire(body)

    assert len(await door.rows()) == 2


@requirement("C-3", "B-5")
async def test_other_types_are_ignored(door: Door) -> None:
    others = [
        {"resourceType": kind, "id": kind.lower(), "status": "draft"}
        for kind in ("MedicationRequest", "NutritionOrder", "DeviceRequest", "VisionPrescription", "Madeup")
    ]
    assert await door.cards(hook_body("acute-mri", "order-select", *others)) == []
    card = await door.card(hook_body("acute-mri", "order-select", *others, an_order()))
    assert "MRI" in card["detail"]


@requirement("C-4")
async def test_no_bundle_type_needed(door: Door) -> None:
    body = hook_body()
    body["context"]["draftOrders"].pop("type", None)

    assert await door.topic(body) == "DeferImaging"


@requirement("C-5")
@pytest.mark.parametrize(
    ("selection", "full_url"),
    [
        ("ServiceRequest/order", None),
        ("https://ehr.example.org/r4/ServiceRequest/order", None),
        ("urn:uuid:7f6d7d4e-6f0c-4f4c-9b0e-0d8b5c1d2e3f", "urn:uuid:7f6d7d4e-6f0c-4f4c-9b0e-0d8b5c1d2e3f"),
        ("order", None),
    ],
)
async def test_selections_in_every_form(door: Door, selection: str, full_url: str | None) -> None:
    body = hook_body("acute-mri", "order-select", an_order(id="order"), selections=[selection])
    if full_url:
        body["context"]["draftOrders"]["entry"][0]["fullUrl"] = full_url

    assert await door.topic(body) == "DeferImaging"


@requirement("C-6", "B-11")
async def test_same_call_same_card(door: Door) -> None:
    first, second = await door.fire(hook_body()), await door.fire(hook_body())

    assert normalised(first.json()) == normalised(second.json())


@requirement("C-7", "B-8")
@pytest.mark.parametrize(
    ("status", "speaks"),
    [("draft", True), ("active", True), ("revoked", False), ("completed", False), ("entered-in-error", False)],
)
async def test_status_at_order_sign(door: Door, status: str, speaks: bool) -> None:
    cards = await door.cards(hook_body("acute-mri", "order-sign", an_order(status=status)))

    assert bool(cards) is speaks


KEYS = ("patient", "conditions", "observations", "medications", "procedures", "reports", "orders", "encounters")
STATES: dict[str, Any] = {
    "null": None,
    "outcome": a_refusal(),
    "text": "<html>",
    "list": [],
    "other type": {"resourceType": "Basic"},
    "other bundle": {"resourceType": "Bundle", "type": "transaction"},
    "empty": a_bundle(),
    "missing": ...,
    "Epic's empty": {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 0,
        "entry": [
            {
                "resource": {
                    "resourceType": "OperationOutcome",
                    "issue": [{"severity": "warning", "code": "processing", "details": {"text": "4101"}}],
                },
                "search": {"mode": "outcome"},
            }
        ],
    },
}


@requirement("B-3")
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("state", STATES)
async def test_every_state_at_every_key(door: Door, key: str, state: str) -> None:
    body = hook_body()
    if STATES[state] is ...:
        del body["prefetch"][key]
    else:
        body["prefetch"][key] = STATES[state]
    answer = await door.fire(body)
    empty = state in ("null", "empty", "Epic's empty")

    if key in ("patient", "conditions") and not empty:
        assert answer.status_code == 412
    assert answer.status_code in (200, 412)
    if answer.status_code == 200 and not empty and key not in ("encounters", "patient"):
        (row,) = await door.rows()
        assert any(value.startswith("unknown") for value in row["data_classes"].values())
        for card in answer.json()["cards"]:
            assert card["source"]["topic"]["code"] == "ReviewImaging" or key != "medications"


@requirement("B-4")
async def test_pages_are_followed_on_our_base_alone(tmp_path: Path, open_door: Any) -> None:
    ehr = Ehr("acute-mri", page_size=1)
    async with open_door(settings_for(tmp_path), transport=ehr.transport) as door:
        assert await door.topic(reading_body()) == "DeferImaging"
        paged = [each for each in ehr.asked if each.path.endswith("/Condition")]
        assert len(paged) >= 1
        assert {each.headers["authorization"] for each in ehr.asked} == {"Bearer t0ken"}

    body = hook_body()
    body["prefetch"]["conditions"]["link"] = [{"relation": "next", "url": "https://evil.example/2"}]
    async with open_door(settings_for(tmp_path)) as door:
        assert (await door.fire(body)).status_code == 412


@requirement("B-6")
@pytest.mark.parametrize(
    "order",
    [
        an_order(id="e" * 100 + "." + "x-" * 46 + "9"),
        an_order(requester={"extension": [{"url": "http://x/data-absent-reason", "valueCode": "unknown"}]}),
        an_order(category={"coding": [{"code": "imaging"}]}),
        an_order(subject={"reference": "https://ehr.example.org/r4/Patient/acute-mri-patient"}),
        an_order(contained=[{"resourceType": "Condition", "id": "c"}]),
    ],
    ids=["194 characters", "requester absent", "category an object", "absolute subject", "contained"],
)
async def test_odd_drafts(door: Door, order: dict[str, Any]) -> None:
    foreign = [
        {"resourceType": "ProcedureRequest", "id": "p", "code": {"text": "x"}},
        {"resourceType": "Medication", "id": "m"},
        {"resourceType": "ServiceRequest", "id": "s", "code": {"coding": [{}]}},
        {"resourceType": "ServiceRequest", "id": "t", "code": {"text": "something"}},
    ]
    assert await door.topic(hook_body("acute-mri", "order-select", *foreign, order)) == "DeferImaging"


@requirement("B-12")
async def test_the_deadline_gives_a_valid_answer(tmp_path: Path, open_door: Any) -> None:
    async def hang(request: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError

    body = hook_body() | {"fhirServer": "https://ehr.example.org/r4"}
    del body["prefetch"]["reports"]
    async with open_door(
        settings_for(tmp_path, fhir_deadline_ms=150), transport=httpx2.MockTransport(hang)
    ) as door:
        started = time.perf_counter()
        assert await door.cards(body)
        assert time.perf_counter() - started < 0.5
