"""What the user does with a card: accept a suggestion, or dismiss the card with a reason.

An accepted suggestion is carried out on the server, on the draft orders of this run and on nothing else,
and the service is told, as an EHR would tell it.
"""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from watchful.sandbox.charts import tagged
from watchful.sandbox.client import Client, Json, refusal
from watchful.sandbox.ehr import Offer, created_reference
from watchful.sandbox.problems import Problem
from watchful.sandbox.remember import Run, Seeded


class Choice(Struct, frozen=True):
    """One card and what was done with it: a suggestion, or an override reason (None for none given)."""

    card: Json
    suggestion: Json | None = None
    reason: Json | None = None


def accepted(card: Json) -> Choice:
    """The recommended suggestion of a card, else its first."""
    offered = card.get("suggestions", [])
    if not offered:
        raise Problem("The card has no suggestion to accept; dismiss it, or answer nothing.")
    return Choice(card, suggestion=next((each for each in offered if each.get("isRecommended")), offered[0]))


def dismissed(card: Json, code: str) -> Choice:
    """The card dismissed for one of its own reasons, named by code."""
    reasons = card.get("overrideReasons", [])
    for reason in reasons:
        if reason["code"] == code:
            return Choice(card, reason=reason)
    if not reasons:
        return Choice(card)
    known = ", ".join(str(reason["code"]) for reason in reasons)
    raise Problem(f"The card has no reason {code!r}; it offers: {known}.")


def carry_out(server: Client, run: Run, patient: Seeded, orders: Sequence[Json], suggestion: Json) -> list[Json]:
    """Do what the suggestion says; returns the draft orders as they then are. Raises Problem for a foreign one."""
    drafts = {f"ServiceRequest/{order['id']}": order for order in orders}
    for action in suggestion.get("actions", []):
        match action.get("type"):
            case "delete":
                reference = _ours(_deleted(action), drafts)
                reply = server.send("DELETE", reference)
                if reply.status not in (200, 202, 204, 404, 410):
                    raise refusal(reply, f"Deleting {reference}")
                del drafts[reference]
                if run.ids == "server":
                    patient.orders = {name: new for name, new in patient.orders.items() if new != reference}
            case "update":
                resource = action["resource"]
                reference = _ours(f"{resource['resourceType']}/{resource['id']}", drafts)
                reply = server.send("PUT", reference, tagged(resource, run.tag))
                if reply.status not in (200, 201):
                    raise refusal(reply, f"Updating {reference}")
                drafts[reference] = resource
            case "create":
                _create(server, run, patient, action["resource"])
            case other:
                raise Problem(f"The suggestion asks for {other!r}, which is neither create, update nor delete.")
    return list(drafts.values())


def _create(server: Client, run: Run, patient: Seeded, resource: Json) -> None:
    kind = resource["resourceType"]
    sent = tagged({name: value for name, value in resource.items() if name != "id"}, run.tag)
    if run.ids == "client":  # remembered by a name of ours before it is made
        sent["id"] = f"{run.tag}-{uuid.uuid4().hex[:16]}"
        patient.made.append(f"{kind}/{sent['id']}")
        reply = server.send("PUT", f"{kind}/{sent['id']}", sent)
    else:
        reply = server.send("POST", kind, sent)
    if reply.status not in (200, 201):
        raise refusal(reply, f"Creating the suggested {kind}")
    if run.ids == "server":
        patient.made.append(created_reference(reply, kind))


def _deleted(action: Json) -> str:
    """2.0 says `resourceId`, as `Type/id` or bare; older cards carry the resource."""
    named = action.get("resourceId")
    if isinstance(named, list):
        named = named[0] if named else None
    if named is None and isinstance(action.get("resource"), dict):
        named = action["resource"].get("id")
    reference = str(named)
    return reference if "/" in reference else f"ServiceRequest/{reference}"


def _ours(reference: str, drafts: dict[str, Json]) -> str:
    if reference not in drafts:
        raise Problem(
            f"The suggestion touches {reference}, which is no draft order of this visit: not carried out."
        )
    return reference


def feedback(service: Client, offer: Offer, choice: Choice) -> None:
    """Tell the service (CDS Hooks 2.0.1 "Feedback")."""
    item: Json = {"card": choice.card["uuid"], "outcomeTimestamp": datetime.now(UTC).isoformat(timespec="seconds")}
    if choice.suggestion is not None:
        item |= {"outcome": "accepted", "acceptedSuggestions": [{"id": choice.suggestion["uuid"]}]}
    else:
        item["outcome"] = "overridden"
        if choice.reason is not None:
            item["overrideReason"] = {"reason": choice.reason}
    reply = service.send("POST", f"cds-services/{offer.service_id}/feedback", {"feedback": [item]})
    if reply.status != 200:
        raise refusal(reply, "The feedback")
