"""Trust in the caller, end to end: a site with pinned keys behind the real application."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hook_builders import EHR, FEEDBACK, NOW, SECRET, SERVICE, hook_body, without
from hook_door import Door, knowledge
from joserfc.jwk import ECKey, RSAKey
from outcomes import refused
from pydantic import SecretStr

from watchful.ehr.caller import sign_caller_token
from watchful.settings import Issuer, Settings, Site

PUBLIC = "https://watchful.example.org"
ISS = "https://ehr.example.org/oauth2"


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The EHR's private keys by algorithm, a stranger's, and the EHR's public key set."""
    folder = tmp_path_factory.mktemp("keys")
    keys = {
        "RS384": RSAKey.generate_key(2048, private=True),
        "ES384": ECKey.generate_key("P-384", private=True),
        "stranger": ECKey.generate_key("P-384", private=True),
    }
    for name, key in keys.items():
        (folder / f"{name}.json").write_text(json.dumps(key.as_dict(private=True)))
    public = [{**keys[name].as_dict(private=False), "kid": name} for name in ("RS384", "ES384")]
    (folder / "jwks.json").write_text(json.dumps({"keys": public}))
    return {name: folder / f"{name}.json" for name in (*keys, "jwks")}


@pytest.fixture
def trusting(tmp_path: Path, key_files: dict[str, Path]) -> Settings:
    """A site as a hospital would have it: live with an approved knowledge version, callers pinned."""
    site = Site(
        id="general",
        fhir=EHR,
        timezone="America/Los_Angeles",
        mode="live",
        knowledge=knowledge().version,
        approved_by="Dr. Ines Brandt",
        approved_on=NOW.date(),
        issuer=(Issuer(iss=ISS, jwks=key_files["jwks"]),),
        cors_origins=("https://ehr.example.org",),
    )
    database = f"sqlite:///{tmp_path}/journal.db"
    return Settings(public_url=PUBLIC, database=database, site=(site,), secret=SecretStr(SECRET))


@pytest.fixture
async def guarded(trusting: Settings, open_door: Any) -> AsyncIterator[Door]:
    async with open_door(trusting) as running:
        yield running


@pytest.fixture
def signed(key_files: dict[str, Path]) -> Callable[..., dict[str, str]]:
    """The Authorization header of one call."""

    def sign(
        audience: str = SERVICE, *, key: str = "RS384", kid: str | None = None, age: float = 0
    ) -> dict[str, str]:
        token = sign_caller_token(
            key_files[key],
            issuer=ISS,
            audience=audience if "://" in audience else PUBLIC + audience,
            now=NOW.timestamp() - age,
            kid=kid or key,
        )
        return {"Authorization": f"Bearer {token}"}

    return sign


Sign = Callable[..., dict[str, str]]


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
async def test_a_good_token_gets_the_card(guarded: Door, signed: Sign, algorithm: str) -> None:
    answer = await guarded.fire(hook_body("acute-mri"), signed(key=algorithm))

    assert answer.status_code == 200
    assert len(answer.json()["cards"]) == 1
    row = await guarded.row()
    assert (row["site"], row["mode"], row["shown"]) == ("general", "live", True)


async def test_every_refusal_is_the_same_401(guarded: Door, signed: Sign) -> None:
    """J-7: whoever tries tokens learns nothing from the answers."""
    spent = signed()
    assert (await guarded.fire(hook_body("acute-mri"), spent)).status_code == 200
    bad: dict[str, dict[str, str]] = {
        "none": {},
        "empty": {"Authorization": ""},
        "another scheme": {"Authorization": "Basic d2F0Y2hmdWw6"},
        "no token": {"Authorization": "Bearer"},
        "nonsense": {"Authorization": "Bearer a.b.c"},
        "foreign key": signed(key="stranger", kid="ES384"),
        "unknown kid": signed(key="stranger", kid="stranger"),
        "expired": signed(age=3600),
        "from the future": signed(age=-3600),
        "for feedback": signed(FEEDBACK),
        "for discovery": signed("/cds-services"),
        "for the Host header": signed("http://127.0.0.1:8042" + SERVICE),
        "replayed": spent,
    }
    answers = {name: await guarded.fire(hook_body("acute-mri"), header) for name, header in bad.items()}

    for name, answer in answers.items():
        assert refused(answer, 401)["code"] == "login", name
        assert answer.headers["www-authenticate"] == "Bearer"
    assert len({answer.content for answer in answers.values()}) == 1
    assert len({tuple(answer.headers.items()) for answer in answers.values()}) == 1
    assert len(await guarded.rows()) == 1


async def test_the_reason_is_counted_under_a_closed_list(guarded: Door, signed: Sign) -> None:
    await guarded.fire(hook_body("acute-mri"))
    await guarded.fire(hook_body("acute-mri"), signed(key="stranger", kid="ES384"))
    spent = signed()
    for _ in range(2):
        await guarded.fire(hook_body("acute-mri"), spent)

    for reason in ("missing", "signature", "replayed"):
        assert guarded.metric("watchful_errors_total", status="401", reason=reason) == 1


async def test_two_authorization_headers_are_refused(guarded: Door, signed: Sign) -> None:
    sent = [("Content-Type", "application/json"), *signed().items(), *signed().items()]

    refused(await guarded.http.post(SERVICE, content=json.dumps(hook_body("acute-mri")), headers=sent), 401)


async def test_the_caller_is_checked_before_the_body(guarded: Door) -> None:
    refused(await guarded.fire(b"not json"), 401)


@pytest.mark.parametrize("name", ["acute-mri", "neck-mri", "unreadable-conditions"])
async def test_a_token_is_spent_whatever_the_answer(guarded: Door, signed: Sign, name: str) -> None:
    spent = signed()
    first = await guarded.fire(hook_body(name), spent)

    assert first.status_code in (200, 412)
    refused(await guarded.fire(hook_body(name), spent), 401)


async def test_a_token_is_spent_without_orders_too(guarded: Door, signed: Sign) -> None:
    spent, body = signed(), without(hook_body("acute-mri"), "context", "draftOrders")

    assert (await guarded.fire(body, spent)).status_code == 200
    refused(await guarded.fire(body, spent), 401)


@pytest.mark.parametrize(
    ("audience", "status"),
    [(FEEDBACK, 200), (SERVICE, 200), (FEEDBACK + "/", 200), ("/cds-services", 401), ("/other", 401)],
)
async def test_feedback_is_signed_for_itself_or_its_service(
    guarded: Door, signed: Sign, audience: str, status: int
) -> None:
    answer = await guarded.http.post(FEEDBACK, json={"feedback": []}, headers=signed(audience))

    assert answer.status_code == status


async def test_feedback_needs_a_token_that_was_not_used(guarded: Door, signed: Sign) -> None:
    spent = signed(FEEDBACK)

    refused(await guarded.http.post(FEEDBACK, json={"feedback": []}), 401)
    assert (await guarded.http.post(FEEDBACK, json={"feedback": []}, headers=spent)).status_code == 200
    refused(await guarded.http.post(FEEDBACK, json={"feedback": []}, headers=spent), 401)


async def test_a_token_of_a_hook_is_not_good_for_feedback_again(guarded: Door, signed: Sign) -> None:
    spent = signed(SERVICE)
    await guarded.fire(hook_body("acute-mri"), spent)

    refused(await guarded.http.post(FEEDBACK, json={"feedback": []}, headers=spent), 401)


async def test_discovery_is_open(guarded: Door, signed: Sign) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, signed("/cds-services")):
        assert (await guarded.http.get("/cds-services", headers=headers)).status_code == 200


async def test_below_the_site_prefix_the_audience_is_that_url(guarded: Door, signed: Sign) -> None:
    path = f"/s/general{SERVICE}"
    body = hook_body("acute-mri")

    assert (await guarded.http.post(path, json=body, headers=signed(path))).status_code == 200
    refused(await guarded.http.post(path, json=body, headers=signed(SERVICE)), 401)


async def test_any_host_header_is_answered_outside_demo(guarded: Door, signed: Sign) -> None:
    answer = await guarded.fire(hook_body("acute-mri"), {**signed(), "Host": "proxy.internal"})

    assert answer.status_code == 200


async def test_links_name_the_public_url(guarded: Door, signed: Sign) -> None:
    answer = await guarded.fire(hook_body("acute-mri"), {**signed(), "Host": "proxy.internal"})

    (link,) = answer.json()["cards"][0]["links"]
    assert link["url"].startswith(f"{PUBLIC}/handout/")


async def test_a_real_site_s_cards_do_not_say_demonstration(guarded: Door, signed: Sign) -> None:
    answer = await guarded.fire(hook_body("acute-mri"), signed())

    assert "demonstration" not in json.dumps(answer.json()).lower()


async def test_cors_headers_stand_on_a_401(guarded: Door) -> None:
    origin = "https://ehr.example.org"
    answer: httpx2.Response = await guarded.fire(hook_body("acute-mri"), {"Origin": origin})

    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == origin
