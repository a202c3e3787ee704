"""Our published keys, and the assertions made with the first of them."""

import json
from pathlib import Path

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from launcher_double import ASYMMETRIC, TOKEN
from smart_door import CLIENT, PUBLIC, client_key, key_file, opened, public_keys, smart_site

from smart_app.client_keys import published
from watchful.settings.client_keys import signing_keys

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def test_only_public_members_are_published(tmp_path: Path) -> None:
    rsa = RSAKey.generate_key(2048, {"kid": "rsa-1"})
    path = tmp_path / "keys.json"
    keys = [
        client_key("ours-1").as_dict(private=True),
        {**rsa.as_dict(private=True), "key_ops": ["sign"], "x-note": "n"},
    ]
    path.write_text(json.dumps({"keys": keys}))
    found = published(signing_keys(path))["keys"]

    assert [(each["kid"], each["alg"], each["use"]) for each in found] == [
        ("ours-1", "ES384", "sig"),
        ("rsa-1", "RS384", "sig"),
    ]
    assert not [each for each in found if PRIVATE & each.keys()]
    assert set(found[0]) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert set(found[1]) == {"kty", "n", "e", "kid", "use", "alg"}


def test_the_first_key_signs_and_all_are_published(tmp_path: Path) -> None:
    keys = signing_keys(key_file(tmp_path, "new", "old"))

    assert keys[0].kid == "new"
    assert keys[0].algorithm == "ES384"
    assert [each["kid"] for each in published(keys)["keys"]] == ["new", "old"]


@pytest.mark.parametrize("auth", ["private-key", "public"])
async def test_the_route(auth: str, tmp_path: Path) -> None:
    smart = {"auth": auth} | ({"keys": key_file(tmp_path)} if auth == "private-key" else {})
    async with opened(tmp_path, smart_site(smart=smart)) as door:
        answer = await door.browser().http.get(f"{PUBLIC}/.well-known/jwks.json")

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert len(answer.json()["keys"]) == (1 if auth == "private-key" else 0)


async def test_every_assertion_is_short_lived_and_new(tmp_path: Path) -> None:
    smart = {"auth": "private-key", "keys": key_file(tmp_path)}
    async with opened(tmp_path, smart_site(smart=smart)) as door:
        for _ in range(3):
            page = await door.browser().open(
                door.launch_url(client_type=ASYMMETRIC, client_id=CLIENT, jwks=public_keys())
            )
            assert page.status == 200
        door.clock.forward(minutes=59.5)
        await door.sessions.fresh(await door.session(page))
        keys = KeySet.import_key_set(json.loads(public_keys()))
        tokens = [
            jwt.decode(each["client_assertion"], keys, algorithms=["ES384"]) for each in door.launcher.tokens
        ]

    assert len(tokens) == 4  # the refresh, too
    assert len({each.claims["jti"] for each in tokens}) == 4
    for each in tokens:
        assert dict(each.header) == {"alg": "ES384", "kid": "ours-1", "typ": "JWT"}
        assert each.claims["iss"] == each.claims["sub"] == CLIENT
        assert each.claims["aud"] == TOKEN
        assert 0 < each.claims["exp"] - each.claims["iat"] <= 300


@pytest.mark.parametrize("file", ["another key", "half a file"])
async def test_a_file_that_changes_waits_for_the_restart(tmp_path: Path, file: str) -> None:
    """What signs is what is published, and both are what was checked at start."""
    smart = {"auth": "private-key", "keys": key_file(tmp_path)}
    async with opened(tmp_path, smart_site(smart=smart)) as door:
        if file == "another key":
            key_file(tmp_path, "another", "ours-1")
        else:
            smart["keys"].write_text('{"keys": [{"kty"')
        page = await door.browser().open(
            door.launch_url(client_type=ASYMMETRIC, client_id=CLIENT, jwks=public_keys())
        )
        published_now = (await door.browser().http.get(f"{PUBLIC}/.well-known/jwks.json")).json()

    assert page.status == 200
    assert [each["kid"] for each in published_now["keys"]] == ["ours-1"]


async def test_a_key_that_the_ehr_does_not_know(tmp_path: Path) -> None:
    smart = {"auth": "private-key", "keys": key_file(tmp_path, "another")}
    async with opened(tmp_path, smart_site(smart=smart)) as door:
        page = await door.browser().open(
            door.launch_url(client_type=ASYMMETRIC, client_id=CLIENT, jwks=public_keys())
        )
        assert page.status == 502
        assert door.count("token-invalid_client") == 1
        assert httpx2.URL(page.url).host == "watchful.example.org"
