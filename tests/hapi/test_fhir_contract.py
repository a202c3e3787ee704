"""What our code relies on when it reads a FHIR server, shown of the double and of a real HAPI alike."""

import asyncio
from typing import Any

import pytest
import requests
from contract_chart import DATES, SUBJECT, chart
from contract_server import Server

from watchful.chart.gather import Chart, gather
from watchful.chart.subjects import Subject
from watchful.chart.templates import KEYS, resolve
from watchful.clinical.facts import DataClass, State
from watchful.ehr.fhir import Answer, FhirReader
from watchful.ehr.http import http_client

pytestmark = pytest.mark.hapi


def bundle(server: Server, query: str) -> dict[str, Any]:
    reply = server.client.get(query)
    assert reply.status == 200, reply.body
    assert reply.body["resourceType"] == "Bundle"
    assert reply.body["type"] == "searchset"
    found: dict[str, Any] = reply.body
    return found


def matches(page: dict[str, Any], mode: str = "match") -> set[str]:
    return {
        f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
        for entry in page.get("entry", [])
        if entry["search"]["mode"] == mode
    }


def named(server: Server, *names: str) -> set[str]:
    return {server.names[name] for name in names}


def asked(server: Server, relative: str) -> Answer:
    """The answer as the service's own reader gets it."""

    async def ask() -> Answer:
        async with http_client() as client:
            deadline = asyncio.get_running_loop().time() + 30
            reader = FhirReader(client, server.base, (), None, deadline=deadline)
            return (await reader.read_all({"it": relative}))["it"]

    return asyncio.run(ask())


# Prefetch by search


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
def test_each_template_finds_this_patients_own(server: Server, key: Any) -> None:
    relative = resolve(key, patient_id=server.patient, encounter_id=server.id("Encounter/contract-visit"))
    assert relative is not None
    if key.shape == "instance":
        assert server.client.get(relative).body["resourceType"] == key.data
        return
    own = [
        each
        for each in chart()
        if each["resourceType"] == key.data
        and SUBJECT in (each.get("subject"), each.get("patient"))
        and each["id"] != "contract-social"
    ]
    expected = {server.names[f"{each['resourceType']}/{each['id']}"] for each in own}
    page = bundle(server, relative)
    assert matches(page) == expected
    assert ("entry" in page) == bool(expected), "FHIR JSON knows no empty arrays"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Condition?patient={patient}", ["Condition/contract-pain", "Condition/contract-cancer"]),
        ("Condition?patient=Patient/{patient}&code=C50.911", ["Condition/contract-cancer"]),
        ("Condition?subject=Patient/{patient}&encounter=Encounter/{visit}", ["Condition/contract-pain"]),
        ("Condition?_id={cancer},{pain}", ["Condition/contract-pain", "Condition/contract-cancer"]),
        ("Observation?patient={patient}&category=laboratory,social-history", ["Observation/contract-lab",
                                                                               "Observation/contract-social"]),
        ("Observation?patient={patient}&category=http://loinc.org|laboratory", []),
        ("Encounter?patient={patient}&status=in-progress", ["Encounter/contract-visit"]),
        ("MedicationRequest?patient={patient}&status=completed", []),
        ("DiagnosticReport?patient={patient}", []),
        ("Patient?_id=nobody-of-that-id", []),
    ],
)  # fmt: skip
def test_search_parameters(server: Server, query: str, expected: list[str]) -> None:
    filled = query.format(
        patient=server.patient,
        visit=server.id("Encounter/contract-visit"),
        cancer=server.id("Condition/contract-cancer"),
        pain=server.id("Condition/contract-pain"),
    )
    assert matches(bundle(server, filled)) == named(server, *expected)


def test_search_by_post_answers_like_get(server: Server) -> None:
    form = {"patient": server.patient, "category": "laboratory"}
    posted = requests.post(f"{server.base}/Observation/_search", data=form, timeout=30).json()
    got = bundle(server, f"Observation?patient={server.patient}&category=laboratory")
    assert matches(posted) == matches(got) == named(server, "Observation/contract-lab")


def test_self_link_tells_what_was_searched(server: Server) -> None:
    page = bundle(server, f"Condition?patient={server.patient}&_count=200")
    own = next(link["url"] for link in page["link"] if link["relation"] == "self")
    assert own.startswith(f"{server.base}/Condition?")
    assert f"patient={server.patient}" in own


def test_full_urls_lie_below_the_base(server: Server) -> None:
    page = bundle(server, f"Condition?patient={server.patient}")
    for entry in page["entry"]:
        assert entry["fullUrl"] == f"{server.base}/Condition/{entry['resource']['id']}"


def test_a_parameter_nobody_knows_is_refused_or_not_claimed(server: Server) -> None:
    """HAPI refuses it, a lenient server leaves it out of `self`; neither may pretend to have filtered."""
    reply = server.client.get(f"Condition?patient={server.patient}&colour=red")
    if reply.status == 200:
        own = next(link["url"] for link in reply.body["link"] if link["relation"] == "self")
        assert "colour" not in own
    else:
        assert reply.status == 400
        assert reply.body["resourceType"] == "OperationOutcome"


# Pages


def test_pages(server: Server) -> None:
    url, pages, ids = f"Observation?patient={server.patient}&category=vital-signs&_count=10", 0, []
    while url:
        page = bundle(server, url)
        pages += 1
        assert len(page["entry"]) <= 10
        ids += [entry["resource"]["id"] for entry in page["entry"]]
        following = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
        assert following.startswith(server.base) or not following
        url = following.removeprefix(server.base).lstrip("/")
    assert pages == 4
    assert len(ids) == len(set(ids)) == 31


def test_the_reader_follows_all_pages(server: Server) -> None:
    answer = asked(server, f"Observation?patient={server.patient}&category=vital-signs&_count=10")
    assert (answer.state, len(answer.pages)) == ("found", 4)


def test_a_total_that_is_given_is_right(server: Server) -> None:
    page = bundle(server, f"Observation?patient={server.patient}&category=vital-signs&_count=200")
    assert page.get("total", 31) == 31


# _include


def test_included_resources_are_marked_as_such(server: Server) -> None:
    query = f"MedicationRequest?patient={server.patient}&_include=MedicationRequest:medication"
    page = bundle(server, query)
    assert matches(page) == named(server, "MedicationRequest/contract-request")
    assert matches(page, "include") == named(server, "Medication/contract-prednisone")


def test_without_include_there_is_none(server: Server) -> None:
    page = bundle(server, f"MedicationRequest?patient={server.patient}")
    assert matches(page, "include") == set()
    reference = page["entry"][0]["resource"]["medicationReference"]["reference"]
    assert reference == server.names["Medication/contract-prednisone"]


# What is not there


@pytest.mark.parametrize(
    "path", ["Patient/nobody-of-that-id", "Encounter/nobody-of-that-id", "Condition/no-such-one"]
)
def test_a_missing_resource_is_404_with_an_outcome(server: Server, path: str) -> None:
    reply = server.client.get(path)
    assert reply.status == 404
    outcome(reply.body)
    assert asked(server, path).state == "empty"


def test_a_patient_nobody_knows_is_an_empty_search_not_an_error(server: Server) -> None:
    assert "entry" not in bundle(server, "Condition?patient=nobody-of-that-id")
    assert asked(server, "Condition?patient=nobody-of-that-id").state == "empty"


def test_a_reference_that_leads_nowhere_finds_nothing_on_include(server: Server) -> None:
    page = bundle(server, f"Condition?patient={server.patient}&_include=Condition:asserter")
    assert matches(page, "include") == set()
    assert len(matches(page)) == 2


@pytest.mark.parametrize("path", ["Nonsense", "Nonsense/1", "Nonsense?patient=1"])
def test_an_unknown_type_is_404_with_an_outcome(server: Server, path: str) -> None:
    reply = server.client.get(path)
    assert reply.status == 404
    outcome(reply.body)


def outcome(body: Any) -> None:
    assert body["resourceType"] == "OperationOutcome"
    assert body["issue"][0]["severity"] in ("error", "fatal")
    assert body["issue"][0]["diagnostics"]


# Dates


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ge2024-05-20", ["year", "month", "day", "time"]),
        ("ge2024-06", ["year"]),
        ("gt2024-05-20", ["year", "month"]),
        ("lt2024-05-20", ["year", "month"]),
        ("le2024-05-20", ["year", "month", "day", "time"]),
        ("lt2024", []),
        ("2024", ["year", "month", "day", "time"]),
        ("2024-05", ["month", "day", "time"]),
        ("2024-05-20", ["day", "time"]),
        ("2024-05-21", []),
    ],
)
def test_dates_of_every_precision(server: Server, value: str, expected: list[str]) -> None:
    """A partial date stands for its whole range (R4 search, "date"): `ge` and `le` match where ranges overlap."""
    page = bundle(server, f"Observation?patient={server.patient}&category=exam&date={value}")
    assert matches(page) == named(server, *(f"Observation/contract-date-{name}" for name in expected))


def test_a_bound_that_is_only_a_year_is_no_bound_to_rely_on(server: Server) -> None:
    """HAPI 8.8 takes `ge2024` as from the end of 2024 and drops a day in May: so no template bounds by a date."""
    page = bundle(server, f"Observation?patient={server.patient}&category=exam&date=ge2024")
    dropped = {"month", "day", "time"} if server.kind == "hapi" else set()
    expected = [name for name in DATES if name not in dropped]
    assert matches(page) == named(server, *(f"Observation/contract-date-{name}" for name in expected))
    assert not any("date" in key.template or "=ge" in key.template for key in KEYS)


def test_dates_come_back_as_they_were_written(server: Server) -> None:
    page = bundle(server, f"Observation?patient={server.patient}&category=exam")
    assert {entry["resource"]["effectiveDateTime"] for entry in page["entry"]} == set(DATES.values())


def test_last_updated(server: Server) -> None:
    everything = matches(bundle(server, f"Condition?patient={server.patient}"))
    assert matches(bundle(server, f"Condition?patient={server.patient}&_lastUpdated=ge2020-01-01")) == everything
    assert matches(bundle(server, f"Condition?patient={server.patient}&_lastUpdated=lt2020-01-01")) == set()


def test_tags(server: Server) -> None:
    page = bundle(server, f"Patient?_tag=urn:watchful:sandbox|{server.tag}")
    assert matches(page) == named(server, "Patient/contract-patient", "Patient/contract-neighbour")
    assert matches(bundle(server, "Patient?_tag=urn:watchful:fixture|real")) == set()


# A search after a write


def test_a_search_sees_what_was_just_written(server: Server) -> None:
    """The same search before and after: an answer from a cache would hide the new red flag."""
    query = f"Procedure?patient={server.patient}"
    before = matches(bundle(server, query))
    server.add(
        {
            "resourceType": "Procedure",
            "id": "contract-new-procedure",
            "status": "completed",
            "code": {"text": "Lumbar discectomy"},
            "subject": SUBJECT,
        }
    )
    assert matches(bundle(server, query)) == before | named(server, "Procedure/contract-new-procedure")


# The whole chart


def test_the_same_chart_is_gathered(server: Server) -> None:
    """Nine reads in parallel, through the service's own reader."""

    async def gathered() -> Chart:
        async with http_client() as client:
            deadline = asyncio.get_running_loop().time() + 30
            reader = FhirReader(client, server.base, (), None, deadline=deadline)
            return await gather(
                {},
                subject=Subject(server.patient),
                patient_id=server.patient,
                encounter_id=server.id("Encounter/contract-visit"),
                fhir=reader,
            )

    found = asyncio.run(gathered())
    assert found.foreign == 0
    assert found.patient is not None
    assert found.visit is not None
    assert {len(found.conditions), len(found.medication_requests)} == {2, 1}
    assert len(found.observations) == 4 + 31 + 1
    states = {kind: known.state for kind, known in found.known.items()}
    assert states.pop(DataClass.REPORT) is State.EMPTY
    assert states.pop(DataClass.ORDER) is State.EMPTY
    assert set(states.values()) == {State.KNOWN}
