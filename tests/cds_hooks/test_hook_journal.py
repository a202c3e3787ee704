"""One row for each evaluation, committed before the answer leaves; what was answered once is not said again."""

from typing import Any

import pytest
from hook_builders import HOOKS, Json, a_condition, an_order, hook_body, without
from hook_door import Door

from watchful.settings import Settings


async def overridden(door: Door, card: Json) -> None:
    reason = card["overrideReasons"][0]
    item = {"card": card["uuid"], "outcome": "overridden", "overrideReason": {"reason": reason}}
    assert (await door.feedback({**item, "outcomeTimestamp": "2026-11-02T18:01:00Z"})).status_code == 200


@pytest.mark.parametrize("hook", HOOKS)
async def test_a_shown_card_is_in_its_row(door: Door, hook: str) -> None:
    card = await door.card(hook_body("acute-mri", hook))

    row = await door.row()
    assert (row["hook"], row["decision"], row["reason"]) == (hook, "DeferImaging", "acute-no-flag")
    assert (row["shown"], row["card_uuid"]) == (True, card["uuid"])
    assert row["card"]["topic"] == "DeferImaging"
    assert set(row["card"]["suggestions"]) == {each["uuid"] for each in card["suggestions"]}
    assert (row["modality"], row["order_code"], row["mode"], row["site"]) == ("mri", "72148", "live", "demo")
    assert (row["setting"], row["age_band"], row["sex"], row["language"]) == (
        "ambulatory",
        "30-39",
        "female",
        "en",
    )
    assert row["knowledge_version"] == door.service.doors["demo"]._parts.knowledge.version
    assert row["latency_ms"] > 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("cancer-mri", "right-study"),
        ("chronic", "chronic"),
        ("child", "under-18"),
        ("unreadable-conditions", "chart-unreadable"),
    ],
)
async def test_silence_has_its_reason(door: Door, name: str, reason: str) -> None:
    await door.fire(hook_body(name))

    row = await door.row()
    assert (row["decision"], row["reason"], row["shown"], row["card_uuid"]) == ("Silent", reason, False, None)


async def test_identifiers_are_keyed_hashes(door: Door) -> None:
    await door.card(hook_body("acute-mri"))

    row = await door.row()
    hashes = [value for name, value in row.items() if name.endswith(("_hash", "_fingerprint"))]
    assert len(hashes) == len(set(hashes)) == 6
    assert len({value.partition(".")[0] for value in hashes}) == 1  # all name the key they were made with


async def test_the_same_patient_and_order_hash_alike(door: Door) -> None:
    for hook in HOOKS:
        await door.card(hook_body("acute-mri", hook))

    first, second = await door.rows()
    for name in ("patient_hash", "order_hash", "user_hash", "encounter_hash", "facts_fingerprint"):
        assert first[name] == second[name]


async def test_each_data_class_has_state_and_source(door: Door) -> None:
    body = without(hook_body("acute-mri"), "prefetch", "reports")
    await door.card(body)

    assert (await door.row())["data_classes"] == {
        "Patient": "known prefetch",
        "Encounter": "known prefetch",
        "Condition": "known prefetch",
        "Observation": "known prefetch",
        "MedicationRequest": "known prefetch",
        "Procedure": "known prefetch",
        "DiagnosticReport": "unknown none",
        "ServiceRequest": "empty prefetch",
        "AllergyIntolerance": "known prefetch",
    }


async def test_a_constant_hook_instance_is_no_obstacle(door: Door) -> None:
    """The CRD request generator sends the same one for ever."""
    for _ in range(2):
        assert await door.topic(hook_body("acute-mri", "order-sign")) == "DeferImaging"

    assert len(await door.rows()) == 2


# At order-sign, what was answered is not said again (`reference/clinical.md` §0.1 item 14)


async def test_an_answered_card_is_not_repeated_at_order_sign(door: Door) -> None:
    await overridden(door, await door.card(hook_body("acute-mri", "order-select")))

    assert await door.topic(hook_body("acute-mri", "order-sign")) == "Silent"
    row = (await door.rows())[0]
    assert (row["decision"], row["shown"], row["card_uuid"]) == ("DeferImaging", False, None)


async def test_an_accepted_suggestion_counts_as_an_answer(door: Door) -> None:
    card = await door.card(hook_body("acute-mri"))
    taken = [{"id": card["suggestions"][0]["uuid"]}]
    await door.feedback({"card": card["uuid"], "outcome": "accepted", "acceptedSuggestions": taken})

    assert await door.topic(hook_body("acute-mri", "order-sign")) == "Silent"


async def test_an_unanswered_card_is_repeated_at_order_sign(door: Door) -> None:
    await door.card(hook_body("acute-mri"))

    assert await door.topic(hook_body("acute-mri", "order-sign")) == "DeferImaging"


async def test_order_select_keeps_speaking(door: Door) -> None:
    """C-6: it is called again on each change of the basket, and the later answer replaces the earlier."""
    await overridden(door, await door.card(hook_body("acute-mri")))

    assert await door.topic(hook_body("acute-mri", "order-select")) == "DeferImaging"


async def test_an_emergency_speaks_again(door: Door) -> None:
    await overridden(door, await door.card(hook_body("cauda-equina")))

    assert await door.topic(hook_body("cauda-equina", "order-sign")) == "UrgentFinding"


@pytest.mark.parametrize(
    ("problem", "topic"),
    [(a_condition("C50.911"), "ChangeStudy"), (a_condition("G83.4"), "UrgentFinding")],
    ids=["cancer", "cauda equina"],
)
async def test_new_facts_speak_again(door: Door, problem: Json, topic: str) -> None:
    order = an_order("72100", "xray")
    await overridden(door, await door.card(hook_body("acute-mri", "order-select", order)))
    body = hook_body("acute-mri", "order-sign", order)
    body["prefetch"]["conditions"]["entry"].append({"resource": problem})

    assert await door.topic(body) == topic


async def test_a_new_gap_speaks_again(door: Door) -> None:
    await overridden(door, await door.card(hook_body("acute-mri")))
    body = without(hook_body("acute-mri", "order-sign"), "prefetch", "medications")

    assert await door.topic(body) == "ReviewImaging"


async def test_another_order_speaks(door: Door) -> None:
    await overridden(door, await door.card(hook_body("acute-mri")))

    assert await door.topic(hook_body("acute-mri", "order-sign", an_order(id="another"))) == "DeferImaging"


async def test_another_patient_s_answer_is_not_this_one_s(door: Door) -> None:
    first = an_order(id="same", patient="acute-mri-patient")
    await overridden(door, await door.card(hook_body("acute-mri", "order-select", first)))
    second = an_order(id="same", patient="sciatica-patient")

    assert await door.topic(hook_body("sciatica", "order-sign", second)) == "DeferImaging"


async def test_of_two_orders_one_unanswered_is_enough_to_speak(door: Door) -> None:
    mri, xray = an_order(id="mri"), an_order("72100", "xray")
    await overridden(door, await door.card(hook_body("acute-mri", "order-select", mri)))

    assert await door.topic(hook_body("acute-mri", "order-sign", mri, xray)) == "DeferImaging"


async def test_answers_outlive_a_restart(settings: Settings, open_door: Any) -> None:
    async with open_door(settings) as door:
        await overridden(door, await door.card(hook_body("acute-mri")))
    async with open_door(settings, template=None) as door:
        assert await door.topic(hook_body("acute-mri", "order-sign")) == "Silent"
