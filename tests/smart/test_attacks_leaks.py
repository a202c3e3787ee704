"""Attack: whoever reads logs, addresses, cookies, pages, metrics or the database looks for a secret."""

import logging
from pathlib import Path
from urllib.parse import unquote_plus

import httpx2
import pytest
from launcher_double import ASYMMETRIC, SYMMETRIC, TOKEN, Json
from prometheus_client import generate_latest
from smart_door import (
    CLIENT_SECRET,
    SECRET,
    Browser,
    SmartDoor,
    client_key,
    key_file,
    opened,
    public_keys,
    smart_site,
)

from watchful.telemetry import configure_logging

CANARY = "canary-"
"""In the launcher's codes, access and refresh tokens, and in our client secret."""
PATIENT = "acute-mri-patient"


def secrets_of(door: SmartDoor) -> set[str]:
    """What this door's launches must have kept to themselves, beside the canaries."""
    sent = [
        each[name]
        for each in door.launcher.tokens
        for name in ("code_verifier", "client_assertion")
        if name in each
    ]
    return {*sent, SECRET, str(client_key("ours-1").as_dict(private=True)["d"])}


def emitted(door: SmartDoor, browser: Browser, log: str) -> dict[str, str]:
    """Everything that left us, by where it went."""
    ours = [each for each in browser.seen if each.url.host == "watchful.example.org"]
    onward = [each.headers.get("location", "") for each in ours]
    return {
        "addresses": unquote_plus("\n".join([*onward, *door.wire.urls()])),
        "pages": "\n".join(each.text for each in ours),
        "headers": "\n".join(f"{name}: {value}" for each in ours for name, value in each.headers.multi_items()),
        "log": log,
        "metrics": generate_latest(door.parts.metrics.registry).decode(),
    }


def check(door: SmartDoor, browser: Browser, log: str) -> None:
    secrets = secrets_of(door)
    for where, text in emitted(door, browser, log).items():
        assert CANARY not in text, where
        assert not [each for each in secrets if each in text], where
    assert PATIENT not in log


FORMS: dict[str, tuple[Json, Json]] = {
    "public": ({}, {}),
    "client-secret": (
        {"auth": "client-secret", "client_secret": CLIENT_SECRET},
        {"client_type": SYMMETRIC, "client_secret": CLIENT_SECRET},
    ),
    "private-key": ({"auth": "private-key"}, {"client_type": ASYMMETRIC}),
}


@pytest.mark.parametrize("form", FORMS)
async def test_a_launch_and_a_refresh_leak_nothing(
    form: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    configure_logging("DEBUG")
    ours, theirs = FORMS[form]
    if form == "private-key":
        ours, theirs = ours | {"keys": key_file(tmp_path)}, theirs | {"jwks": public_keys()}
    async with opened(tmp_path, smart_site(smart=ours)) as door:
        browser = door.browser()
        page = await browser.open(door.launch_url(**theirs))
        assert page.status == 200
        door.clock.forward(minutes=59.5)
        assert (await browser.open(page.url)).status == 200
        assert [each["grant_type"] for each in door.launcher.tokens] == ["authorization_code", "refresh_token"]
        await browser.open(f"{page.url}x")
        session = await door.session(page)
        assert session.tokens.access.startswith(CANARY)  # the canaries are real
        out, err = capfd.readouterr()
        check(door, browser, "\n".join((out, err, caplog.text)))
        stored = b"".join(each.read_bytes() for each in tmp_path.glob("smart.db*"))
        assert stored
        assert CANARY.encode() not in stored
        assert session.csrf.encode() not in stored


TROUBLE: list[Json] = [
    {"said": {"error": "canary-error", "error_description": "canary-description"}},
    {"said": {"token_type": "canary-type"}},
    {"said": {"patient": None}},
    {"said": {"id_token": "canary-a.canary-b.canary-c"}},
    {"claims": {"nonce": "canary-nonce"}},
    {"claims": {"fhirUser": "canary-user"}},
    {"said": {"appContext": "canary-handle"}},
    {"said": {"smart_style_url": "https://evil.example/canary-style"}},
    {"document": {"token_endpoint": "http://canary-host/"}},
]


@pytest.mark.parametrize("trouble", TROUBLE, ids=[str(each)[:60] for each in TROUBLE])
async def test_trouble_leaks_nothing(
    door: SmartDoor, trouble: Json, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    configure_logging("DEBUG")
    for name, value in trouble.items():
        setattr(door.launcher, name, value)
    browser = door.browser()
    await browser.open(door.launch_url())

    out, err = capfd.readouterr()
    check(door, browser, "\n".join((out, err, caplog.text)))


@pytest.mark.parametrize("failure", [httpx2.ConnectError("canary-url"), httpx2.ReadTimeout("canary-url")])
async def test_a_token_endpoint_that_is_down_leaks_nothing(
    door: SmartDoor, failure: Exception, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    configure_logging("DEBUG")
    door.wire.answers[TOKEN] = failure
    browser = door.browser()
    assert (await browser.open(door.launch_url())).status == 502

    out, err = capfd.readouterr()
    check(door, browser, "\n".join((out, err, caplog.text)))
