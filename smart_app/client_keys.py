"""Our own keys for `private_key_jwt`: the first of the site's file signs, the public halves of all are published.

So a new key is published before it signs: put it second, wait until EHRs have fetched it, then put it first.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from watchful.settings.client_keys import ClientKey, algorithm_of, read_client_keys

PATH = "/.well-known/jwks.json"
_SECONDS = 300
_PUBLIC = ("kty", "crv", "x", "y", "n", "e")
"""What leaves: named one by one, so that no member of a private key ever does."""


class SigningKey(Struct, frozen=True):
    """The key that signs, under the name that EHRs find it by."""

    key: ClientKey
    kid: str
    algorithm: str


def signing_key(path: Path) -> SigningKey:
    """The first key of the file. Raises KeyFileError, which the settings have done before at start."""
    kid, key = next(iter(read_client_keys(path).items()))
    return SigningKey(key, kid, str(algorithm_of(key.as_dict(private=False))))


def published(paths: Iterable[Path]) -> dict[str, Any]:
    """The public set of several files."""
    return {"keys": [_public(kid, key) for path in paths for kid, key in read_client_keys(path).items()]}


def _public(kid: str, key: ClientKey) -> dict[str, Any]:
    members = key.as_dict(private=False)
    public = {name: members[name] for name in _PUBLIC if name in members}
    return {**public, "kid": kid, "use": "sig", "alg": algorithm_of(members)}


def keys_route(paths: Iterable[Path]) -> Route:
    """Where EHRs fetch them. Read once: a changed file needs a restart, as every setting does."""
    body = msgspec.json.encode(published(paths))
    headers = {"Cache-Control": f"public, max-age={_SECONDS}", "X-Content-Type-Options": "nosniff"}

    async def jwks(_request: Request) -> Response:
        return Response(body, media_type="application/json", headers=headers)

    return Route(PATH, jwks, methods=["GET"])
