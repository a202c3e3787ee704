"""What the rules conclude about one drafted order. This is what cards, journal, app and `assess` are made from."""

from enum import StrEnum
from typing import Literal

import msgspec

from watchful.clinical.dates import PartialDate
from watchful.clinical.facts import DataClass, ImagingOrder


class Decision(StrEnum):
    """The four topic codes of the public contract, and silence."""

    DEFER = "DeferImaging"
    REVIEW = "ReviewImaging"
    CHANGE = "ChangeStudy"
    URGENT = "UrgentFinding"
    SILENT = "Silent"


class Tier(StrEnum):
    """How much one red flag weighs (`reference/clinical.md` §0.1 item 2)."""

    EMERGENCY = "emergency"
    HARD = "hard"
    SUPPRESS = "suppress"
    TEXT = "text"


class Status(StrEnum):
    """Three-valued: a flag that could not be looked for is unknown, never absent."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Evidence(msgspec.Struct, frozen=True):
    """One record behind a conclusion: where it stands, its date, and our own words for it."""

    reference: str
    date: PartialDate | None
    text: str


class FlagResult(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the red-flag catalogue, looked for in one chart."""

    id: str
    family: str
    tier: Tier
    status: Status
    evidence: tuple[Evidence, ...] = ()
    suspected: bool = False
    """True when every record behind it is provisional, differential or an order reason."""
    covered: bool = False
    """True when every record behind it also stands behind another flag that says more: it need not be told."""
    told: bool = False
    """Answered by the patient today, not read from the record; `id` is then that of the question."""


class MedicineStatus(StrEnum):
    """What one chart says of one kind of pain medicine. Unknown data is never clear."""

    CLEAR = "clear"
    CAUTION = "caution"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class RuleResult(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of the pain plan that is met, or that could not be looked at."""

    id: str
    level: Literal["block", "caution"]
    status: Status
    title: str
    evidence: tuple[Evidence, ...] = ()


class MedicinePlan(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of pain medicine for one chart. Information for a choice, never a prescription."""

    id: str
    title: str
    group: str
    status: MedicineStatus
    clinician_only: bool
    rules: tuple[RuleResult, ...] = ()
    """What decided: every rule that is not plainly absent, blocks first."""
    unknown: tuple[DataClass, ...] = ()
    """What would have to be readable before it could be clear."""


class PlanStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step that is always offered, and what in this chart asks for care with it."""

    id: str
    title: str
    cautions: tuple[RuleResult, ...] = ()


class PainPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What may be offered for the pain, and the evidence behind it. The default knows of nothing clear."""

    steps: tuple[PlanStep, ...] = ()
    medicines: tuple[MedicinePlan, ...] = ()
    pregnancy_possible: bool = False
    """No pregnancy is on file, and one is possible: "not if you may be pregnant" stands beside an NSAID."""

    def medicine(self, medicine_id: str) -> MedicinePlan:
        """Raises KeyError for a medicine that the knowledge does not have."""
        for each in self.medicines:
            if each.id == medicine_id:
                return each
        raise KeyError(medicine_id)


class Duration(msgspec.Struct, frozen=True, kw_only=True):
    """How long this episode of back pain has lasted, in days, and how far that may be trusted."""

    days: int | None
    source: str
    """`Type/id` of the record, or a word: `history`, `none`."""
    confidence: Literal["explicit", "inferred", "assumed", "unknown"]


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """The whole reasoning for one order."""

    decision: Decision
    reason: str
    """A stable word for the journal: why silent, or which rule decided (`acute-no-flag`, `hard-flag`, ...)."""
    order: ImagingOrder
    flags: tuple[FlagResult, ...]
    """Every row of the catalogue, in its order, then every answered question."""
    deciding: tuple[str, ...] = ()
    """Ids of the flags that decided, the weightiest first."""
    duration: Duration
    unknown: tuple[DataClass, ...]
    change_to: str | None = None
    """The study that fits, as the imaging map writes it (`mri-both`), when the decision is `ChangeStudy`."""
    age: int | None = None
    sex: str | None = None
    language: str | None = None
    leg_pain: bool = False
    pregnancy: Literal["no", "yes", "possible"] = "no"
    first_visit: bool | None = None
    setting: str | None = None
    uncoded_problems: int = 0
    recent_imaging: Evidence | None = None
    stat_would_fit: bool = False
    """An emergency whose right study is drafted, only not at once: it can be made stat."""
    pain_plan: PainPlan = PainPlan()
    knowledge_version: str

    def flag(self, flag_id: str) -> FlagResult:
        """The result for one catalogue row or answered question. Raises KeyError for any other id."""
        for result in self.flags:
            if result.id == flag_id:
                return result
        raise KeyError(flag_id)

    def present(self) -> tuple[FlagResult, ...]:
        """The flags found in the record, and those told today."""
        present = Status.PRESENT  # looking up a member of an enum costs more than comparing it
        return tuple([flag for flag in self.flags if flag.status is present])
