"""The same decision from a FHIR server as from the file: every chart loaded into HAPI and judged both ways.

    scripts/hapi &
    python bench/compare_hapi.py CHARTS --server http://127.0.0.1:8091/fhir [--parallel 20] [--json OUT]

CHARTS is a folder (or .tar.gz) of Bundles of type collection. Each gets the back-pain visit and the lumbar MRI
order of `tally_charts.py`, is stored under a fresh tag, judged by a hook without prefetch, and compared with
`assess` on the file. At the end the largest chart is asked about many times at once. All is removed afterwards.
"""

import argparse
import asyncio
import datetime as dt
import json
import pathlib
import re
import tempfile
import time
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
from tally_charts import charts, with_visit

from watchful.cli.assess import assess_chart
from watchful.clinical.knowledge import Knowledge, load
from watchful.sandbox.charts import client_names, transaction
from watchful.sandbox.clean import clean
from watchful.sandbox.client import Client
from watchful.sandbox.remember import new_tag
from watchful.service import Service
from watchful.settings import demo_settings

UTC = ZoneInfo("UTC")
CPT = "http://www.ama-assn.org/go/cpt"
ORDER = "72148"


def by_type(content: bytes) -> bytes:
    """The chart with every `urn:uuid:` reference written as the `Type/id` it stands for, and an id for each."""
    entries = json.loads(content)["entry"]
    for entry in entries:
        entry["resource"].setdefault("id", (entry.get("fullUrl") or str(uuid.uuid4())).rpartition(":")[2])
    content = json.dumps({"entry": entries}).encode()
    names = {
        (entry.get("fullUrl") or f"urn:uuid:{entry['resource']['id']}").encode(): (
            f"{entry['resource']['resourceType']}/{entry['resource']['id']}".encode()
        )
        for entry in entries
    }
    urn = re.compile(rb'"reference": "(urn:uuid:[^"]+)"')
    return urn.sub(lambda found: b'"reference": "' + names.get(found[1], found[1]) + b'"', content)


class Loaded:
    """One chart on the server."""

    def __init__(self, name: str, bundle: dict[str, Any], tag: str) -> None:
        self.name = name
        self.content, self.today = with_visit(bundle)
        self.resources = [entry["resource"] for entry in json.loads(by_type(self.content))["entry"]]
        patient = next(each["id"] for each in self.resources if each["resourceType"] == "Patient")
        added = {f"{kind}/{id_}" for kind, id_ in (("Encounter", "added-visit"), ("Condition", "added-pain"))}
        names = client_names(self.resources, tag)
        names |= {old: f"{names[old]}-{uuid.uuid5(uuid.NAMESPACE_URL, patient).hex[:12]}" for old in added}
        names |= {
            f"urn:uuid:{each['id']}": names[f"{each['resourceType']}/{each['id']}"] for each in self.resources
        }
        self.bundle = transaction(self.resources, tag, names)
        self.stored = list(names.values())
        self.patient = names[f"Patient/{patient}"]
        self.visit = names["Encounter/added-visit"]

    def expected(self, knowledge: Knowledge) -> dict[str, Any]:
        found = assess_chart(
            self.content, order=ORDER, system=None, today=self.today, zone=UTC, knowledge=knowledge,
            encounter="added-visit",
        )  # fmt: skip
        return {
            "decision": str(found.decision),
            "reason": found.reason,
            "flags": sorted(flag.id for flag in found.present()),
            "days": found.duration.days,
        }

    def hook(self, server: str) -> dict[str, Any]:
        order = {
            "resourceType": "ServiceRequest", "id": "drafted", "status": "draft", "intent": "order",
            "priority": "routine", "code": {"coding": [{"system": CPT, "code": ORDER}]},
            "subject": {"reference": self.patient}, "encounter": {"reference": self.visit},
        }  # fmt: skip
        return {
            "hook": "order-select",
            "hookInstance": str(uuid.uuid4()),
            "fhirServer": server,
            "context": {
                "userId": "Practitioner/nobody",
                "patientId": self.patient.partition("/")[2],
                "encounterId": self.visit.partition("/")[2],
                "selections": ["ServiceRequest/drafted"],
                "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order}]},
            },
        }


class Clock:
    """Noon of the day that the chart in question is judged for."""

    def __init__(self) -> None:
        self.day = dt.date(2026, 11, 2)

    def __call__(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(12), tzinfo=dt.UTC)


async def asked(service: Service, client: httpx2.AsyncClient, loaded: Loaded, server: str) -> dict[str, Any]:
    """The decision over the server, with what the journal says of it."""
    began = time.perf_counter()
    answer = await client.post("/cds-services/lumbar-imaging", json=loaded.hook(server))
    took = time.perf_counter() - began
    body = answer.json()
    if answer.status_code == 200:
        topics = [card["source"]["topic"]["code"] for card in body["cards"]]
        decision = topics[0] if topics else "Silent"
    else:
        decision = f"HTTP {answer.status_code}"
    return {"decision": decision, "seconds": took, "body": body}


async def compare(args: argparse.Namespace, tag: str, stored: list[str]) -> int:
    knowledge = load()
    store = Client(args.server)
    clock = Clock()
    different, again, loaded_in, judged_in, resources, count = 0, 0, 0.0, [], 0, 0
    largest: Loaded | None = None
    seen: set[str] = set()
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        service = made(folder, 10_000, clock, knowledge)
        await service.start()
        transport = httpx2.ASGITransport(app=service.app)
        async with httpx2.AsyncClient(transport=transport, base_url=service.settings.public_url) as client:
            for name, bundle in charts(args.charts):
                loaded = Loaded(name, bundle, tag)
                stored += loaded.stored
                began = time.perf_counter()
                reply = store.send("POST", "", loaded.bundle)
                loaded_in += time.perf_counter() - began
                if reply.status != 200:
                    print(f"{name}: not loaded, HTTP {reply.status}: {json.dumps(reply.body)[:300]}")
                    different += 1
                    continue
                clock.day = loaded.today
                expected = loaded.expected(knowledge)
                got = await asked(service, client, loaded, store.base)
                if got["decision"] != expected["decision"] and got["decision"] != "HTTP 500":
                    print(f"{name}: {got['decision']} after {got['seconds']:.1f} s, asked again")
                    again += 1
                    got = await asked(service, client, loaded, store.base)
                judged_in.append(got["seconds"])
                rows = await service.journal.recent(10_000, "demo")
                row = next(each for each in rows if each["id"] not in seen)  # this clock does not run forwards
                seen.update(each["id"] for each in rows)
                got["reason"] = row["reason"]
                count += 1
                resources += len(loaded.resources)
                same = all(got[part] == expected[part] for part in ("decision", "reason"))
                lines.append({"chart": name, "expected": expected, "got": got["decision"], "row": row})
                if not same:
                    different += 1
                    said = json.dumps(got["body"])[:600]
                    print(f"{name}: file {expected}, server {got['decision']}, {got['reason']}: {said}")
                if largest is None or len(loaded.resources) > len(largest.resources):
                    largest = loaded
        await service.stop()
    judged_in.sort()
    print(
        f"{count} charts, {resources} resources loaded in {loaded_in:.0f} s; "
        f"{different} different, {again} asked twice; "
        f"a hook took {judged_in[count // 2] * 1000:.0f} ms in the middle, {judged_in[-1] * 1000:.0f} ms at most"
    )
    if args.json:
        args.json.write_text("".join(json.dumps(line, default=str) + "\n" for line in lines))
    if largest is not None and args.parallel:
        different += await together(args, largest, knowledge, store.base)
    return different


async def together(args: argparse.Namespace, loaded: Loaded, knowledge: Knowledge, server: str) -> int:
    """The largest chart, many times at once, under the usual deadline."""
    expected = loaded.expected(knowledge)["decision"]
    wrong = 0
    for deadline in (2_000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            clock = Clock()
            clock.day = loaded.today
            service = made(folder, deadline, clock, knowledge)
            await service.start()
            transport = httpx2.ASGITransport(app=service.app)
            async with httpx2.AsyncClient(
                transport=transport, base_url=service.settings.public_url, timeout=60
            ) as client:
                calls = (asked(service, client, loaded, server) for _ in range(args.parallel))
                answers = await asyncio.gather(*calls)
            await service.stop()
        tally: dict[str, int] = {}
        for each in answers:
            said = json.dumps(each["body"])
            owns_up = "could not" in said.lower() or "Could not" in said
            right = each["decision"] == expected
            word = "right" if right else f"{each['decision']}, says what it could not read" if owns_up else "WRONG"
            wrong += word == "WRONG"
            tally[word] = tally.get(word, 0) + 1
            if word == "WRONG":
                print(each["decision"], said[:800])
        slowest = max(each["seconds"] for each in answers)
        print(
            f"{args.parallel} at once about {loaded.name} ({len(loaded.resources)} resources), "
            f"deadline {deadline} ms: {tally}, expected {expected}, slowest {slowest:.2f} s"
        )
    return wrong


def made(folder: str, deadline: int, clock: Clock, knowledge: Knowledge) -> Service:
    settings = demo_settings(8042, database=f"sqlite:///{folder}/compare.db")
    site = settings.site[0].model_copy(update={"fhir_deadline_ms": deadline})
    return Service(settings.model_copy(update={"site": (site,)}), now=clock, knowledge=knowledge)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("charts", type=pathlib.Path)
    parser.add_argument("--server", required=True)
    parser.add_argument("--parallel", type=int, default=20)
    parser.add_argument("--json", type=pathlib.Path, help="also write one line for each chart here")
    parser.add_argument("--keep", action="store_true", help="leave the charts on the server")
    args = parser.parse_args()
    tag = new_tag()
    stored: list[str] = []
    print(f"tag urn:watchful:sandbox|{tag}")
    try:
        different = asyncio.run(compare(args, tag, stored))
    finally:
        if not args.keep:
            began = time.perf_counter()
            print(clean(Client(args.server), tag, stored), f"in {time.perf_counter() - began:.0f} s")
    raise SystemExit(1 if different else 0)


if __name__ == "__main__":
    main()
