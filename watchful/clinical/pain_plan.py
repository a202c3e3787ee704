"""What may be offered for the pain, and what in the chart speaks against it (`reference/clinical.md` §5).

Information for a choice that a clinician and a patient make: nothing here is ever prescribed by itself.
A medicine is clear only when everything that bears on it could be read and nothing was found (safety rule 4).
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from watchful.clinical.assessment import (
    MedicinePlan,
    MedicineStatus,
    PainPlan,
    PlanStep,
    RuleResult,
    Status,
)
from watchful.clinical.evidence import look_for
from watchful.clinical.facts import DataClass
from watchful.clinical.knowledge.compiled import Knowledge, Rule
from watchful.clinical.knowledge.files import MedicineFile, MedicinesFile
from watchful.clinical.record import Record


class Nameable(NamedTuple):
    """What a text for the patient may name."""

    medicines: tuple[str, ...]
    not_if_pregnant: bool


def pain_plan(record: Record, knowledge: Knowledge, *, pregnancy: Literal["no", "yes", "possible"]) -> PainPlan:
    """The plan for one chart. Every rule is looked at once, whatever number of medicines it speaks of."""
    against: dict[str, list[RuleResult]] = {}
    for rule in knowledge.rules:
        found = look_for(rule, record, knowledge.computed)
        if found is None and not record.unknown & rule.reads:
            continue
        for level, targets in _targets(rule):
            result = RuleResult(
                id=rule.row.id,
                level=level,
                status=Status.UNKNOWN if found is None else Status.PRESENT,
                title=rule.row.title,
                evidence=found.evidence if found is not None else (),
            )
            for target in targets:
                against.setdefault(target, []).append(result)
    file = knowledge.medicines
    return PainPlan(
        steps=tuple(
            PlanStep(id=step.id, title=step.title, cautions=tuple(against.get(step.id, ()))) for step in file.step
        ),
        medicines=tuple(_medicine(each, against.get(each.id, []), record) for each in file.medicine),
        pregnancy_possible=pregnancy == "no" and _of_childbearing_age(record, file),
    )


def _targets(rule: Rule) -> tuple[tuple[Literal["block", "caution"], tuple[str, ...]], ...]:
    return ("block", rule.row.block), ("caution", rule.row.caution)


def _of_childbearing_age(record: Record, file: MedicinesFile) -> bool:
    """Whether a pregnancy is possible; an unknown sex or age does not rule it out."""
    if record.sex == "male":
        return False
    return record.age is None or file.pregnancy_possible_from <= record.age <= file.pregnancy_possible_to


def _medicine(medicine: MedicineFile, rules: list[RuleResult], record: Record) -> MedicinePlan:
    unknown = tuple(kind for kind in DataClass if kind in medicine.needs and kind in record.unknown)
    return MedicinePlan(
        id=medicine.id,
        title=medicine.title,
        group=medicine.group,
        status=_status(rules, unknown),
        clinician_only=medicine.clinician_only,
        rules=tuple(sorted(rules, key=_weight)),
        unknown=unknown,
    )


def _weight(rule: RuleResult) -> tuple[bool, bool]:
    """Blocks before cautions, what was met before what could not be looked at."""
    return (rule.level != "block", rule.status is not Status.PRESENT)


def _status(rules: Iterable[RuleResult], unknown: tuple[DataClass, ...]) -> MedicineStatus:
    """A block that is met needs no further data; anything unknown weighs more than a caution."""
    states = {(rule.level, rule.status) for rule in rules}
    if ("block", Status.PRESENT) in states:
        return MedicineStatus.BLOCKED
    if unknown or any(status is Status.UNKNOWN for _, status in states):
        return MedicineStatus.UNKNOWN
    return MedicineStatus.CAUTION if states else MedicineStatus.CLEAR


def nameable(plan: PainPlan) -> Nameable:
    """The medicines that a handout may name: clear ones, and of a group only when all of it is clear.

    What is on caution is the clinician's to select; what is unknown or blocked is named nowhere.
    """
    spoiled = {each.group for each in plan.medicines if each.status is not MedicineStatus.CLEAR}
    return Nameable(
        medicines=tuple(
            each.id for each in plan.medicines if each.group not in spoiled and not each.clinician_only
        ),
        not_if_pregnant=plan.pregnancy_possible,
    )
