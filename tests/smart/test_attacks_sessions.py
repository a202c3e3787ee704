"""Attack: a session that is not one's own, planted, stolen, crossed with another chart, or driven from outside."""

import pytest
from launcher_double import BASE, Json
from msgspec.structs import replace
from smart_door import CLIENT, PUBLIC, Browser, Page, SmartDoor

from smart_app.sessions import Sessions
from watchful.errors import SessionGone

OTHER = "chronic-patient"


async def launched(door: SmartDoor, browser: Browser, patient: str = "acute-mri-patient") -> Page:
    page = await browser.open(door.launch_url(patient=patient))
    assert page.json["patient"] == patient
    return page


def gone(page: Page) -> None:
    assert page.status == 401
    assert "This page is closed" in page.answer.text
    assert "acute-mri-patient" not in page.answer.text


async def test_the_patients_of_these_tests_differ(door: SmartDoor) -> None:
    assert {"acute-mri-patient", OTHER} <= door.launcher.charts.keys()


async def test_the_path_opens_nothing_without_the_cookie(door: SmartDoor) -> None:
    page = await launched(door, door.browser())

    gone(await door.browser().open(page.url))


async def test_a_session_is_never_one_that_was_brought(door: SmartDoor) -> None:
    """Fixation: whatever id, cookie or state the browser arrives with, the session that begins is new."""
    attacker, victim = door.browser(), door.browser()
    own = await launched(door, attacker)
    for name, value in attacker.http.cookies.items():
        victim.http.cookies.set(name, value, domain="watchful.example.org", path="/")
    page = await launched(door, victim, OTHER)

    assert page.url != own.url
    brought = set(attacker.http.cookies.values())
    new = [value for name, value in victim.http.cookies.items() if page.url.split("/")[5] in name]
    assert len(new) == 1
    assert not set(new) & brought
    gone(await attacker.open(page.url))
    assert (await attacker.open(own.url)).json["patient"] == "acute-mri-patient"


async def test_the_id_is_not_in_anything_seen_before_the_callback(door: SmartDoor) -> None:
    browser = door.browser()
    page = await browser.open(door.launch_url())
    session = page.url.split("/smart/app/")[1].split("/")[0]

    before = [str(url) for url in page.way[:-1]]
    assert not [url for url in before if session in url]
    assert len(session) >= 22


async def test_two_charts_in_one_browser_never_mix(door: SmartDoor) -> None:
    browser = door.browser()
    one = await launched(door, browser)
    two = await launched(door, browser, OTHER)
    for _ in range(2):
        assert (await browser.open(one.url)).json["patient"] == "acute-mri-patient"
        assert (await browser.open(two.url)).json["patient"] == OTHER
    csrf = {page.json["csrf"] for page in (one, two)}
    assert len(csrf) == 2
    answer = await browser.post(one.url.replace("review", "answers"), {"csrf": one.json["csrf"], "q.numb": "yes"})
    assert answer.json()["patient"] == "acute-mri-patient"


async def test_two_launches_at_the_same_time_end_each_at_its_own(door: SmartDoor) -> None:
    browser = door.browser()
    callbacks = [
        (await browser.open(door.launch_url(patient=patient), stop=f"{PUBLIC}/smart/callback")).url
        for patient in ("acute-mri-patient", OTHER)
    ]
    pages = [await browser.open(url) for url in reversed(callbacks)]
    assert [page.json["patient"] for page in pages] == [OTHER, "acute-mri-patient"]


async def test_the_cookie_of_one_chart_does_not_open_another(door: SmartDoor) -> None:
    browser = door.browser()
    one, two = await launched(door, browser), await launched(door, browser, OTHER)
    ids = [page.url.split("/smart/app/")[1].split("/")[0] for page in (one, two)]
    jar = browser.http.cookies
    values = {each: jar[f"__Host-watchful-{each}"] for each in ids}
    for name, value in zip(ids, reversed(list(values.values())), strict=True):
        jar.delete(f"__Host-watchful-{name}")
        jar.set(f"__Host-watchful-{name}", value, domain="watchful.example.org", path="/")

    gone(await browser.open(one.url))
    gone(await browser.open(two.url))


async def test_a_session_ends_with_its_token_and_by_hand(door: SmartDoor) -> None:
    door.launcher.said = {"refresh_token": None}
    browser = door.browser()
    page = await launched(door, browser)
    door.clock.forward(minutes=59)
    assert (await browser.open(page.url)).status == 200
    door.clock.forward(minutes=2)
    gone(await browser.open(page.url))
    again = await launched(door, browser)
    await door.sessions.end(await door.session(again))
    gone(await browser.open(again.url))


async def test_a_server_that_the_site_dropped_ends_its_sessions(door: SmartDoor) -> None:
    """After a restart with other settings nothing is read there any more, and no token sent."""
    page = await launched(door, door.browser())
    session = await door.session(page)
    moved = door.parts.site.model_copy(update={"fhir": "https://new-ehr.example.org/r4"})
    sent = len(door.wire.sent)
    with pytest.raises(SessionGone):
        await Sessions(replace(door.parts, site=moved)).change(session, lambda stored: stored)
    kept = door.parts.site.model_copy(update={"fhir": "https://new-ehr.example.org/r4", "fhir_aliases": (BASE,)})
    await Sessions(replace(door.parts, site=kept)).change(session, lambda stored: stored)
    assert len(door.wire.sent) == sent


async def test_what_has_ended_is_not_changed_again(door: SmartDoor) -> None:
    browser = door.browser()
    page = await launched(door, browser)
    session = await door.session(page)
    await door.sessions.end(session)
    with pytest.raises(Exception, match="session-gone"):
        await door.sessions.change(session, lambda stored: stored)
    gone(await browser.open(page.url))


FOREIGN: list[tuple[str, Json, Json]] = [
    ("no token", {}, {}),
    ("empty token", {"csrf": ""}, {}),
    ("wrong token", {"csrf": "x" * 43}, {}),
    ("not ASCII", {"csrf": "é"}, {}),
    ("foreign origin", {"csrf": "right"}, {"Origin": "https://evil.example"}),
    ("origin with our name in it", {"csrf": "right"}, {"Origin": f"{PUBLIC}.evil.example"}),
    ("origin over http", {"csrf": "right"}, {"Origin": PUBLIC.replace("https", "http")}),
    ("cross-site", {"csrf": "right"}, {"Sec_Fetch_Site": "cross-site"}),
    ("same-site neighbour", {"csrf": "right"}, {"Sec_Fetch_Site": "same-site"}),
    ("cross-site with a null origin", {"csrf": "right"}, {"Origin": "null", "Sec_Fetch_Site": "cross-site"}),
]


@pytest.mark.parametrize(("form", "headers"), [each[1:] for each in FOREIGN], ids=[each[0] for each in FOREIGN])
async def test_a_form_that_is_not_ours(door: SmartDoor, form: Json, headers: Json) -> None:
    browser = door.browser()
    page = await launched(door, browser)
    if form.get("csrf") == "right":
        form = {"csrf": page.json["csrf"]}
    answer = await browser.post(page.url.replace("review", "answers"), {**form, "q.numb": "yes"}, **headers)

    assert answer.status_code == 403
    assert "Nothing was changed" in answer.text


async def test_the_token_of_another_session_of_the_same_browser(door: SmartDoor) -> None:
    browser = door.browser()
    one, two = await launched(door, browser), await launched(door, browser, OTHER)
    answer = await browser.post(one.url.replace("review", "answers"), {"csrf": two.json["csrf"]})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": PUBLIC, "Sec_Fetch_Site": "same-origin"}, {"Origin": "null", "Sec_Fetch_Site": "same-origin"}],
)
async def test_our_own_form(door: SmartDoor, headers: Json) -> None:
    """`Origin: null` is what a browser sends from a page with `Referrer-Policy: no-referrer`."""
    browser = door.browser()
    page = await launched(door, browser)
    form = {"csrf": page.json["csrf"], "q.numb": "yes"}
    answer = await browser.post(page.url.replace("review", "answers"), form, **headers)

    assert answer.json()["said"] == "yes"


async def test_every_cookie_is_for_the_frame_and_for_us_alone(door: SmartDoor) -> None:
    browser = door.browser()
    await launched(door, browser)
    cookies = [value for answer in browser.seen for value in answer.headers.get_list("set-cookie")]

    assert len(cookies) == 3  # launch, session, launch forgotten
    for cookie in cookies:
        name, *attributes = cookie.split("; ")
        assert name.startswith("__Host-watchful-")
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=None", "Partitioned"} <= set(attributes)
        assert not [each for each in attributes if each.startswith("Domain")]
    assert CLIENT not in str(cookies)
