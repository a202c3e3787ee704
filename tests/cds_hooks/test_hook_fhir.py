"""What was not prefetched is read from the EHR's FHIR server: with the token, in parallel, under one deadline."""

import asyncio
from typing import Any

import httpx2
import pytest
from hook_builders import EHR, HOOKS, a_bundle, a_refusal, hook_body, reading_body, resources_at
from hook_door import Ehr, with_site

from watchful.settings import Settings

ALL_TYPES = [
    "AllergyIntolerance", "Condition", "DiagnosticReport", "Encounter", "Encounter", "MedicationRequest",
    "Observation", "Patient", "Procedure", "ServiceRequest",
]  # fmt: skip


class AllAtOnce(httpx2.AsyncBaseTransport):
    """An EHR that answers nobody until all the reads have arrived."""

    def __init__(self, ehr: Ehr, expected: int) -> None:
        self._ehr = ehr
        self._waiting = expected
        self._here = asyncio.Event()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._waiting -= 1
        if self._waiting == 0:
            self._here.set()
        await self._here.wait()
        return await self._ehr.transport.handle_async_request(request)


@pytest.mark.parametrize("hook", HOOKS)
async def test_the_whole_chart_is_read_when_nothing_is_prefetched(
    settings: Settings, open_door: Any, hook: str
) -> None:
    ehr = Ehr("acute-mri", "cancer-xray")
    async with open_door(settings, transport=ehr.transport) as door:
        assert await door.topic(reading_body("acute-mri", hook)) == "DeferImaging"
        row = await door.row()

    assert ehr.types_asked == ALL_TYPES
    assert set(row["data_classes"].values()) <= {"known fhir", "empty fhir"}


async def test_prefetch_and_server_come_to_the_same_card(settings: Settings, open_door: Any) -> None:
    for name in ("acute-mri", "cancer-xray", "cauda-equina", "age-72"):
        ehr = Ehr(name)
        async with open_door(settings, transport=ehr.transport) as door:
            read, sent = await door.card(reading_body(name)), await door.card(hook_body(name))
        assert (read["summary"], read["detail"]) == (sent["summary"], sent["detail"])


async def test_every_read_carries_the_token(settings: Settings, open_door: Any) -> None:
    ehr = Ehr("acute-mri")
    async with open_door(settings, transport=ehr.transport) as door:
        await door.fire(reading_body(bearer="s3cret.T0ken"))

    assert {each.headers["authorization"] for each in ehr.asked} == {"Bearer s3cret.T0ken"}


@pytest.mark.parametrize("token", [None, ""], ids=["no fhirAuthorization", "empty access_token"])
async def test_an_open_server_is_read_without_a_token(
    settings: Settings, open_door: Any, token: str | None
) -> None:
    ehr = Ehr("acute-mri")
    async with open_door(settings, transport=ehr.transport) as door:
        assert await door.topic(reading_body(bearer=token)) == "DeferImaging"

    assert all("authorization" not in each.headers for each in ehr.asked)


async def test_only_what_is_missing_is_read(settings: Settings, open_door: Any) -> None:
    body = hook_body("acute-mri") | {"fhirServer": EHR}
    del body["prefetch"]["conditions"]
    body["prefetch"]["reports"] = a_refusal()
    ehr = Ehr("acute-mri")
    async with open_door(settings, transport=ehr.transport) as door:
        assert await door.topic(body) == "DeferImaging"
        classes = (await door.row())["data_classes"]

    assert ehr.types_asked == ["Condition", "DiagnosticReport"]
    assert classes["Condition"] == "known fhir"
    assert classes["Observation"] == "known prefetch"


async def test_without_a_server_nothing_is_read(door: Any) -> None:
    body = reading_body()
    del body["fhirServer"]

    assert (await door.fire(body)).status_code == 412


@pytest.mark.parametrize(
    "server",
    [
        "https://evil.example.org/r4",
        "https://ehr.example.org.evil.example/r4",
        "https://ehr.example.org/r4/../evil",
        "https://ehr.example.org/r4evil",
        "http://ehr.example.org/r4",
        "https://ehr.example.org@evil.example/r4",
        "file:///etc/passwd",
        "not a url",
    ],
)
async def test_another_server_is_never_called(door: Any, server: str) -> None:
    """A-5: the address comes with the request, so it is only a claim. The transport of `door` refuses all."""
    answer = await door.fire(reading_body() | {"fhirServer": server})

    assert answer.status_code == 412
    assert door.metric("watchful_refused_fhir_servers_total") == 1


async def test_prefetch_is_used_although_the_server_is_not_ours(door: Any) -> None:
    body = hook_body("acute-mri") | {"fhirServer": "https://evil.example.org/r4"}

    assert await door.topic(body) == "DeferImaging"


async def test_an_alias_of_the_server_is_read(settings: Settings, open_door: Any) -> None:
    ehr = Ehr("acute-mri")
    aliased = with_site(settings, fhir_aliases=("https://inside.example.org/r4",))
    async with open_door(aliased, transport=ehr.transport) as door:
        body = reading_body() | {"fhirServer": "https://inside.example.org/r4/"}
        assert await door.topic(body) == "DeferImaging"


async def test_every_page_is_read(settings: Settings, open_door: Any) -> None:
    ehr = Ehr("acute-mri", page_size=2)
    async with open_door(settings, transport=ehr.transport) as door:
        assert await door.topic(reading_body()) == "DeferImaging"

    assert any("_offset=2" in each.query for each in ehr.asked)


async def test_a_prefetched_first_page_is_completed(settings: Settings, open_door: Any) -> None:
    body = hook_body("cancer-xray") | {"fhirServer": EHR}
    first = resources_at(body, "conditions")[-1]
    body["prefetch"]["conditions"] = a_bundle(first, links=[("next", f"{EHR}/Condition?page=2")])
    ehr = Ehr("cancer-xray")
    async with open_door(settings, transport=ehr.transport) as door:
        assert await door.topic(body) == "ChangeStudy"
        assert (await door.row())["data_classes"]["Condition"] == "known fhir"

    assert ehr.types_asked == ["Condition"]


async def test_a_next_page_on_another_host_is_not_read(settings: Settings, open_door: Any) -> None:
    ehr, hosts = Ehr("acute-mri"), set()

    async def astray(request: httpx2.Request) -> httpx2.Response:
        hosts.add(request.url.host)
        if request.url.path != "/r4/Procedure":
            return await ehr.transport.handle_async_request(request)
        page = a_bundle(links=[("next", "https://evil.example.org/r4/Procedure?page=2")])
        return httpx2.Response(200, json=page)

    async with open_door(settings, transport=httpx2.MockTransport(astray)) as door:
        card = await door.card(reading_body())

    assert hosts == {"ehr.example.org"}
    assert "procedures could not be read" in card["detail"]


async def test_reads_run_in_parallel(settings: Settings, open_door: Any) -> None:
    """The EHR answers only once all nine are there: one after the other they would never be."""
    transport = AllAtOnce(Ehr("acute-mri"), len(ALL_TYPES))
    async with open_door(settings, transport=transport) as door:
        assert await door.topic(reading_body()) == "DeferImaging"
