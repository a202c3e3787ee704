"""L-1 to L-14: what Inferno's SMART client suite looks at, request by request."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from launcher_double import ASYMMETRIC, BASE, SYMMETRIC, TOKEN, Json, launch_code
from pydantic import ValidationError
from smart_door import (
    CLIENT,
    CLIENT_SECRET,
    PUBLIC,
    SmartDoor,
    key_file,
    opened,
    public_keys,
    settings_of,
    smart_site,
)

from watchful.settings import Settings

requirement = pytest.mark.requirement
SCOPE = re.compile(r"launch(/patient)?|openid|fhirUser|(on|off)line_access|patient/[A-Z][A-Za-z]+\.c?r?u?d?s?")


async def asked(app: SmartDoor, **launch: object) -> Json:
    assert (await app.browser().open(app.launch_url(**launch))).status == 200
    return app.launcher.asked[-1]


@requirement("L-1", "L-3", "L-4", "L-5", "L-6")
async def test_the_authorization_request(app: SmartDoor) -> None:
    sent = await asked(app, client_id=CLIENT, redirect_uris=f"{PUBLIC}/smart/callback")
    assert sent["response_type"] == "code"
    assert sent["client_id"] == CLIENT
    assert sent["redirect_uri"] == f"{PUBLIC}/smart/callback"
    assert sent["state"]
    assert sent["aud"] == BASE
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", sent["code_challenge"])
    assert sent["code_challenge_method"] == "S256"
    assert all(SCOPE.fullmatch(scope) for scope in sent["scope"].split())


@requirement("L-2")
async def test_launch_is_echoed_and_left_out_standalone(app: SmartDoor) -> None:
    assert (await asked(app))["launch"] == launch_code()
    assert (await app.browser().open(f"{PUBLIC}/smart/launch")).status == 200
    assert "launch" not in app.launcher.asked[-1]


@requirement("L-7", "L-8")
async def test_the_token_request(app: SmartDoor) -> None:
    sent = await asked(app)
    (form,) = app.launcher.tokens
    assert form["grant_type"] == "authorization_code"
    assert form["code"]
    assert form["redirect_uri"] == sent["redirect_uri"]
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == sent["code_challenge"]


@requirement("L-9", "L-14")
async def test_a_public_client_names_itself(app: SmartDoor) -> None:
    await asked(app)
    (form,) = app.launcher.tokens
    assert form["client_id"] == CLIENT
    assert form["authorization"] is None


@requirement("L-9", "L-14")
async def test_a_symmetric_client_sends_its_secret_as_basic(tmp_path: Path) -> None:
    smart = {"auth": "client-secret", "client_secret": CLIENT_SECRET}
    async with opened(tmp_path, smart_site(smart=smart)) as app:
        await asked(app, client_type=SYMMETRIC, client_secret=CLIENT_SECRET)
        (form,) = app.launcher.tokens
    assert base64.b64decode(form["authorization"].removeprefix("Basic ")).decode() == f"{CLIENT}:{CLIENT_SECRET}"
    assert "client_secret" not in form


@requirement("L-9", "L-10", "L-14")
async def test_an_asymmetric_client_signs_each_time_anew(tmp_path: Path) -> None:
    smart = {"auth": "private-key", "keys": key_file(tmp_path)}
    async with opened(tmp_path, smart_site(smart=smart)) as app:
        for _ in range(2):
            await asked(app, client_type=ASYMMETRIC, jwks=public_keys())
        forms = app.launcher.tokens
    keys = KeySet.import_key_set(json.loads(public_keys()))
    claims = [jwt.decode(form["client_assertion"], keys, algorithms=["RS384", "ES384"]).claims for form in forms]
    assert {form["client_assertion_type"] for form in forms} == {
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    }
    assert len({each["jti"] for each in claims}) == 2
    for each in claims:
        assert each["iss"] == each["sub"] == CLIENT
        assert each["aud"] == TOKEN
        assert each["exp"] - each["iat"] <= 300


@requirement("L-11")
async def test_refresh(app: SmartDoor) -> None:
    browser = app.browser()
    page = await browser.open(app.launch_url())
    first = (await app.session(page)).tokens
    app.clock.forward(minutes=59.5)
    assert (await browser.open(page.url)).status == 200
    form = app.launcher.tokens[-1]
    assert form["grant_type"] == "refresh_token"
    assert form["refresh_token"] == first.refresh
    assert (await app.session(page)).tokens.access != first.access


@requirement("L-12")
def test_our_addresses_are_over_tls(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, smart_site())
    assert settings.public_url.startswith("https://")
    with pytest.raises(ValidationError, match="https"):
        Settings.model_validate({**settings.model_dump(), "public_url": "http://watchful.example.org"})


@requirement("L-13")
async def test_the_token_is_used(app: SmartDoor) -> None:
    page = await app.browser().open(app.launch_url())
    token = (await app.session(page)).tokens.access
    reads = [each for each in app.wire.sent if each.headers.get("authorization") == f"Bearer {token}"]
    assert [each for each in reads if f"{BASE}/Patient/" in str(each.url)]
