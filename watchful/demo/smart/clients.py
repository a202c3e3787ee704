"""The apps that the demo EHR knows, and how each proves who it is at the token endpoint (SMART 2.2 §2.0.7)."""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from secrets import compare_digest
from typing import Any, Literal
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749.errors import InvalidClientError
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Struct

from watchful.demo.smart.expiring import Expiring

ALGORITHMS = ("RS384", "ES384")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION = timedelta(minutes=5)
LEEWAY = 30
"""Seconds by which clocks may differ."""


class Client(Struct, frozen=True, kw_only=True):
    """One registered app: public, unless it has a secret or keys."""

    client_id: str
    redirect_uris: tuple[str, ...]
    secret: str = ""
    jwks: Mapping[str, Any] | None = None
    """Its public keys, for `private_key_jwt`."""
    scopes: frozenset[str] | None = None
    """What it may be granted, word by word; None: whatever it asks for that is supported."""

    @property
    def kind(self) -> Literal["public", "symmetric", "asymmetric"]:
        if self.jwks is not None:
            return "asymmetric"
        return "symmetric" if self.secret else "public"


class Clients:
    """All of them. Raises InvalidClientError (401) for whoever is not one of them."""

    def __init__(self, clients: Iterable[Client], now: Callable[[], datetime]) -> None:
        self._clients = {client.client_id: client for client in clients}
        self._now = now
        self._seen: Expiring[bool] = Expiring(LONGEST_ASSERTION + timedelta(seconds=2 * LEEWAY), now)

    def register(self, client: Client) -> None:
        self._clients[client.client_id] = client

    def get(self, client_id: str) -> Client | None:
        return self._clients.get(client_id)

    def authenticate(self, form: Mapping[str, str], authorization: str | None, token_url: str) -> Client:
        """The client that a request to the token endpoint comes from, by the one way that it registered."""
        if authorization is not None:
            return self._by_secret(authorization, form)
        if "client_assertion" in form or "client_assertion_type" in form:
            return self._by_assertion(form, token_url)
        client = self._known(form.get("client_id", ""), "public")
        if "client_secret" in form:
            raise _refused("a secret goes into the Authorization header")
        return client

    def _by_secret(self, authorization: str, form: Mapping[str, str]) -> Client:
        client_id, secret = _basic(authorization)
        client = self._known(client_id, "symmetric")
        if form.get("client_id", client_id) != client_id or "client_assertion" in form:
            raise _refused("more than one client is named")
        if not compare_digest(secret.encode(), client.secret.encode()):
            raise _refused("the secret is not this client's")
        return client

    def _by_assertion(self, form: Mapping[str, str], token_url: str) -> Client:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise _refused("client_assertion_type is not jwt-bearer")
        claims, client = self._signed(form.get("client_assertion", "").encode())
        if claims.get("sub") != client.client_id or form.get("client_id", client.client_id) != client.client_id:
            raise _refused("iss, sub and client_id differ")
        if claims.get("aud") not in (token_url, [token_url]):
            raise _refused("aud is not the token endpoint")
        self._check_time(claims)
        self._check_once(claims, client)
        return client

    def _signed(self, assertion: bytes) -> tuple[Mapping[str, Any], Client]:
        """Whoever it says it is of, it is signed with that client's key."""
        try:
            claimed = json.loads(jws.extract_compact(assertion).payload)["iss"]
            client = self._known(str(claimed), "asymmetric")
            keys = KeySet.import_key_set({"keys": list((client.jwks or {})["keys"])})
            return jwt.decode(assertion, keys, algorithms=list(ALGORITHMS)).claims, client
        except (JoseError, ValueError, TypeError, KeyError):
            raise _refused("the assertion does not hold") from None

    def _check_time(self, claims: Mapping[str, Any]) -> None:
        expires, now = claims.get("exp"), self._now().timestamp()
        if not isinstance(expires, int | float) or isinstance(expires, bool):
            raise _refused("exp is missing")
        if expires + LEEWAY <= now:
            raise _refused("the assertion is over")
        if expires > now + LONGEST_ASSERTION.total_seconds() + LEEWAY:
            raise _refused("the assertion lasts too long")

    def _check_once(self, claims: Mapping[str, Any], client: Client) -> None:
        jti = claims.get("jti")
        if not isinstance(jti, str) or not jti:
            raise _refused("jti is missing")
        key = f"{client.client_id} {jti}"
        if self._seen.get(key):
            raise _refused("this assertion was used before")
        self._seen.put(key, True)

    def _known(self, client_id: str, kind: str) -> Client:
        client = self._clients.get(client_id)
        if client is None or client.kind != kind:
            raise _refused("no such client, or not the way it registered to say who it is")
        return client


def _basic(authorization: str) -> tuple[str, str]:
    """Id and secret are form-encoded before they are joined (RFC 6749 §2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = b64decode(encoded, validate=True).decode() if scheme.lower() == "basic" else ""
    except (Base64Error, UnicodeDecodeError):
        decoded = ""
    client_id, _, secret = decoded.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _refused(why: str) -> InvalidClientError:
    return InvalidClientError(why, status_code=401)
