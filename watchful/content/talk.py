"""What a clinician can say in about a minute when a picture can wait (`reference/clinical.md` §1.5 b)."""

from collections.abc import Iterable
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
from watchful.content.talk_texts import TalkTexts

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
    medicine, more = _medicine(medicines, assessment.pregnancy, texts)
    plan = [texts.plan.steps, *medicine, *([texts.plan.older] if is_older(assessment) else [])]
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
    good_to_have: list[tuple[Part, str]] = [("plan", line) for line in more]
    if assessment.leg_pain:
        good_to_have.append(("expect", texts.expect.leg_pain))
    good_to_have.append(("plan", texts.plan.therapy))
    _fill_the_minute(said_parts, good_to_have, content.language)
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


def _fill_the_minute(parts: dict[Part, list[str]], lines: Iterable[tuple[Part, str]], language: str) -> None:
    """Add each of the lines that are good to have while it still fits into a minute."""
    left = MOST_WORDS - sum(count_words(line, language) for said in parts.values() for line in said)
    for part, line in lines:
        need = count_words(line, language)
        if need <= left:
            parts[part].append(line)
            left -= need


def _medicine(medicines: SafeMedicines, pregnancy: Pregnancy, texts: TalkTexts) -> tuple[list[str], list[str]]:
    """What must be said of medicines, in a breath, and what more where time allows: pills, else the gel, else
    acetaminophen; then in pregnancy one warning."""
    named, lines = to_name(medicines, pregnancy), texts.medicine
    nsaid = {Medicine.NSAID_ORAL: lines.nsaid_oral, Medicine.NSAID_TOPICAL: lines.nsaid_topical}
    said = [line for medicine, line in nsaid.items() if medicine in named][:1]
    acetaminophen = [lines.acetaminophen] if Medicine.ACETAMINOPHEN in named else []
    if said:
        warned = [lines.not_if_pregnant] if warns_of_pregnancy(medicines, pregnancy) else []
        return said + warned, acetaminophen
    asked = [texts.plan.pregnancy] if pregnancy != "no" else []
    return (acetaminophen or [lines.open]) + asked, []
