"""A builder of assessments: say only what a test is about."""

from datetime import date
from typing import Any

from watchful.clinical.assessment import Assessment, Decision, Duration, Evidence, FlagResult, Status, Tier
from watchful.clinical.dates import day
from watchful.clinical.facts import ImagingOrder
from watchful.clinical.knowledge import load as load_knowledge
from watchful.content.cards import CardWords, card_words
from watchful.content.frames import USUAL, Frame
from watchful.content.load import load
from watchful.content.plan import PlanDates, plan_dates

WINDOWS = load_knowledge().windows
TODAY = date(2026, 11, 9)
SIX_WEEKS = date(2026, 12, 21)
LONG_AGO = day(date(2021, 3, 4))
LABELS = {"xr": "lumbar X-ray", "ct": "lumbar CT without contrast", "mri": "lumbar MRI without contrast"}


def an_order(modality: Any = "mri", **changes: Any) -> ImagingOrder:
    values: dict[str, Any] = {
        "reference": "ServiceRequest/draft",
        "system": "http://www.ama-assn.org/go/cpt",
        "code": "72148",
        "label": LABELS[modality],
        "modality": modality,
        "contrast": "unspecified" if modality == "xr" else "without",
    }
    return ImagingOrder(**values | changes)


def a_flag(
    flag_id: str,
    tier: Tier = Tier.HARD,
    *,
    reference: str = "Condition/7",
    when: Any = LONG_AGO,
    text: str = "",
    suspected: bool = False,
) -> FlagResult:
    """A flag found in the record; without a text it carries its own name's words."""
    return FlagResult(
        id=flag_id,
        family="any",
        tier=tier,
        status=Status.PRESENT,
        evidence=(Evidence(reference, when, text),),
        suspected=suspected,
    )


def an_assessment(
    decision: Decision = Decision.DEFER, reason: str = "acute-no-flag", *, modality: Any = "mri", **changes: Any
) -> Assessment:
    """A 45-year-old with nine days of back pain; `flags` given are also the ones that decided."""
    flags = changes.pop("flags", ())
    values: dict[str, Any] = {
        "decision": decision,
        "reason": reason,
        "order": an_order(modality),
        "flags": flags,
        "deciding": () if decision is Decision.DEFER else tuple(flag.id for flag in flags),
        "duration": Duration(days=9, source="Condition/1", confidence="explicit"),
        "unknown": (),
        "age": 45,
        "sex": "female",
        "first_visit": False,
        "setting": "ambulatory",
        "knowledge_version": "2026.12.1",
    }
    return Assessment(**values | changes)


def dates_of(assessment: Assessment, *, six_weeks: date = SIX_WEEKS) -> PlanDates:
    """The plan's dates as the shipped windows have them; an earlier six-week date draws the follow-up with it."""
    dates = plan_dates(assessment, today=TODAY, windows=WINDOWS)
    return PlanDates(TODAY, min(dates.follow_up, six_weeks), six_weeks)


def words_of(
    assessment: Assessment,
    *,
    demo: bool = False,
    six_weeks: date = SIX_WEEKS,
    frame: Frame = USUAL,
    language: str = "en",
) -> CardWords:
    dates = dates_of(assessment, six_weeks=six_weeks)
    return card_words(assessment, load(language), dates, demo=demo, frame=frame)


def body_of(words: CardWords, language: str = "en") -> str:
    """The detail without the note block and the demonstration line."""
    content = load(language).cards
    return words.detail.split(f"\n\n{content.note.heading}")[0].removesuffix(content.demo).rstrip()
