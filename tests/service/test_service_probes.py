"""Probes and metrics: alive, ready, and counted under labels from closed lists."""

import re
from typing import Any

import httpx2
import pytest
from hook_builders import Json, fixture, hook_body
from hook_door import Door, knowledge, opened
from prometheus_client.parser import text_string_to_metric_families

from watchful.clinical.assessment import Decision
from watchful.demo import fixtures
from watchful.errors import WatchfulError
from watchful.settings import Settings

REASON = re.compile(r"[a-z]+(-[a-z0-9]+)*")


async def scraped(door: Door) -> str:
    admin = httpx2.ASGITransport(app=door.service.admin)
    async with httpx2.AsyncClient(transport=admin, base_url="http://127.0.0.1:9464") as http:
        answer = await http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


def labels(text: str, name: str) -> list[Json]:
    return [
        sample.labels
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    ]


async def test_healthz_answers_whatever_the_journal_does(door: Door) -> None:
    assert (await door.http.get("/healthz")).json() == {"status": "ok"}
    await door.service.journal.close()
    assert (await door.http.get("/healthz")).status_code == 200


async def test_readyz_follows_the_journal(door: Door) -> None:
    assert (await door.http.get("/readyz")).json() == {"status": "ok"}
    await door.service.journal.close()

    answer = await door.http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "failed": ["journal"]}


async def test_not_ready_before_the_start(settings: Settings, tmp_path: Any) -> None:
    from watchful.service import Service

    service = Service(settings, knowledge=knowledge())
    transport = httpx2.ASGITransport(app=service.app)
    async with httpx2.AsyncClient(transport=transport, base_url=settings.public_url) as http:
        assert (await http.get("/readyz")).status_code == 503
    await service.stop()


async def test_metrics_are_not_on_the_public_address(door: Door) -> None:
    assert (await door.http.get("/metrics")).status_code == 404


async def test_labels_come_from_closed_lists(door: Door) -> None:
    for name in fixtures.names():
        await door.fire(hook_body(name))
    await door.fire(b"{")
    await door.fire(hook_body("acute-mri", hookInstance="x") | {"hook": "nobody-knows-this"})
    text = await scraped(door)

    evaluated = labels(text, "watchful_evaluations_total")
    assert {each["site"] for each in evaluated} == {"demo"}
    assert {each["decision"] for each in evaluated} == set(Decision)
    assert all(REASON.fullmatch(each["reason"]) for each in evaluated)
    issues = set(WatchfulError.__init__.__annotations__["issue"].__args__[0].__args__)
    assert {each["reason"] for each in labels(text, "watchful_errors_total")} <= issues
    assert {each["status"] for each in labels(text, "watchful_errors_total")} == {"400", "412"}


async def test_metrics_hold_no_id(door: Door) -> None:
    for name in fixtures.names():
        await door.fire(hook_body(name))
    text = await scraped(door)

    for name in fixtures.names():
        body = hook_body(name)
        assert fixture(name).patient_id not in text
        assert body["hookInstance"] not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", text)


async def test_time_is_measured_for_each_judged_call(door: Door) -> None:
    await door.fire(hook_body("acute-mri"))
    await door.fire(hook_body("neck-mri"))

    assert door.metric("watchful_hook_seconds_count") == 1


async def test_the_lifespan_opens_and_closes_the_journal(settings: Settings) -> None:
    """As uvicorn does it: migrations, the writer, and the collector frozen once all is loaded."""
    import gc

    from watchful.service import Service

    service = Service(settings, knowledge=knowledge())
    before = gc.get_threshold()
    try:
        async with service._lifespan(service._pages):
            await service.journal.ping()
            assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
    with pytest.raises(WatchfulError):
        await service.journal.ping()


async def test_several_services_count_for_themselves(settings: Settings, tmp_path: Any) -> None:
    other = settings.model_copy(update={"database": f"sqlite:///{tmp_path}/other.db"})
    async with opened(settings) as first, opened(other) as second:
        await first.fire(hook_body("neck-mri"))

        assert first.metric("watchful_evaluations_total", decision="Silent", reason="not-in-scope") == 1
        assert second.metric("watchful_evaluations_total", decision="Silent", reason="not-in-scope") == 0
