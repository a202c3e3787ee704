"""The EHR's part in a hook: draft orders stored, prefetch resolved by search, the service called.

Prefetch is what a plain client makes of a template: one GET, no page followed, the answer passed on as it
came. Whatever is missing there the service has to read for itself from `fhirServer`.
"""

import time
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct

from watchful.demo.fixtures import Fixture
from watchful.demo.prefetch import fill
from watchful.sandbox.charts import renamed
from watchful.sandbox.client import Client, Json, Reply, refusal
from watchful.sandbox.problems import Problem, Unreachable
from watchful.sandbox.remember import Run, Seeded

SELECT, SIGN = "order-select", "order-sign"


class Offer(Struct, frozen=True):
    """What discovery says of one hook."""

    service_id: str
    prefetch: dict[str, str]


class Fired(Struct, frozen=True):
    """One hook call and its answer."""

    hook: str
    status: int
    answer: Json
    milliseconds: float
    """Of the hook call alone."""
    sent: tuple[str, ...]
    """The prefetch keys that were sent."""

    @property
    def decision(self) -> str:
        """In the words of the fixtures' index."""
        if self.status == 412:
            return "unreadable"
        if self.status != 200:
            return f"HTTP {self.status}"
        topics = [card["source"]["topic"]["code"] for card in self.answer.get("cards", [])]
        return " + ".join(topics) or "Silent"


def discover(service: Client) -> dict[str, Offer]:
    """The hooks on offer. Raises Problem when there is no CDS service."""
    reply = service.get("cds-services")
    services = reply.body.get("services") if isinstance(reply.body, dict) else None
    if reply.status != 200 or not isinstance(services, list):
        raise Unreachable(f"{service.base} answers (HTTP {reply.status}), but not with CDS services.")
    offers = {each["hook"]: Offer(each["id"], each.get("prefetch") or {}) for each in services}
    if missing := {SELECT, SIGN} - offers.keys():
        raise Problem(f"{service.base} does not offer {' and '.join(sorted(missing))}.")
    return offers


def draft_orders(server: Client, run: Run, patient: Seeded, fixture: Fixture) -> list[Json]:
    """Store the fixture's draft orders, anew if they are there; as they then are, under the server's ids."""
    stored = []
    for order in fixture.orders:
        original = f"ServiceRequest/{order['id']}"
        known = patient.orders.get(original)
        if known is None and run.ids == "client":
            known = patient.orders[original] = f"ServiceRequest/{run.tag}-{order['id']}"
        sent = renamed(order, {**patient.names, **({original: known} if known else {})}, run.tag)
        if known is None:
            sent.pop("id")
            reply = server.send("POST", "ServiceRequest", sent)
        else:
            reply = server.send("PUT", known, sent)
        if reply.status not in (200, 201):
            raise refusal(reply, f"Storing the draft order of {patient.name}")
        if known is None:
            known = patient.orders[original] = created_reference(reply, "ServiceRequest")
        stored.append({**sent, "id": known.partition("/")[2]})
    return stored


def created_reference(reply: Reply, kind: str) -> str:
    """`Type/id` of what a POST made, from `Location` or the body."""
    parts = reply.location.partition("/_history")[0].split("/")
    if kind in parts[:-1]:
        return f"{kind}/{parts[parts.index(kind) + 1]}"
    if isinstance(reply.body, dict) and reply.body.get("id"):
        return f"{kind}/{reply.body['id']}"
    raise Problem(f"The server stored a {kind}, but does not say under which id.")


def context(patient: Seeded, fixture: Fixture, orders: list[Json], hook: str) -> Json:
    """The hook context in the server's ids."""
    received = fixture.context
    names = patient.names

    def bare(kind: str, id_: str) -> str:
        return names.get(f"{kind}/{id_}", f"{kind}/{id_}").partition("/")[2]

    made: Json = {
        "userId": names.get(received["userId"], received["userId"]),
        "patientId": bare("Patient", received["patientId"]),
    }
    if "encounterId" in received:
        made["encounterId"] = bare("Encounter", received["encounterId"])
    here = {f"ServiceRequest/{order['id']}" for order in orders}
    if hook == SELECT:
        chosen = [patient.orders.get(each, each) for each in received.get("selections", [])]
        made["selections"] = [each for each in chosen if each in here]
    made["draftOrders"] = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": order} for order in orders],
    }
    return made


def prefetched(
    server: Client, templates: Mapping[str, str], about: Json, leave_out: Collection[str] = ()
) -> dict[str, Any]:
    """What stands at each key: the answer, null for a read that found nothing, an OperationOutcome for a refusal.

    A key whose answer is none of these is left out, as a client that could not fetch does.
    """
    prefetch: dict[str, Any] = {}
    for key, template in templates.items():
        query = fill(template, about)
        if query is None or key in leave_out:
            continue
        reply = server.get(query)
        body = reply.body if isinstance(reply.body, dict) else {}
        if reply.status == 200 and body.get("resourceType"):
            prefetch[key] = body
        elif reply.status in (404, 410) and "?" not in query:
            prefetch[key] = None
        elif body.get("resourceType") == "OperationOutcome":
            prefetch[key] = body
    return prefetch


def call(
    service: Client, offer: Offer, hook: str, about: Json, fhir_server: str, prefetch: dict[str, Any]
) -> Fired:
    """One hook call."""
    body: Json = {"hook": hook, "hookInstance": str(uuid.uuid4()), "fhirServer": fhir_server, "context": about}
    if prefetch:
        body["prefetch"] = prefetch
    began = time.perf_counter()
    reply = service.send("POST", f"cds-services/{offer.service_id}", body)
    took = (time.perf_counter() - began) * 1000
    if not isinstance(reply.body, dict):
        raise Unreachable(f"{service.base} answered the hook with HTTP {reply.status} and no JSON.")
    return Fired(hook, reply.status, reply.body, took, tuple(prefetch))
