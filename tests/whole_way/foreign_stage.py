"""The app at an EHR of another site: both over TLS, and a browser that keeps third-party cookies from both.

A live site from a real `watchful.toml`. The names are nobody's: the browser is told where they are, and the
service reaches the EHR through a proxy that knows.
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import urlencode

import httpx2
from joserfc.jwk import ECKey
from live_servers import listening, port_of, serving
from own_authority import certify
from playwright.sync_api import BrowserContext, FrameLocator, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from way_out import way_out
from wiretap import Wiretap

from watchful.clinical.knowledge import load as load_knowledge
from watchful.demo import fixtures
from watchful.demo.fhir import fhir_app
from watchful.demo.smart import AuthorizationServer, Client, PatientChoice
from watchful.service import Service
from watchful.settings import load

OURS, THEIRS, ELSEWHERE = "watchful.test", "ehr.example", "elsewhere.example"
CLIENT = "watchful-at-the-hospital"
FLAGS = [
    f"--host-resolver-rules=MAP {OURS} 127.0.0.1, MAP {THEIRS} 127.0.0.1, MAP {ELSEWHERE} 127.0.0.1",
    "--test-third-party-cookie-phaseout",
]
SETTINGS = """
public_url = "{ours}"
database = "sqlite:///{folder}/journal.db"
[[site]]
id = "hospital"
fhir = "{theirs}/fhir"
timezone = "UTC"
fhir_deadline_ms = 10_000
mode = "live"
knowledge = "{knowledge}"
approved_by = "A. Clinician"
approved_on = {today}
proxy = "http://127.0.0.1:{proxy}"
ca_bundle = "authority.pem"
frame_ancestors = ["{theirs}"]
[[site.issuer]]
iss = "{theirs}"
jwks = "ehr-keys.json"
[site.smart]
client_id = "{client}"
writes = ["handout"]
"""


@dataclass
class ForeignStage:
    service: Wiretap
    ehr: Wiretap
    ours: str
    theirs: str
    elsewhere: str
    tunnels: list[str]
    trust: ssl.SSLContext = field(repr=False)

    def launch(self, name: str) -> str:
        """Where the EHR opens the app for the visit of a fixture. Works once."""
        context = next(each.context for each in _held() if each.name == name)
        visit = {"patient": context["patientId"], "encounter": context["encounterId"]}
        asked = {"launch_url": f"{self.ours}/smart/launch", "parameters": visit}
        here = f"{self._at_home()}/fhir/_services/smart/Launch"
        launch = httpx2.post(here, json=asked, verify=self.trust).json()["launch_id"]
        return f"{self.ours}/smart/launch?{urlencode({'iss': f'{self.theirs}/fhir', 'launch': launch})}"

    def chart(self, *framed: str, at: str = "") -> str:
        """The page that frames these addresses, side by side: the EHR's, or the same of another origin."""
        return f"{at or self.theirs}/chart?{urlencode([('src', each) for each in framed])}"

    def control(self) -> str:
        """A page on the app's own host: sets a plain and a partitioned cookie, and shows those that came."""
        return f"{self.ours}/control"

    def _at_home(self) -> str:
        return f"https://127.0.0.1:{self.theirs.rpartition(':')[2]}"


def framed(page: Page, number: int = 0) -> FrameLocator:
    return page.frame_locator(f"iframe >> nth={number}")


def shown(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    return page


@contextmanager
def foreign_stage(folder: Path) -> Iterator[ForeignStage]:
    authority, certificate = certify(folder, OURS, THEIRS, ELSEWHERE)
    with ExitStack() as stack:
        our_port, their_port, exit_port = (stack.enter_context(listening()) for _ in range(3))
        ours, theirs = f"https://{OURS}:{port_of(our_port)}", f"https://{THEIRS}:{port_of(their_port)}"
        _configure(folder, ours=ours, theirs=theirs, proxy=port_of(exit_port))
        service = Wiretap(Service(load(folder / "watchful.toml", {"WATCHFUL_SECRET": "s" * 32})).app)
        ehr = Wiretap(_ehr(f"{ours}/smart/callback"))
        stack.enter_context(serving(_Control(service), our_port, lifespan=True, certificate=certificate))
        stack.enter_context(serving(ehr, their_port, certificate=certificate))
        tunnels = stack.enter_context(way_out(exit_port))
        trust = ssl.create_default_context(cafile=str(authority))
        elsewhere = theirs.replace(THEIRS, ELSEWHERE)
        yield ForeignStage(service, ehr, ours, theirs, elsewhere, tunnels, trust)


def _configure(folder: Path, *, ours: str, theirs: str, proxy: int) -> None:
    key = ECKey.generate_key("P-384", {"kid": "ehr", "use": "sig", "alg": "ES384"})
    (folder / "ehr-keys.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    text = SETTINGS.format(
        ours=ours, theirs=theirs, proxy=proxy, folder=folder, client=CLIENT,
        knowledge=load_knowledge().version, today=datetime.now(UTC).date(),
    )  # fmt: skip
    (folder / "watchful.toml").write_text(text)


def _ehr(redirect_uri: str) -> Starlette:
    """A chart that frames the app, and its server; each chart holds the visit's order."""
    patients = {each.patient_id: PatientChoice(each.patient_id, each.title) for each in _held()}
    client = Client(client_id=CLIENT, redirect_uris=(redirect_uri,))
    smart = AuthorizationServer(lambda: patients, lambda: datetime.now(UTC), (client,))
    charts = {each.patient_id: [*each.resources, *each.orders] for each in _held()}
    return Starlette(routes=[Route("/chart", _chart), Mount("/fhir", fhir_app(charts, smart=smart))])


@cache
def _held() -> tuple[fixtures.Fixture, ...]:
    return fixtures.load_all(datetime.now(UTC).date())


async def _chart(request: Request) -> Response:
    frames = "".join(
        f'<iframe title="App" width="400" height="700" referrerpolicy="no-referrer" src="{escape(each)}"></iframe>'
        for each in request.query_params.getlist("src")
    )
    return HTMLResponse(f'<!doctype html><html lang="en"><title>Chart</title><h1>Chart</h1>{frames}')


class _Control:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/control":
            await self._app(scope, receive, send)
            return
        answer = PlainTextResponse(f"came: {' '.join(sorted(Request(scope).cookies)) or 'none'}")
        answer.headers.append("Set-Cookie", "plain=1; Path=/control; Secure; HttpOnly; SameSite=None")
        answer.headers.append(
            "Set-Cookie", "partitioned=1; Path=/control; Secure; HttpOnly; SameSite=None; Partitioned"
        )
        await answer(scope, receive, send)
