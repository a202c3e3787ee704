"""Attack: an id_token that somebody else made, or that was meant for somebody or something else."""

import base64
import json

import httpx2
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from launcher_double import BASE, JWKS, KEY, Json
from smart_door import CLIENT, NOW, SmartDoor, opened, smart_site

FOREIGN = RSAKey.generate_key(2048, {"kid": "launcher"})
P384 = ECKey.generate_key("P-384", {"kid": "p384", "use": "sig"})
P256 = ECKey.generate_key("P-256", {"kid": "p256", "use": "sig"})
THEN = int(NOW.timestamp())


def part(members: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


async def refused(door: SmartDoor) -> None:
    page = await door.browser().open(door.launch_url())
    assert page.status == 502
    assert "could not confirm who signed in" in page.answer.text
    assert "set-cookie" not in page.answer.headers
    assert door.count("opened") == 0


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": f"{BASE}/"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": None},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"exp": THEN - 3600},
        {"exp": None},
        {"exp": "later"},
        {"exp": float(1 << 60)},
        {"iat": THEN + 3600},
        {"nonce": "another launch's"},
        {"nonce": None},
    ],
)
async def test_claims_that_do_not_hold(door: SmartDoor, claims: Json) -> None:
    door.launcher.claims = claims
    await refused(door)


@pytest.mark.parametrize(
    "header",
    [
        {"key": FOREIGN},
        {"key": FOREIGN, "kid": "launcher"},
        {"key": FOREIGN, "jwk": FOREIGN.as_dict(private=False)},
        {"key": FOREIGN, "jku": "https://evil.example/keys"},
        {"kid": "unheard-of"},
        {"alg": "RS512"},
        {"alg": "PS256"},
        {"alg": "HS256", "key": OctKey.import_key({"kty": "oct", "k": str(KEY.as_dict(private=False)["n"])})},
    ],
    ids=["foreign", "foreign-kid", "jwk", "jku", "kid", "RS512", "PS256", "HS256"],
)
async def test_signatures_that_do_not_hold(door: SmartDoor, header: Json) -> None:
    if header.get("alg") in ("RS512", "PS256"):
        header = {**header, "key": RSAKey.import_key({**KEY.as_dict(private=True), "alg": header["alg"]})}
    door.launcher.header = header
    await refused(door)
    assert "evil.example" not in {each.url.host for each in door.wire.sent}


@pytest.mark.parametrize("form", ["none", "empty-signature", "two-parts", "text", "json", "dots"])
async def test_tokens_without_a_signature(door: SmartDoor, form: str) -> None:
    body = part({"iss": BASE, "aud": CLIENT, "exp": THEN + 60, "iat": THEN, "fhirUser": "Practitioner/evil"})
    door.launcher.said = {
        "id_token": {
            "none": f"{part({'alg': 'none'})}.{body}.",
            "empty-signature": f"{part({'alg': 'RS256', 'kid': 'launcher'})}.{body}.",
            "two-parts": f"{part({'alg': 'RS256', 'kid': 'launcher'})}.{body}",
            "text": "not a token",
            "json": json.dumps({"alg": "none"}),
            "dots": "....",
        }[form]
    }
    await refused(door)


def publish(door: SmartDoor, *keys: RSAKey | ECKey) -> None:
    body = {"keys": [each.as_dict(private=False) for each in keys]}
    door.wire.answers[JWKS] = httpx2.Response(200, json=body)


async def test_without_a_kid_only_where_one_key_fits(door: SmartDoor) -> None:
    publish(door, KEY, P384, P256)
    assert (await door.browser().open(door.launch_url())).status == 200


async def test_without_a_kid_and_two_that_fit(door: SmartDoor) -> None:
    publish(door, KEY, RSAKey.generate_key(2048, {"kid": "second", "use": "sig", "alg": "RS256"}))
    await refused(door)


@pytest.mark.parametrize("key", [P384, P256], ids=["ES384", "ES256"])
async def test_elliptic_curves_too(door: SmartDoor, key: ECKey) -> None:
    publish(door, KEY, P384, P256)
    door.launcher.header = {"alg": "ES384" if key is P384 else "ES256", "key": key, "kid": key.dict_value["kid"]}
    assert (await door.browser().open(door.launch_url())).status == 200


async def test_keys_that_cannot_be_had(door: SmartDoor) -> None:
    door.wire.answers[JWKS] = httpx2.Response(302, headers={"location": "https://evil.example/"})
    await refused(door)


async def test_keys_are_fetched_once(door: SmartDoor) -> None:
    for _ in range(3):
        assert (await door.browser().open(door.launch_url())).status == 200
    assert door.wire.urls().count(JWKS) == 1


@pytest.mark.parametrize(
    ("claims", "user"),
    [
        ({"fhirUser": "Practitioner/p1"}, "Practitioner/p1"),
        ({"fhirUser": f"{BASE}/PractitionerRole/p1"}, "PractitionerRole/p1"),
        ({"fhirUser": "https://alias.example.org/r4/Person/p1"}, "Person/p1"),
        ({"fhirUser": None, "profile": "Practitioner/p1"}, "Practitioner/p1"),
        ({"fhirUser": "https://evil.example/r4/Practitioner/p1"}, None),
        ({"fhirUser": "Organization/p1"}, None),
        ({"fhirUser": "Practitioner/.."}, None),
        ({"fhirUser": "Practitioner/a/b"}, None),
        ({"fhirUser": ["Practitioner/p1"]}, None),
    ],
)
async def test_who_is_named(tmp_path_factory: pytest.TempPathFactory, claims: Json, user: str | None) -> None:
    site = smart_site(fhir_aliases=("https://alias.example.org/r4",))
    async with opened(tmp_path_factory.mktemp("named"), site) as door:
        door.launcher.claims = claims
        page = await door.browser().open(door.launch_url())
        assert (await door.session(page)).user == user
