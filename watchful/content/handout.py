"""The page a patient takes home, in words. It says nothing of what was found in the record, and names nobody."""

from datetime import date
from typing import Literal

import msgspec

from watchful.clinical.assessment import Assessment
from watchful.clinical.facts import Modality
from watchful.content.dates import spoken_day
from watchful.content.load import Content
from watchful.content.plan import follow_up_date, is_older


class HandoutCase(msgspec.Struct, frozen=True, kw_only=True):
    """What the case store keeps for one handout: no name, no diagnosis, no finding."""

    language: str
    modality: Modality
    today: date
    follow_up: date
    six_weeks: date
    contact: str = ""
    leg_pain: bool = False
    pregnancy: Literal["no", "yes", "possible"] = "no"
    older: bool = False
    demo: bool = False

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, data: bytes) -> "HandoutCase":
        """Raises msgspec.DecodeError for anything that `to_json` did not write."""
        return msgspec.json.decode(data, type=cls)


class Section(msgspec.Struct, frozen=True):
    """A question and its answer: paragraphs, then a list, then closing paragraphs."""

    id: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()


class HandoutWords(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page. A run of underscores is a line to write on."""

    language: str
    title: str
    dated: str
    keep: str
    """For the screen only: the page does not stay online."""
    sections: tuple[Section, ...]
    demo: str
    """Empty outside demo mode."""


def handout_case(
    assessment: Assessment, *, language: str, today: date, six_weeks: date, contact: str, demo: bool
) -> HandoutCase:
    """What to keep of an assessment so that its handout can be shown later."""
    return HandoutCase(
        language=language,
        modality=assessment.order.modality,
        today=today,
        follow_up=follow_up_date(assessment, today=today, six_weeks=six_weeks),
        six_weeks=six_weeks,
        contact=contact,
        leg_pain=assessment.leg_pain,
        pregnancy=assessment.pregnancy,
        older=is_older(assessment),
        demo=demo,
    )


def handout_words(case: HandoutCase, content: Content) -> HandoutWords:
    """The page in its fixed order (`reference/clinical.md` §1.5 c)."""
    texts = content.handout
    said = texts.modality.of(case.modality)
    helps, expect, scan, emergency = texts.helps, texts.expect, texts.scan, texts.emergency
    return HandoutWords(
        language=content.language,
        title=texts.title,
        dated=texts.dated.format(date=spoken_day(case.today, content.locale)),
        keep=texts.keep,
        sections=(
            Section("pain", texts.pain.heading, (texts.pain.text,)),
            Section("why", texts.why.heading.format(said=said), (texts.why.text,)),
            Section(
                "helps",
                helps.heading,
                bullets=(
                    helps.heat,
                    helps.move,
                    helps.sleep,
                    helps.work,
                    helps.medicine,
                    *((helps.pregnancy,) if case.pregnancy != "no" else ()),
                    *((helps.older,) if case.older else ()),
                ),
            ),
            Section("expect", expect.heading, (expect.text, *((expect.leg_pain,) if case.leg_pain else ()))),
            _plan(case, content, said),
            Section("emergency", emergency.heading, (emergency.lead,), emergency.signs),
            Section("scan", scan.heading, (scan.text, scan.soon), scan.soon_signs),
        ),
        demo=texts.demo if case.demo else "",
    )


def _plan(case: HandoutCase, content: Content, said: str) -> Section:
    texts = content.handout.plan
    six_weeks = spoken_day(case.six_weeks, content.locale)
    if case.follow_up == case.six_weeks:
        dates: tuple[str, ...] = (texts.one_date.format(date=six_weeks, said=said),)
    else:
        dates = (
            texts.follow_up.format(date=spoken_day(case.follow_up, content.locale)),
            texts.six_weeks.format(date=six_weeks, said=said),
        )
    contact = texts.contact.format(contact=case.contact or content.handout.blank)
    return Section("plan", texts.heading, bullets=(*dates, contact, texts.change), closing=(texts.sign,))
