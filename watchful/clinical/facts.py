"""What a chart says, in the terms the rules use. `watchful.chart` fills these; the rules only read them.

Codes are gone by this point: each fact carries the ids of the value sets (`concepts`) that its
codings belong to. Free text, names and identifiers never get here.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Literal

import msgspec

from watchful.clinical.dates import PartialDate


class DataClass(StrEnum):
    """The FHIR resource types that the rules read, and whose availability is tracked one by one."""

    PATIENT = "Patient"
    ENCOUNTER = "Encounter"
    CONDITION = "Condition"
    OBSERVATION = "Observation"
    MEDICATION = "MedicationRequest"
    PROCEDURE = "Procedure"
    REPORT = "DiagnosticReport"
    ORDER = "ServiceRequest"
    ALLERGY = "AllergyIntolerance"


_CLASSES = tuple(DataClass)


class State(StrEnum):
    """What is known of a data class. Unknown is never absent (safety rule 1)."""

    KNOWN = "known"
    EMPTY = "empty"
    UNKNOWN = "unknown"


class Availability(msgspec.Struct, frozen=True):
    """State of one data class, where it was read and, when unknown, why (a word for the journal)."""

    state: State
    source: Literal["prefetch", "fhir", "none"]
    why: str = ""


Kind = Literal[
    "condition", "visit", "order-reason", "procedure", "medication", "report", "referral", "allergy", "result"
]
"""Where a finding stood: a Condition, this or another encounter's reason or diagnosis, the draft
order's reason, a Procedure, a MedicationRequest, a DiagnosticReport, an earlier ServiceRequest (or a
Procedure still in preparation), an AllergyIntolerance, or an Observation answered with a code."""

Setting = Literal["ambulatory", "virtual", "home", "emergency", "inpatient", "observation", "other"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One coded statement of the record that belongs to at least one value set."""

    kind: Kind
    reference: str
    """`Type/id` of the resource it was read from, for the evidence trail."""
    concepts: frozenset[str]
    label: str
    """Our own words for the code, from the value set; never the chart's text."""
    certainty: Literal["confirmed", "suspected"] = "confirmed"
    """Suspected: a provisional diagnosis, a reason, or a medicine of which it is not said that it was taken."""
    current: bool = True
    """False for resolved, inactive or abated conditions, for stopped or completed medicines, and for referrals
    that are done or were only proposed. Of a condition with the date of its end, `as_of` says it."""
    onset: PartialDate | None = None
    vague_onset: bool = False
    """The record says when it began, but not so that it can prove how new it is: by an age, in words, by a day
    still to come, or only by the last day on which it can have begun. Then `onset` may lengthen a duration."""
    recorded: PartialDate | None = None
    ended: PartialDate | None = None
    """Conditions: when it was over. Medicines: the last day that the order covers, where it says so."""
    this_visit: bool = False
    """Linked to the encounter in which the order is drafted, or to the order itself."""

    @property
    def event(self) -> PartialDate | None:
        """When it happened: onset or performance, else when it was written down."""
        return self.onset or self.recorded

    def as_of(self, today: date) -> "Finding":
        """As it can be read on that day.

        A problem that ends on a day still to come is current until then. One whose onset is still to come has a
        mistyped date: it counts by the day it was recorded.
        """
        if self.kind != "condition":
            return self
        found = self
        if self.ended is not None and not self.ended.in_future(today):
            found = msgspec.structs.replace(found, current=False)
        if self.onset is not None and self.onset.in_future(today):
            written = self.recorded is not None and not self.recorded.in_future(today)
            found = msgspec.structs.replace(found, onset=None if written else self.onset, vague_onset=True)
        return found


Flagged = Literal["", "very-low", "low", "high", "very-high"]


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """One numeric observation in the canonical unit of its value set (`Cel`, `kg`, `{T-score}`, ...)."""

    reference: str
    concepts: frozenset[str]
    label: str
    value: float | None
    """None where there is no number that can be compared; then `flagged` is what the record says of it."""
    unit: str = ""
    """The canonical unit; empty where the label says it ("24 weeks of pregnancy")."""
    comparator: Literal["<", "<=", ">=", ">", ""] = ""
    when: PartialDate | None = None
    flagged: Flagged = ""
    """Only where `value` is None: the laboratory's interpretation, else the place in its reference range."""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """The encounter in which the order is drafted, or an earlier one."""

    reference: str
    setting: Setting | None
    start: PartialDate | None
    concepts: frozenset[str] = frozenset()
    """The value sets that its type and its service belong to: a specialty, a trauma activation."""


class ChartFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One patient's chart, read for one order. `known` has an entry for every `DataClass`."""

    known: Mapping[DataClass, Availability]
    birth_date: PartialDate | None = None
    sex: Literal["female", "male", "other", "unknown"] | None = None
    language: str | None = None
    """BCP 47 tag of the preferred language of communication."""
    findings: tuple[Finding, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    visit: Visit | None = None
    earlier_visits: tuple[Visit, ...] = ()
    """Other encounters whose type or service belongs to a value set: where the patient was seen, not what for."""
    history_start: PartialDate | None = None
    """The earliest readable encounter."""
    first_visit: bool | None = None
    """No earlier encounter with this practitioner or organisation on record; None when unknown."""
    uncoded_problems: int = 0
    """Conditions that carry no code in a system we read, or only one that we do not know, without a name."""

    def as_of(self, today: date) -> "ChartFacts":
        """As they can be read on that day."""
        return msgspec.structs.replace(self, findings=tuple([each.as_of(today) for each in self.findings]))

    def unknown(self) -> tuple[DataClass, ...]:
        """The data classes that could not be read, in the order of `DataClass`."""
        unknown = State.UNKNOWN
        return tuple([kind for kind in _CLASSES if self.known[kind].state is unknown])


Modality = Literal["xr", "ct", "mri"]
Contrast = Literal["without", "with", "both", "unspecified"]


class ImagingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A drafted order recognised as imaging of the lumbar spine."""

    reference: str
    """`ServiceRequest/id` as the client wrote it in `draftOrders`."""
    system: str
    code: str
    label: str
    """Our own short name, e.g. "lumbar MRI without contrast"."""
    modality: Modality
    contrast: Contrast = "unspecified"
    priority: Literal["routine", "urgent", "asap", "stat"] | None = None
    occurrence: PartialDate | None = None
    reasons: tuple[Finding, ...] = ()

    @property
    def study(self) -> str:
        """Modality and contrast as the imaging map writes them: `xr`, `mri-without`, `ct-both`, ..."""
        return self.modality if self.modality == "xr" else f"{self.modality}-{self.contrast}"
