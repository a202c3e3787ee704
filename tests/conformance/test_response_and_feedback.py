"""O-1 to O-16, F-1 to F-8 and X-3 of the requirement list."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hook_builders import FEEDBACK, SERVICE, an_order, hook_body
from hook_door import Door, settings_for
from looking import actions_of, cards_of, suggestions_of
from outcomes import refused
from site_builders import Caller
from token_builders import PUBLIC

from watchful.settings import SmartClient

requirement = pytest.mark.requirement
AT = "2026-11-02T18:01:00Z"


@requirement("O-1")
async def test_cards_always(door: Door) -> None:
    answer = await door.fire(hook_body("neck-mri"))

    assert (answer.status_code, answer.json()) == (200, {"cards": []})


@requirement("O-2", "B-7")
async def test_card_members(door: Door) -> None:
    for card in await cards_of(door):
        assert 0 < len(card["summary"]) < 140
        assert card["indicator"] in ("info", "warning", "critical")
        assert card["uuid"]
        assert "<" not in card["detail"]


@requirement("O-3", "O-9")
async def test_source(door: Door) -> None:
    for card in await cards_of(door):
        assert card["source"]["label"]
        assert card["source"]["topic"]["system"]
        assert card["source"]["topic"]["code"].isalnum()
        assert len(card["source"]["topic"]["code"]) <= 100


@requirement("O-4")
async def test_selection_behaviour(door: Door) -> None:
    for card in await cards_of(door):
        assert ("suggestions" in card) == ("selectionBehavior" in card)
        assert card.get("selectionBehavior", "any") in ("any", "at-most-one")


@requirement("O-5")
async def test_suggestions(door: Door) -> None:
    for card in await cards_of(door):
        offered = card.get("suggestions", [])
        assert all(each["label"] and each["uuid"] for each in offered)
        assert sum(each.get("isRecommended", False) for each in offered) <= 1


@requirement("O-6")
async def test_actions_of_one_suggestion_agree(door: Door) -> None:
    for each in suggestions_of(await cards_of(door)):
        targets = [
            action.get("resourceId") or f"ServiceRequest/{action['resource']['id']}" for action in each["actions"]
        ]
        assert len(set(targets)) == len(targets)


@requirement("O-7")
async def test_whole_resources_and_resource_ids(door: Door) -> None:
    for action in actions_of(await cards_of(door)):
        if action["type"] == "delete":
            assert action["resourceId"].startswith("ServiceRequest/")
            assert "resource" not in action
        else:
            assert action["resource"]["resourceType"] == "ServiceRequest"

    odd = '{"x": 1.50,  "y":[null, "\\u00e9"]}'
    text = json.dumps(hook_body("acute-mri", "order-select", an_order(vendor="ODD"))).replace('"ODD"', odd)
    answer = await door.fire(text.encode())
    assert odd in answer.text  # byte for byte, spaces and escapes included


@requirement("O-8")
async def test_override_reasons(door: Door) -> None:
    for card in await cards_of(door):
        for reason in card["overrideReasons"]:
            assert reason["code"]
            assert reason["system"]
            assert reason["display"]


@requirement("O-10", "O-11", "I-18")
async def test_smart_links(tmp_path: Path, open_door: Any) -> None:
    async with open_door(settings_for(tmp_path, smart=SmartClient(client_id="watchful"))) as door:
        linked = [card["links"] for card in await cards_of(door) if "links" in card]
        launched = await door.http.get(linked[0][0]["url"], params={"iss": "https://elsewhere.example/r4"})

    assert linked
    for links in linked:
        assert {link["type"] for link in links} == {"smart"}  # never mixed with others on one card
        for link in links:
            assert link["label"]
            assert link["url"] == f"{door.service.settings.public_url}/smart/launch"
            assert re.fullmatch(r"[A-Za-z0-9._-]{20,64}", link["appContext"])
    assert launched.status_code == 400  # there is an app at that address, and it refuses another EHR


@requirement("O-10", "O-11", "X-3")
async def test_links(door: Door) -> None:
    links = [link for card in await cards_of(door) for link in card.get("links", [])]

    assert links
    assert {link["type"] for link in links} == {"absolute"}
    assert all(link["label"] and "appContext" not in link for link in links)
    assert {urlsplit(link["url"]).netloc for link in links} == {urlsplit(door.service.settings.public_url).netloc}


@requirement("O-12")
@pytest.mark.parametrize("opted_in", [False, True])
async def test_system_actions(tmp_path: Path, open_door: Any, opted_in: bool) -> None:
    async with open_door(settings_for(tmp_path, profile="sandbox", system_actions=opted_in)) as door:
        rated = (await door.fire(hook_body("acute-mri"))).json()
        unrated = (await door.fire(hook_body("neck-mri"))).json()

    assert ("systemActions" in rated) is opted_in
    assert set(unrated) == {"cards"}


@requirement("O-13")
async def test_statuses(door: Door, caller: Caller) -> None:
    refused(await door.fire(b"{"), 400)
    refused(await caller.post(SERVICE, None), 401)
    refused(await door.http.get("/cds-services/none"), 404)
    refused(await door.http.get(SERVICE), 405)
    refused(await door.fire(hook_body() | {"prefetch": {}}), 412)
    refused(await door.fire(hook_body(), {"Content-Type": "text/html"}), 415)
    await door.service.journal.close()
    refused(await door.fire(hook_body()), 503)


@requirement("O-14")
async def test_the_order_is_named(door: Door) -> None:
    assert "MRI" in (await door.card(hook_body("acute-mri")))["detail"]
    assert "X-ray" in (await door.card(hook_body("acute-xray")))["detail"]


@requirement("O-15")
async def test_one_card_that_needs_no_other(door: Door) -> None:
    for name in ("acute-mri", "two-orders"):
        assert len(await door.cards(hook_body(name))) == 1


# Feedback


def accepted(card: dict[str, Any], number: int = 0) -> dict[str, Any]:
    ids = [{"id": card["suggestions"][number]["uuid"]}]
    return {"card": card["uuid"], "outcome": "accepted", "acceptedSuggestions": ids, "outcomeTimestamp": AT}


def overridden(card: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": AT, **members}


@requirement("F-1", "F-5")
async def test_feedback_is_taken_and_repeats_change_nothing(door: Door) -> None:
    item = overridden(await door.card(hook_body()))
    for _ in range(2):
        answer = await door.feedback(item)
        assert (answer.status_code, answer.json()) == (200, {})

    assert len((await door.row())["feedback"]) == 1


@requirement("F-2", "F-4")
async def test_batches(door: Door) -> None:
    first, second = await door.card(hook_body()), await door.card(hook_body("acute-xray"))
    await door.feedback(accepted(first), accepted(first, 1), overridden(second))
    newer, older = await door.rows()

    assert [each["outcome"] for each in newer["feedback"]] == ["overridden"]
    taken = [each["accepted"] for each in older["feedback"]]
    assert sorted(taken) == sorted([[each["uuid"]] for each in first["suggestions"][:2]])


@requirement("F-3")
async def test_every_card_can_get_feedback(door: Door) -> None:
    cards = await cards_of(door)

    assert len({card["uuid"] for card in cards}) == len(cards)


@requirement("F-6")
async def test_unknown_cards_and_services(door: Door) -> None:
    stranger = {"uuid": "5f8f1f0c-0d2c-4e5a-9c57-6a3a0d9b1c11"}
    assert (await door.feedback(overridden(stranger))).status_code == 200
    refused(await door.http.post("/cds-services/other/feedback", json={"feedback": []}), 404)
    refused(await door.http.post(FEEDBACK, json={"feedback": {}}), 400)


@requirement("F-7")
async def test_comments_are_sealed_and_both_audiences_do(door: Door, caller: Caller, tmp_path: Path) -> None:
    card = await door.card(hook_body())
    await door.feedback(overridden(card, overrideReason={"userComment": "Mrs. Secret asked"}))
    assert (await door.row())["feedback"][0]["has_comment"]
    assert not [f for f in tmp_path.glob("journal.db*") if b"Secret asked" in f.read_bytes()]

    for audience in (SERVICE, FEEDBACK):
        answer = await caller.post(FEEDBACK, caller.token(PUBLIC + audience), {"feedback": []})
        assert answer.status_code == 200


@requirement("F-8", "B-9")
@pytest.mark.parametrize(
    "members",
    [
        {"overrideReason": {"reason": {"code": "other", "system": "urn:x"}}},
        {"overrideReasons": {"reason": {"code": "other", "display": "Other"}}},
        {"overrideReasons": [{"reason": {"code": "other"}}]},
        {"overrideReason": {"code": "other", "system": "urn:x"}},
        {"outcomeTimestamp": "2026-11-02T18:01:00.123Z"},
        {"outcomeTimestamp": "2026-11-02T10:01:00-08:00"},
        {"extension": {"com.epic.cdshooks.feedback.overrideReason.reasonTitle": "x"}},
    ],
)
async def test_forms_of_feedback(door: Door, members: dict[str, Any]) -> None:
    item = overridden(await door.card(hook_body())) | members

    assert (await door.feedback(item)).status_code == 200
    assert (await door.row())["feedback"]
