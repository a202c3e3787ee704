"""Two sites on one instance, each with the app: launched, framed, signed and opened below its own prefix alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from launcher_double import ASYMMETRIC, BASE, Launcher, Wire, launch_code
from smart_door import (
    CLIENT,
    PUBLIC,
    Browser,
    Clock,
    charts,
    empty_database,
    key_file,
    knowledge,
    public_keys,
    settings_of,
    smart_site,
)

from watchful.service import Service

NORTH, SOUTH = f"{PUBLIC}/s/north", f"{PUBLIC}/s/south"
OTHER_BASE = "https://other-ehr.example.net/r4"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    clock = Clock()
    (tmp_path / "smart.db").write_bytes(empty_database())
    for name in ("north", "south"):
        (tmp_path / name).mkdir()
    north = smart_site(
        id="north",
        mode="live",
        knowledge=knowledge().version,
        smart={"auth": "private-key", "keys": key_file(tmp_path / "north", "ours-1")},
    )
    south = smart_site(
        id="south",
        fhir=OTHER_BASE,
        frame_ancestors=("https://other-ehr.example.net",),
        smart={"auth": "private-key", "keys": key_file(tmp_path / "south", "theirs-1")},
    )
    launcher = Launcher(charts(), clock)
    settings = settings_of(tmp_path, north, south)
    service = Service(settings, now=clock, knowledge=knowledge(), transport=Wire(launcher))
    await service.journal.start()
    yield Browser(httpx2.ASGITransport(app=service.app), httpx2.ASGITransport(app=launcher.app()))
    await service.journal.close()


def launch(prefix: str, iss: str = BASE) -> str:
    code = launch_code(client_type=ASYMMETRIC, client_id=CLIENT, jwks=public_keys())
    return f"{prefix}/smart/launch?{httpx2.QueryParams({'iss': iss, 'launch': code})}"


async def test_the_whole_way_stays_below_the_prefix(browser: Browser) -> None:
    page = await browser.open(launch(NORTH))

    assert page.status == 200
    ours = [url for url in page.way if url.startswith(PUBLIC)]
    assert all(url.startswith(f"{NORTH}/smart/") for url in ours)
    assert page.url.endswith("/review")
    assert 'href="/s/north/smart/static/app.css' in page.answer.text
    assert "frame-ancestors https://ehr.example.org" in page.answer.headers["content-security-policy"]


async def test_a_session_of_one_site_is_none_of_the_other(browser: Browser) -> None:
    page = await browser.open(launch(NORTH))
    elsewhere = await browser.open(page.url.replace(NORTH, SOUTH))

    assert page.status == 200
    assert elsewhere.status == 401


async def test_each_site_knows_its_own_ehr_alone(browser: Browser) -> None:
    assert (await browser.open(launch(SOUTH))).status == 400
    assert (await browser.open(launch(NORTH, OTHER_BASE))).status == 400


async def test_there_is_no_app_without_a_prefix(browser: Browser) -> None:
    assert (await browser.open(launch(PUBLIC))).status == 404


async def test_keys_are_published_by_site_and_together(browser: Browser) -> None:
    async def kids(prefix: str) -> list[str]:
        answer = await browser.http.get(f"{prefix}/.well-known/jwks.json")
        return [each["kid"] for each in answer.json()["keys"]]

    assert await kids(NORTH) == ["ours-1"]
    assert await kids(SOUTH) == ["theirs-1"]
    assert await kids(PUBLIC) == ["ours-1", "theirs-1"]


@pytest.mark.parametrize("alone", [True, False])
async def test_no_address_sends_the_browser_where_its_request_says(tmp_path: Path, alone: bool) -> None:
    """A stray slash must not carry a launch to the `Host` of the request, nor from https to http."""
    sites = [smart_site(id=name) for name in ("north", "south")]
    service = Service(settings_of(tmp_path, *sites[: 1 if alone else 2]), knowledge=knowledge())
    transport = httpx2.ASGITransport(app=service.app)
    paths = ["/s/north", "/s/north/smart/launch/?launch=x", "/s/north/smart/app/x/"]
    paths += ["/smart/launch/?launch=x", "/smart/callback/?code=x&state=y", "/handout/x/"] if alone else []
    async with httpx2.AsyncClient(transport=transport, base_url="http://evil.example") as http:
        answers = [await http.get(path) for path in paths]

    assert [each.status_code for each in answers] == [404] * len(paths)
    assert not [each.headers["location"] for each in answers if "location" in each.headers]
