"""What the demo EHR serves, over ASGI; how the page behaves is in test_page.py."""

import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx2
import pytest

import watchful.demo
from watchful.demo import fixtures
from watchful.demo.app import content_policy, demo_app
from watchful.demo.orders import CPT, STUDIES

TODAY = date(2027, 2, 3)
SERVICE = "http://127.0.0.1:8000"
STATIC = Path(watchful.demo.__file__).parent / "static"


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = demo_app(f"{SERVICE}/", lambda: TODAY, f"{SERVICE}/demo/journal.json")
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://ehr.test") as client:
        yield client


async def test_config_lists_every_fixture_and_study(client: httpx2.AsyncClient) -> None:
    config = (await client.get("/config.json")).json()
    assert [each["name"] for each in config["fixtures"]] == list(fixtures.names())
    assert config["fixtures"][0]["patient"] == "Maya Lindqvist"
    assert (config["service"], config["today"]) == (SERVICE, "2027-02-03")
    assert len(config["studies"]) == len(STUDIES)


async def test_the_page_is_not_told_what_to_expect(client: httpx2.AsyncClient) -> None:
    """The service's answer must come from the service."""
    config = (await client.get("/config.json")).json()
    assert all("decision" not in each for each in config["fixtures"])


async def test_context_and_charts_follow_today(client: httpx2.AsyncClient) -> None:
    context = (await client.get("/context/acute-mri.json")).json()
    assert context["patientId"] == "acute-mri-patient"
    assert context["draftOrders"]["entry"][0]["resource"]["authoredOn"].startswith("2027-02-03")
    found = (await client.get("/fhir/Condition?patient=acute-mri-patient&category=encounter-diagnosis")).json()
    assert found["entry"][0]["resource"]["onsetDateTime"] == "2027-01-25"


async def test_unreadable_types_are_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/fhir/MedicationRequest?patient=unreadable-medications-patient")
    assert answer.status_code == 403


async def test_unknown_fixture_is_404(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/context/nobody.json")).status_code == 404


@pytest.mark.parametrize("path", ["/", "/static/demo.js", "/config.json", "/fhir/metadata", "/nothing"])
async def test_every_answer_carries_the_policy(client: httpx2.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_policy_names_service_and_journal_origins_once() -> None:
    assert f"connect-src 'self' {SERVICE};" in content_policy(SERVICE, f"{SERVICE}/j.json")
    assert "connect-src 'self' http://a http://b:1;" in content_policy("http://b:1", "http://a/j")
    assert "connect-src 'self' http://a;" in content_policy("http://a", "/journal.json")


def test_only_the_service_can_be_framed() -> None:
    policy = content_policy(SERVICE, "http://journal.test/j")
    assert f"frame-src 'self' {SERVICE};" in policy
    assert "frame-ancestors 'none'" in policy


async def test_by_its_other_name_the_page_sends_on_to_where_apps_open(client: httpx2.AsyncClient) -> None:
    answer = await client.get("http://localhost:8043/")
    assert (answer.status_code, answer.headers["location"]) == (307, "http://127.0.0.1:8043/")


async def test_the_service_is_registered_as_an_app(client: httpx2.AsyncClient) -> None:
    asked = {"client_id": "watchful-demo", "redirect_uri": f"{SERVICE}/smart/callback"}
    known = await client.get("/fhir/auth/authorize", params=asked)
    assert known.headers["location"].startswith(f"{SERVICE}/smart/callback?error=invalid_request")
    other = await client.get("/fhir/auth/authorize", params=asked | {"redirect_uri": "http://evil.test/"})
    assert other.status_code == 400
    assert "frame-ancestors 'self'" in other.headers["content-security-policy"]


def test_static_files_ask_nobody_else_and_hold_no_inline_code() -> None:
    for path in STATIC.iterdir():
        text = path.read_text("utf-8")
        assert not re.search(r"(?:src|href)=.?(?:https?:)?//", text), path.name
        assert not re.search(r"@import|url\(", text), path.name
    page = (STATIC / "index.html").read_text("utf-8")
    assert not re.search(r"<style|\son\w+=|\sstyle=|<script(?![^>]*\ssrc=)", page)


def test_cpt_codes_of_the_menu_stand_bare() -> None:
    codings = [coding for study in STUDIES for coding in study.coding if coding.system == CPT]
    assert len(codings) == len(STUDIES)
    assert all(re.fullmatch(r"\d{5}", coding.code) for coding in codings)
