"""The demo FHIR endpoint, over ASGI."""

from collections.abc import AsyncIterator
from datetime import date

import httpx2
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from starlette.applications import Starlette

from watchful.demo import fixtures
from watchful.demo.fhir import fhir_app

BASE = "http://fhir.test/r4"
PATIENT = "acute-mri-patient"


@pytest.fixture
def app() -> Starlette:
    everything = fixtures.load_all(date(2026, 11, 2))
    fhir = fhir_app(fixtures.by_patient(everything), fixtures.unreadable_by_patient(everything), page_size=4)
    outer = Starlette()
    outer.mount("/r4", fhir)
    outer.state.record = fhir.state.record
    return outer


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


async def test_metadata(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/metadata")
    statement = answer.json()
    assert statement["fhirVersion"] == "4.0.1"
    assert statement["implementation"]["url"] == BASE
    CapabilityStatement.model_validate(statement)


async def test_read(client: httpx2.AsyncClient) -> None:
    answer = await client.get(f"/Patient/{PATIENT}")
    assert answer.json()["id"] == PATIENT
    assert answer.headers["content-type"].startswith("application/fhir+json")


@pytest.mark.parametrize("path", ["/Patient/nobody", "/Goal", "/Goal/_search", "/Condition/acute-mri-patient"])
async def test_unknown_is_404_with_an_outcome(client: httpx2.AsyncClient, path: str) -> None:
    answer = await (client.post(path) if path.endswith("_search") else client.get(path))
    assert answer.status_code == 404
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_pages_follow_next_links_of_the_same_origin(client: httpx2.AsyncClient) -> None:
    url = f"{BASE}/Observation?patient={PATIENT}"
    pages, ids = 0, []
    while url:
        assert url.startswith(f"{BASE}/")
        bundle = (await client.get(url)).json()
        Bundle.model_validate(bundle)
        pages += 1
        ids += [entry["resource"]["id"] for entry in bundle["entry"]]
        url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")
    assert len(ids) == len(set(ids)) == bundle["total"]
    assert pages == -(-len(ids) // 4)


async def test_count_is_honoured_up_to_the_page_size(client: httpx2.AsyncClient) -> None:
    for count, expected in (("2", 2), ("400", 4)):
        bundle = (await client.get(f"/Observation?patient={PATIENT}&_count={count}")).json()
        assert len(bundle["entry"]) == expected


async def test_a_count_that_is_no_number_is_refused(client: httpx2.AsyncClient) -> None:
    assert (await client.get(f"/Observation?patient={PATIENT}&_count=many")).status_code == 400


async def test_post_search_answers_like_get(client: httpx2.AsyncClient) -> None:
    form = {"patient": f"Patient/{PATIENT}", "category": "vital-signs"}
    posted = (await client.post("/Observation/_search", data=form)).json()
    got = (await client.get("/Observation", params=form)).json()
    assert posted == got
    assert posted["total"] > 0


async def test_search_by_encounter_and_id(client: httpx2.AsyncClient) -> None:
    found = (await client.get(f"/Condition?patient={PATIENT}&encounter=acute-mri-visit")).json()
    assert [e["resource"]["code"]["text"] for e in found["entry"]] == ["Low back pain"]
    one = (await client.get(f"/Encounter?_id=acute-mri-visit&patient={PATIENT}")).json()
    assert one["total"] == 1


async def test_self_link_claims_only_what_was_applied(client: httpx2.AsyncClient) -> None:
    bundle = (await client.get(f"/Condition?patient={PATIENT}&onset-age=gt3")).json()
    assert {"relation": "self", "url": f"{BASE}/Condition?patient={PATIENT}"} in bundle["link"]


async def test_an_unreadable_type_is_403_for_that_patient_only(client: httpx2.AsyncClient) -> None:
    refused = await client.get("/Condition?patient=unreadable-conditions-patient")
    assert refused.status_code == 403
    assert refused.json()["issue"][0]["code"] == "forbidden"
    assert (await client.get("/Condition/unreadable-conditions-condition-1")).status_code == 403
    assert (await client.post("/Condition/_search")).status_code == 403, "a search over everybody would hide a gap"
    assert (await client.get("/Procedure?patient=unreadable-conditions-patient")).status_code == 200
    assert (await client.get(f"/Condition?patient={PATIENT}")).status_code == 200


async def test_any_page_may_read_it_across_origins(client: httpx2.AsyncClient) -> None:
    headers = {"Origin": "http://ehr.test", "Access-Control-Request-Method": "GET"}
    preflight = await client.options(
        "/Patient", headers=headers | {"Access-Control-Request-Headers": "authorization"}
    )
    assert preflight.status_code == 200
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()
    refused = await client.get("/Condition?patient=unreadable-conditions-patient", headers=headers)
    assert refused.headers["access-control-allow-origin"] == "*"


async def test_it_records_what_was_asked(app: Starlette, client: httpx2.AsyncClient) -> None:
    await client.get(f"/Patient/{PATIENT}", headers={"Authorization": "Bearer abc"})
    asked = app.state.record[-1]
    assert (asked.method, asked.path) == ("GET", f"/r4/Patient/{PATIENT}")
    assert asked.headers["authorization"] == "Bearer abc"


async def test_nothing_can_be_written(client: httpx2.AsyncClient) -> None:
    assert (await client.put(f"/Patient/{PATIENT}", json={})).status_code == 405
