"""What a bearer token opens at the demo EHR's FHIR endpoint, and what apps can write there, over ASGI."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement

from .smart_apps import BASE, Ehr, issue_of

FHIR = {"Content-Type": "application/fhir+json"}
ORDER = {
    "resourceType": "ServiceRequest",
    "id": "ours",
    "identifier": [{"system": "urn:watchful:act", "value": "k1"}],
    "status": "draft",
    "intent": "plan",
    "subject": {"reference": "Patient/p1"},
}
TASK = {"resourceType": "Task", "status": "draft", "intent": "plan", "for": {"reference": "Patient/p1"}}
QUESTIONNAIRE = {"resourceType": "Questionnaire", "url": "http://app.test/Questionnaire/q", "status": "active"}


@pytest.fixture
async def ehr() -> AsyncIterator[Ehr]:
    ehr = Ehr()
    async with ehr.http:
        yield ehr


async def write(ehr: Ehr, resource: Any, bearer: dict[str, str], **headers: str) -> httpx2.Response:
    sent = FHIR | bearer | {name.replace("_", "-"): value for name, value in headers.items()}
    return await ehr.http.post(f"/{resource['resourceType']}", json=resource, headers=sent)


async def test_a_token_reads_its_own_patient_only(ehr: Ehr) -> None:
    bearer = await ehr.bearer()
    assert (await ehr.http.get("/Patient/p1", headers=bearer)).status_code == 200
    assert (await ehr.http.get("/Condition?patient=p1", headers=bearer)).json()["total"] == 1
    for path in ("/Patient/p2", "/Condition/c2", "/Condition?patient=p2", "/Condition?patient=p1,p2"):
        refused = await ehr.http.get(path, headers=bearer)
        assert (refused.status_code, issue_of(refused)) == (403, "forbidden"), path
    found = (await ehr.http.get("/Condition", headers=bearer)).json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == ["c1"]
    assert (await ehr.http.get("/Patient?_id=p2", headers=bearer)).json()["total"] == 0


async def test_a_token_reads_granted_types_only(ehr: Ehr) -> None:
    bearer = await ehr.bearer(scope="launch patient/Patient.r patient/Condition.s")
    assert (await ehr.http.get("/Patient/p1", headers=bearer)).status_code == 200
    assert (await ehr.http.get("/Patient?_id=p1", headers=bearer)).status_code == 403
    assert (await ehr.http.get("/Condition?patient=p1", headers=bearer)).status_code == 200
    assert (await ehr.http.get("/Condition/c1", headers=bearer)).status_code == 403
    assert (await ehr.http.get("/Observation?patient=p1", headers=bearer)).status_code == 403
    assert (await ehr.http.get("/Practitioner/d1", headers=bearer)).status_code == 403


async def test_scopes_of_version_one_and_wildcards_are_honoured(ehr: Ehr) -> None:
    for scope in ("launch patient/Condition.read", "launch patient/*.read", "launch patient/*.rs"):
        bearer = await ehr.bearer(scope=scope)
        assert (await ehr.http.get("/Condition?patient=p1", headers=bearer)).status_code == 200
        assert (await ehr.http.get("/Condition?patient=p2", headers=bearer)).status_code == 403
    user = await ehr.bearer(scope="launch user/Condition.read")
    assert (await ehr.http.get("/Condition?patient=p2", headers=user)).status_code == 200
    assert (await ehr.http.get("/Practitioner/d1", headers=user)).status_code == 403


async def test_a_token_that_is_unknown_or_over_opens_nothing(ehr: Ehr) -> None:
    bearer = await ehr.bearer()
    ehr.clock.later(hours=1)
    for headers in (bearer, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}):
        refused = await ehr.http.get("/Patient/p1", headers=headers)
        assert (refused.status_code, issue_of(refused)) == (401, "login")
        assert refused.headers["www-authenticate"] == "Bearer"


async def test_without_a_token_it_can_be_read_unless_one_is_required(ehr: Ehr) -> None:
    assert (await ehr.http.get("/Patient/p2")).status_code == 200
    strict = Ehr(require_token=True)
    assert (await strict.http.get("/Patient/p2")).status_code == 401
    assert (await strict.http.get("/Condition?patient=p1")).status_code == 401
    assert (await strict.http.get("/metadata")).status_code == 200
    assert (await strict.http.get("/Patient/p1", headers=await strict.bearer())).status_code == 200


async def test_what_is_written_is_kept_and_found(ehr: Ehr) -> None:
    bearer = await ehr.bearer()
    made = await write(ehr, ORDER, bearer)
    assert made.status_code == 201
    stored = made.json()
    assert stored["id"] != "ours", "the server names it"
    assert made.headers["location"] == f"{BASE}/ServiceRequest/{stored['id']}/_history/1"
    assert stored["meta"]["lastUpdated"] == "2026-11-02T09:00:00.000+00:00"
    assert (await ehr.http.get(f"/ServiceRequest/{stored['id']}", headers=bearer)).json() == stored
    for query in ("patient=p1", "identifier=urn:watchful:act|k1", "patient=p1&_tag=urn:watchful:demo|written"):
        assert (await ehr.http.get(f"/ServiceRequest?{query}", headers=bearer)).json()["total"] == 1, query
    assert (await ehr.http.get("/ServiceRequest?patient=p2")).json()["total"] == 0


async def test_a_minimal_answer_has_no_body(ehr: Ehr) -> None:
    made = await write(ehr, ORDER, await ehr.bearer(), Prefer="return=minimal")
    assert (made.status_code, made.content) == (201, b"")
    assert made.headers["location"]


async def test_if_none_exist_makes_it_once(ehr: Ehr) -> None:
    bearer = await ehr.bearer()
    condition = "identifier=urn:watchful:act|k1"
    first = await write(ehr, ORDER, bearer, If_None_Exist=condition)
    again = await write(ehr, ORDER, bearer, If_None_Exist=condition)
    other = await write(ehr, ORDER, bearer, If_None_Exist="identifier=urn:watchful:act|k2")
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    assert again.headers["location"] == first.headers["location"]
    assert (await write(ehr, ORDER, bearer, If_None_Exist=condition)).status_code == 412, "two match now"


@pytest.mark.parametrize("condition", ["", "made-up=x", "identifier=a|b&made-up=x"])
async def test_a_condition_that_is_not_understood_is_refused(ehr: Ehr, condition: str) -> None:
    assert (await write(ehr, ORDER, await ehr.bearer(), If_None_Exist=condition)).status_code == 400


async def test_a_condition_is_not_met_by_another_patients_resource(ehr: Ehr) -> None:
    condition = "identifier=urn:watchful:act|k1"
    theirs = ORDER | {"subject": {"reference": "Patient/p2"}}
    other = await ehr.bearer(launch=await ehr.launch(patient="p2"))
    assert (await write(ehr, theirs, other, If_None_Exist=condition)).status_code == 201
    assert (await write(ehr, ORDER, await ehr.bearer(), If_None_Exist=condition)).status_code == 201


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"subject": {"reference": "Patient/p2"}}, 403, "forbidden"),
        ({"subject": None}, 422, "structure"),
        ({"subject": {"display": "somebody"}}, 422, "required"),
        ({"status": None}, 422, "structure"),
        ({"colour": "red"}, 422, "structure"),
    ],
)
async def test_what_is_wrong_is_refused(ehr: Ehr, changed: dict[str, Any], status: int, code: str) -> None:
    wrong = {name: value for name, value in (ORDER | changed).items() if value is not None}
    refused = await write(ehr, wrong, await ehr.bearer())
    assert (refused.status_code, issue_of(refused)) == (status, code)
    assert (await ehr.http.get("/ServiceRequest")).json()["total"] == 0


async def test_a_body_that_is_no_such_resource_is_refused(ehr: Ehr) -> None:
    headers = FHIR | await ehr.bearer()
    assert (await ehr.http.post("/ServiceRequest", content=b"{", headers=headers)).status_code == 400
    assert (await ehr.http.post("/ServiceRequest", json=TASK, headers=headers)).status_code == 400
    plain = headers | {"Content-Type": "text/plain"}
    assert (await ehr.http.post("/ServiceRequest", json=ORDER, headers=plain)).status_code == 415


async def test_writing_needs_a_token_with_the_scope(ehr: Ehr) -> None:
    assert (await write(ehr, ORDER, {})).status_code == 401
    assert (await write(ehr, TASK, await ehr.bearer())).status_code == 403
    assert (await write(ehr, TASK, await ehr.bearer(scope="launch patient/Task.read"))).status_code == 403
    assert (await write(ehr, TASK, await ehr.bearer(scope="launch patient/Task.write"))).status_code == 201
    bearer = await ehr.bearer()
    assert (await write(ehr, {"resourceType": "Condition"}, bearer)).status_code == 405
    assert (await write(ehr, {"resourceType": "Goal"}, bearer)).status_code == 404


async def test_a_questionnaire_belongs_to_nobody(ehr: Ehr) -> None:
    bearer = await ehr.bearer()
    assert (await write(ehr, QUESTIONNAIRE, bearer)).status_code == 201
    found = await ehr.http.get("/Questionnaire?url=http://app.test/Questionnaire/q", headers=bearer)
    assert found.json()["total"] == 1


async def test_a_type_that_this_server_does_not_take_is_refused_whatever_was_granted() -> None:
    ehr = Ehr(unwritable=("ServiceRequest",))
    bearer = await ehr.bearer()
    assert (await write(ehr, ORDER, bearer)).status_code == 403
    assert (await write(ehr, QUESTIONNAIRE, bearer)).status_code == 201


async def test_metadata_says_what_can_be_written(ehr: Ehr) -> None:
    statement = (await ehr.http.get("/metadata")).json()
    CapabilityStatement.model_validate(statement)
    creatable = [
        each["type"] for each in statement["rest"][0]["resource"] if {"code": "create"} in each["interaction"]
    ]
    assert "Task" in creatable
    assert "Condition" not in creatable
