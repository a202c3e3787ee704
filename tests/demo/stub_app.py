"""A stand-in for the SMART app: a whole launch with PKCE, and a page that sends what its buttons say.

It proves nothing about the real app; it is what the demo EHR's panel is tested with.
"""

import json
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

import httpx2
from authlib.oauth2.rfc7636.challenge import create_s256_code_challenge
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

SCOPE = "launch openid fhirUser patient/Patient.rs patient/DocumentReference.c messaging/ui messaging/scratchpad"
PAGE = """<!doctype html><html lang="en"><title>Stand-in app</title><main><h1>Stand-in app</h1>
<p id="told">%s</p><p id="answers"></p>
<form method="post" action="/smart/write"><button>Write</button></form>
</main>
<script>
const context = JSON.parse(document.getElementById("told").textContent);
const ehr = window.parent === window ? window.opener : window.parent;
const answers = [];
addEventListener("message", (event) => {
  if (event.origin !== context.smart_web_messaging_origin) return;
  answers.push(event.data);
  document.getElementById("answers").textContent = JSON.stringify(answers.map((each) => each.payload));
});
const handle = context.smart_web_messaging_handle;
window.send = (messageType, payload, more) => ehr.postMessage(
  { messageType, payload, messageId: crypto.randomUUID(), messagingHandle: handle, ...more },
  context.smart_web_messaging_origin);
window.answers = answers;
</script></html>"""


class StubApp:
    """`token` is the latest token response; `launched` what each launch came with."""

    def __init__(self) -> None:
        self.scope = SCOPE
        self.token: dict[str, Any] = {}
        self.launched: list[dict[str, str]] = []
        self._asked: dict[str, tuple[str, str]] = {}
        self._iss = ""
        self.routes = [
            Route("/smart/launch", self.launch),
            Route("/smart/callback", self.callback),
            Route("/smart/write", self.write, methods=["POST"]),
        ]

    async def launch(self, request: Request) -> Response:
        self.launched.append(dict(request.query_params))
        iss, state, verifier = request.query_params["iss"], token_urlsafe(24), token_urlsafe(48)
        self._asked[state] = (iss, verifier)
        asked = {
            "response_type": "code",
            "client_id": "watchful-demo",
            "redirect_uri": f"{request.base_url}smart/callback",
            "launch": request.query_params["launch"],
            "scope": self.scope,
            "state": state,
            "aud": iss,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        return RedirectResponse(f"{iss}/auth/authorize?{urlencode(asked)}", 303)

    async def callback(self, request: Request) -> Response:
        self._iss, verifier = self._asked.pop(request.query_params["state"])
        form = {
            "grant_type": "authorization_code",
            "code": request.query_params["code"],
            "redirect_uri": f"{request.base_url}smart/callback",
            "client_id": "watchful-demo",
            "code_verifier": verifier,
        }
        async with httpx2.AsyncClient(trust_env=False) as http:
            self.token = (await http.post(f"{self._iss}/auth/token", data=form)).json()
        return self._page()

    async def write(self, request: Request) -> Response:
        """A document into the chart."""
        attachment = {"contentType": "application/pdf", "data": "JVBERi0xLjQK", "title": "Handout"}
        document = {
            "resourceType": "DocumentReference",
            "status": "current",
            "description": "Handout: back pain",
            "subject": {"reference": f"Patient/{self.token['patient']}"},
            "content": [{"attachment": attachment}],
        }
        headers = {
            "Authorization": f"Bearer {self.token['access_token']}",
            "Content-Type": "application/fhir+json",
        }
        async with httpx2.AsyncClient(trust_env=False) as http:
            answer = await http.post(f"{self._iss}/DocumentReference", json=document, headers=headers)
        assert answer.status_code == 201, answer.text
        return self._page()

    def _page(self) -> Response:
        shown = {name: value for name, value in self.token.items() if "token" not in name}
        return HTMLResponse(PAGE % json.dumps(shown).replace("<", "\\u003c"))
