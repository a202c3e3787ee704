"""Discovery, launch and the authorization endpoint of the demo EHR, over ASGI."""

import re
from collections.abc import AsyncIterator

import pytest

from .smart_apps import BASE, REDIRECT, SCOPE, Ehr, sent_back


@pytest.fixture
async def ehr() -> AsyncIterator[Ehr]:
    ehr = Ehr()
    async with ehr.http:
        yield ehr


async def test_discovery_says_where_everything_is_and_what_it_can(ehr: Ehr) -> None:
    told = (await ehr.http.get("/.well-known/smart-configuration")).json()
    assert told["issuer"] == BASE
    for endpoint in ("authorization", "token", "introspection"):
        assert told[f"{endpoint}_endpoint"].startswith(f"{BASE}/auth/")
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert {"launch-ehr", "launch-standalone", "client-public", "client-confidential-symmetric"} <= set(
        told["capabilities"]
    )
    assert {"client-confidential-asymmetric", "context-style", "permission-v1"} <= set(told["capabilities"])
    assert {"patient/Condition.rs", "patient/Condition.read", "patient/Task.c"} <= set(told["scopes_supported"])
    assert "patient/Condition.c" not in told["scopes_supported"]


async def test_keys_are_published_without_their_private_half(ehr: Ehr) -> None:
    (key,) = (await ehr.http.get("/auth/jwks")).json()["keys"]
    assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
    assert key["kid"]
    assert not {"d", "p", "q"} & set(key)


async def test_style_names_colours(ehr: Ehr) -> None:
    assert re.fullmatch(r"#[0-9a-f]{6}", (await ehr.http.get("/smart-style.json")).json()["color_text"])


@pytest.mark.parametrize(
    "body",
    [b"no json", b"[]", b"{}", b'{"parameters": {"patient": "nobody"}}', b'{"parameters": {"patient": ["p1"]}}',
     b'{"parameters": {"patient": "p1", "appContext": 3}}'],
)  # fmt: skip
async def test_a_launch_needs_a_patient_of_this_ehr(ehr: Ehr, body: bytes) -> None:
    assert (await ehr.http.post("/_services/smart/Launch", content=body)).status_code == 400


async def test_code_and_state_and_issuer_go_back_to_the_app(ehr: Ehr) -> None:
    answer = await ehr.authorize()
    back = sent_back(answer)
    assert set(back) == {"code", "state", "iss"}
    assert (back["state"], back["iss"]) == ("s" * 22, BASE)
    assert answer.headers["cache-control"] == "no-store"


async def test_authorize_takes_a_posted_form_too(ehr: Ehr) -> None:
    assert "code" in sent_back(await ehr.http.post("/auth/authorize", data=await ehr.asked()))


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "nobody"}, {"client_id": None}, {"redirect_uri": None}, {"redirect_uri": f"{REDIRECT}/"},
     {"redirect_uri": "https://evil.test/smart/callback"}, {"redirect_uri": f"{REDIRECT}?x=1"}],
)  # fmt: skip
async def test_who_is_not_known_gets_a_page_and_no_redirect(ehr: Ehr, changed: dict[str, str | None]) -> None:
    answer = await ehr.authorize(**changed)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "The app cannot be opened" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"aud": None}, "invalid_request"),
        ({"aud": f"{BASE}/"}, "invalid_request"),
        ({"aud": "https://evil.test/r4"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"launch": "never-made"}, "invalid_request"),
        ({"scope": None}, "invalid_request"),
        ({"scope": "patient/Patient.rs"}, "invalid_scope"),
        ({"scope": 'launch "'}, "invalid_scope"),
        ({"launch": None}, "invalid_scope"),
    ],
)
async def test_what_is_wrong_is_told_to_the_app(ehr: Ehr, changed: dict[str, str | None], error: str) -> None:
    back = sent_back(await ehr.authorize(**changed))
    assert back["error"] == error
    assert "code" not in back
    assert back.get("state", "") == ("" if changed.get("state", "") is None else "s" * 22)


async def test_a_parameter_given_twice_is_refused(ehr: Ehr) -> None:
    asked = await ehr.asked()
    answer = await ehr.http.get("/auth/authorize", params=[*asked.items(), ("aud", BASE)])
    assert answer.status_code == 400


async def test_a_launch_works_once(ehr: Ehr) -> None:
    launch = await ehr.launch()
    assert "code" in sent_back(await ehr.authorize(launch=launch))
    assert sent_back(await ehr.authorize(launch=launch))["error"] == "invalid_request"


async def test_a_refused_request_does_not_use_the_launch_up(ehr: Ehr) -> None:
    launch = await ehr.launch()
    await ehr.authorize(launch=launch, aud="https://evil.test")
    assert "code" in sent_back(await ehr.authorize(launch=launch))


async def test_a_launch_is_over_after_five_minutes(ehr: Ehr) -> None:
    launch = await ehr.launch()
    ehr.clock.later(minutes=5)
    assert "error" in sent_back(await ehr.authorize(launch=launch))


async def test_standalone_shows_the_patients_and_goes_on_with_one(ehr: Ehr) -> None:
    scope = SCOPE.replace("launch", "launch/patient")
    page = await ehr.authorize(launch=None, scope=scope)
    assert page.status_code == 200
    assert "There is no login" in page.text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(authorize/patient[^"]+)"', page.text)]
    assert len(links) == 3
    back = sent_back(await ehr.http.get(f"/auth/{links[1]}"))
    token = (await ehr.exchange(back["code"])).json()
    assert (token["patient"], token["need_patient_banner"]) == ("p2", True)
    assert "encounter" not in token
    again = await ehr.http.get(f"/auth/{links[0]}")
    assert again.status_code == 400, "one choice only"


async def test_standalone_can_be_left_without_a_patient(ehr: Ehr) -> None:
    page = await ehr.authorize(launch=None, scope="launch/patient")
    link = re.findall(r'href="(authorize/patient[^"]+)"', page.text)[-1]
    assert sent_back(await ehr.http.get(f"/auth/{link}"))["error"] == "access_denied"


async def test_a_ticket_opens_known_patients_only_and_not_for_ever(ehr: Ehr) -> None:
    page = await ehr.authorize(launch=None, scope="launch/patient")
    ticket = re.findall(r"ticket=([\w-]+)", page.text)[0]
    assert (await ehr.http.get(f"/auth/authorize/patient?ticket={ticket}&patient=nobody")).status_code == 400
    page = await ehr.authorize(launch=None, scope="launch/patient")
    ticket = re.findall(r"ticket=([\w-]+)", page.text)[0]
    ehr.clock.later(minutes=10)
    assert (await ehr.http.get(f"/auth/authorize/patient?ticket={ticket}&patient=p1")).status_code == 400
