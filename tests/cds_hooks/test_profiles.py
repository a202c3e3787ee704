"""What an EHR takes is data: the same chart makes another card for each profile, and never another decision."""

from pathlib import Path
from typing import Any

import pytest
from hook_builders import NOW as DAY
from hook_builders import an_order, hook_body
from site_builders import (
    PATH,
    Wire,
    calling,
    pinned,
    settings_of,
    site,
)
from token_builders import ISS, PUBLIC

from watchful.settings import OrderItem, ReasonCode


def url(prefix: str, path: str = PATH) -> str:
    return PUBLIC + prefix + path


async def card_of(tmp_path: Path, template: Path, body: Any = None, **changes: Any) -> dict[str, Any]:
    only = site(tmp_path, "one", pinned(tmp_path, ISS, "rsa"), **changes)
    async with calling(settings_of(tmp_path, only), Wire(), template, moment=DAY) as caller:
        answer = await caller.post(PATH, caller.token(url("")), body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


PT = OrderItem(
    purpose="physical-therapy",
    system="urn:com.epic.cdshooks.action.code.system.preference-list-item",
    code="PT-1",
    display="PT eval and treat",
)
EDUCATION = OrderItem(purpose="patient-education", system="urn:site", code="ED-7", display="Back pain class")


async def test_epic_takes_one_action_and_no_update(tmp_path: Path, template: Path) -> None:
    answer = await card_of(tmp_path, template, profile="epic", order_items=(PT, EDUCATION))
    (card,) = answer["cards"]

    assert card["selectionBehavior"] == "any"
    assert [len(each["actions"]) for each in card["suggestions"]] == [1, 1, 1]
    assert [each["actions"][0]["type"] for each in card["suggestions"]] == ["delete", "create", "create"]
    assert "change its date to" in card["detail"]
    created = card["suggestions"][1]["actions"][0]
    assert created["description"].endswith("(PT eval and treat)")
    assert created["resource"]["code"] == {
        "coding": [{"system": PT.system, "code": "PT-1", "display": "PT eval and treat"}]
    }
    assert created["resource"]["subject"] == {"reference": "Patient/acute-mri-patient"}
    assert len({link["type"] for link in card["links"]}) == 1
    assert card["source"]["topic"]["code"].isalnum()


async def test_epic_with_two_drafts_has_a_suggestion_for_each(tmp_path: Path, template: Path) -> None:
    body = hook_body("acute-mri", "order-select", an_order("72148", "a"), an_order("72100", "b"))
    (card,) = (await card_of(tmp_path, template, body, profile="epic"))["cards"]

    removed = [action["resourceId"] for each in card["suggestions"] for action in each["actions"]]
    assert sorted(removed) == ["ServiceRequest/a", "ServiceRequest/b"]
    assert all(len(each["actions"]) == 1 for each in card["suggestions"])


async def test_oracle_gets_words_and_a_link(tmp_path: Path, template: Path) -> None:
    (card,) = (await card_of(tmp_path, template, profile="oracle"))["cards"]

    assert "suggestions" not in card
    assert "selectionBehavior" not in card
    assert "change its date to" in card["detail"]
    assert card["links"]


async def test_generic_lets_several_be_taken_where_there_is_a_referral(tmp_path: Path, template: Path) -> None:
    (card,) = (await card_of(tmp_path, template, order_items=(PT,)))["cards"]

    assert card["selectionBehavior"] == "any"
    touching = [each for each in card["suggestions"] if each["actions"][0]["type"] != "create"]
    assert len(touching) == 1
    assert card["suggestions"][1]["actions"][0]["resource"]["reasonCode"]


RATING = "http://fhir.org/argonaut/Extension/pama-rating"


def ratings(resource: dict[str, Any]) -> list[str]:
    return [
        each["valueCodeableConcept"]["coding"][0]["code"]
        for each in resource["extension"]
        if each["url"] == RATING
    ]


async def test_the_sandbox_gets_an_update_with_a_rating(tmp_path: Path, template: Path) -> None:
    answer = await card_of(tmp_path, template, profile="sandbox")
    (card,) = answer["cards"]

    (suggestion,) = card["suggestions"]
    (action,) = suggestion["actions"]
    assert action["type"] == "update"
    assert ratings(action["resource"]) == ["no-criteria-apply"]
    assert action["resource"]["reasonCode"]
    assert action["resource"]["code"]["coding"]
    assert "systemActions" not in answer
    assert "extension" not in answer


@pytest.mark.parametrize(
    ("name", "rating"),
    [("acute-mri", "not-appropriate"), ("cancer-mri", "appropriate"), ("neck-mri", None), ("subacute", None)],
)
async def test_system_actions_where_the_site_opts_in(
    tmp_path: Path, template: Path, name: str, rating: str | None
) -> None:
    answer = await card_of(tmp_path, template, hook_body(name), profile="sandbox", system_actions=True)

    if rating is None:
        assert "systemActions" not in answer
    else:
        (action,) = answer["systemActions"]
        assert answer["extension"]["systemActions"] == [action]
        assert action["type"] == "update"
        assert action["description"]
        assert ratings(action["resource"]) == [rating]
        consulted = [
            each["valueUri"] for each in action["resource"]["extension"] if each["url"].endswith("consult-id")
        ]
        assert len(consulted) == 1
        assert consulted[0].startswith("urn:uuid:")


async def test_an_earlier_rating_is_replaced_and_other_extensions_stay(tmp_path: Path, template: Path) -> None:
    odd = {"url": "urn:vendor", "valueString": "kept"}
    order = an_order(extension=[{"url": RATING, "valueCodeableConcept": {"text": "old"}}, odd])
    body = hook_body("acute-mri", "order-select", order)
    answer = await card_of(tmp_path, template, body, profile="sandbox", system_actions=True)

    resource = answer["systemActions"][0]["resource"]
    assert odd in resource["extension"]
    assert ratings(resource) == ["not-appropriate"]


async def test_the_site_s_own_override_reasons(tmp_path: Path, template: Path) -> None:
    mapped = ReasonCode(reason="other", system="urn:ack", code="42", display="Otherwise")
    only = site(tmp_path, "one", pinned(tmp_path, ISS, "rsa"), override_reasons=(mapped,))
    async with calling(settings_of(tmp_path, only), Wire(), template, moment=DAY) as caller:
        (card,) = (await caller.post(PATH, caller.token(url("")))).json()["cards"]
        assert {"system": "urn:ack", "code": "42", "display": "Otherwise"} in card["overrideReasons"]
        assert sum(each["system"] == "urn:ack" for each in card["overrideReasons"]) == 1

        reason = {"reason": {"system": "urn:ack", "code": "42"}}
        item = {
            "card": card["uuid"],
            "outcome": "overridden",
            "overrideReason": reason,
            "outcomeTimestamp": "2026-11-02T18:00:00Z",
        }
        path = f"{PATH}/feedback"
        assert (await caller.post(path, caller.token(PUBLIC + path), {"feedback": [item]})).status_code == 200
        (row,) = await caller.service.journal.recent(10, "one")
        assert row["feedback"][0]["reason_code"] == "other"


async def test_discovery_of_3_0_and_of_a_profile(tmp_path: Path, template: Path) -> None:
    modern = site(tmp_path, "one", pinned(tmp_path, ISS, "rsa"), cds_hooks="3.0", profile="epic")
    async with calling(settings_of(tmp_path, modern), Wire(), template) as caller:
        services = (await caller.http.get("/cds-services")).json()["services"]

    assert {(each["version"], each["hookVersion"]) for each in services} == {("3.0.0", "1.0")}
    assert "clinical-status=active" in services[0]["prefetch"]["conditions"]
