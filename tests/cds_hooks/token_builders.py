"""Tokens as an EHR signs them, and as it never would: for the tests of trust and of the whole service."""

import base64
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from joserfc.jwk import ECKey, RSAKey

NOW = 1_800_000_000
ISS = "https://ehr.example.org/r4"
OTHER_ISS = "https://other.example.org/r4"
PUBLIC = "https://watchful.example.org"
SERVICE = f"{PUBLIC}/cds-services/lumbar-imaging"
FEEDBACK = f"{SERVICE}/feedback"

Json = dict[str, Any]
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def key(name: str) -> Private:
    """One key for each name, made once: `rsa...`, `p384...` or `p256...`."""
    if name.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP384R1() if name.startswith("p384") else ec.SECP256R1())


def jose_key(name: str) -> RSAKey | ECKey:
    private = key(name)
    return RSAKey.import_key(private) if isinstance(private, rsa.RSAPrivateKey) else ECKey.import_key(private)


def public_jwk(name: str, **members: object) -> Json:
    return {**jose_key(name).as_dict(private=False), "kid": name, **members}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(members: Json | bytes) -> str:
    return b64(members if isinstance(members, bytes) else json.dumps(members).encode())


def signature(alg: str, name: str, message: bytes) -> bytes:
    """Signed with `cryptography` alone, so that the library under test does not mark its own work."""
    private = key(name)
    digest = SHA384() if alg.endswith("384") else SHA256()
    if isinstance(private, rsa.RSAPrivateKey):
        if alg.startswith("PS"):
            return private.sign(message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return private.sign(message, padding.PKCS1v15(), digest)
    r, s = utils.decode_dss_signature(private.sign(message, ec.ECDSA(digest)))
    size = (private.key_size + 7) // 8
    return r.to_bytes(size) + s.to_bytes(size)


ABSENT = object()


def merged(base: Json, changes: Json) -> Json:
    return {name: value for name, value in {**base, **changes}.items() if value is not ABSENT}


def header(**changes: object) -> Json:
    return merged({"alg": "RS384", "typ": "JWT", "kid": "rsa"}, changes)


def claims(**changes: object) -> Json:
    base = {"iss": ISS, "aud": SERVICE, "iat": NOW - 5, "exp": NOW + 295, "jti": "6f4d2c1e"}
    return merged(base, changes)


def token(head: Json | bytes, body: Json | bytes, signer: str = "rsa", alg: str | None = None) -> str:
    """A compact JWS; `alg` is how it is really signed, when the header says something else."""
    message = f"{part(head)}.{part(body)}"
    really = alg or (head["alg"] if isinstance(head, dict) else "RS384")
    return f"{message}.{b64(signature(really, signer, message.encode()))}"


def good(**changes: object) -> str:
    return token(header(), claims(**changes))
