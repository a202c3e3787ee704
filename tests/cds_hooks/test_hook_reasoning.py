"""The whole reasoning stands behind the card, sealed, for the app to show."""

from typing import Any

import pytest
from hook_builders import hook_body
from hook_door import Door

from watchful.content.card_case import reasoning_behind


async def behind(door: Door, name: str) -> Any:
    card = await door.card(hook_body(name))
    handle = card["links"][0]["url"].rpartition("/")[2]
    stored = await door.service.journal.read_case("demo", handle)
    assert stored is not None
    return reasoning_behind(stored)


@pytest.mark.parametrize(
    ("name", "told"),
    [("acute-mri", "acute-no-flag"), ("age-72", "suppress-flag"), ("unreadable-medications", "data-gap")],
)
async def test_the_assessment_is_kept_whole(door: Door, name: str, told: str) -> None:
    reasoning = await behind(door, name)

    assert reasoning.assessment.reason == told
    assert len(reasoning.assessment.flags) > 30
    assert "MedicationRequest" in reasoning.known


async def test_it_tells_what_the_command_line_tells(door: Door) -> None:
    parts = {part.heading: part.lines for part in (await behind(door, "age-72")).told()}

    assert any("age 72" in line for line in parts["Red flags"])
    assert any("could not be read" not in line for line in parts["What was read"])


async def test_the_handout_page_does_not_show_it(door: Door) -> None:
    card = await door.card(hook_body("age-72"))
    page = await door.http.get(card["links"][0]["url"])

    assert page.status_code == 200
    assert "suppress-flag" not in page.text
    assert "age 72" not in page.text
