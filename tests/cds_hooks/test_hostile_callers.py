"""Hostile callers against the whole service: every bad token gets one answer and makes us call nobody."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx2
import pytest
from bad_tokens import BAD
from site_builders import JKU, JKU_ISS, PATH, Caller, Wire, calling, key_set, settings_of, site, usual_issuers
from token_builders import (
    FEEDBACK,
    NOW,
    PUBLIC,
    SERVICE,
    claims,
    good,
    header,
    public_jwk,
    token,
)

from cds_hooks.trust import LEEWAY


def published(head: dict[str, object] | None = None, signer: str = "rsa", **members: object) -> str:
    """A token of the issuer that publishes its keys."""
    return token(header(**(head or {})), claims(iss=JKU_ISS, **members), signer)


ELSEWHERE = [
    "https://evil.example/jwks.json",
    "http://keys.example.org/jwks.json",
    "https://keys.example.org/jwks.json?x=1",
    "https://keys.example.org/jwks.json#x",
    "https://keys.example.org:443/jwks.json",
    "https://user@keys.example.org/jwks.json",
    "https://keys.example.org@evil.example/jwks.json",
    "https://keys.example.org.evil.example/jwks.json",
    "https://KEYS.example.org/jwks.json",
    "https://keys.example.org/../jwks.json",
    "https://keys.example.org/jwks.json/",
    "https://169.254.169.254/latest/meta-data",
    "http://127.0.0.1:9464/metrics",
    "file:///etc/passwd",
    "data:application/json,{}",
    "",
]
MORE: dict[str, Callable[[], str]] = {
    **{f"jku {url or 'empty'}": (lambda url=url: published({"jku": url}, "rsa-foreign")) for url in ELSEWHERE},
    "jku a number": lambda: published({"jku": 7}),
    "jku null": lambda: published({"jku": None}),
    "jku a list of the right one": lambda: published({"jku": [JKU]}),
    "right jku, foreign key": lambda: published({"jku": JKU}, "rsa-foreign"),
    "right jku, unpublished kid": lambda: published({"jku": JKU, "kid": "rsa-2"}),
    "published key, pinned issuer": lambda: token(
        header(kid="p384-published", alg="ES384"), claims(), "p384-foreign"
    ),
    "embedded jwk beside the right jku": lambda: published(
        {"jku": JKU, "jwk": public_jwk("rsa-foreign")}, "rsa-foreign"
    ),
    "kid with a quote": lambda: good_kid("rsa' OR '1'='1"),
    "kid with NUL": lambda: good_kid("rsa\0"),
    "kid with a newline": lambda: good_kid("rsa\nX-Evil: 1"),
    "kid a URL": lambda: good_kid("https://evil.example/k"),
    "kid long": lambda: good_kid("k" * 8000),
    "kid a prototype": lambda: good_kid("__proto__"),
    "many claims": lambda: good(**{f"c{i}": i for i in range(900)}, aud="nowhere"),
    "one huge claim": lambda: good(aud="nowhere", name="x" * 9000),
    "aud of discovery": lambda: good(aud=f"{PUBLIC}/cds-services"),
    "aud of another site": lambda: good(aud=f"{PUBLIC}/s/other/cds-services/lumbar-imaging"),
    "aud with a query": lambda: good(aud=f"{SERVICE}?x"),
    "aud in capitals": lambda: good(aud=SERVICE.upper()),
    "aud with a port": lambda: good(aud=SERVICE.replace(".org", ".org:443")),
    "expired one second beyond leeway": lambda: good(exp=NOW - LEEWAY - 1, iat=NOW - 200),
    "tenant that is not listed": lambda: published({"jku": JKU}, tenant="clinic-9"),
    "no tenant where one is needed": lambda: published({"jku": JKU}),
}
ALL: dict[str, Callable[[], str]] = {**{name: make for name, (_, make) in BAD.items()}, **MORE}


def good_kid(kid: str) -> str:
    return token(header(kid=kid), claims(), "rsa")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def attacked(tmp_path_factory: pytest.TempPathFactory, template: Path) -> AsyncIterator[tuple[Caller, Wire]]:
    """One service for all of them: what the first bad token did must not help the next."""
    folder = tmp_path_factory.mktemp("hostile")
    wire = Wire({JKU: key_set("rsa", "p384")})
    issuers = usual_issuers(folder, tenants=("clinic-1",))
    async with calling(settings_of(folder, site(folder, "general", *issuers)), wire, template) as caller:
        yield caller, wire


def fingerprint(answer: httpx2.Response) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    return answer.status_code, answer.content, tuple(sorted(answer.headers.items()))


@pytest.mark.parametrize("name", ALL)
async def test_refused_alike_and_nobody_is_called(attacked: tuple[Caller, Wire], name: str) -> None:
    caller, wire = attacked
    before = len(await caller.service.journal.recent(50, "general"))

    answer = await caller.post(PATH, ALL[name]().encode("utf-8"))
    without = await caller.post(PATH, None)

    assert answer.status_code == 401
    assert fingerprint(answer) == fingerprint(without)
    assert wire.hosts <= {"keys.example.org"}
    assert all(str(request.url) == JKU for request in wire.sent)
    assert len(await caller.service.journal.recent(50, "general")) == before


def test_there_are_enough_of_them() -> None:
    assert len({make() for make in ALL.values()}) >= 120


async def test_the_listed_address_is_asked_at_a_limited_rate(attacked: tuple[Caller, Wire]) -> None:
    caller, wire = attacked
    for number in range(30):
        kid = {"jku": JKU, "kid": f"unknown-{number}"}
        await caller.post(PATH, published(kid, tenant="clinic-1", jti=f"rate-{number}"))

    assert len(wire.sent) <= 2


async def test_a_good_token_is_still_believed(attacked: tuple[Caller, Wire]) -> None:
    caller, _ = attacked
    text = published({"jku": JKU}, tenant="clinic-1", jti="honest")

    assert (await caller.post(PATH, text)).status_code == 200
    assert (await caller.post(PATH, text)).status_code == 401  # and once only


async def test_a_token_for_feedback_is_not_one_for_the_service(attacked: tuple[Caller, Wire]) -> None:
    caller, _ = attacked
    assert (await caller.post(PATH, good(aud=FEEDBACK, jti="f1"))).status_code == 401
    answer = await caller.post(f"{PATH}/feedback", good(aud=FEEDBACK, jti="f2"), {"feedback": []})
    assert answer.status_code == 200


async def test_a_redirecting_key_address_gives_no_key(tmp_path: Path, template: Path) -> None:
    wire = Wire({JKU: lambda: httpx2.Response(302, headers={"Location": "https://evil.example/jwks"})})
    only = site(tmp_path, "general", *usual_issuers(tmp_path))
    async with calling(settings_of(tmp_path, only), wire, template) as caller:
        assert (await caller.post(PATH, published())).status_code == 401

    assert wire.hosts == {"keys.example.org"}
