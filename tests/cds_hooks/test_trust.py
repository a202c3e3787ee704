"""Which tokens are believed. Every refusal gives the same answer, whatever was wrong."""

import json
from pathlib import Path

import pytest
from bad_tokens import BAD
from token_builders import (
    FEEDBACK,
    ISS,
    NOW,
    OTHER_ISS,
    PUBLIC,
    SERVICE,
    Json,
    claims,
    good,
    header,
    jose_key,
    public_jwk,
    token,
)

from cds_hooks.trust import LEEWAY, MAX_LIFETIME, Caller, Trust
from watchful.ehr.caller import sign_caller_token
from watchful.errors import Untrusted, operation_outcome
from watchful.settings import Issuer, Site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("trust")
    (folder / "keys.json").write_text(json.dumps({"keys": [public_jwk("rsa"), public_jwk("p384")]}))
    (folder / "other.json").write_text(json.dumps({"keys": [public_jwk("rsa-other", kid="other")]}))
    return Site(
        id="general",
        fhir=ISS,
        timezone="UTC",
        issuer=(
            Issuer(iss=ISS, jwks=folder / "keys.json"),
            Issuer(
                iss=OTHER_ISS,
                jwks=folder / "other.json",
                algorithms=("RS384", "RS256", "PS384"),
                audiences=("urn:extra", "https://old.example.org/cds/"),
            ),
        ),
    )


@pytest.fixture(scope="module")
def trust(site: Site) -> Trust:
    return Trust(site, PUBLIC, lambda: float(NOW))


def verify(trust: Trust, text: str) -> Caller:
    return trust.verify(f"Bearer {text}", SERVICE)


# What is believed


@pytest.mark.parametrize(("alg", "name"), [("RS384", "rsa"), ("ES384", "p384")])
def test_recommended_algorithms(trust: Trust, alg: str, name: str) -> None:
    caller = verify(trust, token(header(alg=alg, kid=name), claims(tenant="clinic-1"), name))

    assert caller == Caller(issuer=ISS, jti="6f4d2c1e", expires_at=NOW + 295, tenant="clinic-1")
    assert caller.remember_until == NOW + 295 + LEEWAY


@pytest.mark.parametrize("alg", ["RS256", "PS384"])
def test_opted_in_algorithms(trust: Trust, alg: str) -> None:
    text = token(header(alg=alg, kid="other"), claims(iss=OTHER_ISS), "rsa-other")

    assert verify(trust, text).issuer == OTHER_ISS


@pytest.mark.parametrize(
    "body",
    [
        claims(aud=[SERVICE]),
        claims(aud=["https://elsewhere.example.org", SERVICE]),
        claims(aud=SERVICE + "/"),
        claims(aud=[SERVICE + "/"]),
        claims(exp=NOW - LEEWAY + 1, iat=NOW - 300),
        claims(iat=NOW + LEEWAY),
        claims(exp=NOW + 295.5, iat=NOW - 0.25),
        claims(iat=NOW, exp=NOW + 3600),
        claims(iat=NOW, exp=NOW + MAX_LIFETIME),
        claims(nbf=NOW - 300, sub="client"),
        claims(nbf=NOW + LEEWAY),
        claims(jti="x" * 256),
        claims(unheard_of={"deep": [1, 2, {"a": None}]}),
    ],
    ids=lambda body: json.dumps({k: v for k, v in body.items() if claims().get(k) != v})[:60],
)
def test_believed_claims(trust: Trust, body: Json) -> None:
    assert verify(trust, token(header(), body)).issuer == ISS


@pytest.mark.parametrize(
    "extra",
    [
        {"typ": "jwt"},
        {"jku": "https://evil.example/jwks.json"},
        {"jku": 7},
        {"jwk": public_jwk("rsa-foreign")},
        {"x5c": ["MIIB" * 400]},
        {"x5u": "https://evil.example"},
        {"cty": "JWT", "x-vendor": {"a": 1}},
    ],
    ids=lambda extra: "-".join(extra),
)
def test_the_rest_of_a_header_is_not_read(trust: Trust, extra: Json) -> None:
    assert verify(trust, token(header(**extra), claims())).issuer == ISS


def test_scheme_in_any_case(trust: Trust) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert trust.verify(f"{scheme} {good()}", SERVICE).issuer == ISS


def test_feedback_is_signed_for_either_url(trust: Trust) -> None:
    for aud in (SERVICE, FEEDBACK, FEEDBACK + "/"):
        assert trust.verify(f"Bearer {good(aud=aud)}", (SERVICE, FEEDBACK)).issuer == ISS


def test_a_path_stands_below_the_public_url(trust: Trust) -> None:
    assert trust.verify(f"Bearer {good()}", "/cds-services/lumbar-imaging").issuer == ISS


@pytest.mark.parametrize("aud", ["urn:extra", "https://old.example.org/cds", ["https://old.example.org/cds/"]])
def test_extra_audiences_of_the_issuer(trust: Trust, aud: object) -> None:
    text = token(header(kid="other"), claims(iss=OTHER_ISS, aud=aud), "rsa-other")

    assert verify(trust, text).issuer == OTHER_ISS


def test_what_fire_signs_is_believed(tmp_path: Path, trust: Trust) -> None:
    path = tmp_path / "key.json"
    for name in ("rsa", "p384"):
        path.write_text(json.dumps(jose_key(name).as_dict(private=True)))
        text = sign_caller_token(path, issuer=ISS, audience=SERVICE, now=NOW, kid=name, jku="https://x.example")

        assert verify(trust, text).expires_at == NOW + 300


# What is not


def answer(error: Untrusted) -> tuple[int, bytes, dict[str, str], str]:
    return error.status, operation_outcome(error), error.headers(), str(error)


@pytest.mark.parametrize("name", BAD)
def test_refused(trust: Trust, name: str) -> None:
    reason, make = BAD[name]

    with pytest.raises(Untrusted) as caught:
        verify(trust, make())

    assert caught.value.reason == reason
    assert answer(caught.value) == answer(Untrusted("anything"))


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        ("Bearer", "malformed"),
        ("Bearer ", "malformed"),
        ("Basic dXNlcjpwYXNz", "scheme"),
        ("{}", "scheme"),
        ("Bearer\t{}", "scheme"),
        (" Bearer {}", "scheme"),
        ("Bearer {}, Bearer {}", "malformed"),
    ],
)
def test_authorization_header(trust: Trust, authorization: str | None, reason: str) -> None:
    with pytest.raises(Untrusted) as caught:
        trust.verify(authorization and authorization.replace("{}", good()), SERVICE)

    assert caught.value.reason == reason


def test_there_are_enough_bad_tokens() -> None:
    assert len({make() for _, make in BAD.values()}) == len(BAD) >= 40


def test_a_token_for_the_service_is_not_one_for_discovery(trust: Trust) -> None:
    with pytest.raises(Untrusted):
        trust.verify(f"Bearer {good()}", "/cds-services")


def test_a_site_without_issuers_believes_nobody() -> None:
    demo = Site(id="demo", fhir="http://127.0.0.1:8000/fhir", timezone="UTC", demo=True)

    with pytest.raises(Untrusted) as caught:
        verify(Trust(demo, PUBLIC, lambda: float(NOW)), good())

    assert caught.value.reason == "issuer"


def test_the_clock_is_asked_each_time(site: Site) -> None:
    times = iter([float(NOW), float(NOW + 3600)])
    trust = Trust(site, PUBLIC, lambda: next(times))

    verify(trust, good())
    with pytest.raises(Untrusted) as caught:
        verify(trust, good())

    assert caught.value.reason == "expired"


def test_a_key_bound_to_another_algorithm(tmp_path: Path) -> None:
    """`alg` of the pinned key narrows what the issuer's list allows (RFC 7517 §4.4)."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [public_jwk("rsa", alg="RS384")]}))
    issuer = Issuer(iss=ISS, jwks=path, algorithms=("RS384", "RS256"))
    trust = Trust(Site(id="a", fhir=ISS, timezone="UTC", issuer=(issuer,)), PUBLIC + "/", lambda: float(NOW))

    assert verify(trust, good()).issuer == ISS
    with pytest.raises(Untrusted) as caught:
        verify(trust, token(header(alg="RS256"), claims()))
    assert caught.value.reason == "signature"
