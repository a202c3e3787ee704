"""`watchful doctor` and `watchful register`: what they say, and what their exit code means."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey
from typer.testing import CliRunner

from watchful.chart.templates import keys_for, templates_hash
from watchful.cli import app
from watchful.cli.examination import examine
from watchful.cli.finding import Finding
from watchful.cli.register import sheet
from watchful.cli.since_approval import since_approval
from watchful.clinical.knowledge import load as load_knowledge
from watchful.clinical.knowledge.read import read
from watchful.clinical.knowledge.snapshot import take, written
from watchful.settings import Issuer, OrderItem, ReasonCode, Settings, Site, profile

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
FHIR = "https://ehr.example.org/r4"
JKU = "https://ehr.example.org/jwks.json"
KEY = ECKey.generate_key("P-384", private=False)
KEYS = {"keys": [{**KEY.as_dict(), "kid": "key-1"}]}
METADATA = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}


def settings(folder: Path, **changes: object) -> Settings:
    live = {
        "mode": "live",
        "knowledge": load_knowledge().version,
        "approved_by": "Dr. Ines Brandt",
        "approved_on": "2026-10-01",
        "templates_confirmed": templates_hash(keys_for({})),
    }
    site = {"id": "general", "fhir": FHIR, "timezone": "UTC", "issuer": (Issuer(iss=FHIR, jku=JKU),), **live}
    made: dict[str, Any] = {
        "public_url": "https://w.example.org",
        "database": f"sqlite:///{folder}/j.db",
        "secret": "x" * 40,
        "site": (Site.model_validate(site | changes),),
    }
    return Settings.model_validate(made)


def world(**answers: httpx2.Response) -> httpx2.MockTransport:
    date = {"Date": format_datetime(NOW, usegmt=True)}
    usual = {
        "jwks": httpx2.Response(200, json=KEYS),
        "metadata": httpx2.Response(200, json=METADATA, headers=date),
    }
    table = usual | answers

    def answer(request: httpx2.Request) -> httpx2.Response:
        assert "authorization" not in request.headers
        return table["jwks" if request.url.path == "/jwks.json" else "metadata"]

    return httpx2.MockTransport(answer)


async def found(settings: Settings, transport: httpx2.MockTransport | None = None) -> dict[str, Finding]:
    findings = await examine(settings, now=lambda: NOW, transport=transport or world())
    return {each.what: each for each in findings}


async def test_all_is_well(tmp_path: Path) -> None:
    findings = await found(settings(tmp_path))

    assert {each.level for each in findings.values()} == {"ok"}
    assert "key-1" in findings[f"keys of {FHIR}"].text
    assert "approved by Dr. Ines Brandt on 2026-10-01" in findings["knowledge"].text
    assert findings["aud"].text.startswith("https://w.example.org/cds-services")


async def test_the_app_of_a_site_is_looked_at(tmp_path: Path) -> None:
    assert "SMART" not in await found(settings(tmp_path))
    findings = await found(settings(tmp_path, smart={"client_id": "our app"}))

    assert findings["SMART"].level == "fail"  # the server of these tests announces nothing
    assert findings["frame_ancestors"].level == "warn"


WRONG: dict[str, tuple[str, str, dict[str, Any], dict[str, httpx2.Response]]] = {
    "no keys": ("fail", f"keys of {FHIR}", {}, {"jwks": httpx2.Response(404)}),
    "redirected keys": ("fail", f"keys of {FHIR}", {}, {"jwks": httpx2.Response(302, headers={"Location": JKU})}),
    "no FHIR": ("fail", "FHIR", {}, {"metadata": httpx2.Response(200, text="<html>")}),
    "FHIR refuses": ("fail", "FHIR", {}, {"metadata": httpx2.Response(401, json={})}),
    "DSTU2": ("fail", "FHIR", {}, {"metadata": httpx2.Response(200, json={**METADATA, "fhirVersion": "1.0.2"})}),
    "clock an hour off": (
        "fail",
        "clock",
        {},
        {
            "metadata": httpx2.Response(
                200, json=METADATA, headers={"Date": format_datetime(NOW + timedelta(hours=1), usegmt=True)}
            )
        },
    ),
    "clock half a minute off": (
        "warn",
        "clock",
        {},
        {
            "metadata": httpx2.Response(
                200, json=METADATA, headers={"Date": format_datetime(NOW + timedelta(seconds=30), usegmt=True)}
            )
        },
    ),
    "no Date": ("warn", "clock", {}, {"metadata": httpx2.Response(200, json=METADATA)}),
    "older knowledge": ("fail", "knowledge", {"knowledge": "2020.1.1"}, {}),
    "silent": ("warn", "mode", {"mode": "silent"}, {}),
    "templates not confirmed": ("warn", "prefetch templates", {"templates_confirmed": ""}, {}),
    "templates changed": ("warn", "prefetch templates", {"templates_confirmed": "abc"}, {}),
    "known from documents only": ("warn", "profile", {"profile": "oracle"}, {}),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_named(tmp_path: Path, name: str) -> None:
    level, what, changes, answers = WRONG[name]
    finding = (await found(settings(tmp_path, **changes), world(**answers)))[what]

    assert finding.level == level
    assert finding.text


async def test_a_version_without_a_snapshot_is_said_plainly(tmp_path: Path) -> None:
    finding = (await found(settings(tmp_path, knowledge="2020.1.1-0badcafe")))["changed since approval"]

    assert finding.level == "warn"
    assert finding.text.startswith("no snapshot of 2020.1.1-0badcafe is kept here")


async def test_another_policy_is_said_with_both_hashes(tmp_path: Path) -> None:
    changed = settings(
        tmp_path, knowledge=load_knowledge().version + "+11112222", policy={"disable": ["age-50-64"]}
    )
    findings = await found(changed)

    assert findings["knowledge"].level == "fail"
    assert findings["the site's own policy"].text.startswith("was `11112222`, is `")
    assert "changed since approval" not in findings


async def test_a_silent_site_sees_what_changed_too(tmp_path: Path) -> None:
    assert "changed since approval" in await found(
        settings(tmp_path, mode="silent", knowledge="2020.1.1-0badcafe")
    )
    assert "changed since approval" not in await found(settings(tmp_path, mode="silent", knowledge=None))


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (
            28,
            [("changed since approval", "rows that differ: 1"), ("window acute days", "days: from 28 to 42")],
        ),
        (42, [("changed since approval", "no rule, window or code; only labels, notes or comments")]),
    ],
)
def test_each_change_of_the_rules_is_a_line(tmp_path: Path, days: int, told: list[tuple[str, str]]) -> None:
    rows = json.loads(written(take(read())))["rows"]
    rows["window"]["acute_days"]["days"] = days
    (tmp_path / "2019.1.1.json").write_text(json.dumps({"version": "2019.1.1-00000000", "rows": rows}))

    assert list(since_approval("2019.1.1-00000000", load_knowledge().version, tmp_path)) == told


async def test_a_database_that_cannot_be_opened(tmp_path: Path) -> None:
    broken = settings(tmp_path).model_copy(update={"database": f"sqlite:///{tmp_path}/none/j.db"})

    assert (await found(broken))["database"].level == "fail"


CONFIG = """
public_url = "https://w.example.org"
database = "sqlite:///{folder}/j.db"
[[site]]
id = "general"
fhir = "https://127.0.0.1:1/r4"
timezone = "UTC"
[[site.issuer]]
iss = "https://ehr.example.org"
jwks = "keys.json"
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "keys.json").write_text(json.dumps(KEYS))
    os.utime(tmp_path / "keys.json", (time.time() - 86400 * 3, time.time() - 86400 * 3))
    path = tmp_path / "watchful.toml"
    path.write_text(CONFIG.format(folder=tmp_path))
    monkeypatch.setenv("WATCHFUL_SECRET", "x" * 40)
    return path


def test_doctor_says_not_fit(config: Path) -> None:
    result = CliRunner().invoke(app, ["doctor", "--config", str(config)])

    assert result.exit_code == 1
    assert "key-1: pinned 3 days ago" in result.output
    assert "does not answer: ConnectError" in result.output
    assert "not fit to go live: 1 to mend" in result.output


def test_doctor_reports_wrong_settings(config: Path) -> None:
    config.write_text(config.read_text().replace("[[site]]", "[[site]]\nnonsense = 1"))
    result = CliRunner().invoke(app, ["doctor", "--config", str(config)])

    assert result.exit_code == 2
    assert "watchful.toml:5: site.nonsense: unknown setting" in result.output


def test_unmapped_is_empty_at_first(config: Path) -> None:
    result = CliRunner().invoke(app, ["doctor", "--config", str(config), "--unmapped"])

    assert result.exit_code == 0
    assert result.output == "general: 0 order codings seen and not recognised\n"


@pytest.mark.parametrize("name", ["generic", "epic", "oracle", "sandbox"])
def test_register_prints_what_is_pasted(name: str) -> None:
    result = CliRunner().invoke(app, ["register", "--profile", name])

    assert result.exit_code == 0
    for text in (
        "https://watchful.example.org/cds-services/lumbar-imaging/feedback",
        f"hash `{templates_hash(keys_for(profile(name).prefetch))}`",
        "patient: Patient/{{context.patientId}}",
        "`DeferImaging`",
        "`patient-preference`",
        "hosts of links on cards: watchful.example.org",
        "our public key: none",
    ):
        assert text in result.output


def test_the_sheet_of_a_site_has_its_own_codes(tmp_path: Path) -> None:
    mapped = ReasonCode(reason="other", system="urn:ack", code="42")
    item = OrderItem(purpose="physical-therapy", system="urn:pt", code="7", display="PT")
    made = settings(tmp_path, profile="epic", override_reasons=(mapped,), order_items=(item,))
    text = "\n".join(sheet(made, made.site[0]))

    assert "- `urn:ack` `42`: Other (ours: `other`)" in text
    assert "- order item for physical-therapy: `urn:pt` `7`" in text
    assert "x" * 40 not in text


def test_an_unknown_profile_or_site(config: Path) -> None:
    assert CliRunner().invoke(app, ["register", "--profile", "epik"]).exit_code == 2
    assert CliRunner().invoke(app, ["register", "--config", str(config), "--site", "none"]).exit_code == 2
