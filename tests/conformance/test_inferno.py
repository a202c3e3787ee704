"""I-1 to I-23: what Inferno's CRD server suite looks at, as far as it fits any CDS Hooks service."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest
from hook_builders import SERVICE, hook_body
from hook_door import Door, settings_for
from looking import SPEAKING, actions_of, cards_of, empties, suggestions_of
from site_builders import Caller
from token_builders import PUBLIC

from watchful.settings import OrderItem

requirement = pytest.mark.requirement


@requirement("I-2", "I-3")
@pytest.mark.parametrize("token", [True, False])
async def test_discovery(caller: Caller, token: bool) -> None:
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {caller.token(f'{PUBLIC}/cds-services')}"
    answer = await caller.http.get("/cds-services", headers=headers)

    assert answer.status_code == 200
    for each in answer.json()["services"]:
        assert all(isinstance(each[name], str) for name in ("hook", "description", "id"))


@requirement("I-5")
async def test_a_request_in_their_form(caller: Caller) -> None:
    body = hook_body("acute-mri", "order-sign")
    body["fhirServer"] = "https://general.example.org/r4"
    body["fhirAuthorization"] = {
        "access_token": "x", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs", "subject": "s",
    }  # fmt: skip
    assert re.fullmatch(r"[0-9a-f-]{36}", body["hookInstance"])

    assert (await caller.post(SERVICE, caller.token(PUBLIC + SERVICE), body)).status_code == 200


@requirement("I-6", "I-9")
@pytest.mark.parametrize("name", SPEAKING)
async def test_cards(door: Door, name: str) -> None:
    answer = (await door.fire(hook_body(name))).json()

    assert isinstance(answer["cards"], list)
    assert answer["cards"]


@requirement("I-7", "I-8", "I-10")
async def test_members(door: Door) -> None:
    for card in await cards_of(door):
        assert isinstance(card["summary"], str)
        assert len(card["summary"]) < 140
        assert card["indicator"] in ("info", "warning", "critical")
        assert isinstance(card["source"]["label"], str)
        assert all(isinstance(card["source"]["topic"][name], str) for name in ("code", "system"))
        assert isinstance(card["detail"], str)
        assert isinstance(card["uuid"], str)
        assert all(isinstance(card.get(name, []), list) for name in ("suggestions", "overrideReasons", "links"))
        assert not list(empties(card))


@requirement("I-11", "I-12", "I-13")
async def test_behaviour_reasons_and_links(door: Door) -> None:
    for card in await cards_of(door):
        if "suggestions" in card:
            assert card["selectionBehavior"] in ("at-most-one", "any")
        assert all(each["code"] and each["system"] and each["display"] for each in card["overrideReasons"])
        for link in card.get("links", []):
            assert link["label"]
            assert urlsplit(link["url"]).scheme in ("http", "https")
            assert link["type"] in ("absolute", "smart")
            assert "appContext" not in link


@requirement("I-14", "I-15", "I-23")
@pytest.mark.parametrize("profile", ["generic", "epic", "sandbox"])
async def test_suggestions_and_actions(tmp_path: Path, open_door: Any, profile: str) -> None:
    rate = profile == "sandbox"
    async with open_door(settings_for(tmp_path, profile=profile, system_actions=rate)) as door:
        answers = [(await door.fire(hook_body(name))).json() for name in SPEAKING]
    cards = [card for answer in answers for card in answer["cards"]]
    actions = actions_of(cards) + [each for answer in answers for each in answer.get("systemActions", [])]

    assert actions
    for each in suggestions_of(cards):
        assert isinstance(each["label"], str)
        assert each["actions"]
        assert isinstance(each.get("isRecommended", True), bool)
    for action in actions:
        assert action["type"] in ("create", "update", "delete")
        assert action["description"]


@requirement("I-16", "I-21")
async def test_resources_and_targets(door: Door) -> None:
    for name in SPEAKING:
        body = hook_body(name)
        drafts = {f"ServiceRequest/{entry['resource']['id']}" for entry in body["context"]["draftOrders"]["entry"]}
        for action in actions_of(await door.cards(body)):
            if action["type"] == "delete":
                assert re.fullmatch(r"[A-Z]\w+/\S+", action["resourceId"])
                assert action["resourceId"] in drafts
            else:
                ServiceRequest.model_validate(action["resource"])
                assert f"ServiceRequest/{action['resource']['id']}" in drafts


@requirement("I-17", "I-18")
async def test_one_type_of_link(door: Door) -> None:
    for card in await cards_of(door):
        assert len({link["type"] for link in card.get("links", [])}) <= 1


@requirement("I-19")
async def test_instructions_alone(tmp_path: Path, open_door: Any) -> None:
    """An EHR that applies nothing still gets a whole card."""
    async with open_door(settings_for(tmp_path, profile="oracle")) as door:
        (card,) = await cards_of(door, "cancer-xray")

    assert "suggestions" not in card
    assert "links" not in card
    assert card["detail"]


@requirement("I-20", "I-22")
async def test_created_orders(tmp_path: Path, open_door: Any) -> None:
    item = OrderItem(purpose="physical-therapy", system="urn:pt", code="1", display="Physical therapy")
    async with open_door(settings_for(tmp_path, order_items=(item,))) as door:
        created = [each for each in actions_of(await cards_of(door)) if each["type"] == "create"]

    assert created
    assert {each["resource"]["resourceType"] for each in created} == {"ServiceRequest"}
    for each in created:
        ServiceRequest.model_validate(each["resource"])
