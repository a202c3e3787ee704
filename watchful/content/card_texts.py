"""The shape of `cards.toml`, `flags.toml` and `overrides.toml`."""

from typing import Annotated

import msgspec

from watchful.clinical.facts import Modality
from watchful.content.frames import Frame
from watchful.content.lines import Plain, Plural, Texts, slots

Order = Annotated[str, slots("order")]
Facts = Annotated[str, slots("facts")]
DurationWords = Annotated[str, slots("duration")]
Because = Annotated[str, slots("because")]
Said = Annotated[str, slots("said")]


class ModalityTexts(Texts, frozen=True):
    order: Plain
    short: Plain
    said: Plain
    """What a patient calls it."""


class Modalities(Texts, frozen=True):
    xr: ModalityTexts
    ct: ModalityTexts
    mri: ModalityTexts

    def of(self, modality: Modality) -> ModalityTexts:
        return {"xr": self.xr, "ct": self.ct, "mri": self.mri}[modality]


class SourceTexts(Texts, frozen=True):
    explicit: Annotated[str, slots("date")]
    first_recorded: Annotated[str, slots("date")]
    first_visit: Annotated[str, slots("date")]
    from_order: Annotated[str, slots("date")]
    history: Plain


class DurationTexts(Texts, frozen=True):
    day: Plural
    week: Plural
    year: Plural
    new: Plain
    """Begun today."""
    at_least: DurationWords
    with_source: Annotated[str, slots("duration", "source")]
    none: Plain
    assumed: Plain
    source: SourceTexts


class FindingTexts(Texts, frozen=True):
    with_place: Annotated[str, slots("name", "place")]
    with_text: Annotated[str, slots("name", "text", "place")]
    in_summary: Annotated[str, slots("name")]
    suspected_in_summary: Annotated[str, slots("name")]
    suspected: Plain
    more: Plural
    place: dict[str, Plain]


class GapTexts(Texts, frozen=True):
    line: Annotated[str, slots("gaps")]
    classes: Annotated[str, slots("classes")]
    age: Plain
    unreadable: Annotated[str, slots("classes", "types")]
    """Instead of a card; the FHIR types are for whoever connects the EHR."""
    uncoded: Plural
    by_class: dict[str, Plain] = msgspec.field(name="class")


class PregnancyTexts(Texts, frozen=True):
    yes: Plain
    possible: Plain


def of_frame(texts: Texts, frame: Frame) -> str:
    """The line that a table has for one frame."""
    line: str = getattr(texts, frame.replace("-", "_"))
    return line


class DeferSummaries(Texts, frozen=True, rename="kebab"):
    """One for each frame."""

    reason_first: Annotated[str, slots("duration", "found", "order")]
    plan_first: Annotated[str, slots("duration", "found", "order")]
    trust_first: Annotated[str, slots("duration", "found", "order")]

    def of(self, frame: Frame) -> str:
        return of_frame(self, frame)


class AssumedSummaries(Texts, frozen=True, rename="kebab"):
    reason_first: Annotated[str, slots("found", "order")]
    plan_first: Annotated[str, slots("found", "order")]
    trust_first: Annotated[str, slots("found", "order")]

    def of(self, frame: Frame) -> str:
        return of_frame(self, frame)


class DeferAsk(Texts, frozen=True, rename="kebab"):
    trust_first: Plain


class DeferSay(Texts, frozen=True, rename="kebab"):
    reason_first: Plain
    plan_first: Plain
    trust_first: Plain

    def of(self, frame: Frame) -> str:
        return of_frame(self, frame)


class DeferTexts(Texts, frozen=True):
    summary: DeferSummaries
    summary_assumed: AssumedSummaries
    ask: DeferAsk
    say: DeferSay
    found_none: Plain
    found_weak: Plain
    why: Annotated[str, slots("duration", "found")]
    plan: Annotated[str, slots("follow_up", "scan", "six_weeks")]
    plan_one_date: Annotated[str, slots("scan", "six_weeks")]
    screened: Plain
    noted: Facts
    leg_pain: Plain
    age_65: Annotated[str, slots("age")]
    first_visit: Plain


FindingAndOrder = Annotated[str, slots("finding", "order")]


class ReviewSummaries(Texts, frozen=True, rename="kebab"):
    """One for each reason of a review; `other` and `other_flag` for a reason that has none."""

    hard_flag: FindingAndOrder
    suppress_flag: FindingAndOrder
    weak_flags: Annotated[str, slots("finding", "more", "order")]
    emergency_department_flag: FindingAndOrder
    chronic_with_weak_flag: FindingAndOrder
    suspicion_in_order_text: Order
    subacute: Annotated[str, slots("duration", "order")]
    recent_imaging: Annotated[str, slots("date", "order")]
    duration_not_in_chart: Order
    data_gap: Annotated[str, slots("classes", "order")]
    setting_unknown: Order
    acute_on_chronic: Order
    repeat_visits: Order
    other: Order
    other_flag: FindingAndOrder = msgspec.field(name="other_flag")

    def for_reason(self, reason: str) -> str | None:
        """The line for one reason of an assessment, or None where it has none."""
        name = reason.replace("-", "_")
        line: str | None = getattr(self, name) if name in self.__struct_fields__ else None
        return line


class ReviewTexts(Texts, frozen=True):
    found: Facts
    question: Facts
    plan: Plain
    ready: Plain
    settle: Plain
    duration: DurationWords
    imaging: Plain
    say_flag: Annotated[str, slots("said", "because")]
    say_open: Said
    summary: ReviewSummaries
    fact: dict[str, Plain]
    """By reason, for reasons that are no flag."""


class ChangeTexts(Texts, frozen=True):
    summary: Annotated[str, slots("finding", "study", "order")]
    summary_short: Annotated[str, slots("study", "order")]
    summary_ask: FindingAndOrder
    found: Facts
    fits: Annotated[str, slots("study", "order")]
    fits_ask: Order
    reason: Annotated[str, slots("reason")]
    doubt: Plain
    pregnancy: Plain
    pregnancy_because: Plain
    concern: Plain
    concern_because: Plain
    say: Because
    because: dict[str, Plain]
    """By the study that fits."""


class UrgentTexts(Texts, frozen=True):
    summary: Annotated[str, slots("finding", "place")]
    summary_here: Annotated[str, slots("finding", "place")]
    summary_short: Plain
    summary_here_short: Plain
    found: Facts
    now: Annotated[str, slots("now")]
    now_here: Annotated[str, slots("now")]
    check: Plain
    too_slow: Order
    no_answer: Order
    say: Because
    say_here: Because
    default_now: Plain
    default_fact: Plain
    default_because: Plain


class NoteTexts(Texts, frozen=True):
    heading: Plain
    screen: Annotated[str, slots("date", "duration", "found")]
    found_none: Plain
    gaps: Annotated[str, slots("gaps")]
    found_some: Facts
    asked: Plain
    plan_defer: Annotated[str, slots("follow_up", "order", "six_weeks")]
    plan_review: Plain
    plan_change: Annotated[str, slots("study")]
    plan_urgent: Plain


class RemoveTexts(Texts, frozen=True):
    label: Order
    description: Order


class PostponeTexts(Texts, frozen=True):
    label: Annotated[str, slots("six_weeks")]
    description: Annotated[str, slots("order", "six_weeks_long")]


class ChangeSuggestionTexts(Texts, frozen=True):
    label: Annotated[str, slots("study")]
    description: Annotated[str, slots("order", "study")]


class PlainSuggestionTexts(Texts, frozen=True):
    label: Plain
    description: Plain


class ByHandTexts(Texts, frozen=True):
    """Said in the card where an EHR applies no such suggestion."""

    postpone: Annotated[str, slots("order", "six_weeks_long")]
    change: Annotated[str, slots("order", "study")]
    stat: Order


class SuggestionTexts(Texts, frozen=True):
    remove: RemoveTexts
    postpone: PostponeTexts
    change: ChangeSuggestionTexts
    stat: RemoveTexts
    emergency: PlainSuggestionTexts
    referral: PlainSuggestionTexts
    education: PlainSuggestionTexts
    by_hand: ByHandTexts


class CardTexts(Texts, frozen=True):
    """`cards.toml`."""

    source_label: Plain
    demo: Plain
    handout_link: Plain
    app_link_no_handout: Plain
    """For a review that has no handout yet."""
    app_link: dict[str, Plain]
    """By the code of the decision: what the app has for it."""
    guideline: Plain
    ask: Plain
    why: Annotated[str, slots("why")]
    also: Facts
    check: Plain
    modality: Modalities
    study: dict[str, Plain]
    duration: DurationTexts
    finding: FindingTexts
    gaps: GapTexts
    pregnancy: PregnancyTexts
    defer: DeferTexts
    review: ReviewTexts
    change: ChangeTexts
    urgent: UrgentTexts
    note: NoteTexts
    suggestion: SuggestionTexts


class FlagTexts(Texts, frozen=True):
    """One entry of `flags.toml`."""

    name: Plain
    why: Plain
    because: Plain
    now: Plain = ""
    """What the emergency department is asked for; empty for what cannot be an emergency."""


class OverrideTexts(Texts, frozen=True):
    """`overrides.toml`."""

    system: Plain
    display: dict[str, Plain]
    kind: dict[str, tuple[str, ...]]
