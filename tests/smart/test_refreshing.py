"""Tokens over the life of a session: refreshed once for all who wait, rotated, narrowed, ended."""

import asyncio

import httpx2
import pytest
from launcher_double import TOKEN, Json
from smart_door import SmartDoor

from smart_app.oauth import OAuth, Spent
from smart_app.reading import with_reading
from smart_app.session import Session, Tokens
from smart_app.sessions import Sessions
from watchful.errors import EhrFailed, SessionGone


async def launched(door: SmartDoor) -> Session:
    return await door.session(await door.browser().open(door.launch_url()))


def refreshes(door: SmartDoor) -> list[Json]:
    return [each for each in door.launcher.tokens if each["grant_type"] == "refresh_token"]


async def test_a_token_that_lasts_is_left_alone(door: SmartDoor) -> None:
    session = await launched(door)
    door.clock.forward(minutes=58)
    assert await door.sessions.fresh(session) is session
    assert refreshes(door) == []


async def test_all_who_wait_share_one_refresh(door: SmartDoor) -> None:
    session = await launched(door)
    door.clock.forward(minutes=59.5)
    fresh = await asyncio.gather(*(door.sessions.fresh(session) for _ in range(8)))

    assert len(refreshes(door)) == 1
    assert len({each.tokens.access for each in fresh}) == 1
    assert fresh[0].tokens.access != session.tokens.access


async def test_a_rotated_refresh_token_takes_the_place_of_the_old(door: SmartDoor) -> None:
    session = await launched(door)
    for _ in range(3):
        door.clock.forward(minutes=59.5)
        session = await door.sessions.fresh(session)
    sent = [each["refresh_token"] for each in refreshes(door)]
    assert len(set(sent)) == 3


async def test_a_server_that_does_not_rotate(door: SmartDoor) -> None:
    session = await launched(door)
    door.launcher.said = {"refresh_token": None}
    door.clock.forward(minutes=59.5)
    fresh = await door.sessions.fresh(session)
    assert fresh.tokens.refresh == session.tokens.refresh
    assert fresh.tokens.access != session.tokens.access


async def test_no_scope_is_asked_for_and_none_is_gained(door: SmartDoor) -> None:
    session = await launched(door)
    door.launcher.said = {"scope": "patient/Condition.rs patient/DocumentReference.cruds system/*.cruds"}
    door.clock.forward(minutes=59.5)
    fresh = await door.sessions.fresh(session)
    assert "scope" not in refreshes(door)[0]
    assert fresh.tokens.scopes == ("patient/Condition.rs",)


async def test_a_refused_refresh_ends_the_session(door: SmartDoor) -> None:
    session = await launched(door)
    door.launcher.said = {"error": "invalid_grant"}
    door.clock.forward(minutes=59.5)
    with pytest.raises(SessionGone):
        await door.sessions.fresh(session)
    with pytest.raises(SessionGone):
        await door.sessions._read(session.id)


async def test_the_tokens_of_another_patient_are_not_taken(door: SmartDoor) -> None:
    session = await launched(door)
    door.launcher.said = {"patient": "chronic-patient"}
    door.clock.forward(minutes=61)
    with pytest.raises(EhrFailed):
        await door.sessions.fresh(session)


async def test_a_server_that_is_down_costs_nothing_while_the_token_lives(door: SmartDoor) -> None:
    session = await launched(door)
    door.wire.answers[TOKEN] = httpx2.ConnectError("down")
    door.clock.forward(minutes=59.5)
    assert (await door.sessions.fresh(session)).tokens == session.tokens
    door.clock.forward(minutes=1)
    with pytest.raises(EhrFailed):
        await door.sessions.fresh(session)


@pytest.mark.parametrize("status", [201, 302, 400, 401, 500])
async def test_tokens_of_an_answer_that_grants_none_are_not_taken(door: SmartDoor, status: int) -> None:
    """RFC 6749 §5.1: what grants a token is a 200."""
    session = await launched(door)
    door.launcher.said_with = status
    door.clock.forward(minutes=61)
    with pytest.raises(EhrFailed) as failed:
        await door.sessions.fresh(session)
    assert failed.value.reason == "token-status"
    assert (await door.sessions._read(session.id)).tokens == session.tokens


async def test_another_worker_that_was_first(door: SmartDoor) -> None:
    """Two processes with one refresh token: the second is refused, finds what the first kept, and goes on."""
    session = await launched(door)
    other = Sessions(door.parts)
    door.clock.forward(minutes=59.5)
    first = await other.fresh(session)
    assert (await door.sessions.fresh(session)).tokens == first.tokens
    assert len(refreshes(door)) == 1


async def test_another_worker_that_is_not_done_yet(door: SmartDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is refused while the answer to the first is still on its way: no reason to end the session."""
    session = await launched(door)
    other = Sessions(door.parts)
    door.clock.forward(minutes=59.5)
    granted, refused, ask = asyncio.Event(), asyncio.Event(), OAuth.refresh

    async def late(self: OAuth, tokens: Tokens, patient: str) -> Tokens:
        try:
            answer = await ask(self, tokens, patient)
        except Spent:
            refused.set()
            raise
        granted.set()
        await refused.wait()
        return answer

    monkeypatch.setattr(OAuth, "refresh", late)
    first = asyncio.create_task(other.fresh(session))
    await granted.wait()
    second = await door.sessions.fresh(session)

    assert second.tokens == (await first).tokens
    assert len(refreshes(door)) == 2


async def test_a_page_that_saves_does_not_put_old_tokens_back(door: SmartDoor) -> None:
    session = await launched(door)
    door.clock.forward(minutes=59.5)
    fresh = await door.sessions.fresh(session)
    await door.sessions.change(session, lambda stored: with_reading(stored, session))
    page = await door.sessions._read(session.id)
    assert page.tokens == fresh.tokens


async def test_a_token_that_the_server_dropped_is_refreshed_once(door: SmartDoor) -> None:
    browser = door.browser()
    page = await browser.open(door.launch_url())
    door.launcher.revoke_access()
    again = await browser.open(page.url)

    assert again.status == 200
    assert again.json["source"] == "chart"
    assert len(refreshes(door)) == 1


async def test_without_a_refresh_token_a_dropped_token_ends_the_session(door: SmartDoor) -> None:
    door.launcher.said = {"refresh_token": None}
    browser = door.browser()
    page = await browser.open(door.launch_url())
    door.launcher.revoke_access()

    assert (await browser.open(page.url)).status == 401
    with pytest.raises(SessionGone):
        await door.session(page)


async def test_a_session_never_lasts_longer_than_the_site_says(door: SmartDoor) -> None:
    browser = door.browser()
    page = await browser.open(door.launch_url())
    for _ in range(8):
        door.clock.forward(minutes=59)
        assert (await browser.open(page.url)).status == 200
    door.clock.forward(minutes=9)
    assert (await browser.open(page.url)).status == 401
