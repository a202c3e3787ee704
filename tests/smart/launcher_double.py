"""An EHR's authorization server in the manner of SMART launcher v2, as it was seen to behave (`clients.md` §2).

The launch code is the launcher's own: base64url of a JSON array that says whom, how strictly, and which error to
act out. Beside it a FHIR server over the fixtures. `said` overrides the token response and `said_with` its status,
`document` the discovery document, `claims` and `header` the id_token, so that an attack is one line of a test.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from watchful.demo.fhir import fhir_app

Json = dict[str, Any]
HOST = "https://ehr.example.org"
BASE = f"{HOST}/v/r4/fhir"
AUTHORIZE = f"{HOST}/v/r4/auth/authorize"
TOKEN = f"{HOST}/v/r4/auth/token"
JWKS = f"{HOST}/keys"
KEY = RSAKey.generate_key(2048, {"kid": "launcher", "use": "sig", "alg": "RS256"})
_FIELDS = (
    "launch_type", "patient", "provider", "encounter", "skip_login", "skip_auth", "sim_ehr", "scope",
    "redirect_uris", "client_id", "client_secret", "auth_error", "jwks_url", "jwks", "client_type", "pkce",
    "fhir_server",
)  # fmt: skip
PUBLIC, SYMMETRIC, ASYMMETRIC = 0, 1, 2


def launch_code(**changes: object) -> str:
    """A launch for the acute patient without any picker or log-in page; `pkce` 2 demands it."""
    usual: Json = {"launch_type": 0, "encounter": "NONE", "skip_login": 1, "skip_auth": 1, "sim_ehr": 0}
    usual |= {"patient": "acute-mri-patient", "provider": "prac1", "client_type": PUBLIC, "pkce": 2} | changes
    return _b64(json.dumps([usual.get(name, "") for name in _FIELDS]).encode())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(code: str) -> Json:
    return dict(zip(_FIELDS, json.loads(base64.urlsafe_b64decode(code + "==")), strict=True))


@dataclass
class Launcher:
    """The server. `asked` and `tokens` keep what came to its two endpoints, for tests to look at."""

    charts: Mapping[str, list[Json]]
    now: Any
    document: Json = field(default_factory=dict)
    said: Json = field(default_factory=dict)
    said_with: int = 200
    claims: Json = field(default_factory=dict)
    header: Json = field(default_factory=dict)
    standalone: Json = field(default_factory=lambda: _read(launch_code(launch_type=3)))
    asked: list[Json] = field(default_factory=list)
    tokens: list[Json] = field(default_factory=list)
    jtis: list[str] = field(default_factory=list)
    _codes: dict[str, Json] = field(default_factory=dict)
    _refresh: dict[str, Json] = field(default_factory=dict)
    _access: dict[str, float] = field(default_factory=dict)
    _count: int = 0

    def app(self) -> Starlette:
        self.fhir = fhir_app(self.charts)
        return Starlette(
            routes=[
                Route("/v/r4/fhir/.well-known/smart-configuration", self._discovery),
                Route("/v/r4/auth/authorize", self._authorize),
                Route("/v/r4/auth/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
                Route("/style.json", self._style),
                Mount("/v/r4/fhir", self._guarded),
            ]
        )

    async def _discovery(self, _request: Request) -> Response:
        usual = {
            "issuer": BASE,
            "jwks_uri": JWKS,
            "authorization_endpoint": AUTHORIZE,
            "token_endpoint": TOKEN,
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "fhirUser", "launch", "launch/patient", "online_access"],
            "capabilities": ["launch-ehr", "launch-standalone", "sso-openid-connect", "permission-v2"],
        }
        document = {name: value for name, value in (usual | self.document).items() if value is not None}
        return JSONResponse(document)

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [KEY.as_dict(private=False)]})

    async def _style(self, _request: Request) -> Response:
        return JSONResponse({"color_background": "#edeae3", "color_text": "url(https://evil.example/)"})

    async def _authorize(self, request: Request) -> Response:
        sent = dict(request.query_params)
        self.asked.append(sent)
        launch = _read(sent["launch"]) if "launch" in sent else self.standalone
        if launch["client_id"] and sent["client_id"] != launch["client_id"]:
            return self._refuse(sent, "invalid_client")
        if launch["redirect_uris"] and sent["redirect_uri"] not in launch["redirect_uris"].split():
            return JSONResponse({"error": "invalid_request"}, 400)
        if sent.get("aud") != BASE:
            return self._refuse(sent, "invalid_request")
        if launch["pkce"] == 2 and sent.get("code_challenge_method") != "S256":
            return self._refuse(sent, "invalid_request")
        if launch["auth_error"]:
            return self._refuse(sent, launch["auth_error"].removeprefix("auth_"))
        code = self._new("code")
        self._codes[code] = {"launch": launch, "sent": sent, "until": self.now().timestamp() + 60}
        return RedirectResponse(f"{sent['redirect_uri']}?{urlencode({'code': code, 'state': sent['state']})}", 302)

    def _refuse(self, sent: Json, error: str) -> Response:
        query = urlencode(
            {"error": error, "error_description": "<b>reflected</b>", "state": sent.get("state", "")}
        )
        return RedirectResponse(f"{sent['redirect_uri']}?{query}", 302)

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.tokens.append({**form, "authorization": request.headers.get("authorization")})
        if form.get("grant_type") == "refresh_token":
            granted = self._refresh.pop(form["refresh_token"], None)
            if granted is None:
                return JSONResponse({"error": "invalid_grant"}, 400)
        else:
            granted = self._codes.pop(form.get("code", ""), None)
            if granted is None or granted["until"] < self.now().timestamp():
                return JSONResponse({"error": "invalid_grant"}, 401)
            sent = granted["sent"]
            challenge = _b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
            if "code_challenge" in sent and challenge != sent["code_challenge"]:
                return JSONResponse({"error": "invalid_grant"}, 401)
            if form.get("redirect_uri") != sent["redirect_uri"]:
                return JSONResponse({"error": "invalid_grant"}, 401)
        if fault := self._client_fault(request, form, granted["launch"], granted["sent"]["client_id"]):
            return JSONResponse({"error": "invalid_client", "error_description": fault}, 401)
        return JSONResponse(self._granted(granted), self.said_with, headers={"Cache-Control": "no-store"})

    def _client_fault(self, request: Request, form: Json, launch: Json, client_id: str) -> str:
        if launch["client_type"] == PUBLIC:
            return "" if form.get("client_id") == client_id else "client_id"
        if launch["client_type"] == SYMMETRIC:
            expected = base64.b64encode(f"{client_id}:{launch['client_secret']}".encode()).decode()
            return "" if request.headers.get("authorization") == f"Basic {expected}" else "secret"
        try:
            keys = KeySet.import_key_set(json.loads(launch["jwks"]))
            token = jwt.decode(form["client_assertion"], keys, algorithms=["RS384", "ES384"])
        except (KeyError, ValueError, JoseError) as error:
            return type(error).__name__
        claims, now = token.claims, self.now().timestamp()
        # stricter than the launcher, which never looks at jti and life (SMART 2.2, asymmetric clients)
        if claims["jti"] in self.jtis or not now < claims["exp"] <= now + 300 or "kid" not in token.header:
            return "claims"
        self.jtis.append(claims["jti"])
        right = claims["iss"] == claims["sub"] == client_id and claims["aud"] == TOKEN
        return "" if right else "aud"

    def _granted(self, granted: Json) -> Json:
        sent, launch = granted["sent"], granted["launch"]
        access, refresh = self._new("access"), self._new("refresh")
        self._access[access] = self.now().timestamp() + 3600
        answer: Json = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": sent["scope"],
            "patient": launch["patient"],
            "need_patient_banner": True,
            "smart_style_url": f"{HOST}/style.json",
        }
        if launch["encounter"] not in ("NONE", "", "AUTO"):
            answer["encounter"] = launch["encounter"]
        if {"online_access", "offline_access"} & set(sent["scope"].split()):
            answer["refresh_token"] = refresh
            self._refresh[refresh] = granted
        if "openid" in sent["scope"].split():
            answer["id_token"] = self._id_token(sent, launch)
        return {name: value for name, value in (answer | self.said).items() if value is not None}

    def _id_token(self, sent: Json, launch: Json) -> str:
        now = int(self.now().timestamp())
        claims: Json = {"iss": BASE, "aud": sent["client_id"], "sub": "someone", "iat": now, "exp": now + 3600}
        claims |= {"fhirUser": f"Practitioner/{launch['provider']}", "nonce": sent.get("nonce")} | self.claims
        key = self.header.get("key", KEY)
        header = {"alg": "RS256", "typ": "JWT"} | {k: v for k, v in self.header.items() if k != "key"}
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header, said, key, algorithms=[header["alg"]])

    def revoke_access(self) -> None:
        self._access.clear()

    async def _guarded(self, scope: Any, receive: Any, send: Any) -> None:
        """FHIR, for a token of ours that lives."""
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if self._access.get(token, 0) < self.now().timestamp():
            await JSONResponse({"resourceType": "OperationOutcome"}, 401)(scope, receive, send)
            return
        await self.fhir(scope, receive, send)

    def _new(self, kind: str) -> str:
        self._count += 1
        return f"canary-{kind}-{self._count}-{hashlib.sha256(f'{kind}{self._count}'.encode()).hexdigest()[:24]}"


class Wire(httpx2.AsyncBaseTransport):
    """Everything that the app sends out, recorded; the launcher's host is there, and nothing else exists."""

    def __init__(self, launcher: Launcher) -> None:
        self._inner = httpx2.ASGITransport(app=launcher.app())
        self.sent: list[httpx2.Request] = []
        self.answers: dict[str, httpx2.Response | Exception] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        answer = self.answers.get(str(request.url))
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            return answer
        if request.url.host != "ehr.example.org":
            raise httpx2.ConnectError("nobody there")
        return await self._inner.handle_async_request(request)

    def urls(self) -> list[str]:
        return [str(each.url) for each in self.sent]
