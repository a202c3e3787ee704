"""From the hook to the patient: a card's link opens a handout in the patient's language, as the site set it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from watchful.chart.templates import TEMPLATES
from watchful.demo import fixtures
from watchful.demo.prefetch import resolve
from watchful.service import Service
from watchful.settings import demo_settings

NOW = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)
SERVICE = "/cds-services/lumbar-imaging"


def hook(speaks: str | None, user: str = "Practitioner/1") -> dict[str, Any]:
    """What an EHR sends for an acute back pain visit of a patient who speaks this language."""
    found = fixtures.load("acute-mri", date(2026, 11, 2))
    body = {**found.request, "prefetch": resolve(TEMPLATES, found.context, found.resources, found.unreadable)}
    sent: dict[str, Any] = json.loads(json.dumps(body))
    patient = sent["prefetch"]["patient"]
    patient.pop("communication", None)
    if speaks is not None:
        spoken = {"coding": [{"system": "urn:ietf:bcp:47", "code": speaks}]}
        patient["communication"] = [{"language": spoken, "preferred": True}]
    sent["context"]["userId"] = user
    return sent


@asynccontextmanager
async def service(folder: Path, **site: Any) -> AsyncIterator[tuple[Service, httpx2.AsyncClient]]:
    settings = demo_settings(8042, database=f"sqlite:///{folder / 'journal.db'}")
    settings = settings.model_copy(update={"site": (settings.site[0].model_copy(update=site),)})
    running = Service(settings, now=lambda: NOW)
    await running.start()
    try:
        transport = httpx2.ASGITransport(app=running.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8042") as http:
            yield running, http
    finally:
        await running.stop()


async def link_of(http: httpx2.AsyncClient, speaks: str | None) -> str:
    answer = await http.post(SERVICE, json=hook(speaks))
    assert answer.status_code == 200, answer.text
    url: str = answer.json()["cards"][0]["links"][0]["url"]
    return url


@pytest.mark.parametrize(
    ("speaks", "opted_in", "language"),
    [
        (None, (), "en"),
        ("en-US", (), "en"),
        ("es", (), "es"),
        ("spa", (), "es"),
        ("ar", (), "en"),
        ("ar", ("ar",), "ar"),
        ("zh-CN", ("ar", "zh-Hans"), "zh-Hans"),
        ("tlh", ("ar",), "en"),
    ],
)
async def test_the_handout_speaks_the_patients_language(
    tmp_path: Path, speaks: str | None, opted_in: tuple[str, ...], language: str
) -> None:
    async with service(tmp_path, languages_needing_review=opted_in, contact="Clinic, 555-0100") as (_, http):
        url = await link_of(http, speaks)
        for ending in ("", ".pdf", ".txt"):
            answer = await http.get(url + ending)
            assert answer.status_code == 200
            assert answer.headers["content-language"] == language
        page = (await http.get(url)).text
    assert "Clinic, " in page
    assert page.count("hreflang") == 0
    assert page.count("<a ") == len({"en", "es", *opted_in}) - 1 + 3


async def test_the_sites_choices_reach_the_page(tmp_path: Path) -> None:
    async with service(tmp_path, large_print=True, agreement_line=False) as (_, http):
        page = (await http.get(await link_of(http, None))).text
    assert 'class="large"' in page
    assert "Your care team:" not in page


@pytest.mark.parametrize("frame", ["reason-first", "plan-first", "trust-first", "random"])
async def test_the_journal_keeps_the_frame_that_was_shown(tmp_path: Path, frame: str) -> None:
    openings = {"reason-first": "**Why:**", "plan-first": "**Plan:**", "trust-first": "**Worry first; ask:**"}
    async with service(tmp_path, frame=frame) as (running, http):
        details = [(await http.post(SERVICE, json=hook(None))).json()["cards"][0]["detail"] for _ in range(2)]
        rows = await running.journal.recent(1, running.settings.site[0].id)
    kept = rows[0]["card"]["frame"]
    assert kept == frame or frame == "random"
    assert all(detail.startswith(openings[kept]) for detail in details)


async def test_a_site_can_have_its_cards_in_spanish(tmp_path: Path) -> None:
    async with service(tmp_path, card_language="es") as (_, http):
        answer = await http.post(SERVICE, json=hook("en"))
    assert answer.json()["cards"][0]["summary"].startswith("Lumbalgia 9 días")
