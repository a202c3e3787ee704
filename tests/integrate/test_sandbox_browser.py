"""The CDS Hooks Sandbox, by a double in a real browser: its requests, its CORS, and the fields that it reads.

The sandbox itself cannot be fetched here. What it was seen to do is written down in `sandbox_page.html`.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hook_builders import TODAY, fixture
from hook_door import empty_database, knowledge, settings_for
from playwright.sync_api import sync_playwright
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

sys.path.insert(0, str(Path(__file__).parents[1]))

from demo.serving import served

from watchful.demo import fixtures
from watchful.demo.fhir import fhir_app
from watchful.service import Service

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
PAGE = Path(__file__).with_name("sandbox_page.html")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}"),
]


def open_fhir(name: str) -> Any:
    """A FHIR server as the sandbox wants it: open to browsers, with POST searches."""
    inner = fhir_app(fixtures.by_patient((fixture(name),)), {}, 200)

    async def search(request: Request) -> Response:
        form = (await request.body()).decode()
        scope = {**request.scope, "method": "GET", "path": request.url.path.removesuffix("/_search")}
        scope["path"] = scope["path"].removeprefix("/fhir")
        scope |= {"raw_path": scope["path"].encode(), "query_string": form.encode(), "root_path": ""}
        sent: list[Any] = []

        async def keep(message: Any) -> None:
            sent.append(message)

        await inner(scope, request.receive, keep)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Response(body, sent[0]["status"], media_type="application/fhir+json")

    routes = [Route("/fhir/{kind}/_search", search, methods=["POST"]), Mount("/fhir", inner)]
    return CORSMiddleware(Starlette(routes=routes), allow_origins=["*"], allow_headers=["*"])


@pytest.fixture
def addresses(tmp_path: Path) -> Iterator[tuple[str, str, str, Service]]:
    """The page, the FHIR server and the service, each on an origin of its own."""

    async def page(_: Request) -> Response:
        return Response(PAGE.read_text(), media_type="text/html")

    async def icon(_: Request) -> Response:
        return JSONResponse({})

    with ExitStack() as stack:
        fhir = stack.enter_context(served(open_fhir("cancer-history")))
        made = settings_for(tmp_path, profile="sandbox", system_actions=True, fhir=f"{fhir}/fhir")
        empty_database(tmp_path).rename(tmp_path / "journal.db")
        moment = datetime(TODAY.year, TODAY.month, TODAY.day, 18, tzinfo=UTC)
        service = Service(made, now=lambda: moment, knowledge=knowledge())
        asyncio.run(service.journal.start())
        base = stack.enter_context(served(service.app))
        site = stack.enter_context(served(Starlette(routes=[Route("/", page), Route("/favicon.ico", icon)])))
        yield site, f"{fhir}/fhir", base, service
        asyncio.run(service.journal.close())


def test_the_imaging_page(addresses: tuple[str, str, str, Service]) -> None:
    site, fhir, base, service = addresses
    query = f"serviceDiscoveryURL={base}/cds-services&fhirServiceUrl={fhir}&patientId=cancer-history-patient"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.goto(f"{site}/?{query}")
        page.wait_for_function("document.title === 'done'", timeout=30_000)
        seen = json.loads(page.locator("#out").inner_text())
        browser.close()

    rows = asyncio.run(service.journal.recent(5, "demo"))
    assert "error" not in seen, [(row["reason"], set(row["data_classes"].values()), row["flags"]) for row in rows]
    assert seen["services"] == ["order-select lumbar-imaging", "order-sign lumbar-imaging"]
    first, second, third = seen["calls"]
    assert (first["status"], first["cards"]) == (200, [])  # an empty coding, no text, no reasons
    assert [each["status"] for each in seen["calls"]] == [200] * 3
    assert "encounter" not in first["keys"]  # no encounterId: the sandbox leaves the key out
    assert {"patient", "conditions", "observations"} <= set(first["keys"])
    assert len(second["cards"]) == len(third["cards"]) == 1
    assert seen["label"]
    assert seen["buttons"]
    assert seen["taken"]["code"] in ("72148", "72158")  # the MRI that fits
    assert seen["taken"]["reasons"] == ["278862001"]
    assert seen["taken"]["rating"] == "appropriate"
    assert [each["rating"] for each in seen["systemActions"]] == ["not-appropriate"]
    assert (seen["accepted"], seen["overridden"]) == (200, 200)
