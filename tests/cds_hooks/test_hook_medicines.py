"""The medicines of a handout, the whole way: chart at the door, plan, sealed case, the patient's page."""

import re

import pytest
from hook_builders import Json, a_refusal, hook_body
from hook_door import Door

NSAID = re.compile(r"ibuprofen|naproxen|diclofenac", re.IGNORECASE)


async def handout(door: Door, body: Json) -> str:
    """The page behind the card's link."""
    card = await door.card(body)
    assert card["source"]["topic"]["code"] == "DeferImaging"
    assert not NSAID.search(card["summary"] + card["detail"])
    page = await door.http.get(card["links"][0]["url"])
    assert page.status_code == 200
    return page.text


async def test_a_clear_chart_names_the_medicines(door: Door) -> None:
    page = await handout(door, hook_body("acute-xray"))

    assert NSAID.search(page)
    assert "Tylenol" in page
    assert "pregnant" not in page


async def test_not_if_you_may_be_pregnant(door: Door) -> None:
    page = await handout(door, hook_body("acute-mri"))

    assert NSAID.search(page)
    assert "pregnant" in page


@pytest.mark.parametrize("name", ["sciatica", "pregnancy"])
async def test_a_block_takes_the_nsaids_and_leaves_acetaminophen(door: Door, name: str) -> None:
    page = await handout(door, hook_body(name))

    assert not NSAID.search(page)
    assert "Tylenol" in page


@pytest.mark.parametrize("key", ["allergies", "observations"])
@pytest.mark.parametrize("refused", [True, False], ids=["refused", "not sent"])
async def test_where_data_are_unknown_there_is_a_line_to_write_on(door: Door, key: str, refused: bool) -> None:
    body = hook_body("acute-xray")
    if refused:
        body["prefetch"][key] = a_refusal()
    else:
        del body["prefetch"][key]
    page = await handout(door, body)

    assert not NSAID.search(page)
    assert "Tylenol" not in page
    assert "Your pain medicine" in page
