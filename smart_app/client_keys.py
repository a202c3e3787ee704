"""Our own keys for `private_key_jwt`: the first of the site's file signs, the public halves of all are published.

So a new key is published before it signs: put it second, wait until EHRs have fetched it, then put it first.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec
from joserfc.jwk import ECKey, KeySet, RSAKey
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PATH = "/.well-known/jwks.json"
_SECONDS = 300
_PUBLIC = ("kty", "crv", "x", "y", "n", "e", "kid")
"""What leaves: named one by one, so that no member of a private key ever does."""


class SigningKey(Struct, frozen=True):
    """The key that signs, under the name that EHRs find it by."""

    key: RSAKey | ECKey
    kid: str
    algorithm: str


def signing_key(path: Path) -> SigningKey:
    """The first key of a private JSON Web Key Set that the settings have already checked."""
    key = _keys(path)[0]
    return SigningKey(key, str(key.dict_value["kid"]), _algorithm(key))


def published(paths: Iterable[Path]) -> dict[str, Any]:
    """The public set of several files."""
    return {"keys": [_public(key) for path in paths for key in _keys(path)]}


def _public(key: RSAKey | ECKey) -> dict[str, Any]:
    members = {name: value for name, value in key.as_dict(private=False).items() if name in _PUBLIC}
    return {**members, "use": "sig", "alg": _algorithm(key)}


def keys_route(paths: Iterable[Path]) -> Route:
    """Where EHRs fetch them. Read once: a changed file needs a restart, as every setting does."""
    body = msgspec.json.encode(published(paths))
    headers = {"Cache-Control": f"public, max-age={_SECONDS}", "X-Content-Type-Options": "nosniff"}

    async def jwks(_request: Request) -> Response:
        return Response(body, media_type="application/json", headers=headers)

    return Route(PATH, jwks, methods=["GET"])


def _keys(path: Path) -> list[RSAKey | ECKey]:
    keys = KeySet.import_key_set(msgspec.json.decode(path.read_bytes())).keys
    return [key for key in keys if isinstance(key, RSAKey | ECKey)]


def _algorithm(key: RSAKey | ECKey) -> Literal["ES384", "RS384"]:
    """The two that every EHR must take (SMART 2.2, asymmetric clients)."""
    return "ES384" if isinstance(key, ECKey) else "RS384"
