"""What a FHIR server fails to give: named on the card, refused where it is needed, never taken for absent."""

import asyncio
import time
from typing import Any

import httpx2
import pytest
from hook_builders import EHR, HOOKS, a_refusal, an_order, hook_body, reading_body, resources_at
from hook_door import Ehr, with_site

from watchful.settings import Settings


class Slow(httpx2.AsyncBaseTransport):
    """An EHR that takes its time over some resource types."""

    def __init__(self, ehr: Ehr, *types: str, seconds: float = 30) -> None:
        self._ehr = ehr
        self._types = types
        self._seconds = seconds

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if any(f"/{kind}" in request.url.path for kind in self._types):
            await asyncio.sleep(self._seconds)
        return await self._ehr.transport.handle_async_request(request)


async def test_a_slow_search_is_given_up_at_the_deadline_and_named(settings: Settings, open_door: Any) -> None:
    hurried = with_site(settings, fhir_deadline_ms=300)
    transport = Slow(Ehr("acute-mri"), "Procedure")
    async with open_door(hurried, transport=transport) as door:
        started = time.perf_counter()
        card = await door.card(reading_body())
        took = time.perf_counter() - started
        row = await door.row()

    assert took < 0.5
    assert "procedures could not be read" in card["detail"]
    assert row["data_classes"]["Procedure"] == "unknown fhir"


async def test_a_server_that_never_answers_costs_the_deadline_only(settings: Settings, open_door: Any) -> None:
    hurried = with_site(settings, fhir_deadline_ms=200)
    transport = Slow(Ehr("acute-mri"), "")
    async with open_door(hurried, transport=transport) as door:
        started = time.perf_counter()
        answer = await door.fire(reading_body())
        took = time.perf_counter() - started

    assert answer.status_code == 412
    assert took < 0.4
    assert answer.json()["issue"][0]["code"] == "incomplete"


async def test_conditions_that_may_not_be_read_are_412(settings: Settings, open_door: Any) -> None:
    ehr = Ehr("unreadable-conditions")
    async with open_door(settings, transport=ehr.transport) as door:
        answer = await door.fire(reading_body("unreadable-conditions"))
        row = await door.row()

    assert answer.status_code == 412
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert "Condition" in outcome["issue"][0]["diagnostics"]
    assert (row["decision"], row["reason"]) == ("Silent", "chart-unreadable")


async def test_medicines_that_may_not_be_read_push_nothing(settings: Settings, open_door: Any) -> None:
    ehr = Ehr("unreadable-medications")
    async with open_door(settings, transport=ehr.transport) as door:
        card = await door.card(reading_body("unreadable-medications"))

    assert card["source"]["topic"]["code"] == "ReviewImaging"
    assert "medicines" in card["summary"]
    assert "suggestions" not in card


@pytest.mark.parametrize("hook", HOOKS)
async def test_an_emergency_in_the_order_speaks_although_conditions_cannot_be_read(
    settings: Settings, open_door: Any, hook: str
) -> None:
    """Safety rule 1: emergencies come first, on whatever was read; the gap is named."""
    ehr = Ehr("unreadable-conditions")
    reason = [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G83.4"}]}]
    body = reading_body("unreadable-conditions", hook)
    order = an_order(patient="unreadable-conditions-patient", reasonCode=reason)
    body["context"]["draftOrders"]["entry"] = [{"resource": order}]
    body["context"].pop("selections", None)
    async with open_door(settings, transport=ehr.transport) as door:
        card = await door.card(body)

    assert card["source"]["topic"]["code"] == "UrgentFinding"
    assert "problems could not be read" in card["detail"]


async def test_an_emergency_in_the_visit_speaks_although_conditions_cannot_be_read(door: Any) -> None:
    body = hook_body("cauda-equina")
    body["prefetch"]["conditions"] = a_refusal()
    reason = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G83.4"}]}
    for visit in (body["prefetch"]["encounter"], resources_at(body, "encounters")[0]):
        assert visit["id"] == body["context"]["encounterId"]
        visit["reasonCode"] = [reason]

    assert await door.topic(body) == "UrgentFinding"


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
async def test_a_server_that_refuses_everything_is_412(settings: Settings, open_door: Any, status: int) -> None:
    transport = httpx2.MockTransport(lambda request: httpx2.Response(status, json={}))
    async with open_door(settings, transport=transport) as door:
        assert (await door.fire(reading_body())).status_code == 412


async def test_the_patient_of_the_server_must_be_the_patient_of_the_request(
    settings: Settings, open_door: Any
) -> None:
    def swapped(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"resourceType": "Patient", "id": "somebody-else"})

    body = hook_body("acute-mri") | {"fhirServer": EHR}
    del body["prefetch"]["patient"]
    async with open_door(settings, transport=httpx2.MockTransport(swapped)) as door:
        assert (await door.fire(body)).status_code == 400


@pytest.mark.parametrize("encounter", ["../../admin", "x?y=z", "x#y", "..", "a b", "\u0000", "é"])
async def test_an_encounter_id_never_leads_elsewhere(settings: Settings, open_door: Any, encounter: str) -> None:
    ehr = Ehr("acute-mri")
    body = reading_body()
    body["context"]["encounterId"] = encounter
    async with open_door(settings, transport=ehr.transport) as door:
        assert (await door.fire(body)).status_code == 200

    for each in ehr.asked:
        assert each.path.startswith("/r4/")
        assert "admin" not in each.path.split("/")
