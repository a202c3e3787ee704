"""What accepting a card does to the draft: an EHR may apply it without looking, so nothing may be lost."""

import json
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest
from hook_builders import CPT, HOOKS, LOINC, SIX_WEEKS, Json, actions, an_order, hook_body
from hook_door import Door

from watchful.demo import fixtures

RICH = an_order(
    extension=[
        {"url": "http://fhir.org/argonaut/Extension/pama-rating", "valueCodeableConcept": {"text": "unknown"}},
        {"url": "urn:vendor:dose", "valueDecimal": "DECIMAL"},
    ],
    meta={"versionId": "7", "tag": [{"system": "urn:x", "code": "y"}]},
    identifier=[{"system": "urn:orders", "value": "A-1"}],
    priority="routine",
    _priority={"id": "p1"},
    supportingInfo=[{"reference": "Observation/1"}],
    note=[{"text": "Bitte morgens — «früh» 🦴"}],
    vendorElement={"deep": [1, 2, {"a": None}], "big": 12345678901234567},
)


def received(resource: Json) -> str:
    """As it goes over the wire, with a decimal whose last zero counts."""
    return json.dumps(resource).replace('"DECIMAL"', "1.50")


def exactly(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


async def fired(door: Door, order: Json, hook: str = "order-select", name: str = "acute-mri") -> Json:
    answer = await door.fire(received(hook_body(name, hook, order)).encode())
    assert answer.status_code == 200
    (card,) = exactly(answer.text)["cards"]
    return card


@pytest.mark.parametrize("hook", HOOKS)
async def test_a_deferral_offers_to_remove_or_to_postpone(door: Door, hook: str) -> None:
    card = await door.card(hook_body("acute-mri", hook))

    remove, postpone = card["suggestions"]
    assert card["selectionBehavior"] == "at-most-one"
    assert remove["isRecommended"] is True
    assert "isRecommended" not in postpone
    assert len({remove["uuid"], postpone["uuid"], card["uuid"]}) == 3


async def test_removal_names_the_order_and_carries_no_resource(door: Door) -> None:
    (delete,) = actions(await door.card(hook_body("acute-mri")), "delete")

    assert delete["resourceId"] == "ServiceRequest/acute-mri-order"
    assert set(delete) == {"type", "description", "resourceId"}


async def test_postponing_returns_the_whole_order_with_another_date(door: Door) -> None:
    (update,) = actions(await fired(door, RICH), "update")

    assert update["resource"] == exactly(received({**RICH, "occurrenceDateTime": SIX_WEEKS.isoformat()}))
    assert set(update) == {"type", "description", "resource"}


async def test_a_decimal_keeps_its_written_precision(door: Door) -> None:
    answer = await door.fire(received(hook_body("acute-mri", "order-select", RICH)).encode())

    assert '"valueDecimal": 1.50}' in answer.text


@pytest.mark.parametrize(
    "when",
    [
        {"occurrenceDateTime": "2026-11-04", "_occurrenceDateTime": {"id": "x"}},
        {"occurrencePeriod": {"start": "2026-11-04", "end": "2026-11-05"}},
        {"occurrenceTiming": {"event": ["2026-11-04"]}},
    ],
    ids=lambda when: next(iter(when)),
)
async def test_postponing_replaces_any_other_occurrence(door: Door, when: Json) -> None:
    (update,) = actions(await fired(door, {**RICH, **when}), "update")

    occurrences = {name for name in update["resource"] if "ccurrence" in name}
    assert occurrences == {"occurrenceDateTime"}


@pytest.mark.parametrize(
    "codings",
    [
        [{"system": CPT, "code": "72100"}],
        [{"system": LOINC, "code": "24972-2"}],
        [{"system": LOINC, "code": "24972-2"}, {"system": CPT, "code": "72100"}],
        [{"system": "urn:oid:2.16.840.1.113883.6.12", "code": "72100"}],
        [{"system": "urn:local", "code": "XR"}, {"system": CPT, "code": "72100"}],
        [{}, {"system": CPT, "code": "72100", "display": "X-ray"}],
        [{"system": CPT, "code": "72100"}, {"system": CPT, "code": "72110"}],
    ],
    ids=lambda codings: "+".join(each.get("system", "none")[-8:] for each in codings),
)
async def test_another_study_is_written_in_the_client_s_own_code_systems(door: Door, codings: list[Json]) -> None:
    order = {
        **RICH,
        "code": {"coding": codings, "text": "X-ray"},
        "subject": {"reference": "Patient/cancer-xray-patient"},
    }
    (update,) = actions(await fired(door, order, name="cancer-xray"), "update")

    sent = update["resource"]["code"]["coding"]
    known = [each["system"] for each in codings if each.get("system", "urn:local") != "urn:local"]
    assert [each["system"] for each in sent] == list(dict.fromkeys(known))
    assert not {each["code"] for each in sent} & {"72100", "72110", "24972-2"}
    assert update["resource"]["code"]["text"] != "X-ray"
    rest = {name: value for name, value in update["resource"].items() if name != "code"}
    assert rest == {name: value for name, value in exactly(received(order)).items() if name != "code"}


async def test_the_changed_study_is_then_met_with_silence(door: Door) -> None:
    (update,) = actions(await door.card(hook_body("cancer-xray")), "update")

    assert await door.topic(hook_body("cancer-xray", "order-sign", update["resource"])) == "Silent"


async def test_an_emergency_offers_to_make_the_mri_stat(door: Door) -> None:
    card = await door.card(hook_body("cauda-equina"))

    (update,) = actions(card, "update")
    assert update["resource"]["priority"] == "stat"
    assert all("isRecommended" not in suggestion for suggestion in card["suggestions"])


async def test_a_review_pushes_nothing(door: Door) -> None:
    card = await door.card(hook_body("age-72"))

    assert "suggestions" not in card
    assert "selectionBehavior" not in card


@pytest.mark.parametrize("name", fixtures.names())
async def test_what_we_send_is_valid_fhir_and_at_most_one_is_recommended(door: Door, name: str) -> None:
    answer = await door.fire(hook_body(name, "order-sign"))

    for card in answer.json().get("cards", []):
        for action in actions(card, "update"):
            ServiceRequest.model_validate(action["resource"])
        recommended = [each for each in card.get("suggestions", []) if each.get("isRecommended")]
        assert len(recommended) <= 1
        assert all(len(each["actions"]) == 1 for each in card.get("suggestions", []))
        assert card.get("selectionBehavior") == ("at-most-one" if "suggestions" in card else None)


async def test_override_reasons_have_everything_an_ehr_shows(door: Door) -> None:
    card = await door.card(hook_body("acute-mri"))

    codes = [reason["code"] for reason in card["overrideReasons"]]
    assert len(set(codes)) == len(codes) > 1
    assert all(set(reason) == {"system", "code", "display"} for reason in card["overrideReasons"])
