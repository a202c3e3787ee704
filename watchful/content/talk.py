"""What a clinician can say in about a minute when a picture can wait (`reference/clinical.md` §1.5 b)."""

from collections.abc import Sequence
from itertools import groupby
from typing import Literal, NamedTuple

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


class _Line(NamedTuple):
    """One sentence or two. Rank 0 is always said; the others, in their order, while the minute lasts."""

    part: Part
    text: str
    rank: int = 0


def talk_words(
    assessment: Assessment, content: Content, dates: PlanDates, *, medicines: SafeMedicines = NOTHING_KNOWN
) -> TalkWords:
    """The talk for one assessment, in its fixed order. Lines that are good to have stand where time allows."""
    texts, modality = content.talk, assessment.order.modality
    said = texts.modality.xr if modality == "xr" else texts.modality.scan
    urgent = texts.urgent.usual if assessment.pregnancy == "no" else texts.urgent.pregnancy
    lines = [
        *([_Line("worry", texts.worry)] if assessment.first_visit else []),
        _Line("empathy", texts.empathy),
        _Line("checked", texts.checked),
        _Line("reason", _reason(assessment, texts, said)),
        _Line("plan", texts.plan.steps),
        *_medicine(medicines, assessment.pregnancy, texts),
        _Line("plan", texts.plan.therapy, rank=3),
        *([_Line("plan", texts.plan.older)] if is_older(assessment) else []),
        _Line("expect", texts.expect.usual),
        *([_Line("expect", texts.expect.leg_pain, rank=2)] if assessment.leg_pain else []),
        _Line("when", _when(dates, content, said)),
        _Line("urgent", urgent),
        _Line("close", texts.close),
    ]
    chosen = _within_a_minute(lines, content.language)
    parts = tuple(
        TalkPart(part, sentences((line.text for line in group), content.language))
        for part, group in groupby(chosen, key=lambda line: line.part)
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


def _within_a_minute(lines: Sequence[_Line], language: str) -> list[_Line]:
    """Everything that must be said, and of the rest what still fits; the order stays."""
    chosen: set[int] = set()
    left = MOST_WORDS
    for place in sorted(range(len(lines)), key=lambda place: lines[place].rank):
        need = count_words(lines[place].text, language)
        if lines[place].rank == 0 or need <= left:
            chosen.add(place)
            left -= need
    return [line for place, line in enumerate(lines) if place in chosen]


def _reason(assessment: Assessment, texts: TalkTexts, said: str) -> str:
    if assessment.leg_pain:
        return texts.reason.leg_pain.format(said=said)
    return texts.reason.xr if assessment.order.modality == "xr" else texts.reason.scan


def _when(dates: PlanDates, content: Content, said: str) -> str:
    texts, six_weeks = content.talk.when, said_day(dates.six_weeks, content.locale)
    if dates.one_visit:
        return texts.one_date.format(six_weeks=six_weeks, said=said)
    return texts.two_dates.format(
        follow_up=said_day(dates.follow_up, content.locale), six_weeks=six_weeks, said=said
    )


def _medicine(medicines: SafeMedicines, pregnancy: Pregnancy, texts: TalkTexts) -> list[_Line]:
    """Pills, else the gel, warned of where a pregnancy is possible; acetaminophen beside them where time allows,
    else alone. In pregnancy one of two warnings is always said."""
    named, lines = to_name(medicines, pregnancy), texts.medicine
    nsaid = {Medicine.NSAID_ORAL: lines.nsaid_oral, Medicine.NSAID_TOPICAL: lines.nsaid_topical}
    said = [_Line("plan", line) for medicine, line in nsaid.items() if medicine in named][:1]
    if said and warns_of_pregnancy(medicines, pregnancy):
        said.append(_Line("plan", lines.not_if_pregnant))
    if Medicine.ACETAMINOPHEN in named:
        said.append(_Line("plan", lines.acetaminophen, rank=1 if said else 0))
    said = said or [_Line("plan", lines.open)]
    if pregnancy != "no" and not any(line.text == lines.not_if_pregnant for line in said):
        said.append(_Line("plan", texts.plan.pregnancy))
    return said
