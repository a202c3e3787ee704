"""When a FHIR server is left alone, for how long it may ask us to wait, and which addresses are reached."""

import asyncio
from typing import Any

import httpcore2
import httpx2
import pytest

from watchful.ehr.breaker import FAILURES_TO_OPEN, FIRST_PAUSE, Breaker
from watchful.ehr.fhir import Answer, FhirReader
from watchful.ehr.guard import reachable
from watchful.ehr.http import http_client
from watchful.ehr.patience import seconds_asked

BASE = "https://ehr.example.org/r4"
PATIENT = {"resourceType": "Patient", "id": "1"}


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def read(handler: Any, breaker: Breaker, seconds: float = 5.0) -> Answer:
    async with http_client(httpx2.MockTransport(handler)) as client:
        deadline = asyncio.get_running_loop().time() + seconds
        return await FhirReader(client, BASE, (), None, deadline=deadline, breaker=breaker).read("Patient/1")


@pytest.mark.parametrize(
    ("answer", "opens"),
    [(500, True), (502, True), (503, True), (400, False), (401, False), (403, False), (404, False), (429, False)],
)
async def test_only_failures_of_the_server_open(answer: int, opens: bool) -> None:
    breaker = Breaker(Time())
    for _ in range(FAILURES_TO_OPEN):
        await read(lambda _: httpx2.Response(answer), breaker)

    assert breaker.is_open is opens


async def test_an_open_breaker_answers_at_once_and_probes_after_a_pause() -> None:
    time, asked = Time(), []
    breaker = Breaker(time)

    def down(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        raise httpx2.ConnectError("down")

    for _ in range(FAILURES_TO_OPEN):
        await read(down, breaker)
    assert (await read(down, breaker)).why == "breaker"
    assert len(asked) == FAILURES_TO_OPEN

    time.now += FIRST_PAUSE
    assert (await read(down, breaker)).why == "transport"
    assert (await read(down, breaker)).why == "breaker"
    time.now += FIRST_PAUSE
    assert (await read(down, breaker)).why == "breaker"  # the pause has doubled

    time.now += FIRST_PAUSE
    assert (await read(lambda _: httpx2.Response(200, json=PATIENT), breaker)).state == "found"
    assert not breaker.is_open


def test_one_probe_at_a_time() -> None:
    time = Time()
    breaker = Breaker(time)
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed()
    time.now += FIRST_PAUSE

    assert breaker.allows()
    assert not breaker.allows()
    breaker.abandoned()
    assert breaker.allows()


async def test_429_is_asked_again_when_there_is_time() -> None:
    answers = [httpx2.Response(429, headers={"Retry-After": "0"}), httpx2.Response(200, json=PATIENT)]

    assert (await read(lambda _: answers.pop(0), Breaker())).state == "found"


@pytest.mark.parametrize("headers", [{"Retry-After": "60"}, {}, {"Retry-After": "soon"}])
async def test_429_without_time_is_unknown(headers: dict[str, str]) -> None:
    asked: list[httpx2.Request] = []

    def busy(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(429, headers=headers)

    answer = await read(busy, Breaker())
    assert (answer.state, answer.why) == ("failed", "http-429")
    assert len(asked) == 1


async def test_429_for_ever_ends() -> None:
    asked: list[httpx2.Request] = []

    def busy(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(429, headers={"Retry-After": "0"})

    assert (await read(busy, Breaker())).why == "http-429"
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Mon, 02 Nov 2026 10:00:05 GMT", "date": "Mon, 02 Nov 2026 10:00:00 GMT"}, 5.0),
        ({"retry-after": "Mon, 02 Nov 2026 09:00:00 GMT", "date": "Mon, 02 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"retry-after": "Mon, 02 Nov 2026 10:00:05 GMT"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "٣"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert seconds_asked(headers) == seconds


ADDRESSES = [  # address, in the open, with private_network, where the settings name loopback
    ("93.184.216.34", True, True, True),
    ("2606:2800:220:1::1", True, True, True),
    ("10.1.2.3", False, True, False),
    ("192.168.0.9", False, True, False),
    ("172.16.5.5", False, True, False),
    ("100.64.0.1", False, True, False),
    ("fd00::1", False, True, False),
    ("127.0.0.1", False, False, True),
    ("::1", False, False, True),
    ("::ffff:127.0.0.1", False, False, True),
    ("::ffff:10.0.0.1", False, True, False),
    ("169.254.169.254", False, False, False),
    ("fe80::1", False, False, False),
    ("0.0.0.0", False, False, False),  # noqa: S104
    ("224.0.0.1", False, False, False),
]


@pytest.mark.parametrize(("address", "public", "private", "loopback"), ADDRESSES)
def test_reachable(address: str, public: bool, private: bool, loopback: bool) -> None:
    assert reachable(address, private_network=False, loopback=False) is public
    assert reachable(address, private_network=True, loopback=False) is private
    assert reachable(address, private_network=False, loopback=True) is (loopback or public)


async def test_a_public_name_that_leads_inside_is_not_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way, with a resolver that lies: DNS rebinding."""

    async def lies(*_: object, **__: object) -> list[Any]:
        return [(2, 1, 6, "", ("127.0.0.1", 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lies)
    async with http_client() as client:
        with pytest.raises(httpx2.ConnectError, match="may not reach"):
            await client.get("https://ehr.example.org/r4/metadata")


@pytest.mark.parametrize("host", [f"{'a' * 64}.example.org", "ehr..example.org"])
async def test_a_name_that_no_resolver_takes_is_a_host_that_is_not_there(host: str) -> None:
    """An EHR's discovery document names hosts, too."""
    async with http_client() as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get(f"https://{host}/keys")


async def test_the_checked_address_is_the_one_that_is_called() -> None:
    called: list[str] = []

    class Inner(httpcore2.AsyncMockBackend):
        async def connect_tcp(self, host: str, *args: Any, **kwargs: Any) -> Any:
            called.append(host)
            raise httpcore2.ConnectError("enough")

    from watchful.ehr.guard import GuardedBackend

    with pytest.raises(httpcore2.ConnectError):
        await GuardedBackend(Inner([]), private_network=False).connect_tcp("localhost", 443)
    assert set(called) <= {"127.0.0.1", "::1"}
