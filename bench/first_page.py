"""How long a clinician waits for the app: from the launch link to the review page, painted. Prints Markdown.

    python -m bench.first_page [--launches 20] [--browser /usr/bin/chromium]

Everything is real and on this machine: Chromium, the service with its journal, and an EHR that authorizes the app
and serves the chart over FHIR (`watchful.demo`). Without a card the app reads the whole chart itself; with one it
goes on from what the card was made of. Each launch has a browser context of its own, so only the servers remember.
"""

import argparse
import datetime as dt
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from bench.bodies import hook_body
from watchful.demo.fhir import fhir_app
from watchful.demo.smart import AuthorizationServer, Client, PatientChoice
from watchful.service import Service, utc_now
from watchful.settings import demo_settings
from watchful.telemetry import configure_logging

SERVICE_PORT, EHR_PORT = 8061, 8062
EHR = f"http://127.0.0.1:{EHR_PORT}/fhir"
SIZES = (60, 600)
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the app's first page.")
    parser.add_argument("--launches", type=int, default=20)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    options = parser.parse_args()
    configure_logging("warning")
    today = dt.datetime.now(dt.UTC).date()
    print("| chart | read from | median, ms | slowest, ms |\n|---:|---|---:|---:|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.browser, args=["--no-sandbox"])
        for size in SIZES:
            body = hook_body(size, today)
            with _everything(body) as service:
                for source, handle in (("FHIR", ""), ("the card", _card(service, body))):
                    taken = sorted(_launch(browser, service, body, handle) for _ in range(options.launches))
                    median, slowest = statistics.median(taken), taken[-1]
                    print(f"| {size} | {source} | {median:.0f} | {slowest:.0f} |", flush=True)
        browser.close()


def _launch(browser: Browser, service: str, body: dict[str, Any], handle: str) -> float:
    """Milliseconds from following the link to the first paint of the review page, redirects and all."""
    context = browser.new_context(viewport={"width": 400, "height": 800})
    page = context.new_page()
    about = {"patient": body["context"]["patientId"], **({"appContext": handle} if handle else {})}
    launch = httpx2.post(f"{EHR}/_services/smart/Launch", json={"parameters": about}).json()["launch_id"]
    started = dt.datetime.now(dt.UTC).timestamp()
    page.goto(f"{service}/smart/launch?iss={EHR}&launch={launch}")
    while not page.evaluate(_PAINTED):  # asked from outside: the page's own policy forbids what waits inside
        page.wait_for_timeout(5)
    if not page.url.endswith("/review"):
        raise SystemExit(f"no review page: {page.title()}")
    painted: float = page.evaluate(f"performance.timeOrigin + {_PAINTED}")
    context.close()
    return painted - 1000 * started


def _card(service: str, body: dict[str, Any]) -> str:
    answer = httpx2.post(f"{service}/cds-services/lumbar-imaging", json=body).json()
    return str(answer["cards"][0]["links"][0]["appContext"])


@contextmanager
def _everything(body: dict[str, Any]) -> Iterator[str]:
    """The service's address, with an EHR beside it that holds the one chart of `body`."""
    patient = body["context"]["patientId"]
    chart = _resources(body)
    choice = PatientChoice(id=patient, name="Morgan Example")
    client = Client(client_id="watchful-demo", redirect_uris=(f"http://127.0.0.1:{SERVICE_PORT}/smart/callback",))
    smart = AuthorizationServer(lambda: {patient: choice}, utc_now, (client,))
    ehr = Starlette(routes=[Mount("/fhir", fhir_app({patient: chart}, smart=smart, now=utc_now))])
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        settings = demo_settings(SERVICE_PORT, database=f"sqlite:///{folder}/journal.db", fhir=EHR, smart=True)
        stack.enter_context(_served(ehr, EHR_PORT))
        stack.enter_context(_served(Service(settings).app, SERVICE_PORT))
        yield settings.public_url


def _resources(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The chart, once each, and the drafted order, which an EHR has, too."""
    found: dict[str, dict[str, Any]] = {}
    drafted = [entry["resource"] for entry in body["context"]["draftOrders"]["entry"]]
    for value in body["prefetch"].values():
        for each in [entry["resource"] for entry in value["entry"]] if value.get("entry") else [value]:
            if each["resourceType"] != "Bundle":
                found[f"{each['resourceType']}/{each['id']}"] = each
    return [*found.values(), *drafted]


@contextmanager
def _served(app: ASGIApp, port: int) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", access_log=False, lifespan="auto"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.05)
        if not thread.is_alive():
            raise SystemExit(f"port {port} is taken")
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    main()
