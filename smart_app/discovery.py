"""What an EHR's authorization server says of itself (`.well-known/smart-configuration`), checked before use.

Only ever asked of a base that `allowed_base` let through. What it announces decides where a browser and our
secrets go next, so an address that is not over TLS, or that points at this machine, ends the launch.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx2
import msgspec
from msgspec import Struct

from watchful.errors import EhrFailed
from watchful.settings.urls import is_loopback, secure_url

KEPT_FOR = timedelta(minutes=10)
MAX_BYTES = 262_144
SECONDS = 5.0


class SmartServer(Struct, frozen=True, kw_only=True):
    """One EHR's authorization server, as far as the app uses it."""

    base: str
    """The FHIR base, in normal form."""
    authorization_endpoint: str
    token_endpoint: str
    issuer: str = ""
    jwks_uri: str = ""
    capabilities: frozenset[str] = frozenset()
    scopes_supported: frozenset[str] = frozenset()
    code_challenges: frozenset[str] = frozenset()
    """Announced forms of PKCE; empty where nothing is said."""
    auth_methods: frozenset[str] = frozenset()
    """Announced ways to prove who the client is; empty where nothing is said."""
    names_issuer: bool = False
    """Whether it always adds `iss` to its answers (RFC 9207)."""

    @property
    def knows_users(self) -> bool:
        """Whether an id_token can be asked for, and checked."""
        return "sso-openid-connect" in self.capabilities and bool(self.issuer and self.jwks_uri)


class _Announced(Struct):
    """The document. Absent lists are let pass: servers of SMART 1.0 do not write them all."""

    token_endpoint: str
    authorization_endpoint: str
    capabilities: list[str]
    grant_types_supported: list[str] | None = None
    code_challenge_methods_supported: list[str] | None = None
    token_endpoint_auth_methods_supported: list[str] | None = None
    issuer: str | None = None
    jwks_uri: str | None = None
    scopes_supported: list[str] | None = None
    authorization_response_iss_parameter_supported: bool | None = None


_decode = msgspec.json.Decoder(_Announced).decode


async def discover(http: httpx2.AsyncClient, base: str) -> SmartServer:
    """Ask the EHR. Raises EhrFailed: `ehr-unreachable` for no answer, `ehr-unfit` for one not to be followed."""
    url = f"{base}/.well-known/smart-configuration"
    try:
        async with asyncio.timeout(SECONDS):
            body = await _body(http, url)
    except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise EhrFailed("ehr-unreachable", "discovery-transport") from error
    try:
        announced = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EhrFailed("ehr-unfit", "discovery-document") from error
    return checked(announced, base)


def checked(announced: Any, base: str) -> SmartServer:
    """The document as we may use it. Raises EhrFailed."""
    grants, challenges = announced.grant_types_supported, announced.code_challenge_methods_supported
    if grants is not None and "authorization_code" not in grants:
        raise EhrFailed("ehr-unfit", "discovery-grant")
    if challenges is not None and "S256" not in challenges:
        raise EhrFailed("ehr-unfit", "discovery-pkce")
    return SmartServer(
        base=base,
        authorization_endpoint=_endpoint(announced.authorization_endpoint, base),
        token_endpoint=_endpoint(announced.token_endpoint, base),
        issuer=announced.issuer or "",
        jwks_uri=_endpoint(announced.jwks_uri, base) if announced.jwks_uri else "",
        capabilities=frozenset(announced.capabilities),
        scopes_supported=frozenset(announced.scopes_supported or ()),
        code_challenges=frozenset(challenges or ()),
        auth_methods=frozenset(announced.token_endpoint_auth_methods_supported or ()),
        names_issuer=announced.authorization_response_iss_parameter_supported is True,
    )


def _endpoint(written: str, base: str) -> str:
    """An absolute address; a relative one is taken from the base (SMART 2.2 §2.1.2)."""
    try:
        url = secure_url(str(httpx2.URL(f"{base}/").join(written)))
    except (ValueError, TypeError, httpx2.InvalidURL) as error:
        raise EhrFailed("ehr-unfit", "discovery-endpoint") from error
    if is_loopback(url) and not is_loopback(base):
        raise EhrFailed("ehr-unfit", "discovery-endpoint")
    return url


async def _body(http: httpx2.AsyncClient, url: str) -> bytes:
    headers = {"Accept": "application/json"}
    async with http.stream("GET", url, headers=headers, follow_redirects=False) as response:
        if response.status_code != 200:
            raise EhrFailed("ehr-unreachable", "discovery-status")
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_BYTES:
                raise EhrFailed("ehr-unfit", "discovery-document")
    return bytes(body)


class Discovery:
    """Documents in hand, each for ten minutes; all who wait for one share its fetch. A failure is not kept."""

    def __init__(self, http: httpx2.AsyncClient, now: Callable[[], datetime]) -> None:
        self._http = http
        self._now = now
        self._known: dict[str, tuple[datetime, SmartServer]] = {}
        self._asking: dict[str, asyncio.Task[SmartServer]] = {}

    async def server(self, base: str) -> SmartServer:
        """Raises EhrFailed as `discover` does. `base` is one that `allowed_base` let through."""
        known = self._known.get(base)
        if known is not None and self._now() - known[0] < KEPT_FOR:
            return known[1]
        task = self._asking.get(base)
        if task is None:
            task = self._asking[base] = asyncio.create_task(self._ask(base))
            task.add_done_callback(lambda _task: self._asking.pop(base, None))
        # one browser that goes away must not take the answer from the others
        return await asyncio.shield(task)

    async def _ask(self, base: str) -> SmartServer:
        server = await discover(self._http, base)
        self._known[base] = (self._now(), server)
        return server
