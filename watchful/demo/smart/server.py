"""The authorization server's routes, all below the FHIR base: discovery, launch, authorize, token, keys, style."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from watchful.demo.addresses import fhir_base
from watchful.demo.smart.authorize import Authorize
from watchful.demo.smart.clients import ALGORITHMS, Client, Clients
from watchful.demo.smart.grants import Grants
from watchful.demo.smart.identity import Identities
from watchful.demo.smart.launches import Launches, PatientChoice, launch_of
from watchful.demo.smart.scopes import Access, supported
from watchful.demo.smart.token import TOKEN, Tokens

CAPABILITIES = (
    "launch-ehr", "launch-standalone", "authorize-post", "client-public", "client-confidential-symmetric",
    "client-confidential-asymmetric", "context-banner", "context-style", "context-ehr-patient",
    "context-ehr-encounter", "context-standalone-patient", "sso-openid-connect", "permission-patient",
    "permission-user", "permission-online", "permission-offline", "permission-v1", "permission-v2",
)  # fmt: skip
STYLE = {
    "color_background": "#f2f5f7",
    "color_error": "#a0151c",
    "color_highlight": "#0d5c75",
    "color_modal_backdrop": "rgba(27, 42, 51, 0.6)",
    "color_success": "#1f6b3a",
    "color_text": "#1b2a33",
    "dim_border_radius": "8px",
    "dim_font_size": "16px",
    "dim_spacing_size": "16px",
    "font_family_body": "system-ui, sans-serif",
    "font_family_heading": "system-ui, sans-serif",
}
"""The colours of `demo.css`, by the names of SMART 2.2 §8.1.1."""


class AuthorizationServer:
    """Give it to `fhir_app`, which mounts `routes` and asks it what a bearer token opens."""

    def __init__(
        self,
        patients: Callable[[], Mapping[str, PatientChoice]],
        now: Callable[[], datetime],
        clients: Iterable[Client] = (),
        *,
        token_lasts: timedelta = timedelta(hours=1),
        stylesheet: str = "",
    ) -> None:
        self._patients = patients
        self._clients = Clients(clients, now)
        self._launches = Launches(now)
        self._grants = Grants(now, token_lasts)
        self._identities = Identities(now)
        tokens = Tokens(self._clients, self._grants, self._identities)
        authorize = Authorize(self._clients, self._launches, self._grants, patients, now, stylesheet)
        self.routes = [
            Route("/.well-known/smart-configuration", self._configuration, methods=["GET"]),
            Route("/_services/smart/Launch", self._launch, methods=["POST"]),
            Route("/_services/smart/Messaging", self._messaging, methods=["POST"]),
            Route("/auth/authorize", authorize.begin, methods=["GET", "POST"]),
            Route("/auth/authorize/patient", authorize.pick, methods=["GET"]),
            Route(TOKEN, tokens.token, methods=["POST"]),
            Route("/auth/introspect", tokens.introspect, methods=["POST"]),
            Route("/auth/jwks", self._keys, methods=["GET"]),
            Route("/smart-style.json", self._style, methods=["GET"]),
        ]

    def register(self, client: Client) -> None:
        """An app beside those it began with, or one of them changed."""
        self._clients.register(client)

    def access(self, token: str) -> Access | None:
        """What a bearer token opens; None when it opens nothing (any more)."""
        return self._grants.access(token)

    async def _configuration(self, request: Request) -> Response:
        base = fhir_base(request)
        return _json(
            {
                "issuer": base,
                "jwks_uri": f"{base}/auth/jwks",
                "authorization_endpoint": f"{base}/auth/authorize",
                "token_endpoint": f"{base}{TOKEN}",
                "introspection_endpoint": f"{base}/auth/introspect",
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "private_key_jwt"],
                "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
                "authorization_response_iss_parameter_supported": True,
                "scopes_supported": supported(),
                "capabilities": list(CAPABILITIES),
            }
        )

    async def _launch(self, request: Request) -> Response:
        """As the CDS Hooks Sandbox asks; `messaging_handle` is ours, for the page that hosts the app."""
        try:
            launch = launch_of(msgspec.json.decode(await request.body()), self._patients())
        except (ValueError, msgspec.DecodeError) as error:
            return _json({"error": "invalid_request", "error_description": str(error)}, 400)
        answer = {"launch_id": self._launches.keep(launch)}
        if launch.messaging_handle:
            answer["messaging_handle"] = launch.messaging_handle
        return _json(answer)

    async def _messaging(self, request: Request) -> Response:
        """Ours too: which messages the page may carry out for a handle."""
        groups = self._grants.messaging((await request.body()).decode("utf-8", "replace"))
        if groups is None:
            return _json({"error": "invalid_request"}, 404)
        return _json({"groups": groups})

    async def _keys(self, request: Request) -> Response:
        return _json(self._identities.published())

    async def _style(self, request: Request) -> Response:
        return _json(STYLE)


def _json(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, {"Cache-Control": "no-store"}, "application/json")
