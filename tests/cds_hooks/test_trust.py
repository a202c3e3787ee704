"""Which tokens are believed. Every refusal gives the same answer, whatever was wrong."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from joserfc.jwk import ECKey, RSAKey

from cds_hooks.trust import LEEWAY, MAX_LIFETIME, MAX_TOKEN, Caller, Trust
from watchful.ehr.caller import sign_caller_token
from watchful.errors import Untrusted, operation_outcome
from watchful.settings import Issuer, Site

NOW = 1_800_000_000
ISS = "https://ehr.example.org/r4"
OTHER_ISS = "https://other.example.org/r4"
PUBLIC = "https://watchful.example.org"
SERVICE = f"{PUBLIC}/cds-services/lumbar-imaging"
FEEDBACK = f"{SERVICE}/feedback"

Json = dict[str, Any]
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def key(name: str) -> Private:
    """One key for each name, made once: `rsa...`, `p384...` or `p256...`."""
    if name.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP384R1() if name.startswith("p384") else ec.SECP256R1())


def jose_key(name: str) -> RSAKey | ECKey:
    private = key(name)
    return RSAKey.import_key(private) if isinstance(private, rsa.RSAPrivateKey) else ECKey.import_key(private)


def public_jwk(name: str, **members: object) -> Json:
    return {**jose_key(name).as_dict(private=False), "kid": name, **members}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(members: Json | bytes) -> str:
    return b64(members if isinstance(members, bytes) else json.dumps(members).encode())


def signature(alg: str, name: str, message: bytes) -> bytes:
    """Signed with `cryptography` alone, so that the library under test does not mark its own work."""
    private = key(name)
    digest = SHA384() if alg.endswith("384") else SHA256()
    if isinstance(private, rsa.RSAPrivateKey):
        if alg.startswith("PS"):
            return private.sign(message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return private.sign(message, padding.PKCS1v15(), digest)
    r, s = utils.decode_dss_signature(private.sign(message, ec.ECDSA(digest)))
    size = (private.key_size + 7) // 8
    return r.to_bytes(size) + s.to_bytes(size)


ABSENT = object()


def merged(base: Json, changes: Json) -> Json:
    return {name: value for name, value in {**base, **changes}.items() if value is not ABSENT}


def header(**changes: object) -> Json:
    return merged({"alg": "RS384", "typ": "JWT", "kid": "rsa"}, changes)


def claims(**changes: object) -> Json:
    base = {"iss": ISS, "aud": SERVICE, "iat": NOW - 5, "exp": NOW + 295, "jti": "6f4d2c1e"}
    return merged(base, changes)


def token(head: Json | bytes, body: Json | bytes, signer: str = "rsa", alg: str | None = None) -> str:
    """A compact JWS; `alg` is how it is really signed, when the header says something else."""
    message = f"{part(head)}.{part(body)}"
    really = alg or (head["alg"] if isinstance(head, dict) else "RS384")
    return f"{message}.{b64(signature(really, signer, message.encode()))}"


def good(**changes: object) -> str:
    return token(header(), claims(**changes))


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


def hmac_with_the_public_key() -> str:
    """The classic confusion: the public key, which everyone has, taken for a shared secret."""
    pem = jose_key("rsa").as_pem(private=False)
    message = f"{part(header(alg='HS256'))}.{part(claims())}"
    return f"{message}.{b64(hmac.new(pem, message.encode(), hashlib.sha256).digest())}"


def unsigned(**head: object) -> str:
    return f"{part(header(**head))}.{part(claims())}."


def with_signature(change: Callable[[str], str]) -> str:
    message, _, sign = good().rpartition(".")
    return f"{message}.{change(sign)}"


def raw_claims(text: str) -> str:
    return token(header(), text.encode())


def raw_header(text: str) -> str:
    return token(text.encode(), claims())


DOUBLE_AUD = json.dumps(claims()).replace('"aud":', f'"aud": "{PUBLIC}/other", "aud":')
DOUBLE_ALG = '{"alg": "none", "alg": "RS384", "typ": "JWT", "kid": "rsa"}'

BAD: dict[str, tuple[str, Callable[[], str]]] = {
    # algorithm
    "alg none": ("malformed", lambda: unsigned(alg="none")),
    "alg none with a signature": ("algorithm", lambda: token(header(alg="none"), claims(), alg="RS384")),
    "alg NONE": ("algorithm", lambda: token(header(alg="NONE"), claims(), alg="RS384")),
    "alg HS256 with the public key": ("algorithm", hmac_with_the_public_key),
    "alg HS384": ("algorithm", lambda: token(header(alg="HS384"), claims(), alg="RS384")),
    "alg missing": ("header", lambda: token(header(alg=ABSENT), claims(), alg="RS384")),
    "alg not text": ("header", lambda: token(header(alg=["RS384"]), claims(), alg="RS384")),
    "alg null": ("header", lambda: token(header(alg=None), claims(), alg="RS384")),
    "alg in lower case": ("algorithm", lambda: token(header(alg="rs384"), claims(), alg="RS384")),
    "alg not allowed for this issuer": ("algorithm", lambda: token(header(alg="RS256"), claims())),
    "alg PS384 not allowed here": ("algorithm", lambda: token(header(alg="PS384"), claims())),
    "alg RS512": ("algorithm", lambda: token(header(alg="RS512"), claims(), alg="RS384")),
    "alg ES384 on an RSA key": ("signature", lambda: token(header(alg="ES384"), claims(), alg="RS384")),
    "alg RS384 on an EC key": ("signature", lambda: token(header(kid="p384"), claims(), "p384", "ES384")),
    "really signed RS256": ("signature", lambda: token(header(), claims(), alg="RS256")),
    "really signed with P-256": (
        "signature",
        lambda: token(header(alg="ES384", kid="p384"), claims(), "p256", "ES384"),
    ),
    # key
    "foreign key": ("signature", lambda: token(header(), claims(), "rsa-foreign")),
    "foreign EC key": ("signature", lambda: token(header(alg="ES384", kid="p384"), claims(), "p384-foreign")),
    "foreign key embedded as jwk": (
        "signature",
        lambda: token(header(jwk=public_jwk("rsa-foreign")), claims(), "rsa-foreign"),
    ),
    "foreign key behind jku": (
        "key",
        lambda: token(header(jku="https://evil.example/k", kid="evil"), claims(), "rsa-foreign"),
    ),
    "foreign certificate as x5c": ("signature", lambda: token(header(x5c=["MIIB"]), claims(), "rsa-foreign")),
    "unknown kid": ("key", lambda: token(header(kid="rsa-2"), claims())),
    "kid of the other issuer": ("key", lambda: token(header(kid="other"), claims(), "rsa-other")),
    "key of the other issuer": ("signature", lambda: token(header(), claims(), "rsa-other")),
    "kid missing": ("header", lambda: token(header(kid=ABSENT), claims())),
    "kid empty": ("header", lambda: token(header(kid=""), claims())),
    "kid a number": ("header", lambda: token(header(kid=1), claims())),
    "kid a path": ("key", lambda: token(header(kid="../../dev/null"), claims())),
    # header
    "typ missing": ("type", lambda: token(header(typ=ABSENT), claims())),
    "typ other": ("type", lambda: token(header(typ="at+jwt"), claims())),
    "typ not text": ("type", lambda: token(header(typ=["JWT"]), claims())),
    "crit": ("critical", lambda: token(header(crit=["exp"], exp=1), claims())),
    "crit empty": ("critical", lambda: token(header(crit=[]), claims())),
    "b64 false": ("critical", lambda: token(header(b64=False, crit=["b64"]), claims())),
    "b64 true": ("critical", lambda: token(header(b64=True), claims())),
    "duplicate alg": ("duplicate-member", lambda: raw_header(DOUBLE_ALG)),
    "header an array": ("malformed", lambda: raw_header('["RS384"]')),
    "header not JSON": ("malformed", lambda: raw_header("{alg: RS384}")),
    "header not UTF-8": ("malformed", lambda: token(b'{"alg": "\xff"}', claims())),
    # issuer
    "iss missing": ("issuer", lambda: good(iss=ABSENT)),
    "iss unknown": ("issuer", lambda: good(iss="https://evil.example")),
    "iss with a slash more": ("issuer", lambda: good(iss=ISS + "/")),
    "iss in capitals": ("issuer", lambda: good(iss=ISS.upper())),
    "iss a list": ("issuer", lambda: good(iss=[ISS])),
    # audience
    "aud missing": ("audience", lambda: good(aud=ABSENT)),
    "aud empty": ("audience", lambda: good(aud="")),
    "aud empty list": ("audience", lambda: good(aud=[])),
    "aud of the other endpoint": ("audience", lambda: good(aud=FEEDBACK)),
    "aud the public URL alone": ("audience", lambda: good(aud=PUBLIC)),
    "aud a prefix": ("audience", lambda: good(aud=SERVICE[:-1])),
    "aud longer": ("audience", lambda: good(aud=SERVICE + "//")),
    "aud http": ("audience", lambda: good(aud=SERVICE.replace("https", "http"))),
    "aud another host": ("audience", lambda: good(aud=SERVICE.replace("watchful", "evil"))),
    "aud a number": ("audience", lambda: good(aud=1)),
    "aud a list with a number": ("audience", lambda: good(aud=[SERVICE, 1])),
    "aud nested": ("audience", lambda: good(aud=[[SERVICE]])),
    "aud twice": ("duplicate-member", lambda: raw_claims(DOUBLE_AUD)),
    "aud allowed for the other issuer only": ("audience", lambda: good(aud="urn:extra")),
    # time
    "exp missing": ("time", lambda: good(exp=ABSENT)),
    "exp text": ("time", lambda: good(exp=str(NOW + 60))),
    "exp true": ("time", lambda: good(exp=True)),
    "exp null": ("time", lambda: good(exp=None)),
    "exp negative": ("time", lambda: good(exp=-1)),
    "exp in milliseconds": ("time", lambda: good(exp=(NOW + 60) * 1000)),
    "exp infinite": ("time", lambda: raw_claims(json.dumps(claims()).replace(str(NOW + 295), "1e999"))),
    "exp NaN": ("malformed", lambda: raw_claims(json.dumps(claims()).replace(str(NOW + 295), "NaN"))),
    "exp endless": ("malformed", lambda: raw_claims(json.dumps(claims()).replace(str(NOW + 295), "9" * 5000))),
    "expired beyond leeway": ("expired", lambda: good(exp=NOW - LEEWAY, iat=NOW - 300)),
    "iat missing": ("time", lambda: good(iat=ABSENT)),
    "iat text": ("time", lambda: good(iat=str(NOW))),
    "iat in the future": ("future", lambda: good(iat=NOW + LEEWAY + 1)),
    "nbf in the future": ("future", lambda: good(nbf=NOW + LEEWAY + 1)),
    "nbf text": ("time", lambda: good(nbf="now")),
    "exp before iat": ("lifetime", lambda: good(iat=NOW + 30, exp=NOW + 20)),
    "exp equals iat": ("lifetime", lambda: good(iat=NOW, exp=NOW)),
    "lifetime over the cap": ("lifetime", lambda: good(iat=NOW, exp=NOW + MAX_LIFETIME + 1)),
    "lifetime of a day": ("lifetime", lambda: good(iat=NOW, exp=NOW + 86_400)),
    # jti and tenant
    "jti missing": ("jti", lambda: good(jti=ABSENT)),
    "jti empty": ("jti", lambda: good(jti="")),
    "jti blank": ("jti", lambda: good(jti="  ")),
    "jti a number": ("jti", lambda: good(jti=7)),
    "jti too long": ("jti", lambda: good(jti="x" * 257)),
    "jti with NUL": ("jti", lambda: good(jti="a\0b")),
    "jti half a surrogate pair": ("jti", lambda: good(jti="\ud800")),
    "tenant a number": ("tenant", lambda: good(tenant=1)),
    "tenant empty": ("tenant", lambda: good(tenant="")),
    # form
    "claims an array": ("malformed", lambda: raw_claims("[]")),
    "claims not JSON": ("malformed", lambda: raw_claims("{")),
    "claims twice": ("malformed", lambda: raw_claims("{}{}")),
    "claims deep": ("malformed", lambda: raw_claims("[" * 10_000)),
    "duplicate member deep inside": ("duplicate-member", lambda: raw_claims('{"a": {"b": 1, "b": 2}}')),
    "signature missing": ("malformed", lambda: with_signature(lambda _: "")),
    "signature of zeros": ("signature", lambda: with_signature(lambda sign: "A" * len(sign))),
    "signature cut": ("signature", lambda: with_signature(lambda sign: sign[:-4])),
    "signature not base64url": ("signature", lambda: with_signature(lambda sign: "+" + sign[1:])),
    "signature padded": ("signature", lambda: with_signature(lambda sign: sign + "==")),
    "signature of other claims": (
        "signature",
        lambda: good().rpartition(".")[0] + "." + good(jti="b").split(".")[2],
    ),
    "two parts": ("malformed", lambda: good().rpartition(".")[0]),
    "four parts": ("malformed", lambda: good() + ".x"),
    "five parts, encrypted": ("malformed", lambda: "a.b.c.d.e"),
    "a space inside": ("malformed", lambda: good().replace(".", ". ", 1)),
    "not ASCII": ("malformed", lambda: "é" + good()),
    "not even Latin": ("malformed", lambda: "字." + good()),
    "empty": ("malformed", lambda: ""),
    "too long": ("too-long", lambda: good(padding="x" * MAX_TOKEN)),
}


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
