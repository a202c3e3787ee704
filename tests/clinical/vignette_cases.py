"""The vignettes of `reference/clinical.md` §7: from the case files in `vignettes/` to FHIR resources.

Every chart starts from the default of §7 (adult at an office visit, low back pain with onset, an MRI without
contrast drafted, a long history); a case names only what differs. Numbers of days count back from today.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
from builders import (
    Resource,
    ago,
    allergy,
    back_pain,
    born,
    chart,
    concept,
    condition,
    encounter,
    imaging_order,
    medicine,
    observation,
    patient,
    procedure,
    report,
    unreadable,
)

FOLDER = Path(__file__).parent / "vignettes"


class _Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    pass


class Person(_Part, kw_only=True):
    age: int = 34
    sex: Literal["female", "male"] = "female"
    birthday_in: int = -100
    """Days from today to the birthday with `age` years; positive: still to come."""


class Pain(_Part, kw_only=True):
    code: str = "M54.50"
    onset: int = 9
    dated: bool = True
    """False: no onset on file."""
    recorded: int | None = None


class Problem(_Part, kw_only=True):
    code: str
    text: str | None = None
    verification: str | None = "confirmed"
    clinical: str | None = "active"
    onset: int | None = None
    recorded: int | None = None
    abated: str | None = None
    here: bool = False


class Reading(_Part, kw_only=True):
    code: str
    value: float
    unit: str | None = None
    days_ago: int = 0
    status: str = "final"
    comparator: str | None = None


class Drug(_Part, kw_only=True):
    code: str | None = None
    name: str | None = None
    days_ago: int = 10
    status: str = "active"
    forbidden: bool = False
    days_supply: int | None = None
    refills: int = 0


class Allergy(_Part, kw_only=True):
    code: str
    """RxNorm for a medicine, SNOMED CT for the rest."""
    name: str | None = None
    verification: str = "confirmed"
    clinical: str = "active"


class Dated(_Part, kw_only=True):
    code: str
    days_ago: int
    status: str | None = None


class Seen(_Part, kw_only=True):
    days_ago: int
    setting: str = "AMB"
    reasons: list[str] = []


class Order(_Part, kw_only=True):
    code: str | None = "72148"
    text: str | None = None
    priority: str = "routine"
    reasons: list[str] = []
    reason_text: str | None = None


class Case(_Part, kw_only=True):
    id: str
    variant: str = ""
    """Told apart where one vignette asks for several answers."""
    story: str
    why: str
    decision: Literal["DeferImaging", "ReviewImaging", "ChangeStudy", "UrgentFinding", "Silent"]
    reason: str | None = None
    flags: list[str] = []
    """Exactly the flags found, of every tier."""
    change_to: str | None = None
    pregnancy: Literal["no", "yes", "possible"] = "no"
    leg_pain: bool = False
    plan: dict[str, Literal["clear", "caution", "blocked", "unknown"]] = {}
    """Medicines of the pain plan whose status matters here."""
    duration: Literal["explicit", "inferred", "assumed", "unknown"] | None = None
    next: str = ""
    """What is still missing in this version: only the safe direction is asserted."""
    defers_until_next: bool = False
    """This version defers where it should not: a known gap, asserted to be there so that it is not forgotten."""
    patient: Person = Person()
    pain: Pain = Pain()
    without_pain: bool = False
    setting: str = "AMB"
    visit_reasons: list[str] = []
    history: int | None = 400
    conditions: list[Problem] = []
    observations: list[Reading] = []
    medicines: list[Drug] = []
    allergies: list[Allergy] = []
    procedures: list[Dated] = []
    reports: list[Dated] = []
    placed: list[Dated] = []
    """Orders on file, signed earlier."""
    encounters: list[Seen] = []
    other: list[dict[str, Any]] = []
    """Whole resources of types that no rule reads."""
    unreadable: list[str] = []
    orders: list[Order] = msgspec.field(default_factory=lambda: [Order()])
    lumbar_orders: int | None = None
    """How many of the drafted orders are judged, where that is the point."""

    @property
    def name(self) -> str:
        return f"{self.id} {self.variant}".strip()

    def drafted(self) -> list[Resource]:
        return [_order(number, order) for number, order in enumerate(self.orders)]

    def resources(self) -> list[Resource]:
        more = [*self._history(), *self._findings(), *self.other, *map(unreadable, self.unreadable)]
        pain = self.pain
        whole = chart(
            *more,
            who=patient(
                gender=self.patient.sex, birthDate=born(self.patient.age, days_later=self.patient.birthday_in)
            ),
            visit=encounter(setting=self.setting, reasons=self.visit_reasons),
            pain=back_pain(
                pain.code,
                onset=pain.onset if pain.dated else None,
                recordedDate=ago(pain.recorded) if pain.recorded is not None else None,
            ),
            history=self.history,
        )
        return [each for each in whole if not (self.without_pain and each["id"] == "pain")]

    def _history(self) -> Iterator[Resource]:
        for number, seen in enumerate(self.encounters):
            yield encounter(f"e{number}", days_ago=seen.days_ago, setting=seen.setting, reasons=seen.reasons)

    def _findings(self) -> Iterator[Resource]:
        for number, each in enumerate(self.conditions):
            yield condition(
                each.code,
                id=f"c{number}",
                text=each.text,
                verification=each.verification,
                clinical=each.clinical,
                onset=each.onset,
                recorded=each.recorded,
                here=each.here,
                abatementDateTime=each.abated,
            )
        for number, reading in enumerate(self.observations):
            yield observation(
                reading.code,
                reading.value,
                reading.unit,
                id=f"o{number}",
                days_ago=reading.days_ago,
                status=reading.status,
                comparator=reading.comparator,
            )
        for number, drug in enumerate(self.medicines):
            yield _medicine(number, drug)
        for number, reaction in enumerate(self.allergies):
            yield allergy(
                reaction.code,
                name=reaction.name,
                id=f"a{number}",
                verification=reaction.verification,
                clinical=reaction.clinical,
            )
        for number, done in enumerate(self.procedures):
            status = done.status or "completed"
            yield procedure(done.code, id=f"pr{number}", days_ago=done.days_ago, status=status)
        for number, told in enumerate(self.reports):
            yield report(told.code, id=f"r{number}", days_ago=told.days_ago, status=told.status or "final")
        for number, old in enumerate(self.placed):
            yield imaging_order(old.code, id=f"s{number}", status="active", authoredOn=ago(old.days_ago))


class _CaseFile(_Part, kw_only=True):
    case: list[Case]


def load_cases() -> list[Case]:
    """Every case, in the order of the vignettes."""
    cases: list[Case] = []
    for path in sorted(FOLDER.glob("*.toml")):
        cases += msgspec.toml.decode(path.read_bytes(), type=_CaseFile).case
    return cases


def _order(number: int, order: Order) -> Resource:
    reasons = [concept(code) for code in order.reasons]
    if order.reason_text:
        reasons.append(concept(text=order.reason_text))
    return imaging_order(
        order.code, text=order.text, id=f"order{number}", priority=order.priority, reasonCode=reasons or None
    )


def _medicine(number: int, drug: Drug) -> Resource:
    supply = None
    if drug.days_supply is not None:
        supply = {
            "numberOfRepeatsAllowed": drug.refills,
            "expectedSupplyDuration": {"value": drug.days_supply, "unit": "days", "code": "d"},
        }
    return medicine(
        drug.code,
        name=drug.name,
        id=f"m{number}",
        days_ago=drug.days_ago,
        status=drug.status,
        doNotPerform=drug.forbidden or None,
        dispenseRequest=supply,
    )
