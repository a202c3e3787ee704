"""A launch from end to end, as against SMART launcher v2: three forms of client, from the EHR and standalone."""

from pathlib import Path

import httpx2
import pytest
from launcher_double import ASYMMETRIC, AUTHORIZE, BASE, SYMMETRIC, TOKEN, launch_code
from smart_door import (
    CLIENT,
    CLIENT_SECRET,
    PUBLIC,
    Json,
    SmartDoor,
    key_file,
    opened,
    public_keys,
    smart_site,
)

FORMS = ("public", "client-secret", "private-key")


def registered(form: str, folder: Path) -> tuple[Json, Json]:
    """The client as our settings know it, and as the launcher's code registers it."""
    known: Json = {"client_id": CLIENT, "redirect_uris": f"{PUBLIC}/smart/callback"}
    if form == "client-secret":
        secret = {"auth": form, "client_secret": CLIENT_SECRET}
        return secret, known | {"client_type": SYMMETRIC, "client_secret": CLIENT_SECRET}
    if form == "private-key":
        return {"auth": form, "keys": key_file(folder)}, known | {"client_type": ASYMMETRIC, "jwks": public_keys()}
    return {}, known


@pytest.mark.parametrize("form", FORMS)
async def test_an_ehr_launch_ends_at_the_patient_of_its_token(form: str, tmp_path: Path) -> None:
    ours, theirs = registered(form, tmp_path)
    async with opened(tmp_path, smart_site(smart=ours)) as door:
        page = await door.browser().open(door.launch_url(**theirs))

        assert page.status == 200, page.answer.text
        assert page.url.startswith(f"{PUBLIC}/smart/app/")
        assert page.json["patient"] == "acute-mri-patient"
        assert page.json["source"] == "chart"
        assert page.json["name"]
        assert (await door.session(page)).user == "Practitioner/prac1"
        assert door.count("opened") == 1
        assert_as_asked(door, form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("query", ["", f"?iss={BASE}"])
async def test_a_standalone_launch(form: str, query: str, tmp_path: Path) -> None:
    ours, theirs = registered(form, tmp_path)
    async with opened(tmp_path, smart_site(smart=ours)) as door:
        door.launcher.standalone |= theirs
        page = await door.browser().open(f"{PUBLIC}/smart/launch{query}")

        assert page.status == 200, page.answer.text
        assert page.json["patient"] == "acute-mri-patient"
        (asked,) = door.launcher.asked
        assert "launch" not in asked
        assert "launch/patient" in asked["scope"].split()


def assert_as_asked(door: SmartDoor, form: str) -> None:
    (asked,) = door.launcher.asked
    assert asked["aud"] == BASE
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{PUBLIC}/smart/callback"
    (sent,) = door.launcher.tokens
    assert sent["redirect_uri"] == asked["redirect_uri"]
    assert ("client_id" in sent) is (form == "public")
    assert (sent["authorization"] is not None) is (form == "client-secret")
    assert ("client_assertion" in sent) is (form == "private-key")


async def test_below_the_prefix_of_its_site(door: SmartDoor) -> None:
    page = await door.browser().open(door.launch_url().replace(f"{PUBLIC}/", f"{PUBLIC}/s/general/"))

    assert page.json["patient"] == "acute-mri-patient"


@pytest.mark.parametrize("written", [BASE + "/", BASE.replace("https://ehr", "https://EHR"), f"{BASE}"])
async def test_aud_is_the_iss_letter_by_letter(door: SmartDoor, written: str) -> None:
    url = f"{PUBLIC}/smart/launch?{httpx2.QueryParams({'iss': written, 'launch': launch_code()})}"
    page = await door.browser().open(url, stop=AUTHORIZE)

    assert httpx2.URL(page.url).params["aud"] == written
    assert door.wire.urls() == [f"{BASE}/.well-known/smart-configuration"]


async def test_the_authorization_address_is_short(door: SmartDoor) -> None:
    page = await door.browser().open(door.launch_url(), stop=AUTHORIZE)

    assert len(page.url) < 1200
    assert len(httpx2.URL(page.url).params["state"]) >= 22  # 128 bits in base64url


@pytest.mark.parametrize(
    ("capabilities", "scope"),
    [
        (["permission-v2"], "patient/Condition.rs"),
        (["permission-v1", "permission-v2"], "patient/Condition.rs"),
        (["permission-v1"], "patient/Condition.read"),
        ([], "patient/Condition.read"),
    ],
)
async def test_scopes_in_the_announced_syntax(door: SmartDoor, capabilities: list[str], scope: str) -> None:
    door.launcher.document = {"capabilities": capabilities, "scopes_supported": None}
    page = await door.browser().open(door.launch_url(), stop=AUTHORIZE)

    scopes = httpx2.URL(page.url).params["scope"].split()
    assert scope in scopes
    assert not {"openid", "fhirUser", "online_access", "offline_access"} & set(scopes)
    assert not [each for each in scopes if each.endswith((".c", ".write", ".cruds", ".*"))]


@pytest.mark.parametrize(
    "error",
    ["auth_invalid_client_id", "auth_invalid_redirect_uri", "auth_invalid_scope", "access_denied"],
)
async def test_an_error_of_the_ehr_is_told_in_our_words(door: SmartDoor, error: str) -> None:
    page = await door.browser().open(door.launch_url(auth_error=error))

    assert page.status == 400
    assert "reflected" not in page.answer.text
    assert "<h1>" in page.answer.text
    assert door.launcher.tokens == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"patient": None}, "No patient is open"),
        ({"patient": "../Practitioner"}, "could not be completed"),
        ({"token_type": "mac"}, "could not be completed"),
        ({"access_token": "two words\r\nX: y"}, "could not be completed"),
        ({"access_token": None}, "could not be completed"),
        ({"error": "invalid_grant"}, "could not be completed"),
    ],
)
async def test_a_token_response_that_cannot_be_used(door: SmartDoor, said: Json, told: str) -> None:
    door.launcher.said = said
    page = await door.browser().open(door.launch_url())

    assert page.status == 502
    assert told in page.answer.text
    assert "set-cookie" not in page.answer.headers


@pytest.mark.parametrize(
    "said", [{"token_type": "bearer"}, {"expires_in": "3600"}, {"expires_in": None}, {"scope": None}, {"x": [1]}]
)
async def test_a_token_response_in_other_forms(door: SmartDoor, said: Json) -> None:
    door.launcher.said = said
    assert (await door.browser().open(door.launch_url())).status == 200


async def test_a_token_whose_life_is_not_told_is_taken_for_a_short_one(door: SmartDoor) -> None:
    door.launcher.said = {"expires_in": None, "refresh_token": None}
    page = await door.browser().open(door.launch_url())

    session = await door.session(page)
    assert session.expires_at == session.tokens.expires_at
    assert (session.expires_at - door.clock()).total_seconds() == 300


async def test_what_was_not_granted_is_unknown_and_not_absent(door: SmartDoor) -> None:
    door.launcher.said = {"scope": "launch patient/Patient.rs patient/ServiceRequest.rs patient/Condition.rs"}
    page = await door.browser().open(door.launch_url())

    subject = (await door.session(page)).subject
    assert subject is not None
    assert {str(kind) for kind in subject.facts.unknown()} >= {"Observation", "MedicationRequest", "Procedure"}


@pytest.mark.parametrize("status", [200, 500])
async def test_a_token_endpoint_that_answers_no_json(door: SmartDoor, status: int) -> None:
    door.wire.answers[TOKEN] = httpx2.Response(status, text="<html>gateway</html>")
    page = await door.browser().open(door.launch_url())

    assert page.status == 502
    assert "gateway" not in page.answer.text


async def test_reloading_the_callback_goes_on_to_the_app(door: SmartDoor) -> None:
    browser = door.browser()
    page = await browser.open(door.launch_url())
    callback = next(url for url in page.way if "/smart/callback" in url)
    again = await browser.open(callback)

    assert again.url == page.url
    assert again.status == 200
    assert len(door.launcher.tokens) == 1


async def test_the_document_is_fetched_once_for_all_who_wait(door: SmartDoor) -> None:
    import asyncio

    browsers = [door.browser() for _ in range(5)]
    await asyncio.gather(*(each.open(door.launch_url(), stop=AUTHORIZE) for each in browsers))
    assert door.wire.urls() == [f"{BASE}/.well-known/smart-configuration"]
    door.clock.forward(minutes=9)
    await browsers[0].open(door.launch_url(), stop=AUTHORIZE)
    assert len(door.wire.sent) == 1
    door.clock.forward(minutes=2)
    await browsers[0].open(door.launch_url(), stop=AUTHORIZE)
    assert len(door.wire.sent) == 2
