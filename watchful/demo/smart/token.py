"""The token endpoint (RFC 6749 §3.2, SMART 2.2 §2.0.8) and introspection (RFC 7662)."""

from typing import Any

import msgspec
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import (
    InvalidRequestError,
    InvalidScopeError,
    UnsupportedGrantTypeError,
)
from authlib.oauth2.rfc7636.challenge import CODE_VERIFIER_PATTERN
from starlette.requests import Request
from starlette.responses import Response

from watchful.demo.addresses import fhir_base
from watchful.demo.smart.clients import Client, Clients
from watchful.demo.smart.grants import Grant, Grants
from watchful.demo.smart.identity import Identities
from watchful.demo.smart.parameters import parameters_of, required

TOKEN = "/auth/token"  # noqa: S105  (a path)
_HEADERS = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Tokens:
    """Both endpoints. A client authenticates alike at each."""

    def __init__(self, clients: Clients, grants: Grants, identities: Identities) -> None:
        self._clients = clients
        self._grants = grants
        self._identities = identities

    async def token(self, request: Request) -> Response:
        """POST token."""
        try:
            form = await parameters_of(request)
            client = self._client(request, form)
            match required(form, "grant_type"):
                case "authorization_code":
                    return _answer(self._redeemed(form, client, fhir_base(request)))
                case "refresh_token":
                    return _answer(self._renewed(form, client, fhir_base(request)))
                case other:
                    raise UnsupportedGrantTypeError(other)
        except OAuth2Error as error:
            return _refusal(error)

    async def introspect(self, request: Request) -> Response:
        """POST introspect: a client is told of its own tokens only."""
        try:
            form = await parameters_of(request)
            client = self._client(request, form)
            token = required(form, "token")
        except OAuth2Error as error:
            return _refusal(error)
        access = self._grants.access(token)
        if access is None or access.client_id != client.client_id:
            return _answer({"active": False})
        base = fhir_base(request)
        told: dict[str, Any] = {
            "active": True,
            "token_type": "Bearer",
            "client_id": access.client_id,
            "scope": " ".join(access.scopes),
            "exp": int(access.ends.timestamp()),
            "iss": base,
            "sub": access.user,
            "patient": access.patient,
        }
        if access.encounter:
            told["encounter"] = access.encounter
        if "fhirUser" in access.scopes:
            told["fhirUser"] = f"{base}/{access.user}"
        return _answer(told)

    def _client(self, request: Request, form: dict[str, str]) -> Client:
        token_url = f"{fhir_base(request)}{TOKEN}"
        return self._clients.authenticate(form, request.headers.get("authorization"), token_url)

    def _redeemed(self, form: dict[str, str], client: Client, base: str) -> dict[str, Any]:
        verifier = required(form, "code_verifier")
        if not CODE_VERIFIER_PATTERN.fullmatch(verifier):
            raise InvalidRequestError("code_verifier is malformed")
        code, redirect_uri = required(form, "code"), required(form, "redirect_uri")
        grant = self._grants.redeem(code, client.client_id, redirect_uri, verifier)
        answer = self._tokens(grant, base)
        if "openid" in grant.scopes:
            answer["id_token"] = self._identities.id_token(
                base, client.client_id, grant.launch.user, grant.nonce, named="fhirUser" in grant.scopes
            )
        return answer

    def _renewed(self, form: dict[str, str], client: Client, base: str) -> dict[str, Any]:
        """The new token may be narrower, never wider; the refresh token stays as wide as it was."""
        grant = self._grants.renew(required(form, "refresh_token"), client.client_id)
        wanted = form.get("scope", "").split()
        if not set(wanted) <= set(grant.scopes):
            raise InvalidScopeError("more was asked for than was granted")
        return self._tokens(grant, base, tuple(wanted))

    def _tokens(self, grant: Grant, base: str, narrowed: tuple[str, ...] = ()) -> dict[str, Any]:
        scopes = narrowed or grant.scopes
        access, refresh, seconds = self._grants.tokens(grant, scopes)
        launch = grant.launch
        answer: dict[str, Any] = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": seconds,
            "scope": " ".join(scopes),
            "patient": launch.patient,
            "need_patient_banner": launch.need_banner,
            "smart_style_url": f"{base}/smart-style.json",
        }
        if refresh:
            answer["refresh_token"] = refresh
        if launch.encounter:
            answer["encounter"] = launch.encounter
        if launch.app_context:
            answer["appContext"] = launch.app_context
        if launch.messaging_origin and any(scope.startswith("messaging/") for scope in scopes):
            answer["smart_web_messaging_origin"] = launch.messaging_origin
            answer["smart_web_messaging_handle"] = launch.messaging_handle
        return answer


def _answer(body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body), 200, _HEADERS, "application/json")


def _refusal(error: OAuth2Error) -> Response:
    headers = dict(_HEADERS)
    if error.status_code == 401:
        headers["WWW-Authenticate"] = 'Basic realm="demo EHR"'
    return Response(msgspec.json.encode(dict(error.get_body())), error.status_code, headers, "application/json")
