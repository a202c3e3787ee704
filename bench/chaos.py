"""Chaos: an EHR whose FHIR server fails in every way at a given rate, and what the service makes of it.

    python -m bench.chaos --faults 0.3 --requests 400

Every hook comes without prefetch, so that each answer rests on nine reads of a server that is slow, cuts
its answers, sends 5xx, HTML, truncated JSON, another type, another patient, or nothing. Told at the end: how many
calls were answered and how, the slowest against the site's deadline, and whether any `DeferImaging`
appeared for a chart that must not have one. Exit code 1 when one did, when a call went unanswered, or when
the 99th percentile lies more than 50 ms past the deadline.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.routing import Mount

from watchful.demo import fixtures
from watchful.demo.fhir import fhir_app
from watchful.service import Service
from watchful.settings import demo_settings

EHR = "https://ehr.example.org/r4"
NEEDED = ("Patient", "Condition", "MedicationRequest")
"""Without these no deferral may be said (safety rule 1)."""
KINDS = ("slow", "hang", "cut", "500", "503", "html", "truncated", "other type", "other patient", "429", "reset")
DAY = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)


class Faulty(httpx2.AsyncBaseTransport):
    """The demo's FHIR server, with faults at a rate."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, rate: float, seed: int) -> None:
        self._inner = inner
        self._rate = rate
        self._random = random.Random(seed)
        self.faults: Counter[str] = Counter()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._random.random() >= self._rate:
            return await self._inner.handle_async_request(request)
        kind = self._random.choice(KINDS)
        self.faults[kind] += 1
        match kind:
            case "slow":
                await asyncio.sleep(self._random.uniform(0.05, 0.4))
                return await self._inner.handle_async_request(request)
            case "hang":
                await asyncio.sleep(60)
                raise httpx2.ReadTimeout("hung")
            case "cut":
                raise httpx2.RemoteProtocolError("cut")
            case "reset":
                raise httpx2.ConnectError("reset")
            case "500" | "503":
                return httpx2.Response(int(kind), text="oops")
            case "429":
                return httpx2.Response(429, headers={"Retry-After": self._random.choice(["0", "1", "60"])})
            case "html":
                return httpx2.Response(200, text="<html>Sign in</html>")
            case "truncated":
                whole = await self._inner.handle_async_request(request)
                return httpx2.Response(200, content=(await whole.aread())[:-7])
            case "other type":
                return httpx2.Response(200, json={"resourceType": "Basic", "id": "x"})
            case _:
                return httpx2.Response(200, json=_somebody_else(request))


def _somebody_else(request: httpx2.Request) -> Any:
    kind = request.url.path.removeprefix("/r4/").partition("/")[0]
    resource = {"resourceType": kind, "id": "z", "subject": {"reference": "Patient/somebody"}, "status": "final"}
    if kind == "Patient" or not request.url.query:
        return {"resourceType": kind, "id": "somebody"}
    return {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"resource": resource}]}


def body_of(fixture: fixtures.Fixture) -> bytes:
    """The hook without prefetch, and with the EHR's own server to read."""
    authorization = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs"}
    body = {**fixture.request, "fhirServer": EHR, "fhirAuthorization": {**authorization, "subject": "w"}}
    return json.dumps(body).encode()


async def run(folder: Path, rate: float, requests: int, clients: int, deadline: int, seed: int) -> int:
    held = fixtures.load_all(DAY.date())
    refused = {each.patient_id: each.unreadable for each in held}
    app = Starlette(routes=[Mount("/r4", fhir_app(fixtures.by_patient(held), refused, 50))])
    faulty = Faulty(httpx2.ASGITransport(app=app), rate, seed)
    settings = demo_settings(8042, database=f"sqlite:///{folder}/chaos.db", fhir=EHR)
    site = settings.site[0].model_copy(update={"fhir_deadline_ms": deadline})
    service = Service(settings.model_copy(update={"site": (site,)}), now=lambda: DAY, transport=faulty)
    await service.journal.start()
    asgi = httpx2.ASGITransport(app=service.app)
    answers: Counter[str] = Counter()
    times: list[float] = []
    wrong: list[str] = []
    gaps: Counter[str] = Counter()
    left = iter([held[number % len(held)] for number in range(requests)])

    async def client(http: httpx2.AsyncClient) -> None:
        for each in left:
            started = time.perf_counter()
            answer = await http.post(
                "/cds-services/lumbar-imaging", content=body_of(each), headers={"Content-Type": "application/json"}
            )
            times.append(time.perf_counter() - started)
            cards = answer.json().get("cards", []) if answer.status_code == 200 else []
            topics = [card["source"]["topic"]["code"] for card in cards]
            answers[f"{answer.status_code} {' '.join(topics) or 'no card'}"] += 1
            if "DeferImaging" in topics and each.decision != "DeferImaging":
                (card,) = cards
                if "**Gaps:**" in card["detail"]:  # safety rule 1: other unknowns are named on the card
                    gaps[each.name] += 1
                else:
                    wrong.append(each.name)

    async with httpx2.AsyncClient(transport=asgi, base_url="http://127.0.0.1:8042", timeout=60) as http:
        await asyncio.gather(*(client(http) for _ in range(clients)))
    for row in await service.journal.recent(2 * requests, site.id):
        unread = [kind for kind in NEEDED if row["data_classes"].get(kind, "").startswith("unknown")]
        if row["decision"] == "DeferImaging" and unread:
            wrong.append(f"deferred without {', '.join(unread)}")
    await service.stop()
    p99 = statistics.quantiles(times, n=100)[98] * 1000
    count = sum(faulty.faults.values())
    print(f"{requests} hooks, {clients} at a time, {count} faults ({rate:.0%} of the reads):")
    print(f"  {dict(faulty.faults)}")
    for answer, number in sorted(answers.items()):
        print(f"  {number:5}  {answer}")
    print(f"answered {len(times)} of {requests}; p50 {statistics.median(times) * 1000:.0f} ms, p99 {p99:.0f} ms,")
    print(f"slowest {max(times) * 1000:.0f} ms, deadline {deadline} ms")
    print(f"deferred on another chart with the gap named: {dict(gaps) or 'none'}; wrong: {wrong or 'none'}")
    bad_status = [answer for answer in answers if answer[:3] not in ("200", "400", "412")]
    return int(bool(wrong or bad_status) or len(times) != requests or p99 > deadline + 50)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", type=float, default=0.3)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--deadline", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        return asyncio.run(
            run(Path(folder), given.faults, given.requests, given.clients, given.deadline, given.seed)
        )


if __name__ == "__main__":
    sys.exit(main())
