"""The token endpoint of the demo EHR and introspection, over ASGI."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from .smart_apps import ASYMMETRIC, BASE, SCOPE, SYMMETRIC, Ehr, basic

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
async def ehr() -> AsyncIterator[Ehr]:
    ehr = Ehr()
    async with ehr.http:
        yield ehr


async def test_the_answer_holds_the_context_of_the_launch(ehr: Ehr) -> None:
    launch = await ehr.launch(
        encounter="e1", appContext="handle", need_patient_banner=False, smart_messaging_origin="http://ehr.test"
    )
    answer = await ehr.exchange(await ehr.code(launch=launch))
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()
    assert token.pop("access_token") != token.pop("refresh_token")
    assert token.pop("id_token").count(".") == 2
    assert token.pop("smart_web_messaging_handle")
    assert token == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": SCOPE,
        "patient": "p1",
        "encounter": "e1",
        "appContext": "handle",
        "need_patient_banner": False,
        "smart_style_url": f"{BASE}/smart-style.json",
        "smart_web_messaging_origin": "http://ehr.test",
    }


async def test_what_the_launch_does_not_carry_is_left_out(ehr: Ehr) -> None:
    token = await ehr.opened(launch=await ehr.launch())
    assert not {"encounter", "appContext", "smart_web_messaging_handle"} & set(token)
    assert token["need_patient_banner"] is True


async def test_a_messaging_handle_opens_what_was_granted_once_it_was(ehr: Ehr) -> None:
    asked = {"parameters": {"patient": "p1", "smart_messaging_origin": "http://ehr.test"}}
    launch = (await ehr.http.post("/_services/smart/Launch", json=asked)).json()
    handle = launch["messaging_handle"]
    url = "/_services/smart/Messaging"
    code = await ehr.code(launch=launch["launch_id"], scope="launch messaging/ui")
    assert (await ehr.http.post(url, content=handle)).status_code == 404, "the app has no token yet"
    assert (await ehr.exchange(code)).json()["smart_web_messaging_handle"] == handle
    assert (await ehr.http.post(url, content=handle)).json() == {"groups": ["ui"]}
    assert (await ehr.http.post(url, content=b"guessed")).status_code == 404


async def test_messaging_is_announced_where_it_was_granted_only(ehr: Ehr) -> None:
    launch = await ehr.launch(smart_messaging_origin="http://ehr.test")
    token = await ehr.opened(launch=launch, scope="launch patient/Patient.rs")
    assert "smart_web_messaging_handle" not in token


async def test_the_id_token_names_the_user_and_holds(ehr: Ehr) -> None:
    token = await ehr.opened()
    keys = KeySet.import_key_set((await ehr.http.get("/auth/jwks")).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    now = int(ehr.clock().timestamp())
    assert decoded.claims == {
        "iss": BASE, "sub": "Practitioner/d1", "aud": "public", "iat": now, "exp": now + 300, "nonce": "n" * 22,
        "fhirUser": f"{BASE}/Practitioner/d1",
    }  # fmt: skip


async def test_scopes_decide_on_id_token_fhir_user_and_refresh(ehr: Ehr) -> None:
    plain = await ehr.opened(scope="launch patient/Patient.rs")
    assert not {"id_token", "refresh_token"} & set(plain)
    nameless = await ehr.opened(scope="launch openid patient/Patient.rs")
    keys = KeySet.import_key_set((await ehr.http.get("/auth/jwks")).json())
    assert "fhirUser" not in jwt.decode(nameless["id_token"], keys, algorithms=["RS256"]).claims


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("launch patient/Condition.cruds", "launch patient/Condition.rs"),
        ("launch patient/Task.cruds", "launch patient/Task.crs"),
        ("launch patient/Condition.write patient/Task.write", "launch patient/Task.write"),
        ("launch patient/*.*", "launch patient/*.read"),
        ("launch patient/Condition.*", "launch patient/Condition.read"),
        ("launch system/Patient.rs patient/Goal.rs patient/Patient.sr made/up", "launch"),
        ("launch launch", "launch"),
    ],
)
async def test_granted_is_what_is_supported_and_no_more(ehr: Ehr, asked: str, granted: str) -> None:
    assert (await ehr.opened(scope=asked))["scope"] == granted


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code": "never-made"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"redirect_uri": "https://app.test/other"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
    ],
)
async def test_a_wrong_exchange_is_refused(ehr: Ehr, changed: dict[str, str | None], error: str) -> None:
    answer = await ehr.exchange(await ehr.code(), **changed)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["cache-control"] == "no-store"


async def test_a_code_is_over_after_a_minute(ehr: Ehr) -> None:
    code = await ehr.code()
    ehr.clock.later(seconds=60)
    assert (await ehr.exchange(code)).json()["error"] == "invalid_grant"


async def test_a_code_used_twice_ends_what_came_of_it(ehr: Ehr) -> None:
    code = await ehr.code()
    token = (await ehr.exchange(code)).json()
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    assert (await ehr.http.get("/Patient/p1", headers=bearer)).status_code == 200
    assert (await ehr.exchange(code)).json()["error"] == "invalid_grant"
    assert (await ehr.http.get("/Patient/p1", headers=bearer)).status_code == 401
    assert (await ehr.refresh(token["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_code_of_another_client_is_refused(ehr: Ehr) -> None:
    code = await ehr.code(client_id=SYMMETRIC.client_id)
    assert (await ehr.exchange(code)).json()["error"] == "invalid_grant"


async def test_the_body_must_be_a_form(ehr: Ehr) -> None:
    answer = await ehr.http.post("/auth/token", json={"grant_type": "authorization_code"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_refresh_rotates_and_a_used_one_ends_all(ehr: Ehr) -> None:
    first = await ehr.opened()
    ehr.clock.later(hours=1)
    second = (await ehr.refresh(first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (second["patient"], second["scope"]) == ("p1", SCOPE)
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    assert (await ehr.http.get("/Patient/p1", headers=bearer)).status_code == 200
    assert (await ehr.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await ehr.http.get("/Patient/p1", headers=bearer)).status_code == 401
    assert (await ehr.refresh(second["refresh_token"])).json()["error"] == "invalid_grant"


async def test_refresh_can_narrow_and_never_widen(ehr: Ehr) -> None:
    first = await ehr.opened()
    narrow = (await ehr.refresh(first["refresh_token"], scope="patient/Patient.rs")).json()
    assert narrow["scope"] == "patient/Patient.rs"
    bearer = {"Authorization": f"Bearer {narrow['access_token']}"}
    assert (await ehr.http.get("/Condition?patient=p1", headers=bearer)).status_code == 403
    wide = await ehr.refresh(narrow["refresh_token"], scope="patient/Observation.rs")
    assert wide.json()["error"] == "invalid_scope"


async def test_refresh_is_bound_to_its_client_and_its_time(ehr: Ehr) -> None:
    other = basic(SYMMETRIC.client_id, SYMMETRIC.secret)
    token = (await ehr.opened())["refresh_token"]
    stolen = await ehr.refresh(token, client_id=None, Authorization=other)
    assert stolen.json()["error"] == "invalid_grant"
    token = (await ehr.opened())["refresh_token"]
    ehr.clock.later(hours=12)
    assert (await ehr.refresh(token)).json()["error"] == "invalid_grant"


async def test_a_client_with_a_secret(ehr: Ehr) -> None:
    right = basic(SYMMETRIC.client_id, SYMMETRIC.secret)
    code = await ehr.code(client_id=SYMMETRIC.client_id)
    assert (await ehr.exchange(code, client_id=None, Authorization=right)).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"Authorization": basic(SYMMETRIC.client_id, "wrong")},
        {"Authorization": basic("public", "")},
        {"Authorization": "Basic ?"},
        {"Authorization": "Bearer x"},
        {"Authorization": basic(SYMMETRIC.client_id, SYMMETRIC.secret), "client_id": "public"},
        {"client_id": SYMMETRIC.client_id},
        {"client_id": SYMMETRIC.client_id, "client_secret": SYMMETRIC.secret},
        {"client_id": ASYMMETRIC.client_id},
        {"client_id": "public", "client_secret": "x"},
        {"client_id": "nobody"},
        {},
    ],
)
async def test_whoever_does_not_prove_who_it_is_is_refused(ehr: Ehr, changed: dict[str, str]) -> None:
    code = await ehr.code(client_id=SYMMETRIC.client_id)
    answer = await ehr.exchange(code, **({"client_id": None} | changed))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")


async def _signed(ehr: Ehr, assertion: str, **changed: str) -> int:
    form = {"client_id": None, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion} | changed
    answer = await ehr.exchange(await ehr.code(client_id=ASYMMETRIC.client_id), **form)
    assert answer.status_code == 200 or answer.json()["error"] == "invalid_client"
    return answer.status_code


async def test_a_client_with_a_key(ehr: Ehr) -> None:
    assert await _signed(ehr, ehr.assertion()) == 200


async def test_an_assertion_works_once(ehr: Ehr) -> None:
    assertion = ehr.assertion()
    assert await _signed(ehr, assertion) == 200
    assert await _signed(ehr, assertion) == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "nobody"}, {"iss": "public", "sub": "public"}, {"sub": "public"}, {"sub": None}, {"iss": None},
        {"aud": BASE}, {"aud": None}, {"aud": [f"{BASE}/auth/token", "https://other.test"]},
        {"jti": None}, {"jti": ""}, {"exp": None}, {"exp": 1}, {"exp": 4102444800}, {"exp": "soon"},
    ],
)  # fmt: skip
async def test_an_assertion_that_says_something_wrong_is_refused(ehr: Ehr, changed: dict[str, Any]) -> None:
    assert await _signed(ehr, ehr.assertion(**changed)) == 401


async def test_an_assertion_that_proves_nothing_is_refused(ehr: Ehr) -> None:
    stranger = ECKey.generate_key("P-384", {"kid": "one"})
    assert await _signed(ehr, ehr.assertion(stranger)) == 401
    assert await _signed(ehr, "a.b.c") == 401
    assert await _signed(ehr, "") == 401
    assert await _signed(ehr, ehr.assertion(), client_assertion_type="saml") == 401
    unsigned = "eyJhbGciOiJub25lIn0." + ehr.assertion().split(".")[1] + "."
    assert await _signed(ehr, unsigned) == 401
    wrong_algorithm = jwt.encode({"alg": "HS256", "kid": "one"}, {"iss": "with-key"}, OctKey.generate_key(384))
    assert await _signed(ehr, wrong_algorithm) == 401


async def test_introspection_tells_a_client_of_its_own_tokens(ehr: Ehr) -> None:
    token = (await ehr.opened())["access_token"]
    told = (await ehr.post("/auth/introspect", client_id="public", token=token)).json()
    assert told == {
        "active": True, "token_type": "Bearer", "client_id": "public", "scope": SCOPE, "iss": BASE,
        "patient": "p1",
        "exp": int(ehr.clock().timestamp()) + 3600, "sub": "Practitioner/d1", "encounter": "e1",
        "fhirUser": f"{BASE}/Practitioner/d1",
    }  # fmt: skip
    other = basic(SYMMETRIC.client_id, SYMMETRIC.secret)
    assert (await ehr.post("/auth/introspect", Authorization=other, token=token)).json() == {"active": False}
    assert (await ehr.post("/auth/introspect", client_id="public", token="x")).json() == {"active": False}
    assert (await ehr.post("/auth/introspect", token=token)).status_code == 401
    ehr.clock.later(hours=1)
    assert (await ehr.post("/auth/introspect", client_id="public", token=token)).json() == {"active": False}
