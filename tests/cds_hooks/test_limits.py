"""What a caller may cost: time, size, depth and rate, each with an answer of its own."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hook_builders import SERVICE, hook_body, reading_body
from hook_door import Ehr, settings_for
from outcomes import refused

from cds_hooks.limits import BURST_SECONDS, RateLimit
from watchful.errors import TooMany


async def asgi(
    app: Any, messages: list[dict[str, Any]], wait: float = 0.0
) -> tuple[int, dict[bytes, bytes], bytes]:
    """One POST by hand, whose body stops coming after `messages`."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"host", b"127.0.0.1")]
    scope = {"type": "http", "method": "POST", "path": SERVICE, "headers": headers, "query_string": b""}
    await app(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


async def test_a_body_that_never_ends_is_408(tmp_path: Path, open_door: Any) -> None:
    settings = settings_for(tmp_path).model_copy(update={"body_deadline_ms": 100})
    async with open_door(settings) as door:
        half = [{"type": "http.request", "body": b'{"hook": "order-', "more_body": True}]
        status, headers, body = await asgi(door.service.app, half)

    assert status == 408
    assert json.loads(body)["issue"][0]["code"] == "timeout"
    assert headers[b"connection"] == b"close"


async def test_an_answer_that_takes_too_long_is_503(tmp_path: Path, open_door: Any) -> None:
    async def hang(request: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError

    settings = settings_for(tmp_path, fhir_deadline_ms=10_000).model_copy(update={"request_deadline_ms": 500})
    async with open_door(settings, transport=httpx2.MockTransport(hang)) as door:
        issue = refused(await door.fire(reading_body()), 503)

    assert issue["code"] == "timeout"


async def test_the_fhir_deadline_answers_before_the_request_s(tmp_path: Path, open_door: Any) -> None:
    async def hang(request: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError

    settings = settings_for(tmp_path, fhir_deadline_ms=200)
    async with open_door(settings, transport=httpx2.MockTransport(hang)) as door:
        refused(await door.fire(reading_body()), 412)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"prefetch":{"conditions":' + b'{"x":' * 50_000 + b"1" + b"}" * 50_000 + b"}}",
        b'{"context":{"draftOrders":' + b'{"entry":[' * 20_000,
    ],
    ids=["arrays", "objects in prefetch", "orders"],
)
async def test_deep_nesting_is_400(door: Any, body: bytes) -> None:
    refused(await door.fire(body), 400)


async def test_a_deep_prefetch_is_unknown_and_no_failure(door: Any) -> None:
    text = json.dumps(hook_body("acute-mri"))
    start = text.index('"reports": ') + len('"reports": ')
    deep = (
        text[:start] + '{"resourceType":"Bundle","entry":[{"resource":' + '{"a":' * 600 + "1" + "}" * 600 + "}]}"
    )
    end = start + text[start:].index(', "orders"')
    answer = await door.fire((deep + text[end:]).encode())

    assert answer.status_code in (200, 400)


async def test_the_largest_body(tmp_path: Path, open_door: Any) -> None:
    settings = settings_for(tmp_path).model_copy(update={"max_body_bytes": 1000})
    async with open_door(settings) as door:
        refused(await door.fire(b" " * 1001), 413)
        refused(await door.fire(b" " * 1000), 400)


def test_the_bucket_fills_again() -> None:
    now = 0.0
    limit = RateLimit({"ehr": 60}, lambda: now)  # one a second
    for _ in range(BURST_SECONDS):
        limit.take("ehr")
    with pytest.raises(TooMany) as caught:
        limit.take("ehr")
    assert caught.value.headers() == {"Retry-After": "1"}
    now = 1.0
    limit.take("ehr")
    with pytest.raises(TooMany):
        limit.take("ehr")
    now = 1000.0
    for _ in range(BURST_SECONDS):
        limit.take("ehr")
    with pytest.raises(TooMany):
        limit.take("ehr")


async def test_twelve_parallel_reads_fit_well_under_half_a_second(tmp_path: Path, open_door: Any) -> None:
    """§4.2 item 12: every read takes 100 ms, and they run at the same time."""
    ehr = Ehr("acute-mri")

    class Slow(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            await asyncio.sleep(0.1)
            return await ehr.transport.handle_async_request(request)

    async with open_door(settings_for(tmp_path), transport=Slow()) as door:
        loop = asyncio.get_running_loop()
        started = loop.time()
        assert await door.topic(reading_body()) == "DeferImaging"
        assert loop.time() - started < 0.5
