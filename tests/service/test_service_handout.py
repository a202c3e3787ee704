"""From a card's link to the patient's page, and to its end."""

import re

import pytest
from hook_builders import HOOKS, Json, hook_body
from hook_door import Door

from watchful.settings import Settings


def link(card: Json) -> str:
    (only,) = card["links"]
    assert only["type"] == "absolute"
    return str(only["url"])


@pytest.mark.parametrize("hook", HOOKS)
async def test_the_link_opens_a_page_with_the_right_dates(door: Door, hook: str) -> None:
    url = link(await door.card(hook_body("acute-mri", hook)))

    page = await door.http.get(url)

    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "December 14, 2026" in page.text  # six weeks after Monday, November 2
    assert "Lindqvist" not in page.text


@pytest.mark.parametrize("name", ["acute-mri", "age-72"])
async def test_deferral_and_review_have_a_handout(door: Door, name: str) -> None:
    assert (await door.http.get(link(await door.card(hook_body(name))))).status_code == 200


@pytest.mark.parametrize("name", ["cauda-equina", "cancer-xray"])
async def test_urgent_and_change_have_none(door: Door, name: str) -> None:
    assert "links" not in await door.card(hook_body(name))


async def test_the_link_carries_nothing_but_the_handle(door: Door) -> None:
    url = link(await door.card(hook_body("acute-mri")))

    assert re.fullmatch(r"http://127\.0\.0\.1:8042/handout/[A-Za-z0-9_.-]{30,40}", url)


async def test_every_card_has_a_handle_of_its_own(door: Door) -> None:
    urls = {link(await door.card(hook_body("acute-mri"))) for _ in range(3)}

    assert len(urls) == 3


async def test_the_link_works_until_its_time_and_then_says_so(door: Door, settings: Settings) -> None:
    url = link(await door.card(hook_body("acute-mri")))
    door.clock.forward(hours=settings.site[0].case_ttl_hours, seconds=-1)
    assert (await door.http.get(url)).status_code == 200
    door.clock.forward(seconds=1)

    answer = await door.http.get(url)
    assert answer.status_code == 410
    assert "December" not in answer.text


async def test_a_handle_that_never_was_is_gone_too(door: Door) -> None:
    url = link(await door.card(hook_body("acute-mri")))

    assert (await door.http.get(url[:-1] + ("A" if url[-1] != "A" else "B"))).status_code == 410


async def test_below_the_site_prefix(door: Door) -> None:
    handle = link(await door.card(hook_body("acute-mri"))).rpartition("/")[2]

    assert (await door.http.get(f"/s/demo/handout/{handle}")).status_code == 200
    assert (await door.http.get(f"/s/other/handout/{handle}")).status_code == 410


async def test_without_a_journal_the_page_is_503(door: Door) -> None:
    url = link(await door.card(hook_body("acute-mri")))
    await door.service.journal.close()

    assert (await door.http.get(url)).status_code == 503
