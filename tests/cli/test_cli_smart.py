"""What `watchful doctor` and `watchful register` say of a site with the SMART app."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey, RSAKey

from watchful.cli.finding import Finding
from watchful.cli.register import sheet
from watchful.cli.smart_examination import smart_findings
from watchful.settings import Settings, Site

FHIR = "https://ehr.example.org/r4"
SECRET = "the client secret of a test"
ANNOUNCED: dict[str, Any] = {
    "authorization_endpoint": "https://ehr.example.org/authorize",
    "token_endpoint": "https://ehr.example.org/token",
    "issuer": FHIR,
    "jwks_uri": "https://ehr.example.org/keys",
    "grant_types_supported": ["authorization_code"],
    "code_challenge_methods_supported": ["S256"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
    "capabilities": [
        "launch-ehr",
        "client-public",
        "client-confidential-symmetric",
        "client-confidential-asymmetric",
        "context-ehr-patient",
        "sso-openid-connect",
        "permission-v1",
        "permission-v2",
    ],
}


def a_site(profile: str = "generic", frames: tuple[str, ...] = ("https://ehr.example.org",), **smart: Any) -> Site:
    client = {"client_id": "our app", **smart}
    site = {"id": "general", "fhir": FHIR, "timezone": "UTC", "profile": profile, "smart": client}
    return Site.model_validate({**site, "frame_ancestors": frames})


async def found(site: Site, answer: httpx2.Response | None = None, **changes: Any) -> list[Finding]:
    document = {name: value for name, value in {**ANNOUNCED, **changes}.items() if value is not None}

    def announce(request: httpx2.Request) -> httpx2.Response:
        assert str(request.url) == f"{FHIR}/.well-known/smart-configuration"
        assert "authorization" not in request.headers
        return answer or httpx2.Response(200, json=document)

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(announce)) as client:
        return [each async for each in smart_findings("site general", site, client)]


def text_of(findings: list[Finding], level: str, what: str) -> str:
    texts = [each.text for each in findings if (each.level, each.what) == (level, what)]
    assert texts, [(each.level, each.what, each.text) for each in findings]
    return "; ".join(texts)


async def test_all_is_well() -> None:
    findings = await found(a_site())

    assert {each.level for each in findings} == {"ok"}
    assert text_of(findings, "ok", "PKCE") == "S256"
    assert "https://ehr.example.org/authorize" in text_of(findings, "ok", "SMART")
    assert "permission-v1 and permission-v2" in text_of(findings, "ok", "SMART capabilities")
    assert text_of(findings, "ok", "client authentication") == "public, which the EHR takes"
    assert text_of(findings, "ok", "frame_ancestors") == "https://ehr.example.org"


async def test_a_site_without_the_app_is_not_asked() -> None:
    assert await found(Site(id="general", fhir=FHIR, timezone="UTC"), httpx2.Response(500)) == []


def without(name: str) -> list[str]:
    return [each for each in ANNOUNCED["capabilities"] if each != name]


@pytest.mark.parametrize(
    ("changes", "level", "what", "text"),
    [
        ({"code_challenge_methods_supported": None}, "warn", "PKCE", "S256 is sent all the same"),
        ({"code_challenge_methods_supported": ["plain"]}, "fail", "SMART", "PKCE without S256"),
        ({"grant_types_supported": ["client_credentials"]}, "fail", "SMART", "no authorization codes"),
        ({"token_endpoint": "http://ehr.example.org/token"}, "fail", "SMART", "an address that is not over TLS"),
        ({"token_endpoint": "https://127.0.0.1/token"}, "fail", "SMART", "lies on this machine"),
        ({"token_endpoint": None}, "fail", "SMART", "is not a SMART configuration that can be read"),
        ({"capabilities": without("launch-ehr")}, "warn", "SMART capabilities", "launch-ehr is not announced"),
        ({"capabilities": without("context-ehr-patient")}, "warn", "SMART capabilities", "without its patient"),
        ({"capabilities": without("sso-openid-connect")}, "warn", "SMART capabilities", "nobody vouches"),
        ({"jwks_uri": None}, "warn", "SMART capabilities", "without issuer and jwks_uri: no user can be checked"),
        (
            {"capabilities": without("client-public")},
            "warn",
            "client authentication",
            "needs client-public (none)",
        ),
    ],
)
async def test_what_the_ehr_lacks_is_named(changes: dict[str, Any], level: str, what: str, text: str) -> None:
    assert text in text_of(await found(a_site(), **changes), level, what)


async def test_scopes_of_no_version() -> None:
    capabilities = [each for each in ANNOUNCED["capabilities"] if not each.startswith("permission")]
    findings = await found(a_site(), capabilities=capabilities)

    assert "those of v1 are asked for" in text_of(findings, "warn", "SMART capabilities")


@pytest.mark.parametrize("status", [401, 404, 302])
async def test_no_configuration(status: int) -> None:
    findings = await found(a_site(), httpx2.Response(status, headers={"Location": "https://else.example.org"}))

    assert "is not there" in text_of(findings, "fail", "SMART")
    assert text_of(findings, "ok", "frame_ancestors")


async def test_no_answer() -> None:
    def refuse(_request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("no")

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(refuse)) as client:
        findings = [each async for each in smart_findings("site general", a_site(), client)]

    assert "does not answer" in text_of(findings, "fail", "SMART")


@pytest.mark.parametrize(
    ("auth", "capability", "method"),
    [
        ("client-secret", "client-confidential-symmetric", "client_secret_basic"),
        ("private-key", "client-confidential-asymmetric", "private_key_jwt"),
    ],
)
async def test_the_form_of_the_client(tmp_path: Path, auth: str, capability: str, method: str) -> None:
    smart = {"auth": auth, "client_secret": SECRET} if auth == "client-secret" else {"auth": auth}
    site = a_site(**smart)
    what = "client authentication"
    assert text_of(await found(site), "ok", what) == f"{auth}, which the EHR takes"
    by_method = await found(site, capabilities=without(capability))
    assert text_of(by_method, "ok", what)
    unlike = await found(site, capabilities=without(capability), token_endpoint_auth_methods_supported=["none"])
    assert f"needs {capability} ({method}); the EHR announces none" in text_of(unlike, "warn", what)
    assert SECRET not in repr(unlike)


def key_file(folder: Path, mode: int = 0o600) -> Path:
    keys: list[tuple[str, ECKey | RSAKey]] = [
        ("new", ECKey.generate_key("P-384")),
        ("old", RSAKey.generate_key(2048)),
    ]
    path = folder / "app-keys.json"
    path.write_text(json.dumps({"keys": [{**key.as_dict(private=True), "kid": kid} for kid, key in keys]}))
    path.chmod(mode)
    return path


async def test_which_key_signs(tmp_path: Path) -> None:
    findings = await found(a_site(auth="private-key", keys=key_file(tmp_path)))

    assert text_of(findings, "ok", "app keys") == "new signs (ES384); old published beside it"


async def test_a_key_file_that_all_can_read(tmp_path: Path) -> None:
    findings = await found(a_site(auth="private-key", keys=key_file(tmp_path, 0o644)))

    assert "(mode 644): chmod 600" in text_of(findings, "warn", "app keys")


async def test_a_key_file_that_went_away(tmp_path: Path) -> None:
    findings = await found(a_site(auth="private-key", keys=tmp_path / "none.json"))

    assert "cannot read" in text_of(findings, "fail", "app keys")


async def test_nobody_may_frame_it() -> None:
    assert "a blank one" in text_of(await found(a_site(frames=())), "warn", "frame_ancestors")


def the_sheet(site: Site) -> str:
    settings = Settings.model_validate(
        {"public_url": "https://w.example.org", "site": (site,), "secret": "x" * 40}
    )
    return "\n".join(sheet(settings, site))


def test_the_sheet_of_a_public_app() -> None:
    text = the_sheet(a_site(writes=("handout", "referral")))

    for line in (
        "- launch URL: https://w.example.org/smart/launch",
        "- redirect URL, letter by letter: https://w.example.org/smart/callback",
        "- client type: public (no secret; PKCE with S256 always)",
        "- link on cards (type `smart`), to be allowed: https://w.example.org/smart/launch",
        "- windows that may frame it: https://ehr.example.org",
        "- it writes: handout (DocumentReference), referral (ServiceRequest)",
    ):
        assert line in text.splitlines()
    second = next(line for line in text.splitlines() if line.startswith("- SMART 2: "))
    assert "`launch openid fhirUser online_access patient/Patient.rs " in second
    first = next(line for line in text.splitlines() if line.startswith("- SMART 1: "))
    assert "patient/Patient.read" in first
    for line in (first, second):
        assert "patient/DocumentReference." in line
        assert "patient/Task." not in line
    assert "JWKS" not in text
    assert "no OAuth client" not in text


def test_the_sheet_of_an_app_with_keys_scopes_and_no_link() -> None:
    text = the_sheet(a_site("epic", auth="private-key", link=False, scopes=("launch", "openid"), frames=()))

    assert "- our public keys (JWKS URL): https://w.example.org/.well-known/jwks.json" in text
    assert "- client type: confidential, asymmetric" in text
    assert "- `launch openid`" in text
    assert "link on cards (type" not in text
    assert "none (frame_ancestors is empty)" in text
    assert "- it writes: nothing" in text


def test_the_sheet_holds_no_secret() -> None:
    text = the_sheet(a_site(auth="client-secret", client_secret=SECRET))

    assert "confidential, symmetric" in text
    assert SECRET not in text
