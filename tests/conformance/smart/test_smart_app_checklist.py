"""S-1 to S-22: what a SMART app owes its users (SMART App Launch 2.2 and its security considerations)."""

from pathlib import Path

import httpx2
import pytest
from launcher_double import AUTHORIZE, BASE, TOKEN, launch_code
from smart_door import PUBLIC, SmartDoor, opened, smart_site

from smart_app.session import Session
from watchful.journal.records import Case, Submission

requirement = pytest.mark.requirement
CALLBACK = f"{PUBLIC}/smart/callback"


async def launched(app: SmartDoor) -> Session:
    return await app.session(await app.browser().open(app.launch_url()))


@requirement("S-1")
@pytest.mark.parametrize("iss", ["https://evil.example/r4", f"{BASE}x", "http://169.254.169.254/"])
async def test_iss_is_on_the_list_before_anything_is_sent(app: SmartDoor, iss: str) -> None:
    query = httpx2.QueryParams({"iss": iss, "launch": launch_code()})
    page = await app.browser().open(f"{PUBLIC}/smart/launch?{query}")
    assert page.status == 400
    assert app.wire.sent == []
    slash = httpx2.QueryParams({"iss": f"{BASE}/", "launch": launch_code()})
    assert (await app.browser().open(f"{PUBLIC}/smart/launch?{slash}", stop=AUTHORIZE)).status == 303


@requirement("S-2")
async def test_state_is_random_single_and_of_this_browser(app: SmartDoor) -> None:
    browser, other = app.browser(), app.browser()
    pages = [await browser.open(app.launch_url(), stop=CALLBACK) for _ in range(2)]
    states = [httpx2.URL(page.url).params["state"] for page in pages]
    assert len(set(states)) == 2
    assert min(map(len, states)) >= 22  # 22 characters of base64url are 132 bits
    assert (await other.open(pages[0].url)).status == 400
    assert (await browser.open(pages[0].url)).status == 200
    assert (await other.open(pages[0].url)).status == 400
    assert len(app.launcher.tokens) == 1


@requirement("S-3")
@pytest.mark.parametrize("announced", [["S256"], None])
async def test_pkce_also_where_it_is_not_announced(app: SmartDoor, announced: list[str] | None) -> None:
    app.launcher.document = {"code_challenge_methods_supported": announced}
    await app.browser().open(app.launch_url())
    assert app.launcher.asked[0]["code_challenge_method"] == "S256"
    assert len(app.launcher.tokens[0]["code_verifier"]) >= 43


@requirement("S-4")
async def test_nonce_with_openid(app: SmartDoor) -> None:
    await app.browser().open(app.launch_url())
    assert len(app.launcher.asked[0]["nonce"]) >= 22
    app.launcher.claims = {"nonce": "another"}
    assert (await app.browser().open(app.launch_url())).status == 502


@requirement("S-5", "S-6")
async def test_aud_and_a_short_address(app: SmartDoor) -> None:
    page = await app.browser().open(app.launch_url(), stop=AUTHORIZE)
    assert httpx2.URL(page.url).params["aud"] == BASE
    assert len(httpx2.URL(page.url).params["state"]) <= 48
    assert len(page.url) < 2000


@requirement("S-7", "S-8")
async def test_tokens_stay_and_pages_are_not_kept(app: SmartDoor) -> None:
    browser = app.browser()
    page = await browser.open(app.launch_url())
    session = await app.session(page)
    ours = [each for each in browser.seen if each.url.host == httpx2.URL(PUBLIC).host]
    told = "".join(f"{each.url}{each.headers}{each.text}" for each in ours) + str(browser.http.cookies)
    assert session.tokens.access not in told
    assert session.tokens.refresh not in told
    redirects = [each for each in ours if each.is_redirect]
    assert [each.headers["cache-control"] for each in redirects] == ["no-store", "no-store"]


@requirement("S-9")
async def test_no_open_redirect(app: SmartDoor) -> None:
    url = app.launch_url() + "&redirect_uri=https://evil.example/&next=https://evil.example/"
    page = await app.browser().open(url)
    assert page.status == 200
    assert {httpx2.URL(each).host for each in page.way} == {"watchful.example.org", "ehr.example.org"}


@requirement("S-10")
async def test_the_token_goes_to_the_base_alone(app: SmartDoor) -> None:
    app.launcher.said = {"smart_style_url": "https://ehr.example.org/style.json"}
    await app.browser().open(app.launch_url())
    carrying = [each for each in app.wire.sent if each.headers.get("authorization", "").startswith("Bearer ")]
    assert carrying
    assert all(str(each.url).startswith(f"{BASE}/") for each in carrying)


@requirement("S-11")
async def test_scope_and_patient_are_verified(app: SmartDoor) -> None:
    app.launcher.said = {"scope": "patient/Patient.rs"}
    page = await app.browser().open(app.launch_url())
    assert (await app.session(page)).tokens.scopes == ("patient/Patient.rs",)
    assert not [url for url in app.wire.urls() if "/Condition" in url]
    app.launcher.said = {"patient": None}
    assert (await app.browser().open(app.launch_url())).status == 502


@requirement("S-12")
@pytest.mark.parametrize(("said", "needed"), [(True, True), (None, True), ("no", True), (False, False)])
async def test_the_banner_is_needed_unless_the_ehr_says_no(app: SmartDoor, said: object, needed: bool) -> None:
    app.launcher.said = {"need_patient_banner": said}
    session = await launched(app)
    assert session.need_banner is needed
    assert session.banner is not None
    assert session.banner.name


@requirement("S-13")
async def test_cookies_work_in_a_frame(app: SmartDoor) -> None:
    browser = app.browser()
    await browser.open(app.launch_url())
    cookies = [each for answer in browser.seen for each in answer.headers.get_list("set-cookie")]
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=None", "Partitioned"} <= set(cookie.split("; "))


@requirement("S-14")
async def test_framed_by_the_ehr_alone(app: SmartDoor) -> None:
    answer = (await app.browser().open(f"{CALLBACK}?state=x")).answer
    assert "frame-ancestors https://ehr.example.org" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers


@requirement("S-15")
async def test_one_frame_from_launch_to_app(app: SmartDoor) -> None:
    browser = app.browser()
    await browser.open(app.launch_url())
    ours = [each for each in browser.seen if each.url.host == httpx2.URL(PUBLIC).host]
    assert [each.status_code for each in ours] == [303, 303, 200]


@requirement("S-16")
async def test_several_charts_in_one_browser(app: SmartDoor) -> None:
    browser = app.browser()
    pages = {
        name: await browser.open(app.launch_url(patient=name)) for name in ("acute-mri-patient", "chronic-patient")
    }
    for name, page in pages.items():
        assert (await browser.open(page.url)).json["patient"] == name


@requirement("S-17")
async def test_a_reload_runs_nothing_again(app: SmartDoor) -> None:
    browser = app.browser()
    page = await browser.open(app.launch_url())
    callback = next(url for url in page.way if url.startswith(CALLBACK))
    assert (await browser.open(callback)).url == page.url
    assert len(app.launcher.tokens) == 1


@requirement("S-18")
async def test_forms_of_others_are_refused(app: SmartDoor) -> None:
    browser = app.browser()
    page = await browser.open(app.launch_url())
    url, form = page.url.replace("review", "answers"), {"csrf": page.json["csrf"]}
    assert (await browser.post(url, {})).status_code == 403
    assert (await browser.post(url, form, Origin="https://evil.example")).status_code == 403
    assert (await browser.post(url, form, Origin=PUBLIC)).status_code == 200


@requirement("S-19")
async def test_the_handle_opens_its_own_patients_case_alone(app: SmartDoor) -> None:
    keys, site = app.parts.keys, app.parts.site.id
    case = Case(
        handle="the-handle",
        site=site,
        patient_hash=keys.hash(site, "patient", "chronic-patient"),
        payload=b"{}",
        expires_at=app.clock().replace(year=2027),
    )
    await app.parts.journal.submit(Submission(cases=(case,)))
    app.launcher.said = {"appContext": "the-handle"}
    other = await launched(app)
    assert (other.handle, other.card_lost) == ("", True)
    page = await app.browser().open(app.launch_url(patient="chronic-patient"))
    own = await app.session(page)
    assert (own.handle, own.card_lost) == ("the-handle", False)


@requirement("S-20")
@pytest.mark.parametrize("refresh", [True, False])
async def test_no_session_outlives_its_token(refresh: bool, tmp_path: Path) -> None:
    async with opened(tmp_path, smart_site(smart={"session_hours": 2})) as app:
        app.launcher.said = {} if refresh else {"refresh_token": None}
        session = await launched(app)
        hours = (session.expires_at - app.clock()).total_seconds() / 3600
        assert hours == (2 if refresh else 1)


@requirement("S-22")
async def test_received_markup_is_not_shown(app: SmartDoor) -> None:
    browser = app.browser()
    page = await browser.open(app.launch_url(), stop=CALLBACK)
    state = httpx2.URL(page.url).params["state"]
    query = httpx2.QueryParams({"state": state, "error": "<script>", "error_description": "<script>"})
    answer = (await browser.open(f"{CALLBACK}?{query}")).answer
    assert answer.status_code == 400
    assert "<script" not in answer.text
    app.wire.answers[TOKEN] = httpx2.Response(400, text="<script>")
    assert "<script" not in (await browser.open(app.launch_url())).answer.text
