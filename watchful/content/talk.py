"""What a clinician can say in about a minute when a picture can wait (`reference/clinical.md` §1.5 b)."""

from typing import Literal

import msgspec

from watchful.clinical.assessment import Assessment
from watchful.content.dates import count, said_day
from watchful.content.load import Content
from watchful.content.measure import count_words, seconds_aloud, sentences
from watchful.content.medicines import (
    NOTHING_KNOWN,
    Medicine,
    Pregnancy,
    SafeMedicines,
    to_name,
    warns_of_pregnancy,
)
from watchful.content.plan import PlanDates, is_older
from watchful.content.talk_texts import TalkMedicine, TalkTexts

MOST_WORDS = 150
"""About 60 seconds at 150 words a minute."""
Part = Literal["worry", "empathy", "checked", "reason", "plan", "expect", "when", "urgent", "close"]


class TalkPart(msgspec.Struct, frozen=True):
    """One step of the conversation."""

    id: Part
    text: str


class TalkWords(msgspec.Struct, frozen=True, kw_only=True):
    """The words to say, step by step, and what stands beside them."""

    language: str
    direction: str
    heading: str
    before: str
    """For the clinician: when these words may be said. Not said."""
    parts: tuple[TalkPart, ...]
    length: str
    """`about 55 seconds`."""
    asked_heading: str
    asked: str
    """About risks, kept apart: only for a patient who asks."""

    @property
    def text(self) -> str:
        """What is said, in one piece."""
        return " ".join(part.text for part in self.parts)


def talk_words(
    assessment: Assessment, content: Content, dates: PlanDates, *, medicines: SafeMedicines = NOTHING_KNOWN
) -> TalkWords:
    """The talk for one assessment, in its fixed order. Lines that are good to have stand where time allows."""
    texts, modality = content.talk, assessment.order.modality
    said = texts.modality.xr if modality == "xr" else texts.modality.scan
    if assessment.leg_pain:
        reason = texts.reason.leg_pain.format(said=said)
    else:
        reason = texts.reason.xr if modality == "xr" else texts.reason.scan
    pregnant = assessment.pregnancy != "no"
    plan = [
        texts.plan.steps,
        *_medicine(medicines, assessment.pregnancy, texts.medicine),
        *([texts.plan.pregnancy] if pregnant else []),
        *([texts.plan.older] if is_older(assessment) else []),
    ]
    days = {"six_weeks": said_day(dates.six_weeks, content.locale), "said": said}
    if dates.one_visit:
        when = texts.when.one_date.format(**days)
    else:
        when = texts.when.two_dates.format(follow_up=said_day(dates.follow_up, content.locale), **days)
    said_parts: dict[Part, list[str]] = {
        "worry": [texts.worry] if assessment.first_visit else [],
        "empathy": [texts.empathy],
        "checked": [texts.checked],
        "reason": [reason],
        "plan": plan,
        "expect": [texts.expect.usual],
        "when": [when],
        "urgent": [texts.urgent.pregnancy if pregnant else texts.urgent.usual],
        "close": [texts.close],
    }
    _fill_the_minute(said_parts, texts, leg_pain=assessment.leg_pain, language=content.language)
    parts = tuple(
        TalkPart(part, sentences(lines, content.language)) for part, lines in said_parts.items() if lines
    )
    words = sum(count_words(part.text, content.language) for part in parts)
    return TalkWords(
        language=content.language,
        direction=content.direction,
        heading=texts.heading,
        before=texts.before,
        parts=parts,
        length=count(seconds_aloud(words), texts.length, content.locale),
        asked_heading=texts.asked.heading,
        asked={"xr": texts.asked.xr, "ct": texts.asked.ct, "mri": texts.asked.mri}[modality],
    )


def _fill_the_minute(parts: dict[Part, list[str]], texts: TalkTexts, *, leg_pain: bool, language: str) -> None:
    """Add the lines that are good to have while they still fit into a minute."""
    extra: list[tuple[Part, str]] = [("expect", texts.expect.leg_pain)] if leg_pain else []
    extra.append(("plan", texts.plan.therapy))
    left = MOST_WORDS - sum(count_words(line, language) for lines in parts.values() for line in lines)
    for part, line in extra:
        need = count_words(line, language)
        if need <= left:
            parts[part].append(line)
            left -= need


def _medicine(medicines: SafeMedicines, pregnancy: Pregnancy, texts: TalkMedicine) -> list[str]:
    """At most two medicines, to be said in a breath: pills, else the gel; then acetaminophen."""
    named = to_name(medicines, pregnancy)
    if not named:
        return [texts.open]
    lines = []
    if Medicine.NSAID_ORAL in named:
        lines.append(texts.nsaid_oral)
    elif Medicine.NSAID_TOPICAL in named:
        lines.append(texts.nsaid_topical)
    if lines and warns_of_pregnancy(medicines, pregnancy):
        lines.append(texts.not_if_pregnant)
    if Medicine.ACETAMINOPHEN in named:
        lines.append(texts.acetaminophen)
    return lines
