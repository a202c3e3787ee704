"""The shape of `review.toml` and `note.toml`."""

from typing import Annotated

from watchful.content.lines import Plain, Plural, Texts, slots

Order = Annotated[str, slots("order")]
Study = Annotated[str, slots("study")]
Now = Annotated[str, slots("now")]
Because = Annotated[str, slots("because")]
Name = Annotated[str, slots("name")]
Time = Annotated[str, slots("time")]
Gaps = Annotated[str, slots("gaps")]
DurationLine = Annotated[str, slots("duration")]
FindingAndOrder = Annotated[str, slots("finding", "order")]
BothDates = Annotated[str, slots("follow_up", "scan", "six_weeks")]
OneDate = Annotated[str, slots("scan", "six_weeks")]


class HeadlineTexts(Texts, frozen=True):
    defer: Annotated[str, slots("duration", "found", "order")]
    defer_assumed: Annotated[str, slots("found", "order")]
    review_finding: FindingAndOrder
    review_fact: Annotated[str, slots("fact", "order")]
    change: Annotated[str, slots("finding", "study", "order")]
    change_ask: FindingAndOrder
    urgent: Annotated[str, slots("finding")]
    urgent_here: Annotated[str, slots("finding")]
    silent_fits: FindingAndOrder
    silent: dict[str, Order]
    """By reason; `other` always."""


class FindingTexts(Texts, frozen=True):
    recorded: Name
    suspected: Name
    told: Name
    with_more: Annotated[str, slots("finding", "more")]


class NextTexts(Texts, frozen=True):
    ask_all: Plain
    ask_rest: Plural
    all_no: Plain
    examine: Plain
    plan: BothDates
    plan_one_date: OneDate
    pregnancy_yes: Plain
    pregnancy_possible: Plain
    leg_pain: Plain
    older: Annotated[str, slots("age")]
    needed: Now
    choose: Plain
    choose_needed: Plain
    """Where the first finding asks for something."""
    ready: Plain
    not_ready: Plain
    change: Study
    change_ask: Plain
    urgent: Now
    urgent_here: Now
    urgent_check: Plain
    urgent_default: Plain
    tell: Because
    tell_here: Because
    tell_told: Because
    tell_told_here: Because
    tell_default: Plain
    go_on: Plain
    unread: Plain
    found_anyway: Plain


class DurationTexts(Texts, frozen=True):
    known: DurationLine
    unknown: DurationLine
    read_from: Annotated[str, slots("reference")]


class UnreadTexts(Texts, frozen=True):
    none: Plain
    some: Gaps


class TierTexts(Texts, frozen=True):
    emergency: Plain
    hard: Plain
    suppress: Plain
    text: Plain


class GroupTexts(Texts, frozen=True):
    name: Plain
    families: tuple[str, ...]


class BoardTexts(Texts, frozen=True):
    heading: Plain
    present: Plain
    unknown: Plain
    absent: Plain
    decided: Plain
    suspected: Plain
    told: Plain
    undated: Plain
    nothing: Plain
    other_group: Plain
    tier: TierTexts
    kind: dict[str, Plain]
    """By FHIR resource type; `told` and `other` always."""
    group: tuple[GroupTexts, ...]


class QuestionsTexts(Texts, frozen=True):
    heading: Plain
    lead: Plain
    yes: Plain
    no: Plain
    not_asked: Plain
    save: Plain


class NoticeTexts(Texts, frozen=True):
    other_patient: Plain
    as_for_card: Time
    read_here: Time
    read_again: Time
    no_order: Plain
    ended: Plain
    writes: Plain


class QuestionnaireTexts(Texts, frozen=True):
    title: Plain
    description: Plain
    purpose: Plain


class ReviewPageTexts(Texts, frozen=True):
    """`review.toml`."""

    headline: HeadlineTexts
    finding: FindingTexts
    next: NextTexts
    duration: DurationTexts
    unread: UnreadTexts
    board: BoardTexts
    questions: QuestionsTexts
    notice: NoticeTexts
    questionnaire: QuestionnaireTexts


class ScreenTexts(Texts, frozen=True):
    heading: Annotated[str, slots("date")]
    pain: DurationLine
    found: Annotated[str, slots("findings")]
    none: Plain
    none_in_part: Plain
    gaps: Gaps
    knowledge: Annotated[str, slots("version")]


class NoteDecisionTexts(Texts, frozen=True):
    defer: Order
    review: Annotated[str, slots("order", "fact")]
    change: Annotated[str, slots("study", "order")]
    change_ask: Order
    urgent: Plain
    urgent_here: Plain
    answers: Plain
    finding: Plain


class AskedTexts(Texts, frozen=True):
    heading: Plain
    yes: Annotated[str, slots("told")]
    no: Annotated[str, slots("told")]
    not_asked: Annotated[str, slots("told")]
    examined: tuple[Plain, ...]


class NotePlanTexts(Texts, frozen=True):
    heading: Plain
    steps: Plain
    dates: Annotated[str, slots("follow_up", "order", "six_weeks")]
    one_date: Annotated[str, slots("order", "six_weeks")]
    open: Plain
    waiting: Plain
    change: Study
    urgent: Now
    urgent_here: Now
    precautions: Plain


class NotePageTexts(Texts, frozen=True):
    """`note.toml`."""

    screen: ScreenTexts
    decision: NoteDecisionTexts
    asked: AskedTexts
    plan: NotePlanTexts
