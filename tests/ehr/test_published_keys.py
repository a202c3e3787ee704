"""Key sets of callers: fetched from one address, once for all who wait, and served stale through an outage."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey, RSAKey

from watchful.ehr.http import http_client
from watchful.ehr.keysets import MAX_BYTES, MIN_SECONDS_BEFORE_THE_FIRST, MIN_SECONDS_BETWEEN, PublishedKeys

URL = "https://ehr.example.org/jwks.json"
EC = ECKey.generate_key("P-384", private=True)


def entry(kid: str, **members: object) -> dict[str, Any]:
    return {**EC.as_dict(private=False), "kid": kid, **members}


class Ehr:
    """An address that answers what it is told to, and counts."""

    def __init__(self, *kids: str) -> None:
        self.keys: list[dict[str, Any]] = [entry(kid) for kid in kids]
        self.answer: Callable[[], httpx2.Response] | None = None
        self.asked: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(str(request.url))
        if self.answer is not None:
            return self.answer()
        return httpx2.Response(200, json={"keys": self.keys})


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def source(ehr: Any, time: Time, *, max_age: float = 600, stale: float = 3600) -> PublishedKeys:
    client = http_client(httpx2.MockTransport(ehr))
    return PublishedKeys(client, URL, ("ES384",), max_age=max_age, stale=stale, clock=time)


async def test_first_token_fetches_and_the_next_do_not() -> None:
    ehr = Ehr("k1")
    keys = source(ehr, Time())

    assert keys.get("k1") is None
    assert await keys.wanted("k1")
    assert keys.get("k1") is not None
    assert keys.get("k1") is not None
    assert ehr.asked == [URL]


async def test_many_waiters_share_one_fetch() -> None:
    ehr = Ehr("k1")
    keys = source(ehr, Time())

    assert await asyncio.gather(*(keys.wanted("k1") for _ in range(50))) == [True] * 50
    assert len(ehr.asked) == 1


async def test_a_waiter_that_goes_away_leaves_the_fetch_to_the_others() -> None:
    going, started = asyncio.Event(), asyncio.Event()

    async def slowly(request: httpx2.Request) -> httpx2.Response:
        started.set()
        await going.wait()
        return httpx2.Response(200, json={"keys": [entry("k1")]})

    keys = source(slowly, Time())
    gone, stays = asyncio.create_task(keys.wanted("k1")), asyncio.create_task(keys.wanted("k1"))
    await started.wait()
    gone.cancel()
    going.set()

    assert await stays
    assert keys.get("k1") is not None


async def test_an_unknown_kid_asks_again_at_a_limited_rate() -> None:
    ehr, time = Ehr("k1"), Time()
    keys = source(ehr, time)
    await keys.wanted("k1")
    for _ in range(20):
        assert not await keys.wanted("k2")
    assert len(ehr.asked) == 1

    ehr.keys.append(entry("k2"))
    time.now += MIN_SECONDS_BETWEEN
    assert await keys.wanted("k2")
    assert keys.get("k2") is not None


async def test_a_withdrawn_key_is_gone_after_the_next_fetch() -> None:
    ehr, time = Ehr("k1"), Time()
    keys = source(ehr, time)
    await keys.wanted("k1")
    ehr.keys = [entry("k2")]
    time.now += 601

    assert keys.get("k1") is None
    await keys.wanted("k1")
    assert keys.get("k1") is None


async def test_served_stale_through_an_outage_and_then_no_more() -> None:
    ehr, time = Ehr("k1"), Time()
    keys = source(ehr, time)
    await keys.wanted("k1")
    ehr.answer = lambda: httpx2.Response(503)
    time.now += 601
    assert await keys.wanted("k1")
    assert keys.get("k1") is not None
    assert keys.age == 601

    time.now += 3600
    assert keys.get("k1") is None


async def test_no_retry_storm_before_the_first_set() -> None:
    ehr, time = Ehr(), Time()
    ehr.answer = lambda: httpx2.Response(500)
    keys = source(ehr, time)
    for _ in range(10):
        await keys.wanted("k1")
    assert len(ehr.asked) == 1
    time.now += MIN_SECONDS_BEFORE_THE_FIRST
    await keys.wanted("k1")
    assert len(ehr.asked) == 2


REFUSED: dict[str, Callable[[], httpx2.Response]] = {
    "redirect": lambda: httpx2.Response(302, headers={"Location": "https://evil.example/jwks"}),
    "not found": lambda: httpx2.Response(404),
    "html": lambda: httpx2.Response(200, text="<html>"),
    "array": lambda: httpx2.Response(200, json=[entry("k1")]),
    "one key": lambda: httpx2.Response(200, json=entry("k1")),
    "too large": lambda: httpx2.Response(200, content=b" " * (MAX_BYTES + 1)),
    "private": lambda: httpx2.Response(200, json={"keys": [{**EC.as_dict(private=True), "kid": "k1"}]}),
    "symmetric": lambda: httpx2.Response(200, json={"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "k1"}]}),
    "no kid": lambda: httpx2.Response(200, json={"keys": [EC.as_dict(private=False)]}),
    "kid twice": lambda: httpx2.Response(200, json={"keys": [entry("k1"), entry("k1")]}),
    "for encryption": lambda: httpx2.Response(200, json={"keys": [entry("k1", use="enc")]}),
    "other algorithm": lambda: httpx2.Response(200, json={"keys": [entry("k1", alg="ES256")]}),
    "weak RSA": lambda: httpx2.Response(
        200, json={"keys": [{**RSAKey.generate_key(1024).as_dict(private=False), "kid": "k1"}]}
    ),
    "nested": lambda: httpx2.Response(200, content=b'{"keys":' + b"[" * 100_000),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_a_set_that_gives_no_key(name: str) -> None:
    ehr = Ehr()
    ehr.answer = REFUSED[name]
    keys = source(ehr, Time())

    assert await keys.wanted("k1")
    assert keys.get("k1") is None
    assert ehr.asked == [URL]


async def test_one_bad_key_leaves_the_others() -> None:
    ehr = Ehr("good")
    ehr.keys.append({"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "odd"})
    ehr.keys.append({"kty": "EC", "crv": "P-384", "x": "AA", "y": json.dumps(1), "kid": "broken"})
    keys = source(ehr, Time())
    await keys.wanted("good")

    assert keys.kids == ("good",)
