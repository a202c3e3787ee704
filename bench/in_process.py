"""Where one request's time goes, and how the work grows with the chart: no sockets. Prints Markdown.

    python -m bench.in_process [--quick]

The steps are the public functions of the hook's way, each timed alone; "whole" is the ASGI application called
directly, journal commit and all. Growth is processor time of decoding and judging, from 60 to 20,000 resources.
"""

import argparse
import asyncio
import datetime as dt
import gc
import pathlib
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from bench.bodies import encoded, hook_body
from bench.callers import ISSUER, SERVICE, Caller, caller, write_site
from cds_hooks.cards import Judged, Link, make_card
from cds_hooks.request import read_request
from cds_hooks.trust import Trust
from watchful.chart.facts import chart_facts
from watchful.chart.gather import gather
from watchful.chart.orders import imaging_orders
from watchful.chart.subjects import Subject
from watchful.clinical.assess import assess
from watchful.clinical.knowledge import Knowledge, load
from watchful.content.load import load as load_content
from watchful.service import Service
from watchful.settings import Settings
from watchful.settings import load as load_settings

PUBLIC_URL = "http://127.0.0.1:8051"
SIZES = (60, 600)
GROWTH = (60, 200, 600, 2_000, 6_000, 20_000)
_UTC = ZoneInfo("UTC")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the steps of one request.")
    parser.add_argument("--repeats", type=int, default=1_000)
    parser.add_argument("--quick", action="store_true", help="a hundred repeats, to see that it works")
    options = parser.parse_args()
    repeats = 100 if options.quick else options.repeats
    today = dt.datetime.now(dt.UTC).date()
    bodies = {size: encoded(hook_body(size, today)) for size in SIZES}
    with tempfile.TemporaryDirectory() as made, caller("RS384", PUBLIC_URL) as known:
        settings = load_settings(
            write_site(pathlib.Path(made), known, public_url=PUBLIC_URL),
            {"WATCHFUL_SECRET": secrets.token_hex(20)},
        )
        steps = {size: _steps(body, settings, known.tokens(1)[0], today, repeats) for size, body in bodies.items()}
        whole = asyncio.run(_whole(settings, known, bodies, repeats))
    print(f"Medians of {repeats} calls, microseconds.\n")
    print("| step |" + "".join(f" {size} resources |" for size in SIZES))
    print("|---|" + "---:|" * len(SIZES))
    for name in steps[SIZES[0]]:
        print(f"| {name} |" + "".join(f" {steps[size][name]:,.0f} |" for size in SIZES))
    print("| **whole, with the journal** |" + "".join(f" **{whole[size]:,.0f}** |" for size in SIZES))
    print("\n| resources | processor time, ms | microseconds each |\n|---:|---:|---:|")
    for size, seconds in _growth(load(), today):
        print(f"| {size:,} | {1000 * seconds:,.2f} | {1e6 * seconds / size:.2f} |")


def _steps(body: bytes, settings: Settings, token: str, today: dt.date, repeats: int) -> dict[str, float]:
    """Each step's median, given what the step before it made."""
    knowledge, site = load(), settings.site[0]
    trust = Trust(site, settings.public_url, time.time)
    header = f"Bearer {token}"
    request = read_request(body)
    assert request.draft_orders is not None
    draft = imaging_orders(request.draft_orders, request.selections, knowledge, _UTC)[0]
    chart = _chart(body)
    facts = chart_facts(chart, draft, knowledge, zone=_UTC, user=request.user)
    judged = Judged(draft, assess(facts, draft.order, knowledge, today, signing=False))

    def card() -> Any:
        made = make_card(
            [judged],
            load_content(),
            knowledge,
            today=today,
            topic_system=settings.topic_system,
            demo=False,
            link=Link("handout", f"{PUBLIC_URL}/handout/bench"),
            new_id=lambda: "00000000-0000-4000-8000-000000000000",
        )
        assert made is not None
        return made.json

    made = {"cards": [card()]}
    calls: dict[str, Callable[[], Any]] = {
        "verify the caller (RS384)": lambda: trust.verify(header, (SERVICE,)),
        "decode": lambda: read_request(body),
        "orders in scope": lambda: imaging_orders(request.draft_orders, request.selections, knowledge, _UTC),
        "gather": lambda: _gathered(request),
        "facts": lambda: chart_facts(chart, draft, knowledge, zone=_UTC, user=request.user),
        "assess": lambda: assess(facts, draft.order, knowledge, today, signing=False),
        "card": card,
        "encode": lambda: msgspec.json.encode(made),
    }
    return {name: _median(call, repeats) for name, call in calls.items()}


def _chart(body: bytes) -> Any:
    return _gathered(read_request(body))


def _gathered(request: Any) -> Any:
    """`gather` never waits when there is nothing to fetch, so one step runs all of it."""
    subject = Subject(request.patient_id, (ISSUER,))
    work = gather(request.sent, subject=subject, patient_id=request.patient_id, encounter_id=None, fhir=None)
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("nothing was to be fetched")


def _median(call: Callable[[], Any], repeats: int) -> float:
    """Microseconds."""
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return 1e6 * statistics.median(taken)


async def _whole(settings: Settings, known: Caller, bodies: dict[int, bytes], repeats: int) -> dict[int, float]:
    """The application itself, one request after the other."""
    service = Service(settings)
    await service.start()
    found = {}
    try:
        for size, body in bodies.items():
            taken = []
            for token in known.tokens(repeats):
                started = time.perf_counter()
                status = await _call(service, body, token)
                taken.append(time.perf_counter() - started)
                assert status == 200
            found[size] = 1e6 * statistics.median(taken)
    finally:
        await service.stop()
        gc.unfreeze()
    return found


async def _call(service: Service, body: bytes, token: str) -> int:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {token}".encode())]
    scope = {"type": "http", "method": "POST", "path": SERVICE, "headers": headers}
    await service.app(scope, receive, send)
    status: int = sent[0]["status"]
    return status


def _growth(knowledge: Knowledge, today: dt.date) -> Iterator[tuple[int, float]]:
    """Processor time of decoding and judging one chart, the collector set as the service sets it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    for size in GROWTH:
        body = encoded(hook_body(size, today))
        taken = []
        for _ in range(max(7, 6_000 // size)):
            started = time.process_time()
            request = read_request(body)
            assert request.draft_orders is not None
            draft = imaging_orders(request.draft_orders, request.selections, knowledge, _UTC)[0]
            facts = chart_facts(_gathered(request), draft, knowledge, zone=_UTC, user=request.user)
            assess(facts, draft.order, knowledge, today, signing=False)
            taken.append(time.process_time() - started)
        yield size, statistics.median(taken)


if __name__ == "__main__":
    main()
