"""Signing as an EHR. That the service believes such a token is tested with the door that checks it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from watchful.ehr.caller import sign_caller_token

NOW = 1_800_000_000


@cache
def _key(kind: str) -> RSAKey | ECKey:
    return RSAKey.generate_key(2048) if kind == "RSA" else ECKey.generate_key(kind)


def sign(path: Path, **changes: Any) -> str:
    arguments: dict[str, Any] = {"issuer": "i", "audience": "a", "now": NOW, "kid": "k"}
    return sign_caller_token(path, **(arguments | changes))


def written(folder: Path, content: bytes | dict[str, Any]) -> Path:
    path = folder / "key"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize(("kind", "algorithm"), [("RSA", "RS384"), ("P-384", "ES384"), ("P-256", "ES256")])
@pytest.mark.parametrize("form", ["jwk", "jwks", "pem"])
def test_signs(tmp_path: Path, kind: str, algorithm: str, form: str) -> None:
    key = _key(kind)
    jwk = key.as_dict(private=True)
    forms: dict[str, Any] = {"jwk": jwk, "jwks": {"keys": [jwk]}, "pem": key.as_pem(private=True)}

    token = jwt.decode(sign(written(tmp_path, forms[form]), jku="https://e/jwks", lifetime=60), key, [algorithm])

    assert token.header == {"typ": "JWT", "alg": algorithm, "kid": "k", "jku": "https://e/jwks"}
    assert token.claims.pop("jti")
    assert token.claims == {"iss": "i", "aud": "a", "iat": NOW, "exp": NOW + 60}


def test_every_token_has_its_own_jti(tmp_path: Path) -> None:
    path = written(tmp_path, _key("P-256").as_dict(private=True))
    tokens = [jwt.decode(sign(path), _key("P-256"), ["ES256"]) for _ in range(2)]

    assert tokens[0].claims["jti"] != tokens[1].claims["jti"]
    assert "jku" not in tokens[0].header


def test_kid_and_algorithm_of_the_jwk(tmp_path: Path) -> None:
    path = written(tmp_path, {**_key("RSA").as_dict(private=True), "kid": "own", "alg": "RS256"})

    header = jwt.decode(sign(path, kid=None), _key("RSA"), ["RS256"]).header
    assert (header["kid"], header["alg"]) == ("own", "RS256")


def test_no_kid(tmp_path: Path) -> None:
    path = written(tmp_path, _key("P-384").as_pem(private=True))

    with pytest.raises(ValueError, match="no kid"):
        sign(path, kid=None)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"hello", "neither a private JSON Web Key nor an unencrypted PEM key"),
        (b"[]", "neither"),
        (b"\xff", "neither"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "neither"),
        ({"keys": []}, "neither"),
        (_key("P-384").as_pem(private=True, password="secret"), "neither"),
        (_key("P-384").as_dict(private=False), "holds a public key"),
        (_key("RSA").as_pem(private=False), "holds a public key"),
        ({**OctKey.generate_key(256).as_dict(private=True)}, "this kind of key"),
        ({**OKPKey.generate_key("Ed25519").as_dict(private=True)}, "this kind of key"),
        ({**ECKey.generate_key("P-521").as_dict(private=True)}, "this kind of key"),
    ],
)
def test_unfit_keys(tmp_path: Path, content: bytes | dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        sign(written(tmp_path, content))
