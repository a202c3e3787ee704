"""One drafted order and its chart, as every step of the judgement sees them, and what a step can answer."""

from datetime import date
from typing import Literal, NamedTuple

from watchful.clinical.assessment import Decision, Evidence, FlagResult, Tier
from watchful.clinical.back_pain import BackPain
from watchful.clinical.facts import ChartFacts, DataClass, Finding, ImagingOrder, State
from watchful.clinical.knowledge.compiled import Knowledge
from watchful.clinical.knowledge.files import WindowsFile
from watchful.clinical.record import Record


class Verdict(NamedTuple):
    """The answer of the first step that has one."""

    decision: Decision
    reason: str
    deciding: tuple[str, ...] = ()
    change_to: str | None = None


class Case(NamedTuple):
    """What every step of the judgement may look at."""

    facts: ChartFacts
    record: Record
    order: ImagingOrder
    knowledge: Knowledge
    today: date
    signing: bool
    age: int | None
    pain: BackPain
    found: tuple[FlagResult, ...]
    """The flags that are present, in catalogue order."""
    recent_imaging: Evidence | None
    pregnancy: Literal["no", "yes", "possible"]

    @property
    def windows(self) -> WindowsFile:
        return self.knowledge.windows

    @property
    def setting(self) -> str | None:
        return self.facts.visit.setting if self.facts.visit else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those of the chart and of the order's own reasons."""
        return (*self.facts.findings, *self.order.reasons)

    def present(self, *tiers: Tier) -> list[FlagResult]:
        return [flag for flag in self.found if flag.tier in tiers]

    def unreadable(self, *kinds: DataClass) -> bool:
        return any(self.facts.known[kind].state is State.UNKNOWN for kind in kinds)
