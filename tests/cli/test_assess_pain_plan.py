"""`watchful assess --json` prints the pain plan with its statuses and their evidence."""

import json
from typing import Any

from builders import TODAY, ZONE, allergy, bundle, chart, condition, knowledge, observation, patient

from watchful.cli.assess import as_json, assess_chart


def plan_of(*more: dict[str, Any]) -> dict[str, Any]:
    content = bundle(chart(*more, who=patient(gender="male")))
    found = assess_chart(
        content, order="72148", system=None, today=TODAY, zone=ZONE, knowledge=knowledge(), encounter="visit"
    )
    plan: dict[str, Any] = json.loads(json.dumps(as_json(found)))["pain_plan"]
    return plan


def test_every_medicine_has_a_status_and_every_step_is_there() -> None:
    plan = plan_of()

    assert {each["id"]: each["status"] for each in plan["medicines"]} == {
        "nsaid-oral": "clear", "nsaid-topical": "clear", "acetaminophen": "clear", "muscle-relaxant": "clear",
    }  # fmt: skip
    assert [each["id"] for each in plan["medicines"] if each["clinician_only"]] == ["muscle-relaxant"]
    assert [step["id"] for step in plan["steps"]][:3] == ["heat", "keep-moving", "physical-therapy"]
    assert plan["handout_may_name"] == ["nsaid-oral", "nsaid-topical", "acetaminophen"]
    assert plan["not_if_pregnant"] is False


def test_a_block_comes_with_the_evidence_that_decided_it() -> None:
    plan = plan_of(observation("98979-8", 24, "mL/min/{1.73_m2}", days_ago=30, id="kidney"), condition("I10"))

    oral = plan["medicines"][0]
    assert oral["status"] == "blocked"
    assert oral["rules"][0] == {
        "id": "kidney-function-severe",
        "level": "block",
        "status": "present",
        "title": "kidney function below 30",
        "evidence": [
            {"reference": "Observation/kidney", "date": "2026-10-25", "text": "eGFR 24\u00a0mL/min/1.73\u00a0m²"}
        ],
    }
    assert plan["handout_may_name"] == ["acetaminophen"]


def test_what_could_not_be_read_is_named() -> None:
    plan = plan_of(allergy(None))

    assert {each["status"] for each in plan["medicines"]} == {"unknown"}
    assert plan["medicines"][0]["unknown"] == ["AllergyIntolerance"]
    assert plan["handout_may_name"] == []
