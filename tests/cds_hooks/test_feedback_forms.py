"""Feedback in every form met in the field, stored once, and only for cards of this site (F-1 to F-8)."""

import json
from pathlib import Path
from typing import Any

import pytest
from hook_builders import FEEDBACK, Json, hook_body
from hook_door import Door
from jsonschema import Draft202012Validator
from outcomes import refused

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas" / "feedback.schema.json").read_text())
STRANGER = "5f8f1f0c-0d2c-4e5a-9c57-6a3a0d9b1c11"
REASON = {"system": "urn:ours", "code": "patient-preference"}
EARLY = "2026-11-02T18:01:00Z"


async def given(door: Door, *items: Json) -> list[Json]:
    """What the journal kept of feedback, oldest first."""
    answer = await door.feedback(*items)
    assert (answer.status_code, answer.json()) == (200, {})
    found: list[Json] = (await door.rows())[0]["feedback"]
    return found


def overriding(card: Json, **members: Any) -> Json:
    return {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": EARLY, **members}


def accepting(card: Json, number: int = 0, at: str = EARLY) -> Json:
    taken = [{"id": card["suggestions"][number]["uuid"]}]
    return {"card": card["uuid"], "outcome": "accepted", "acceptedSuggestions": taken, "outcomeTimestamp": at}


async def test_an_accepted_suggestion(door: Door) -> None:
    card = await door.card(hook_body("acute-mri"))
    item = accepting(card)
    Draft202012Validator(SCHEMA).validate({"feedback": [item]})
    (kept,) = await given(door, item)

    assert (kept["outcome"], kept["accepted"]) == ("accepted", [card["suggestions"][0]["uuid"]])
    assert kept["outcome_at"].isoformat() == "2026-11-02T18:01:00+00:00"
    assert not kept["has_comment"]


@pytest.mark.parametrize(
    "members",
    [
        {"overrideReason": {"reason": REASON}},
        {"overrideReason": {"reason": {**REASON, "display": "Patient preference"}, "userComment": "x"}},
        {"overrideReasons": [{"reason": REASON}]},
        {"overrideReasons": {"reason": REASON}},
        {"overrideReason": REASON},
        {"overrideReasons": [REASON]},
        {"overrideReason": {"reason": REASON}, "extension": {"vendor": 1}, "user": {"a": None}},
    ],
    ids=["2.0", "with display and comment", "Epic list", "Epic object", "flat", "flat list", "unknown members"],
)
async def test_an_override_reason_in_every_form(door: Door, members: Json) -> None:
    card = await door.card(hook_body("acute-mri"))
    (kept,) = await given(door, overriding(card, **members))

    assert (kept["reason_system"], kept["reason_code"]) == ("urn:ours", "patient-preference")


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"overrideReason": None},
        {"overrideReason": {}},
        {"overrideReasons": []},
        {"overrideReason": {"reason": {}}},
    ],
    ids=str,
)
async def test_an_override_without_a_reason(door: Door, members: Json) -> None:
    card = await door.card(hook_body("acute-mri"))
    (kept,) = await given(door, overriding(card, **members))

    assert (kept["outcome"], kept["reason_code"]) == ("overridden", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-02T18:01:00Z", "2026-11-02T18:01:00+00:00"),
        ("2026-11-02T18:01:00.123Z", "2026-11-02T18:01:00.123000+00:00"),
        ("2026-11-02T18:01:00.123456789Z", "2026-11-02T18:01:00.123456+00:00"),
        ("2026-11-02T10:01:00-08:00", "2026-11-02T18:01:00+00:00"),
        ("2026-11-03T03:31:00+09:30", "2026-11-02T18:01:00+00:00"),
        ("2026-11-02T18:01:00", "2026-11-02T18:01:00+00:00"),
    ],
)
async def test_a_time_in_every_form(door: Door, text: str, expected: str) -> None:
    card = await door.card(hook_body("acute-mri"))
    (kept,) = await given(door, overriding(card, outcomeTimestamp=text))

    assert kept["outcome_at"].isoformat() == expected


@pytest.mark.parametrize("members", [{"outcomeTimestamp": None}, {}])
async def test_a_missing_time(door: Door, members: Json) -> None:
    card = await door.card(hook_body("acute-mri"))
    item = {"card": card["uuid"], "outcome": "overridden", **members}
    (kept,) = await given(door, item)

    assert kept["outcome_at"] is None
    assert kept["received_at"] == door.clock()


async def test_an_id_in_capitals_is_the_same_card(door: Door) -> None:
    card = await door.card(hook_body("acute-mri"))

    assert len(await given(door, overriding(card) | {"card": card["uuid"].upper()})) == 1


async def test_a_batch_over_several_cards(door: Door) -> None:
    cards = [await door.card(hook_body(name)) for name in ("acute-mri", "sciatica", "age-72")]
    answer = await door.feedback(*(overriding(card) for card in cards))

    assert answer.status_code == 200
    assert [len(row["feedback"]) for row in await door.rows()] == [1, 1, 1]
    assert door.metric("watchful_feedback_total", kind="stored") == 3


async def test_the_same_entry_twice_is_kept_once(door: Door) -> None:
    card = await door.card(hook_body("acute-mri"))
    item = accepting(card)

    assert len(await given(door, item, item)) == 1
    assert len(await given(door, item)) == 1
    assert door.metric("watchful_feedback_total", kind="duplicates") == 2


async def test_a_second_suggestion_of_the_same_card_is_kept(door: Door) -> None:
    card = await door.card(hook_body("acute-mri"))

    kept = await given(door, accepting(card, 0), accepting(card, 1, "2026-11-02T18:02:00Z"))

    assert [each["accepted"] for each in kept] == [[each["uuid"]] for each in card["suggestions"]]


@pytest.mark.parametrize("card", [STRANGER, "not a uuid", "", "x" * 5000, "\u0000"], ids=lambda card: card[:10])
async def test_an_unknown_card_is_counted_and_not_refused(door: Door, card: str) -> None:
    answer = await door.feedback({"card": card, "outcome": "accepted", "outcomeTimestamp": EARLY})

    assert answer.status_code == 200
    assert door.metric("watchful_feedback_total", kind="orphans") == 1


async def test_an_unknown_card_does_not_cost_the_others(door: Door) -> None:
    card = await door.card(hook_body("acute-mri"))

    assert len(await given(door, overriding({"uuid": STRANGER}), overriding(card))) == 1


async def test_a_suggestion_that_was_not_on_the_card_is_dropped(door: Door) -> None:
    card = await door.card(hook_body("acute-mri"))
    item = accepting(card) | {"acceptedSuggestions": [{"id": STRANGER}, {"id": None}, {}]}
    (kept,) = await given(door, item)

    assert kept["accepted"] == []


async def test_an_empty_batch(door: Door) -> None:
    assert (await door.feedback()).status_code == 200


async def test_a_comment_is_sealed_and_never_in_clear(door: Door, tmp_path: Path) -> None:
    card = await door.card(hook_body("acute-mri"))
    comment = "Mrs Lindqvist insists: her father had a tumour"
    reason = {"reason": REASON, "userComment": comment}
    (kept,) = await given(door, overriding(card, overrideReason=reason))
    await door.service.journal.close()

    assert kept["has_comment"]
    assert comment not in str(kept)
    data = b"".join(file.read_bytes() for file in tmp_path.glob("journal.db*"))
    assert b"patient-preference" in data
    assert b"Lindqvist" not in data
    assert b"tumour" not in data


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({}, "feedback"),
        ({"feedback": None}, "feedback"),
        ({"feedback": {"card": STRANGER, "outcome": "accepted"}}, "feedback"),
        ({"feedback": [{"outcome": "accepted"}]}, "feedback[0].card"),
        ({"feedback": [{"card": STRANGER}]}, "feedback[0].outcome"),
        ({"feedback": [{"card": 7, "outcome": "accepted"}]}, "feedback[0].card"),
        ({"feedback": [{"card": STRANGER, "outcome": "ignored"}]}, "feedback[0].outcome"),
        ({"feedback": [{"card": STRANGER, "outcome": None}]}, "feedback[0].outcome"),
    ],
    ids=str,
)
async def test_malformed_feedback_names_the_member(door: Door, body: Json, member: str) -> None:
    issue = refused(await door.http.post(FEEDBACK, json=body), 400)

    assert issue["expression"] == [member]


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "",
        "2026-13-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+01:00",
        "1762106460",
    ],
)
async def test_a_time_that_is_none(door: Door, text: str) -> None:
    item = {"card": STRANGER, "outcome": "overridden", "outcomeTimestamp": text}
    issue = refused(await door.feedback(item), 400)

    assert issue["expression"] == ["feedback[0].outcomeTimestamp"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"feedback":[{"card":"\xff","outcome":"accepted"}]}', b"[" * 100_000, b"[]"],
    ids=lambda body: repr(body[:20]),
)
async def test_what_is_no_feedback(door: Door, body: bytes) -> None:
    refused(await door.http.post(FEEDBACK, content=body, headers={"Content-Type": "application/json"}), 400)


async def test_feedback_below_the_site_prefix(door: Door) -> None:
    card = await door.card(hook_body("acute-mri"))
    answer = await door.http.post(f"/s/demo{FEEDBACK}", json={"feedback": [overriding(card)]})

    assert answer.status_code == 200
    assert door.metric("watchful_feedback_total", kind="stored") == 1
