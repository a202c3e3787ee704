"""Our own keys for `private_key_jwt`: the first of the site's file signs, the public halves of all are published.

So a new key is published before it signs: put it second, wait until EHRs have fetched it, then put it first.
Read once, so that what signs is what is published: a changed file needs a restart, as every setting does.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from watchful.settings.client_keys import SigningKey

PATH = "/.well-known/jwks.json"
_SECONDS = 300
_PUBLIC = ("kty", "crv", "x", "y", "n", "e")
"""What leaves: named one by one, so that no member of a private key ever does."""


def published(keys: Iterable[SigningKey]) -> dict[str, Any]:
    """Their public set."""
    return {"keys": [_public(key) for key in keys]}


def _public(key: SigningKey) -> dict[str, Any]:
    members = key.key.as_dict(private=False)
    public = {name: members[name] for name in _PUBLIC if name in members}
    return {**public, "kid": key.kid, "use": "sig", "alg": key.algorithm}


def keys_route(keys: Iterable[SigningKey]) -> Route:
    """Where EHRs fetch them."""
    body = msgspec.json.encode(published(keys))
    headers = {"Cache-Control": f"public, max-age={_SECONDS}", "X-Content-Type-Options": "nosniff"}

    async def jwks(_request: Request) -> Response:
        return Response(body, media_type="application/json", headers=headers)

    return Route(PATH, jwks, methods=["GET"])
