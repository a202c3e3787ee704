"""J-1 to J-9, X-1, X-2, X-5, B-1, B-2, B-10 and B-13 of the requirement list."""

import json
import logging

import pytest
from bad_tokens import BAD
from hook_builders import FEEDBACK, SERVICE, hook_body
from outcomes import refused
from prometheus_client import generate_latest
from site_builders import JKU, JKU_ISS, Caller, Wire
from token_builders import ABSENT, PUBLIC, claims, header, token
from typer.testing import CliRunner

from watchful.cli import app

requirement = pytest.mark.requirement
URL = PUBLIC + SERVICE


def now(caller: Caller) -> int:
    return int(caller.service.now().timestamp())


def made(caller: Caller, head: dict[str, object] | None = None, **members: object) -> str:
    times = {"iat": now(caller) - 5, "exp": now(caller) + 290}
    return token(header(**(head or {})), claims(**{"aud": URL, **times, **members}))


@requirement("J-1")
async def test_service_and_feedback_need_a_token(caller: Caller) -> None:
    refused(await caller.post(SERVICE, None), 401)
    refused(await caller.post(FEEDBACK, None, {"feedback": []}), 401)


@requirement("J-2")
@pytest.mark.parametrize("name", ["alg", "kid", "typ"])
async def test_header_members(caller: Caller, name: str) -> None:
    head = header(**{name: ABSENT})
    body = claims(aud=URL, iat=now(caller), exp=now(caller) + 60)
    refused(await caller.post(SERVICE, token(head, body, alg="RS384")), 401)
    assert (await caller.post(SERVICE, made(caller, {"jku": JKU}, jti=f"j2-{name}"))).status_code == 200


@requirement("J-3")
@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat", "jti"])
async def test_claims(caller: Caller, name: str) -> None:
    refused(await caller.post(SERVICE, made(caller, **{name: ABSENT})), 401)
    assert (await caller.post(SERVICE, made(caller, tenant="any", jti=f"j3-{name}"))).status_code == 200


@requirement("J-4")
@pytest.mark.parametrize("alg", ["none", "HS256", "HS384", "HS512"])
async def test_algorithms_refused(caller: Caller, alg: str) -> None:
    body = claims(aud=URL, iat=now(caller), exp=now(caller) + 60)
    refused(await caller.post(SERVICE, token(header(alg=alg), body, alg="RS384")), 401)


@requirement("J-4", "B-2", "I-4")
@pytest.mark.parametrize("kid", ["rsa", "p384"])
async def test_algorithms_accepted(caller: Caller, kid: str) -> None:
    answer = await caller.post(SERVICE, caller.token(URL, kid=kid, jti="ab" * 32))

    assert answer.status_code == 200
    assert isinstance(answer.json()["cards"], list)


@requirement("J-5")
async def test_only_the_listed_address_is_fetched(caller: Caller, wire: Wire) -> None:
    refused(await caller.post(SERVICE, made(caller, {"jku": "https://evil.example/k"}, iss=JKU_ISS)), 401)
    assert not wire.sent
    assert (await caller.post(SERVICE, made(caller, {"jku": JKU}, iss=JKU_ISS))).status_code == 200
    assert [str(each.url) for each in wire.sent] == [JKU]


@requirement("J-6")
async def test_once(caller: Caller) -> None:
    text = made(caller)
    assert (await caller.post(SERVICE, text)).status_code == 200
    refused(await caller.post(SERVICE, text), 401)


@requirement("J-7", "B-1")
async def test_one_answer_for_all(caller: Caller, wire: Wire) -> None:
    answers = {}
    for name, (_, make) in BAD.items():
        answer = await caller.post(SERVICE, make().encode())
        answers[name] = (answer.status_code, answer.content, tuple(answer.headers.items()))

    assert len(set(answers.values())) == 1
    assert not wire.sent


@requirement("J-8", "B-2")
@pytest.mark.parametrize("aud", [URL, URL + "/", [URL], ["urn:other", URL]])
async def test_audiences(caller: Caller, aud: object) -> None:
    assert (await caller.post(SERVICE, made(caller, {"x-unheard": 1}, aud=aud))).status_code == 200
    refused(await caller.post(SERVICE, made(caller, aud=f"http://internal:8042{SERVICE}", jti="b")), 401)


@requirement("J-9")
async def test_a_token_made_without_our_library(caller: Caller) -> None:
    """`token_builders` signs with `cryptography` alone, in the form of RFC 7515 and RFC 7518 §3.4."""
    times = {"iat": now(caller), "exp": now(caller) + 60}
    text = token(header(alg="ES384", kid="p384"), claims(aud=URL, **times), "p384")

    assert (await caller.post(SERVICE, text)).status_code == 200


@requirement("X-1", "B-10")
async def test_cors(caller: Caller) -> None:
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    allowed = await caller.http.options(SERVICE, headers={"Origin": "https://ehr.example.org", **asked})
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "https://ehr.example.org"
    assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in allowed.headers

    other = await caller.http.options(SERVICE, headers={"Origin": "https://evil.example", **asked})
    assert "access-control-allow-origin" not in other.headers

    sent = {"Origin": "https://ehr.example.org", "Content-Type": "application/json"}
    for status, extra, body in (
        (401, {}, hook_body()),
        (412, {"Authorization": f"Bearer {caller.token(URL)}"}, hook_body() | {"prefetch": {}}),
    ):
        answer = await caller.http.post(SERVICE, json=body, headers=sent | extra)
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "https://ehr.example.org"


@requirement("X-2", "B-13")
async def test_nothing_of_a_patient_leaves(
    caller: Caller, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    body = hook_body()
    body["prefetch"]["patient"] |= {"name": [{"family": "CANARY"}], "identifier": [{"value": "CANARY"}]}
    body["fhirAuthorization"] = {"access_token": "CANARY", "scope": "CANARY"}
    spent = caller.token(URL, sub="CANARY")
    answers = [await caller.post(SERVICE, spent, body) for _ in range(2)]
    answers.append(
        await caller.post(SERVICE, caller.token(URL), body | {"prefetch": {"patient": body["prefetch"]}})
    )

    out, err = capfd.readouterr()
    everything = "".join((out, err, json.dumps(caplog.messages), *(each.text for each in answers)))
    everything += generate_latest(caller.service.metrics.registry).decode()
    assert "CANARY" not in everything
    assert spent not in everything
    assert "acute-mri-patient" not in out + err + json.dumps(caplog.messages)


@requirement("X-5")
def test_it_is_no_oauth_client() -> None:
    result = CliRunner().invoke(app, ["register"])

    assert "no OAuth client" in result.output
