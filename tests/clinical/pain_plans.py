"""The pain plan of a man with these records, and what of it tests ask for."""

from typing import Any

from builders import Resource, chart, judge, observation, patient

from watchful.clinical.assessment import MedicineStatus, PainPlan, Status

EGFR = "98979-8"


def plan_of(*more: Resource, **patient_is: Any) -> PainPlan:
    return judge(chart(*more, who=patient(**{"gender": "male", **patient_is}))).pain_plan


def met(plan: PainPlan) -> set[str]:
    """The rules that are met, of steps and medicines."""
    rules = [rule for each in plan.medicines for rule in each.rules]
    rules += [rule for step in plan.steps for rule in step.cautions]
    return {rule.id for rule in rules if rule.status is Status.PRESENT}


def statuses(plan: PainPlan) -> dict[str, MedicineStatus]:
    return {each.id: each.status for each in plan.medicines}


def egfr(value: float, days_ago: int = 30, **elements: Any) -> Resource:
    id = elements.pop("id", f"egfr-{days_ago}")
    return observation(EGFR, value, "mL/min/{1.73_m2}", days_ago=days_ago, id=id, **elements)
