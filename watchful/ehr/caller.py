"""Signing as an EHR does: the token that `watchful fire --sign KEY` sends. The service itself signs nothing.

Asymmetric keys only, with the two algorithms the specification recommends, and ES256 for a P-256 key.
"""

import json
from pathlib import Path
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, RSAKey

_CURVES = {"P-384": "ES384", "P-256": "ES256"}


def sign_caller_token(
    private_jwk_or_pem_path: Path,
    *,
    issuer: str,
    audience: str,
    now: float,
    kid: str | None,
    jku: str | None = None,
    lifetime: int = 300,
) -> str:
    """A CDS Hooks client token with a fresh `jti`. Without `kid`, the JWK's own is named.

    ValueError, with a sentence for the person at the terminal, when the key cannot sign.
    """
    key = _private_key(private_jwk_or_pem_path)
    kid = kid or key.dict_value.get("kid")  # type: ignore[assignment]
    if not kid:
        raise ValueError("the key has no kid, and the service finds keys by it: name one")
    algorithm = _algorithm(key)
    header = {"alg": algorithm, "typ": "JWT", "kid": kid} | ({"jku": jku} if jku else {})
    claims = {"iss": issuer, "aud": audience, "iat": int(now), "exp": int(now) + lifetime, "jti": str(uuid4())}
    return jwt.encode(header, claims, key, algorithms=[algorithm])


def _private_key(path: Path) -> Key:
    content = path.read_bytes()
    try:
        key = _from_pem(content) if content.lstrip().startswith(b"-----BEGIN") else _from_jwk(content)
    except (JoseError, ValueError, TypeError) as error:
        raise ValueError(f"{path} is neither a private JSON Web Key nor an unencrypted PEM key") from error
    if not key.is_private:
        raise ValueError(f"{path} holds a public key: signing needs the private one")
    return key


def _from_pem(content: bytes) -> Key:
    try:
        return ECKey.import_key(content)
    except (JoseError, ValueError):
        return RSAKey.import_key(content)


def _from_jwk(content: bytes) -> Key:
    document = json.loads(content)
    keys = document.get("keys", [document]) if isinstance(document, dict) else []
    if len(keys) != 1:
        raise ValueError("not one key")
    return JWKRegistry.import_key(keys[0])


def _algorithm(key: Key) -> str:
    if isinstance(key, RSAKey):
        return key.alg or "RS384"
    if isinstance(key, ECKey) and key.curve_name in _CURVES:
        return _CURVES[key.curve_name]
    raise ValueError("this kind of key signs no hook token: use RSA, P-384 or P-256")
