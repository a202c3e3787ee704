"""Tokens that nobody may believe: for each, the word in the log and how it is made. All get the same answer."""

import hashlib
import hmac
import json
from collections.abc import Callable

from token_builders import (
    ABSENT,
    FEEDBACK,
    ISS,
    NOW,
    PUBLIC,
    SERVICE,
    b64,
    claims,
    good,
    header,
    jose_key,
    part,
    public_jwk,
    token,
)

from cds_hooks.trust import LEEWAY, MAX_LIFETIME, MAX_TOKEN


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
