"""The demo EHR's authorization server with a clock that stands still, and an app that does everything right.

A test changes one thing of a right request and looks at what becomes of it.
"""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit
from uuid import uuid4

import httpx2
from authlib.oauth2.rfc7636.challenge import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette

from watchful.demo.fhir import fhir_app
from watchful.demo.smart import AuthorizationServer, Client, PatientChoice

ORIGIN = "http://ehr.test"
BASE = f"{ORIGIN}/r4"
REDIRECT = "https://app.test/smart/callback"
VERIFIER = "v" * 43
SCOPE = (
    "launch openid fhirUser online_access patient/Patient.rs patient/Condition.rs patient/ServiceRequest.crs "
    "patient/DocumentReference.c patient/Questionnaire.crs messaging/ui messaging/scratchpad"
)
KEY = ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384", "kid": "one"})
PUBLIC = Client(client_id="public", redirect_uris=(REDIRECT,))
SYMMETRIC = Client(client_id="with secret", redirect_uris=(REDIRECT,), secret="s3cret: %&ä")
ASYMMETRIC = Client(client_id="with-key", redirect_uris=(REDIRECT,), jwks={"keys": [KEY.as_dict(private=False)]})
CHARTS = {
    "p1": [
        {"resourceType": "Patient", "id": "p1", "name": [{"family": "One", "given": ["Pat"]}]},
        {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}},
        {"resourceType": "Practitioner", "id": "d1"},
    ],
    "p2": [
        {"resourceType": "Patient", "id": "p2", "name": [{"family": "Two", "given": ["Pat"]}]},
        {"resourceType": "Condition", "id": "c2", "subject": {"reference": "Patient/p2"}},
    ],
}
PATIENTS = {"p1": PatientChoice("p1", "Pat One", "Back pain"), "p2": PatientChoice("p2", "Pat Two")}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


class Ehr:
    """The server over ASGI, and the steps of a launch. Each step takes what a test wants otherwise."""

    def __init__(self, **more: Any) -> None:
        self.clock = Clock()
        self.server = AuthorizationServer(lambda: PATIENTS, self.clock, (PUBLIC, SYMMETRIC, ASYMMETRIC))
        app = Starlette()
        app.mount("/r4", fhir_app(CHARTS, smart=self.server, now=self.clock, **more))
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE)

    async def launch(self, **parameters: Any) -> str:
        body = {"launch_url": "https://app.test/smart/launch", "parameters": {"patient": "p1"} | parameters}
        return str((await self.http.post("/_services/smart/Launch", json=body)).json()["launch_id"])

    async def authorize(self, **changed: str | None) -> httpx2.Response:
        """A None leaves the parameter out."""
        wanted = await self.asked(**changed)
        return await self.http.get("/auth/authorize", params=wanted)

    async def asked(self, **changed: str | None) -> dict[str, str]:
        right = {
            "response_type": "code",
            "client_id": PUBLIC.client_id,
            "redirect_uri": REDIRECT,
            "scope": SCOPE,
            "state": "s" * 22,
            "aud": BASE,
            "nonce": "n" * 22,
            "code_challenge": create_s256_code_challenge(VERIFIER),
            "code_challenge_method": "S256",
        }
        if "launch" not in changed:
            right["launch"] = await self.launch(encounter="e1", user="Practitioner/d1")
        return {name: value for name, value in (right | changed).items() if value is not None}

    async def code(self, **changed: str | None) -> str:
        return sent_back(await self.authorize(**changed))["code"]

    async def exchange(self, code: str, /, **changed: str | None) -> httpx2.Response:
        """As the public client; `Authorization` is a header, all else of the form."""
        right = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
            "client_id": PUBLIC.client_id,
        }
        return await self.post("/auth/token", **(right | changed))

    async def refresh(self, token: str, **changed: str | None) -> httpx2.Response:
        right = {"grant_type": "refresh_token", "refresh_token": token, "client_id": PUBLIC.client_id}
        return await self.post("/auth/token", **(right | changed))

    async def post(self, path: str, Authorization: str | None = None, **form: str | None) -> httpx2.Response:
        headers = {"Authorization": Authorization} if Authorization else {}
        data = {name: value for name, value in form.items() if value is not None}
        return await self.http.post(path, data=data, headers=headers)

    async def opened(self, **changed: str | None) -> dict[str, Any]:
        """The token response of a whole launch."""
        answer: dict[str, Any] = (await self.exchange(await self.code(**changed))).json()
        return answer

    async def bearer(self, **changed: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {(await self.opened(**changed))['access_token']}"}

    def assertion(self, key: ECKey = KEY, **changed: Any) -> str:
        now = int(self.clock().timestamp())
        claims = {"iss": "with-key", "sub": "with-key", "aud": f"{BASE}/auth/token", "exp": now + 240}
        claims |= {"jti": str(uuid4())} | changed
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "ES384", "kid": "one", "typ": "JWT"}, kept, key, algorithms=["ES384"])


def sent_back(answer: httpx2.Response) -> dict[str, str]:
    """The parameters that the browser carries to the app."""
    assert answer.status_code == 303, answer.text
    location = urlsplit(answer.headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == REDIRECT
    return {name: values[0] for name, values in parse_qs(location.query).items()}


def basic(client_id: str, secret: str) -> str:
    joined = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {b64encode(joined.encode()).decode()}"


def issue_of(answer: httpx2.Response) -> str:
    body = json.loads(answer.content)
    assert body["resourceType"] == "OperationOutcome"
    return str(body["issue"][0]["code"])
