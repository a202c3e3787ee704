"""A card of a site with the app leads there, and the app finds behind the handle what the card was made of."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hook_builders import hook_body
from hook_door import Door, opened, settings_for

from watchful.content.card_case import background_behind, handout_behind, reasoning_behind
from watchful.settings import SmartClient

SPEAKING = [
    ("acute-mri", "DeferImaging"),
    ("fever", "ReviewImaging"),
    ("unreadable-medications", "ReviewImaging"),
    ("cauda-equina", "UrgentFinding"),
]
NO_HANDOUT = ("fever", "cauda-equina")
"""The handout would contradict the card: it sends a patient with a fever to the emergency room."""


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with opened(settings_for(tmp_path, smart=SmartClient(client_id="watchful"))) as door:
        yield door


@pytest.mark.parametrize(("name", "topic"), SPEAKING)
async def test_the_only_link_is_the_registered_launch_url(door: Door, name: str, topic: str) -> None:
    card = await door.card(hook_body(name))

    assert card["source"]["topic"]["code"] == topic
    (link,) = card["links"]
    assert link["type"] == "smart"
    assert link["url"] == "http://127.0.0.1:8042/smart/launch"
    assert 20 < len(link["appContext"]) < 64


@pytest.mark.parametrize(("name", "topic"), SPEAKING)
async def test_behind_the_handle_stands_what_the_card_saw(door: Door, name: str, topic: str) -> None:
    body = hook_body(name)
    card = await door.card(body)
    stored = await door.service.journal.read_case("demo", card["links"][0]["appContext"])

    assert stored is not None
    background, reasoning = background_behind(stored), reasoning_behind(stored)
    assert background is not None
    assert background.card == card["uuid"]
    assert background.encounter == body["context"]["encounterId"]
    assert background.facts.known == reasoning.known
    assert {each.reference for each in background.facts.findings} >= {
        evidence.reference
        for flag in reasoning.assessment.present()
        for evidence in flag.evidence
        if evidence.reference.startswith("Condition/")
    }


@pytest.mark.parametrize(("name", "topic"), SPEAKING)
async def test_a_handout_stands_there_only_where_something_may_wait(door: Door, name: str, topic: str) -> None:
    handle = (await door.card(hook_body(name)))["links"][0]["appContext"]
    stored = await door.service.journal.read_case("demo", handle)
    page = await door.http.get(f"/handout/{handle}")

    assert stored is not None
    assert (handout_behind(stored) is None) == (name in NO_HANDOUT)
    assert page.status_code == (410 if name in NO_HANDOUT else 200)


async def test_a_site_may_keep_the_handout_link(tmp_path: Path) -> None:
    smart = SmartClient(client_id="watchful", link=False)
    async with opened(settings_for(tmp_path, smart=smart)) as door:
        links = (await door.card(hook_body("acute-mri")))["links"]

    assert [link["type"] for link in links] == ["absolute"]


async def test_no_card_links_to_a_handout_that_contradicts_it(tmp_path: Path) -> None:
    async with opened(settings_for(tmp_path)) as door:
        assert "links" not in await door.card(hook_body("fever"))
        assert "links" in await door.card(hook_body("unreadable-medications"))


async def test_without_the_app_no_chart_is_kept(tmp_path: Path) -> None:
    async with opened(settings_for(tmp_path)) as door:
        url = (await door.card(hook_body("acute-mri")))["links"][0]["url"]
        stored = await door.service.journal.read_case("demo", url.rpartition("/")[2])

    assert stored is not None
    assert background_behind(stored) is None
