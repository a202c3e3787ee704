"""G-1 to G-5 and D-1 to D-9 of the requirement list."""

import json
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest
from hook_builders import SERVICE, hook_body
from hook_door import Door, settings_for
from looking import SPEAKING, actions_of, cards_of, empties
from outcomes import refused
from site_builders import Caller

from watchful.chart.templates import KEYS, Key, keys_for, lint
from watchful.clinical.facts import DataClass
from watchful.settings import profile
from watchful.settings.profiles import profile_names
from watchful.settings.urls import secure_base

requirement = pytest.mark.requirement
CARD = {"uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior", "overrideReasons"}


@requirement("G-1")
async def test_json_and_no_plain_http(door: Door) -> None:
    answer = await door.fire(hook_body())

    assert answer.headers["content-type"] == "application/json"
    with pytest.raises(ValueError, match="use https"):
        secure_base("http://watchful.example.org")


@requirement("G-2")
@pytest.mark.parametrize("name", SPEAKING)
async def test_nothing_empty_leaves(door: Door, name: str) -> None:
    for card in await cards_of(door, name):
        assert not list(empties(card))


@requirement("G-3")
async def test_resources_in_answers_are_fhir(door: Door) -> None:
    resources = [each["resource"] for each in actions_of(await cards_of(door)) if "resource" in each]

    assert resources
    for each in resources:
        ServiceRequest.model_validate(each)


@requirement("G-4")
async def test_no_members_of_our_own(door: Door) -> None:
    for name in SPEAKING:
        answer = (await door.fire(hook_body(name))).json()
        assert set(answer) == {"cards"}
        for card in answer["cards"]:
            assert set(card) <= CARD | {"links"}


@requirement("G-5")
async def test_unknown_members_are_accepted(door: Door) -> None:
    body = hook_body()
    plain = await door.topic(body)
    body |= {"vendor": {"a": [None]}, "extension": {"com.vendor.x": 1}}
    body["context"]["unheard"] = "of"
    body["prefetch"]["coverage"] = {"resourceType": "Coverage"}

    assert await door.topic(body) == plain


async def services(door: Door) -> list[dict[str, Any]]:
    answer = await door.http.get("/cds-services")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["services"]
    return found


@requirement("D-1")
async def test_discovery_always_answers(door: Door) -> None:
    assert await services(door)
    await door.service.journal.close()
    assert await services(door)


@requirement("D-2")
async def test_service_members(door: Door) -> None:
    for each in await services(door):
        assert all(isinstance(each[name], str) and each[name] for name in ("hook", "id", "description", "title"))
        assert all(isinstance(value, str) for value in each["prefetch"].values())
        assert "version" not in each
        assert isinstance(each["usageRequirements"], str)


@requirement("D-3")
async def test_same_base(caller: Caller) -> None:
    for prefix in ("", "/s/general"):
        (first, *_) = (await caller.http.get(f"{prefix}/cds-services")).json()["services"]
        refused(await caller.http.post(f"{prefix}/cds-services/{first['id']}"), 401)


@requirement("D-4")
async def test_one_id_for_both_hooks(door: Door) -> None:
    found = await services(door)

    assert {each["id"] for each in found} == {"lumbar-imaging"}
    assert [each["hook"] for each in found] == ["order-select", "order-sign"]
    for hook in ("order-select", "order-sign"):
        await door.fire(hook_body("acute-mri", hook))
        assert (await door.rows())[0]["hook"] == hook


@requirement("D-5")
async def test_other_hook_and_other_id(door: Door) -> None:
    refused(await door.fire(hook_body() | {"hook": "patient-view"}), 400)
    refused(await door.http.post("/cds-services/other", json=hook_body()), 404)


@requirement("D-6")
async def test_discovery_is_open(caller: Caller) -> None:
    for headers in ({}, {"Authorization": "Bearer rubbish"}):
        assert (await caller.http.get("/cds-services", headers=headers)).status_code == 200


@requirement("D-7", "D-8", "D-9")
@pytest.mark.parametrize("name", profile_names())
def test_templates_of_every_profile(name: str) -> None:
    keys = keys_for(profile(name).prefetch)

    assert {key.name for key in keys} == {key.name for key in KEYS}
    assert not [problem for key in keys for problem in lint(key)]


@requirement("D-7", "D-8", "D-9")
@pytest.mark.parametrize(
    "template",
    [
        "Condition?patient={{context.patient}}",
        "Condition?patient={{Patient.id}}",
        "Condition?patient={{context.selections}}",
        "Condition?patient={{context.draftOrders.entry.resource.id}}",
        "Condition?patient={{context.patientId}}&date=ge{{today() - 90 days}}",
        "Condition?patient={{context.patientId}}&encounter={{context.encounterId}}",
        "https://ehr.example.org/Condition?patient={{context.patientId}}",
        "/Condition?patient={{context.patientId}}",
        "Condition/{{context.patientId}}/$everything",
        "Condition?patient={{context.patientId",
        "Observation?patient={{context.patientId}}",
        "Condition?code=1",
    ],
)
def test_templates_that_stop_the_start(template: str) -> None:
    assert list(lint(Key("conditions", DataClass.CONDITION, "search", template)))
    with pytest.raises(ValueError, match="conditions"):
        keys_for({"conditions": template})


@requirement("X-6")
async def test_extra_members_only_where_wanted(tmp_path: Path, open_door: Any) -> None:
    async with open_door(settings_for(tmp_path, cds_hooks="3.0")) as door:
        assert {each["version"] for each in await services(door)} == {"3.0.0"}
        assert "actionSelectionBehavior" not in json.dumps((await door.fire(hook_body())).json())


@requirement("X-4")
def test_people_can_read_what_it_does() -> None:
    root = Path(__file__).parents[2]
    for page in ("README.md", "docs/integrate.md", "docs/settings.md", "docs/conformance.md"):
        assert (root / page).read_text(encoding="utf-8")
    assert SERVICE.removeprefix("/cds-services/") in (root / "docs/integrate.md").read_text(encoding="utf-8")
