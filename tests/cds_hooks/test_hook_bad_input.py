"""Every way to get a hook call wrong: one shape of error, the member named, nothing of the body repeated."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hook_builders import FEEDBACK, HOOKS, SERVICE, an_order, hook_body, replacing, without
from hook_door import Door
from outcomes import refused

WORKING = hook_body("acute-mri")
WORKING["fhirAuthorization"] = {"access_token": "t", "token_type": "Bearer"}

NOT_JSON = {
    "empty": b"",
    "a word": b"hello",
    "truncated": json.dumps(WORKING).encode()[:-20],
    "byte order mark": b"\xef\xbb\xbf" + json.dumps(WORKING).encode(),
    "UTF-16": json.dumps(WORKING).encode("utf-16"),
    "NaN": json.dumps({**WORKING, "extension": float("nan")}).encode(),
    "Infinity": json.dumps({**WORKING, "extension": float("inf")}).encode(),
    "two documents": b"{}{}",
    "single quotes": b"{'hook': 'order-sign'}",
    "trailing comma": json.dumps(WORKING).encode()[:-1] + b",}",
    "not UTF-8": json.dumps({**WORKING, "hook": "CANARY"}).encode().replace(b"CANARY", b"\xff"),
    "half a surrogate pair": json.dumps({**WORKING, "hook": "\ud800"}).encode(),
    "NUL bytes": b"\x00" * 100,
}

DEEP = {
    "lists": b"[" * 100_000,
    "closed lists": b"[" * 100_000 + b"]" * 100_000,
    "objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "below an unknown member": b'{"hook":"order-sign","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "below prefetch": json.dumps({**WORKING, "prefetch": {"conditions": "HERE"}})
    .encode()
    .replace(b'"HERE"', b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
}

WRONG_TYPES = {
    ("hook",): 7,
    ("hookInstance",): ["x"],
    ("context",): "x",
    ("context", "patientId"): 7,
    ("context", "userId"): {"a": 1},
    ("context", "encounterId"): 7.5,
    ("context", "selections"): "ServiceRequest/x",
    ("context", "draftOrders"): [],
    ("context", "draftOrders", "entry"): {},
    ("fhirServer",): True,
    ("fhirAuthorization",): "Bearer x",
    ("fhirAuthorization", "access_token"): 7,
    ("fhirAuthorization", "patient"): 7,
    ("prefetch",): [],
}
REQUIRED = [("hook",), ("hookInstance",), ("context",), ("context", "patientId")]


async def still_works(door: Door) -> None:
    assert await door.topic(hook_body("acute-mri")) == "DeferImaging"


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
async def test_what_is_not_json(door: Door, body: bytes) -> None:
    refused(await door.fire(body), 400)
    await still_works(door)


@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP)
async def test_what_is_nested_too_deeply(door: Door, body: bytes) -> None:
    refused(await door.fire(body), 400)
    await still_works(door)


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"7", b"null", b"true"])
async def test_what_is_no_object(door: Door, body: bytes) -> None:
    refused(await door.fire(body), 400)


@pytest.mark.parametrize("path", WRONG_TYPES, ids=".".join)
async def test_a_member_of_the_wrong_type_is_named(door: Door, path: tuple[str, ...]) -> None:
    issue = refused(await door.fire(replacing(WORKING, WRONG_TYPES[path], *path)), 400)

    assert issue["expression"] == [".".join(path)]
    await still_works(door)


@pytest.mark.parametrize("path", REQUIRED, ids=".".join)
async def test_a_missing_member_is_named(door: Door, path: tuple[str, ...]) -> None:
    issue = refused(await door.fire(without(WORKING, *path)), 400)

    assert issue["expression"] == [".".join(path)]


@pytest.mark.parametrize("path", REQUIRED, ids=".".join)
@pytest.mark.parametrize("nothing", [None, ""])
async def test_a_required_member_that_is_empty_is_named(
    door: Door, path: tuple[str, ...], nothing: str | None
) -> None:
    issue = refused(await door.fire(replacing(WORKING, nothing, *path)), 400)

    assert issue["expression"] == [".".join(path)]


@pytest.mark.parametrize("hook", HOOKS)
async def test_an_order_that_could_not_be_sent_back_is_named(door: Door, hook: str) -> None:
    """An element that nobody reads is not UTF-8: the suggestion would have to return it."""
    order = an_order(vendorElement="HERE")
    body = json.dumps(hook_body("acute-mri", hook, order)).encode().replace(b"HERE", b"\xff")
    issue = refused(await door.fire(body), 400)

    assert issue["expression"] == ["context.draftOrders"]


@pytest.mark.parametrize("patient", ["Patient/", "Practitioner/x", "a/b", "https://ehr.example.org/r4/Patient/x"])
async def test_a_patient_id_that_is_none(door: Door, patient: str) -> None:
    issue = refused(await door.fire(replacing(WORKING, patient, "context", "patientId")), 400)

    assert issue["expression"] == ["context.patientId"]


@pytest.mark.parametrize("hook", ["patient-view", "order-dispatch", "Order-Sign", "order-sign "])
async def test_a_hook_that_is_not_offered(door: Door, hook: str) -> None:
    issue = refused(await door.fire(replacing(WORKING, hook, "hook")), 400)

    assert issue["expression"] == ["hook"]
    assert all(offered in issue["diagnostics"] for offered in HOOKS)


@pytest.mark.parametrize(
    "path",
    ["/cds-services/other", "/cds-services/", SERVICE + "/", "/cds-services/other/feedback", SERVICE + "/x", "/x"],
)
async def test_an_unknown_service(door: Door, path: str) -> None:
    refused(await door.http.post(path, json=WORKING), 404)


@pytest.mark.parametrize("path", [SERVICE, FEEDBACK])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_another_method_on_a_service(door: Door, method: str, path: str) -> None:
    answer = await door.http.request(method, path)

    refused(answer, 405)
    assert answer.headers["allow"] == "POST"


async def test_another_method_on_discovery(door: Door) -> None:
    answer = await door.http.post("/cds-services", json={})

    refused(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", [SERVICE, FEEDBACK])
@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "", "json"]
)
async def test_another_content_type(door: Door, media: str, path: str) -> None:
    answer = await door.http.post(path, content=json.dumps(WORKING), headers={"Content-Type": media})

    assert refused(answer, 415)["expression"] == ["Content-Type"]


@pytest.mark.parametrize(
    "media",
    [
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/json;charset=latin-1",
        "application/fhir+json",
    ],
)
async def test_json_under_any_of_its_names(door: Door, media: str) -> None:
    answer = await door.fire(WORKING, {"Content-Type": media})

    assert answer.status_code == 200


async def test_a_body_that_is_declared_too_large(door: Door) -> None:
    refused(await door.fire(b" " * 5_000_001), 413)
    await still_works(door)


async def test_a_body_that_turns_out_too_large(door: Door) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield b" " * 100_000

    answer = await door.http.post(SERVICE, content=endless(), headers={"Content-Type": "application/json"})

    assert "content-length" not in answer.request.headers
    refused(answer, 413)
    await still_works(door)


async def test_a_body_just_below_the_limit(door: Door) -> None:
    body = json.dumps(WORKING).encode()

    assert (await door.fire(body + b" " * (5_000_000 - len(body)))).status_code == 200


@pytest.mark.parametrize(
    "reference",
    ["x" * 5000, "a?b=c", "..", "é", "a b", "%2e%2e", "-", "💊"],
    ids=["long", "query", "dots", "accent", "space", "percent", "dash", "emoji"],
)
async def test_a_strange_patient_id_is_just_another_patient(door: Door, reference: str) -> None:
    body: dict[str, Any] = replacing(WORKING, reference, "context", "patientId")

    assert (await door.fire(body)).status_code == 400  # the Patient that came with it is not this one
