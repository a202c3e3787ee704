"""Which pinned key sets start the service, and which do not."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from watchful.settings.keys import KeyFileError, read_keys

DEFAULT = ("RS384", "ES384")
Jwk = dict[str, Any]


@cache
def _keys() -> dict[str, RSAKey | ECKey]:
    return {
        "RSA": RSAKey.generate_key(2048),
        "P-384": ECKey.generate_key("P-384"),
        "P-256": ECKey.generate_key("P-256"),
    }


def public(kind: str, **members: object) -> Jwk:
    return {**_keys()[kind].as_dict(private=False), "kid": f"kid-{kind}", **members}


def write(folder: Path, *keys: object) -> Path:
    path = folder / "keys.json"
    path.write_text(json.dumps({"keys": keys}))
    return path


def faults(path: Path, algorithms: tuple[str, ...] = DEFAULT) -> str:
    with pytest.raises(KeyFileError) as caught:
        read_keys(path, algorithms)
    assert "; ".join(caught.value.problems) == str(caught.value)
    return str(caught.value)


def test_both_recommended_kinds(tmp_path: Path) -> None:
    keys = read_keys(write(tmp_path, public("RSA"), public("P-384", use="sig", alg="ES384")), DEFAULT)

    assert sorted(keys) == ["kid-P-384", "kid-RSA"]
    assert not any(key.is_private for key in keys.values())


def test_epic_kid_and_key_ops(tmp_path: Path) -> None:
    keys = read_keys(write(tmp_path, public("RSA", kid="a+b/c=", key_ops=["verify"])), DEFAULT)

    assert list(keys) == ["a+b/c="]


def test_an_encryption_key_beside_it_is_passed_over(tmp_path: Path) -> None:
    keys = read_keys(write(tmp_path, public("RSA", use="enc", kid="e"), public("P-384")), DEFAULT)

    assert list(keys) == ["kid-P-384"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"\xff\xfe", "is not a text file"),
        (b"-----BEGIN PUBLIC KEY-----", "is not JSON: pin a JSON Web Key Set"),
        (b"[]", 'is not a JSON Web Key Set: write {"keys": [...]}'),
        (b'{"kty": "RSA"}', "is not a JSON Web Key Set"),
        (b'{"keys": ["x"]}', "is not a JSON Web Key Set"),
        (b'{"keys": []}', "has no public signature key"),
    ],
)
def test_not_a_key_set(tmp_path: Path, text: bytes, fault: str) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(text)

    assert fault in faults(path)


def test_unreadable(tmp_path: Path) -> None:
    assert "No such file" in faults(tmp_path / "none.json")
    assert "Is a directory" in faults(tmp_path)


@pytest.mark.parametrize("kind", ["RSA", "P-384"])
def test_private_members(tmp_path: Path, kind: str) -> None:
    private = {**_keys()[kind].as_dict(private=True), "kid": "k"}

    fault = faults(write(tmp_path, private))

    assert 'key "k" holds private members (d' in fault
    assert str(private["d"]) not in fault


def test_a_private_encryption_key_too(tmp_path: Path) -> None:
    private = {**_keys()["RSA"].as_dict(private=True), "kid": "k", "use": "enc"}

    assert "holds private members" in faults(write(tmp_path, private, public("P-384")))


def test_a_shared_secret_is_a_private_member(tmp_path: Path) -> None:
    secret = {**OctKey.generate_key(256).as_dict(private=True), "kid": "k"}

    assert "holds private members (k)" in faults(write(tmp_path, secret))


def test_small_rsa(tmp_path: Path) -> None:
    small = {"kty": "RSA", "kid": "k", "e": "AQAB", "n": "8" + "A" * 170}

    assert "is an RSA key of 1024 bits: ask the caller for 2048 or more" in faults(write(tmp_path, small))


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        (public("RSA", kid=None), "key 1 has no kid"),
        (public("RSA", kid=""), "key 1 has no kid"),
        (public("RSA", kid=7), 'key "7" has no kid'),
        (public("RSA", key_ops=["encrypt"]), 'has key_ops without "verify"'),
        (
            public("P-256"),
            "(EC P-256) fits none of the algorithms RS384, ES384: add ES256 to algorithms, or remove",
        ),
        (public("RSA", alg="RS256"), "(RSA) fits none of the algorithms RS384, ES384: add RS256 to algorithms"),
        (public("RSA", alg="RS512"), "fits none of the algorithms RS384, ES384: remove it"),
        (public("P-384", crv="secp256k1"), "(EC secp256k1) fits none of the algorithms"),
        (public("P-384", x="AAAA"), "is not a valid key"),
        (public("P-384", use="both"), "is not a valid key"),
        (public("RSA", n=5), "is not a valid key"),
        (public("RSA", n="+"), "is not a valid key"),
        ({**OKPKey.generate_key("Ed25519", private=False).as_dict(), "kid": "k"}, "(OKP Ed25519) fits none"),
    ],
)
def test_unfit_key(tmp_path: Path, key: Jwk, fault: str) -> None:
    assert fault in faults(write(tmp_path, key))


def test_a_kid_twice(tmp_path: Path) -> None:
    assert 'key "kid-RSA" appears twice' in faults(write(tmp_path, public("RSA"), public("RSA")))


def test_every_problem_is_named(tmp_path: Path) -> None:
    assert faults(write(tmp_path, public("P-256"), public("RSA", kid=None))).count(";") == 1
