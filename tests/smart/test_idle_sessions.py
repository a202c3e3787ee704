"""A session that nobody uses is over, like one that has expired: a browser left behind opens nothing."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from smart_door import Browser, Page, SmartDoor, opened, smart_site

from smart_app.reading import with_reading
from watchful.errors import SessionGone

TEN = {"idle_minutes": 10}


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[SmartDoor]:
    async with opened(tmp_path, smart_site(smart=TEN)) as door:
        yield door


async def launched(door: SmartDoor) -> tuple[Browser, Page]:
    browser = door.browser()
    page = await browser.open(door.launch_url())
    assert page.status == 200
    return browser, page


async def test_a_session_that_nobody_uses_is_over(door: SmartDoor) -> None:
    browser, page = await launched(door)
    door.clock.forward(minutes=10)
    answer = await browser.open(page.url)
    assert answer.status == 401
    assert "This page is closed" in answer.answer.text
    assert door.count("unknown") == 1


async def test_its_tokens_are_forgotten(door: SmartDoor) -> None:
    await launched(door)
    door.clock.forward(minutes=10, seconds=1)
    assert (await door.parts.journal.forget_expired(door.clock())).sessions == 1


async def test_each_page_that_is_opened_makes_it_last(door: SmartDoor) -> None:
    browser, page = await launched(door)
    for _ in range(7):
        door.clock.forward(minutes=8)
        assert (await browser.open(page.url)).status == 200
    door.clock.forward(minutes=10)
    assert (await browser.open(page.url)).status == 401


async def test_an_answer_makes_it_last(door: SmartDoor) -> None:
    browser, page = await launched(door)
    door.clock.forward(minutes=8)
    form = {"csrf": page.json["csrf"], "q.numb": "yes"}
    assert (await browser.post(page.url.replace("review", "answers"), form)).status_code == 200
    door.clock.forward(minutes=8)
    assert (await browser.open(page.url)).status == 200


async def test_use_does_not_move_the_end_that_the_launch_has(tmp_path: Path) -> None:
    async with opened(tmp_path, smart_site(smart=TEN | {"session_hours": 1})) as door:
        browser, page = await launched(door)
        for _ in range(6):
            door.clock.forward(minutes=9)
            assert (await browser.open(page.url)).status == 200
        door.clock.forward(minutes=6)
        assert (await browser.open(page.url)).status == 401


async def test_who_has_no_cookie_does_not_make_it_last(door: SmartDoor) -> None:
    browser, page = await launched(door)
    door.clock.forward(minutes=8)
    assert (await door.browser().open(page.url)).status == 401
    door.clock.forward(minutes=2)
    assert (await browser.open(page.url)).status == 401


async def test_what_the_service_does_by_itself_is_no_use(door: SmartDoor) -> None:
    """Refreshing, changing and tidying happen within a request that was counted, or beside all of them."""
    _, page = await launched(door)
    session = await door.session(page)
    door.clock.forward(minutes=8)
    await door.sessions.fresh(session, refused=True)
    await door.sessions.change(session, lambda stored: with_reading(stored, session))
    await door.parts.journal.forget_expired(door.clock())
    door.clock.forward(minutes=2)
    with pytest.raises(SessionGone):
        await door.session(page)
