"""Which private key files the SMART app signs with, and which stop the start."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from watchful.settings.client_keys import read_client_keys
from watchful.settings.keys import KeyFileError

Jwk = dict[str, Any]


@cache
def _keys() -> dict[str, RSAKey | ECKey]:
    return {
        "RSA": RSAKey.generate_key(2048),
        "P-384": ECKey.generate_key("P-384"),
        "P-256": ECKey.generate_key("P-256"),
    }


def private(kind: str, **members: object) -> Jwk:
    return {**_keys()[kind].as_dict(private=True), "kid": f"kid-{kind}", **members}


def write(folder: Path, *keys: object) -> Path:
    path = folder / "app-keys.json"
    path.write_text(json.dumps({"keys": keys}))
    return path


def faults(path: Path) -> str:
    with pytest.raises(KeyFileError) as caught:
        read_client_keys(path)
    return str(caught.value)


def test_both_kinds_in_the_order_of_the_file(tmp_path: Path) -> None:
    keys = read_client_keys(write(tmp_path, private("RSA"), private("P-384", use="sig", alg="ES384")))

    assert list(keys) == ["kid-RSA", "kid-P-384"]
    assert all(key.is_private for key in keys.values())
    assert list(read_client_keys(write(tmp_path, private("P-384"), private("RSA")))) == ["kid-P-384", "kid-RSA"]


@pytest.mark.parametrize(
    "members", [{"key_ops": ["sign"]}, {"key_ops": ["sign", "verify"]}, {"alg": "RS384"}, {"use": "sig"}]
)
def test_what_a_key_may_say_of_itself(tmp_path: Path, members: Jwk) -> None:
    assert list(read_client_keys(write(tmp_path, private("RSA", **members)))) == ["kid-RSA"]


def _another(kind: str, member: str) -> Jwk:
    """A key with one half of another."""
    other = (RSAKey.generate_key(2048) if kind == "RSA" else ECKey.generate_key(kind)).as_dict(private=True)
    return private(kind, **{member: other[member]})


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ({**_keys()["P-384"].as_dict(private=False), "kid": "k"}, 'key "k" is a public key: the file has to hold'),
        ({**_keys()["RSA"].as_dict(private=False), "kid": "k"}, 'key "k" is a public key'),
        (private("P-256"), "(EC P-256) is of a kind that EHRs need not take: use EC P-384, or RSA of 2048"),
        (private("P-384", crv="secp256k1"), "(EC secp256k1) is of a kind"),
        ({**OKPKey.generate_key("Ed25519").as_dict(private=True), "kid": "k"}, "(OKP Ed25519) is of a kind"),
        ({**OctKey.generate_key(256).as_dict(private=True), "kid": "k"}, "(oct) is of a kind"),
        ({"kid": "k"}, 'key "k" () is of a kind'),
        (
            {"kty": "RSA", "kid": "k", "e": "AQAB", "n": "8" + "A" * 170, "d": "AQAB"},
            "is an RSA key of 1024 bits: make one of 2048 or more",
        ),
        (private("RSA", kid=None), "key 1 has no kid: the EHR finds the key by it"),
        (private("RSA", kid=""), "key 1 has no kid"),
        (private("RSA", kid=7), "has no kid"),
        (private("RSA", alg="RS256"), "has an alg that is not RS384"),
        (private("P-384", alg="RS384"), "has an alg that is not ES384"),
        (private("RSA", use="enc"), "is not for signatures"),
        (private("RSA", key_ops=["decrypt"]), "is not for signatures"),
        (private("RSA", key_ops="sign"), "is not for signatures"),
        (private("P-384", d="AAAA"), "is not a valid private key: make a new one"),
        (private("P-384", x=5), "is not a valid private key"),
        (private("RSA", n="+"), "is not a valid private key"),
        (_another("P-384", "d"), "is not a valid private key"),
        (_another("RSA", "d"), "is not a valid private key"),
        (_another("RSA", "n"), "is not a valid private key"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unfit_key(tmp_path: Path, key: Jwk, fault: str) -> None:
    found = faults(write(tmp_path, key))

    assert fault in found
    assert not any(str(key[name]) in found for name in ("d", "p", "q", "k") if len(str(key.get(name, ""))) > 8)


def test_a_kid_twice_and_every_problem_named(tmp_path: Path) -> None:
    found = faults(write(tmp_path, private("RSA"), private("P-384", kid="kid-RSA"), private("P-256")))

    assert 'key "kid-RSA" appears twice: a kid names one key' in found
    assert "(EC P-256)" in found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"-----BEGIN PRIVATE KEY-----", "is not JSON: it has to hold a private JSON Web Key Set"),
        (b'{"kty": "RSA"}', 'is not a JSON Web Key Set: write {"keys": [...]}'),
        (b'{"keys": []}', "has no key: it has to hold a private JSON Web Key Set"),
        (b"\xff\xfe", "is not a text file"),
    ],
)
def test_not_a_key_set(tmp_path: Path, text: bytes, fault: str) -> None:
    path = tmp_path / "app-keys.json"
    path.write_bytes(text)

    assert fault in faults(path)


def test_unreadable(tmp_path: Path) -> None:
    assert "cannot read" in faults(tmp_path / "none.json")
