"""Discovery: what an EHR learns of the service."""

import json
from pathlib import Path

from hook_builders import HOOKS
from hook_door import Door
from jsonschema import Draft202012Validator

from watchful.chart.templates import TEMPLATES

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas" / "discovery.schema.json").read_text())


async def test_offers_both_hooks_under_one_id(door: Door) -> None:
    answer = await door.http.get("/cds-services")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    services = answer.json()["services"]
    assert [each["hook"] for each in services] == list(HOOKS)
    assert {each["id"] for each in services} == {"lumbar-imaging"}
    assert all(each["prefetch"] == TEMPLATES for each in services)


async def test_is_valid_against_the_schema(door: Door) -> None:
    Draft202012Validator(SCHEMA).validate((await door.http.get("/cds-services")).json())


async def test_every_offered_service_answers_where_discovery_says(door: Door) -> None:
    for each in (await door.http.get("/cds-services")).json()["services"]:
        answer = await door.http.post(f"/cds-services/{each['id']}", json={"hook": each["hook"]})

        assert answer.status_code == 400  # found, and the body was looked at


async def test_templates_use_plain_tokens_of_both_hooks(door: Door) -> None:
    for template in TEMPLATES.values():
        for token in template.split("{{")[1:]:
            assert token.partition("}}")[0] in ("context.patientId", "context.encounterId")


async def test_head_is_answered_too(door: Door) -> None:
    assert (await door.http.head("/cds-services")).status_code == 200


async def test_stands_below_the_site_prefix_as_well(door: Door) -> None:
    plain = await door.http.get("/cds-services")

    assert (await door.http.get("/s/demo/cds-services")).content == plain.content
    assert (await door.http.get("/s/other/cds-services")).status_code == 404
