"""The app at the demo EHR's own authorization server: a second counterpart, written apart from the first."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from launcher_double import Json
from smart_door import (
    CLIENT,
    CLIENT_SECRET,
    PUBLIC,
    Browser,
    SmartDoor,
    charts,
    key_file,
    opened,
    public_jwks,
    smart_site,
)
from starlette.applications import Starlette
from starlette.routing import Mount

from watchful.demo.fhir import fhir_app
from watchful.demo.smart import AuthorizationServer, Client, PatientChoice

PATIENT = "acute-mri-patient"
EHR = "https://ehr.example.org/fhir"


class Demo:
    """The door, at another EHR."""

    def __init__(self, door: SmartDoor, app: Starlette) -> None:
        self.door = door
        self.transport = httpx2.ASGITransport(app=app)
        door.wire._inner = self.transport
        self.ehr = httpx2.AsyncClient(transport=self.transport)

    def browser(self) -> Browser:
        return Browser(httpx2.ASGITransport(app=self.door.app), self.transport)

    async def launch_url(self, **parameters: Any) -> str:
        body = {"launchUrl": f"{PUBLIC}/smart/launch", "parameters": {"patient": PATIENT, **parameters}}
        launch = (await self.ehr.post(f"{EHR}/_services/smart/Launch", json=body)).json()["launch_id"]
        return f"{PUBLIC}/smart/launch?{httpx2.QueryParams({'iss': EHR, 'launch': launch})}"


@asynccontextmanager
async def demo(folder: Path, smart: Json | None = None, **client: Any) -> AsyncIterator[Demo]:
    async with opened(folder, smart_site(fhir=EHR, smart=smart or {})) as door:
        known = Client(client_id=CLIENT, redirect_uris=(f"{PUBLIC}/smart/callback",), **client)
        patients = {PATIENT: PatientChoice(PATIENT, "A Patient")}
        server = AuthorizationServer(lambda: patients, door.clock, (known,))
        app = Starlette(routes=[Mount("/fhir", fhir_app(charts(), smart=server, now=door.clock))])
        yield Demo(door, app)


FORMS = ("public", "client-secret", "private-key")


def registered(form: str, folder: Path) -> tuple[Json, Json]:
    if form == "client-secret":
        return {"auth": form, "client_secret": CLIENT_SECRET}, {"secret": CLIENT_SECRET}
    if form == "private-key":
        return {"auth": form, "keys": key_file(folder)}, {"jwks": public_jwks()}
    return {}, {}


@pytest.mark.parametrize("form", FORMS)
async def test_each_form_of_client(form: str, tmp_path: Path) -> None:
    smart, client = registered(form, tmp_path)
    async with demo(tmp_path, smart, **client) as ehr:
        browser = ehr.browser()
        page = await browser.open(await ehr.launch_url(encounter="", user="Practitioner/p1"))
        assert page.status == 200, page.answer.text
        session = await ehr.door.session(page)
        assert session.patient == PATIENT
        assert session.user == "Practitioner/p1"
        assert session.style["color_text"] == "#1b2a33"
        ehr.door.clock.forward(seconds=(session.tokens.expires_at - ehr.door.clock()).total_seconds() - 30)
        assert (await browser.open(page.url)).status == 200
        assert (await ehr.door.session(page)).tokens.access != session.tokens.access


async def test_the_wrong_client_gets_nothing(tmp_path: Path) -> None:
    smart = {"auth": "client-secret", "client_secret": CLIENT_SECRET}
    async with demo(tmp_path, smart, secret="another") as ehr:
        page = await ehr.browser().open(await ehr.launch_url())
        assert page.status == 502
        assert ehr.door.count("token-invalid_client") == 1


async def test_web_messaging_is_known_from_the_launch(tmp_path: Path) -> None:
    async with demo(tmp_path) as ehr:
        url = await ehr.launch_url(smart_messaging_origin="https://ehr.example.org")
        session = await ehr.door.session(await ehr.browser().open(url))
        assert session.messaging is not None
        assert session.messaging.origin == "https://ehr.example.org"
        assert session.messaging.handle
