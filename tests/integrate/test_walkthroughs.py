"""The walkthroughs work: their files load, and the doubles of both EHRs get cards that they can show."""

from pathlib import Path
from typing import Any

import epic_double
import oracle_double
import pytest
from ehr_double import EhrDouble
from hook_builders import NOW as DAY
from site_builders import PATH, Caller, calling
from token_builders import PUBLIC, claims, header, token
from typer.testing import CliRunner

from watchful.chart.templates import keys_for
from watchful.cli import app
from watchful.clinical.knowledge import load as load_knowledge
from watchful.parts import site_knowledge
from watchful.settings import Settings, load, profile

DOCS = Path(__file__).parents[2] / "docs" / "integrate"
ENVIRON = {"WATCHFUL_SECRET": "x" * 40}


def settings_of(name: str, folder: Path) -> Settings:
    """The file of a walkthrough as it stands, live, on a database of the test."""
    made = load(DOCS / f"{name}.watchful.toml", ENVIRON)
    (site,) = made.site
    version = site_knowledge(site, load_knowledge()).version  # with the site's own codes
    live = {"mode": "live", "knowledge": version, "approved_by": "A", "approved_on": DAY.date()}
    changes = {"database": f"sqlite:///{folder}/journal.db", "site": (site.model_copy(update=live),)}
    return made.model_copy(update=changes)


def templates_of(name: str) -> dict[str, str]:
    """What the administrator pasted from the sheet."""
    result = CliRunner().invoke(app, ["register", "--profile", name])
    block = result.output.split("```")[1].strip().splitlines()
    pasted = dict(line.split(": ", 1) for line in block)
    assert pasted == {key.name: key.template for key in keys_for(profile(name).prefetch)}
    return pasted


def signed(caller: Caller, iss: str, kid: str, path: str = PATH, **members: Any) -> str:
    now = int(caller.service.now().timestamp())
    times = {
        "iat": now,
        "nbf": now - 300,
        "exp": now + 900,
        "sub": "client-id",
        "jti": f"{path}{members}{id(members)}",
    }
    return token(header(kid=kid), claims(iss=iss, aud=PUBLIC + path, **times, **members), "rsa")


async def epic_cards(
    tmp_path: Path, template: Path, name: str, hook: str = "order-select"
) -> tuple[EhrDouble, list[Any]]:
    ehr = epic_double.epic(name)
    async with calling(settings_of("epic", tmp_path), ehr, template, moment=DAY) as caller:
        text = signed(caller, epic_double.BASE, epic_double.KID)
        answer = await caller.post(PATH, text, epic_double.request(ehr, templates_of("epic"), hook))
        assert answer.status_code == 200, answer.text
        return ehr, answer.json()["cards"]


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
async def test_epic_can_show_a_deferral(tmp_path: Path, template: Path, hook: str) -> None:
    ehr, (card,) = await epic_cards(tmp_path, template, "acute-mri", hook)
    seen = "\n".join(epic_double.shown(card, {"watchful.example.org"}))

    assert card["source"]["topic"]["code"] == "DeferImaging"
    assert "Physical therapy evaluate and treat" in seen
    assert "Back pain education" in seen
    assert "change its date to" in seen
    assert "https://watchful.example.org/handout/" in seen
    assert {"system": "urn:epic:acknowledgement", "code": "1001", "display": "Patient prefers imaging"} in card[
        "overrideReasons"
    ]
    assert [str(each.url) for each in ehr.sent] == [epic_double.JKU]  # nothing else had to be read


async def test_epic_history_is_not_missed(tmp_path: Path, template: Path) -> None:
    """A cancer that is resolved comes only because the template asks for every status."""
    ehr, cards = await epic_cards(tmp_path, template, "cancer-history")
    patient = ehr.fixture.patient_id
    asked = templates_of("epic")["conditions"].replace("{{context.patientId}}", patient)

    assert len(ehr.answer(asked)["entry"]) > len(ehr.answer(f"Condition?patient={patient}")["entry"])
    assert "DeferImaging" not in [card["source"]["topic"]["code"] for card in cards]


@pytest.mark.parametrize("name", ["cauda-equina", "cancer-xray", "subacute", "two-orders"])
async def test_epic_can_show_every_card(tmp_path: Path, template: Path, name: str) -> None:
    _, cards = await epic_cards(tmp_path, template, name)
    assert cards
    for card in cards:
        epic_double.shown(card, {"watchful.example.org"})


async def test_epic_without_prefetch_is_read_by_its_own_rules(tmp_path: Path, template: Path) -> None:
    ehr = epic_double.epic("acute-mri")
    async with calling(settings_of("epic", tmp_path), ehr, template, moment=DAY) as caller:
        body = epic_double.request(ehr, {})
        answer = await caller.post(PATH, signed(caller, epic_double.BASE, epic_double.KID), body)
    assert answer.status_code == 200
    assert answer.json()["cards"][0]["source"]["topic"]["code"] == "DeferImaging"


async def test_epic_feedback(tmp_path: Path, template: Path) -> None:
    ehr = epic_double.epic("acute-mri")
    async with calling(settings_of("epic", tmp_path), ehr, template, moment=DAY) as caller:
        body = epic_double.request(ehr, templates_of("epic"))
        answer = await caller.post(PATH, signed(caller, epic_double.BASE, epic_double.KID), body)
        (card,) = answer.json()["cards"]
        reason = {"reason": {"code": "1001", "system": "urn:epic:acknowledgement"}, "display": "x"}
        item = {
            "card": card["uuid"],
            "outcome": "overridden",
            "overrideReasons": reason,
            "outcomeTimestamp": "2026-11-02T18:00:00Z",
        }
        path = f"{PATH}/feedback"
        sent = {"feedback": [item]}
        answer = await caller.post(path, signed(caller, epic_double.BASE, epic_double.KID, path), sent)
        assert answer.status_code == 200
        (row,) = await caller.service.journal.recent(5, "general")
        assert row["feedback"][0]["reason_code"] == "patient-preference"


@pytest.mark.parametrize(("tenant", "status"), [("tenant-1", 200), ("tenant-2", 401), (None, 401)])
async def test_oracle_tenants(tmp_path: Path, template: Path, tenant: str | None, status: int) -> None:
    ehr = oracle_double.oracle("acute-mri")
    members = {} if tenant is None else {"tenant": tenant}
    async with calling(settings_of("oracle", tmp_path), ehr, template, moment=DAY) as caller:
        text = signed(caller, oracle_double.ISS, "rsa", **members)
        answer = await caller.post(PATH, text, oracle_double.request(ehr, templates_of("oracle")))
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("name", "place"), [("acute-mri", "sidebar"), ("cauda-equina", "pop-up"), ("cancer-xray", "sidebar")]
)
@pytest.mark.parametrize("prefetching", [True, False])
async def test_oracle_shows_words_and_links(
    tmp_path: Path, template: Path, name: str, place: str, prefetching: bool
) -> None:
    ehr = oracle_double.oracle(name)
    async with calling(settings_of("oracle", tmp_path), ehr, template, moment=DAY) as caller:
        text = signed(caller, oracle_double.ISS, "rsa", tenant="tenant-1")
        body = oracle_double.request(ehr, templates_of("oracle") if prefetching else {})
        (card,) = (await caller.post(PATH, text, body)).json()["cards"]
    where, seen = oracle_double.shown(card, {"watchful.example.org"})

    assert where == place
    assert all(seen)
