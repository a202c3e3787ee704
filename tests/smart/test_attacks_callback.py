"""Attack: an answer that this browser did not ask for, or that another server, launch or person gave."""

import httpx2
import pytest
from launcher_double import BASE, Json
from smart_door import PUBLIC, Browser, SmartDoor

from smart_app.cookies import launch_cookie

CALLBACK = f"{PUBLIC}/smart/callback"


async def answered(door: SmartDoor, browser: Browser, **launch: object) -> str:
    """The callback address of a launch that this browser began, not yet opened."""
    page = await browser.open(door.launch_url(**launch), stop=CALLBACK)
    assert page.url.startswith(f"{CALLBACK}?code=")
    return page.url


def refused(door: SmartDoor, answer: httpx2.Response, *, exchanges: int = 0) -> None:
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert len(door.launcher.tokens) == exchanges


def with_query(url: str, **changes: str) -> str:
    return str(httpx2.URL(url).copy_merge_params(changes))


@pytest.mark.parametrize("state", ["forged", "", "x" * 5000, "%00", "../../x"])
async def test_a_forged_state(door: SmartDoor, state: str) -> None:
    browser = door.browser()
    callback = await answered(door, browser)

    refused(door, (await browser.open(with_query(callback, state=state))).answer)


async def test_no_state_and_two_states(door: SmartDoor) -> None:
    browser = door.browser()
    callback = await answered(door, browser)

    refused(door, (await browser.open(f"{CALLBACK}?code=x")).answer)
    refused(door, (await browser.open(f"{callback}&state=other")).answer)
    refused(door, (await browser.open(f"{callback}&code=other")).answer)


async def test_a_replayed_state_runs_nothing(door: SmartDoor) -> None:
    browser = door.browser()
    callback = await answered(door, browser)
    first = await browser.open(callback)
    session = await door.session(first)
    await door.sessions.end(session)

    refused(door, (await browser.open(callback)).answer, exchanges=1)
    refused(door, (await door.browser().open(callback)).answer, exchanges=1)


async def test_a_replayed_state_opens_nothing_for_another_browser(door: SmartDoor) -> None:
    callback = await answered(door, browser := door.browser())
    assert (await browser.open(callback)).status == 200

    refused(door, (await door.browser().open(callback)).answer, exchanges=1)


async def test_a_launch_cookie_put_back_does_not_run_the_launch_again(door: SmartDoor) -> None:
    browser = door.browser()
    callback = await answered(door, browser)
    kept = dict(browser.http.cookies)
    assert (await browser.open(callback)).status == 200
    thief = door.browser()
    thief.http.cookies.update(kept)

    refused(door, (await thief.open(callback)).answer, exchanges=1)


async def test_a_state_from_another_browser(door: SmartDoor) -> None:
    """Log-in CSRF: an attacker's own answer, opened in the victim's browser."""
    attacker, victim = door.browser(), door.browser()
    callback = await answered(door, attacker, patient="acute-mri-patient")

    refused(door, (await victim.open(callback)).answer)
    await answered(door, victim)  # also with a launch of its own under way
    refused(door, (await victim.open(callback)).answer)
    assert (await attacker.open(callback)).status == 200  # whose launch it was is not kept out


@pytest.mark.parametrize("value", ["guessed", "é", ""])
async def test_a_launch_cookie_that_was_made_up(door: SmartDoor, value: str) -> None:
    callback = await answered(door, door.browser())
    state = httpx2.URL(callback).params["state"]
    cookie = f"{launch_cookie(state)}={value}".encode()
    answer = await door.browser().http.get(callback, headers=[(b"cookie", cookie)])

    refused(door, answer)


async def test_a_state_that_came_too_late(door: SmartDoor) -> None:
    browser = door.browser()
    callback = await answered(door, browser)
    door.clock.forward(minutes=11)

    refused(door, (await browser.open(callback)).answer)


async def test_a_code_from_another_launch(door: SmartDoor) -> None:
    """Code injection: the attacker's code, or a stolen one, under the victim's own state."""
    attacker, victim = door.browser(), door.browser()
    stolen = httpx2.URL(await answered(door, attacker)).params["code"]
    callback = await answered(door, victim)
    page = await victim.open(with_query(callback, code=stolen))

    assert page.status == 502
    assert "set-cookie" not in page.answer.headers
    (sent,) = door.launcher.tokens
    assert sent["code"] == stolen
    assert door.count("opened") == 0
    assert door.count("token-invalid_grant") == 1


async def test_a_code_swapped_between_two_launches_of_one_browser(door: SmartDoor) -> None:
    browser = door.browser()
    one, two = await answered(door, browser), await answered(door, browser)
    swapped = with_query(one, code=httpx2.URL(two).params["code"])

    assert (await browser.open(swapped)).status == 502


@pytest.mark.parametrize("issuer", ["https://evil.example", f"{BASE}/", BASE.upper(), "", "null"])
async def test_an_answer_of_another_issuer(door: SmartDoor, issuer: str) -> None:
    """RFC 9207: the code is not even sent."""
    browser = door.browser()
    callback = await answered(door, browser)

    refused(door, (await browser.open(with_query(callback, iss=issuer))).answer)
    assert door.count("issuer") == 1


async def test_the_right_issuer_and_a_missing_one(door: SmartDoor) -> None:
    browser = door.browser()
    assert (await browser.open(with_query(await answered(door, browser), iss=BASE))).status == 200
    door.clock.forward(minutes=11)
    door.launcher.document = {"authorization_response_iss_parameter_supported": True}
    refused(door, (await browser.open(await answered(door, browser))).answer, exchanges=1)


async def test_an_error_of_another_issuer_is_no_error_of_ours(door: SmartDoor) -> None:
    browser = door.browser()
    callback = httpx2.URL(await answered(door, browser))
    query = {"error": "access_denied", "state": callback.params["state"], "iss": "https://evil.example"}

    refused(door, (await browser.open(f"{CALLBACK}?{httpx2.QueryParams(query)}")).answer)
    assert door.count("issuer") == 1


SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    "query", [{"error": SCRIPT}, {"error": "access_denied", "error_description": SCRIPT, "error_uri": SCRIPT}]
)
async def test_no_text_of_an_error_answer_is_shown(door: SmartDoor, query: Json) -> None:
    browser = door.browser()
    state = httpx2.URL(await answered(door, browser)).params["state"]
    answer = (await browser.open(f"{CALLBACK}?{httpx2.QueryParams({**query, 'state': state})}")).answer

    refused(door, answer)
    assert "alert" not in answer.text
    assert "script" not in answer.text


async def test_the_token_endpoint_is_that_of_the_launch(door: SmartDoor) -> None:
    """A document that changes while the user logs in does not get the code."""
    browser = door.browser()
    await answered(door, browser)
    door.clock.forward(minutes=9.5)
    callback = await answered(door, browser)  # by the first document, soon to be asked anew
    door.clock.forward(seconds=45)
    door.launcher.document = {"token_endpoint": f"{BASE}/elsewhere", "issuer": "https://evil.example"}
    await answered(door, browser)

    assert (await browser.open(callback)).status == 200
    assert f"{BASE}/elsewhere" not in door.wire.urls()
