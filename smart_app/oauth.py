"""The OAuth client of one launch: authorization URL, code for token, refresh; in three forms, over guarded HTTP.

Authlib speaks the protocol. What it must not do here: choose where to connect, follow a redirect, reuse a `jti`
or sign for longer than five minutes (SMART 2.2, asymmetric clients). Nothing of a code, token or secret is ever
logged, and of an error answer only a word of a closed list is used.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc7523.assertion import sign_jwt_bearer_assertion

from smart_app.discovery import SmartServer
from smart_app.session import Tokens
from smart_app.tokens import TokenResponse, refreshed_tokens, token_response
from watchful.errors import EhrFailed
from watchful.parts import Parts
from watchful.unshown import Unshown

CALLBACK = "/smart/callback"
ASSERTION_SECONDS = 240
MAX_BYTES = 262_144
SECONDS = 10.0
"""For one whole answer of the token endpoint, however slowly it comes."""
_REFUSALS = frozenset(
    {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope"}
    | {"unsupported_grant_type"}
)


class Spent(Exception):
    """The refresh token is not honoured any more (`invalid_grant`)."""


class Asked(Unshown, frozen=True, kw_only=True):
    """What one authorization request says; kept sealed until its answer comes."""

    server: SmartServer
    aud: str
    """The FHIR base as the EHR wrote it: servers compare it letter by letter."""
    launch: str = ""
    scopes: tuple[str, ...]
    state: str
    verifier: str
    nonce: str


class OAuth:
    """The client at one authorization server."""

    def __init__(self, parts: Parts, server: SmartServer) -> None:
        self._parts = parts
        self._server = server

    def authorization_url(self, asked: Asked) -> str:
        """Where the browser goes. PKCE always: a server that knows nothing of it ignores it."""
        extra = {"aud": asked.aud}
        if asked.launch:
            extra["launch"] = asked.launch
        if "openid" in asked.scopes:
            extra["nonce"] = asked.nonce
        url, _state = self._client().create_authorization_url(
            self._server.authorization_endpoint,
            state=asked.state,
            code_verifier=asked.verifier,
            scope=" ".join(asked.scopes),
            **extra,
        )
        return str(url)

    async def exchange(self, code: str, asked: Asked) -> TokenResponse:
        """The code for a token. Raises EhrFailed."""
        client = self._client()
        token = await self._answer(
            client.fetch_token(
                self._server.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=asked.verifier,
                redirect_uri=redirect_uri(self._parts),
            )
        )
        return token_response(token, asked.scopes, self._parts.now())

    async def refresh(self, tokens: Tokens, patient: str) -> Tokens:
        """New tokens for the same patient. Raises Spent when the EHR ends it, EhrFailed for no answer."""
        client = self._client()
        client.token = {"access_token": tokens.access, "refresh_token": tokens.refresh}
        try:
            token = await self._answer(
                client.refresh_token(self._server.token_endpoint, refresh_token=tokens.refresh)
            )
        except EhrFailed as failed:
            if failed.reason == "token-invalid_grant":
                raise Spent from None
            raise
        return refreshed_tokens(token, tokens, patient, self._parts.now())

    async def _answer(self, asking: Awaitable[Any]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(SECONDS):
                return dict(await asking)
        except AuthlibBaseError as error:
            word = str(error.error or "")
            raise EhrFailed("token-refused", f"token-{word if word in _REFUSALS else 'other'}") from None
        except _TooLarge:
            raise EhrFailed("token-refused", "token-body") from None
        except httpx2.HTTPStatusError:
            raise EhrFailed("ehr-unreachable", "token-status") from None
        except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL):
            raise EhrFailed("ehr-unreachable", "token-transport") from None
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):  # not JSON, or no object
            raise EhrFailed("token-refused", "token-body") from None

    def _client(self) -> "_Client":
        smart = self._parts.site.smart
        assert smart is not None  # noqa: S101  (no launch without it)
        method, secret = "none", None
        if smart.auth == "client-secret" and smart.client_secret is not None:
            method, secret = "client_secret_basic", smart.client_secret.get_secret_value()
        if smart.auth == "private-key":
            method = _SignedAssertion.name
        client = _Client(
            smart.client_id,
            secret,
            token_endpoint_auth_method=method,
            redirect_uri=redirect_uri(self._parts),
            code_challenge_method="S256",
            transport=_Through(self._parts.http),
            trust_env=False,
            follow_redirects=False,
        )
        if smart.auth == "private-key":
            client.register_client_auth_method(_SignedAssertion(self._server.token_endpoint, self._parts))
        return client


def redirect_uri(parts: Parts) -> str:
    """Where the EHR sends the browser back: registered there letter by letter."""
    return f"{parts.base_url}{CALLBACK}"


class _Client(AsyncOAuth2Client):  # type: ignore[misc]
    """Takes tokens of a 200 alone (RFC 6749 §5.1). Authlib's own looks at no status below 500."""

    def parse_response_token(self, resp: httpx2.Response) -> dict[str, Any]:
        token: dict[str, Any] = super().parse_response_token(resp)  # raises for what is said to be an error
        if resp.status_code != 200:
            raise EhrFailed("token-refused", "token-status")
        return token


class _SignedAssertion(PrivateKeyJWT):  # type: ignore[misc]
    """`private_key_jwt` as SMART wants it. Authlib's own signs for an hour, without a kid."""

    def __init__(self, token_endpoint: str, parts: Parts) -> None:
        super().__init__(token_endpoint)
        self._parts = parts

    def sign(self, auth: Any, token_endpoint: str) -> str:
        smart = self._parts.site.smart
        assert smart is not None  # noqa: S101
        key = self._parts.client_keys[0]  # the settings asked for one
        return str(
            sign_jwt_bearer_assertion(
                key.key,
                issuer=smart.client_id,
                subject=smart.client_id,
                audience=token_endpoint,
                issued_at=int(self._parts.now().timestamp()),
                expires_in=ASSERTION_SECONDS,
                header={"alg": key.algorithm, "kid": key.kid, "typ": "JWT"},
            )
        )


class _TooLarge(Exception):
    pass


class _Through(httpx2.AsyncBaseTransport):
    """Sends through the site's own client, so that guard, proxy, certificates and time-outs are its own."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._http.send(request, stream=True, follow_redirects=False)
        body = bytearray()
        try:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise _TooLarge
        finally:
            await response.aclose()
        kind = response.headers.get("content-type", "")
        return httpx2.Response(response.status_code, headers={"content-type": kind}, content=bytes(body))
