"""The page a patient takes home, in words. It says nothing of what was found in the record, and names nobody."""

from collections.abc import Collection
from datetime import date

import msgspec

from watchful.clinical.assessment import Assessment
from watchful.clinical.facts import Modality
from watchful.content.dates import spoken_day
from watchful.content.handout_parts import Section, medicine_bullets, plan_section
from watchful.content.languages import DEFAULT, patient_language
from watchful.content.load import Content
from watchful.content.medicines import NOTHING_KNOWN, Pregnancy, SafeMedicines
from watchful.content.plan import PlanDates, is_older


class HandoutCase(msgspec.Struct, frozen=True, kw_only=True):
    """What the case store keeps for one handout: no name, no diagnosis, no finding."""

    language: str
    languages: tuple[str, ...] = (DEFAULT,)
    """Those that the reader may switch to."""
    modality: Modality
    today: date
    follow_up: date
    six_weeks: date
    contact: str = ""
    leg_pain: bool = False
    pregnancy: Pregnancy = "no"
    older: bool = False
    medicines: SafeMedicines = NOTHING_KNOWN
    agreement: bool = True
    """Whether the plan ends with a line for both to sign."""
    large: bool = False
    """Whether the page opens in large print."""
    demo: bool = False

    def to_json(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, data: bytes) -> "HandoutCase":
        """Raises msgspec.DecodeError for anything that `to_json` did not write."""
        return msgspec.json.decode(data, type=cls)

    @property
    def dates(self) -> PlanDates:
        return PlanDates(self.today, self.follow_up, self.six_weeks)


class HandoutWords(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page. A run of underscores is a line to write on."""

    language: str
    direction: str
    title: str
    dated: str
    keep: str
    """For the screen only: the page does not stay online."""
    blank_said: str
    contact: str
    """As it stands in the page, so that a phone number can keep its own direction; empty where it is a blank."""
    sections: tuple[Section, ...]
    demo: str
    """Empty outside demo mode."""


def handout_case(
    assessment: Assessment,
    dates: PlanDates,
    *,
    contact: str,
    demo: bool,
    offered: Collection[str] = (DEFAULT,),
    language: str | None = None,
    medicines: SafeMedicines = NOTHING_KNOWN,
    agreement: bool = True,
    large: bool = False,
) -> HandoutCase:
    """What to keep of an assessment so that its handout can be shown later.

    `offered` are the languages that the site shows; `language` overrides the patient's own.
    """
    return HandoutCase(
        language=patient_language(language or assessment.language, offered),
        languages=tuple(sorted(offered)),
        modality=assessment.order.modality,
        today=dates.today,
        follow_up=dates.follow_up,
        six_weeks=dates.six_weeks,
        contact=contact,
        leg_pain=assessment.leg_pain,
        pregnancy=assessment.pregnancy,
        older=is_older(assessment),
        medicines=medicines,
        agreement=agreement,
        large=large,
        demo=demo,
    )


def handout_words(case: HandoutCase, content: Content) -> HandoutWords:
    """The page in its fixed order (`reference/clinical.md` §1.5 c)."""
    texts = content.handout
    said = texts.modality.of(case.modality)
    helps, expect, scan, emergency = texts.helps, texts.expect, texts.scan, texts.emergency
    pregnant = case.pregnancy != "no"
    return HandoutWords(
        language=content.language,
        direction=content.direction,
        title=texts.title,
        dated=texts.dated.format(date=spoken_day(case.today, content.locale)),
        keep=texts.keep,
        blank_said=texts.blank_said,
        contact=case.contact,
        sections=(
            Section("pain", texts.pain.heading, (texts.pain.text,)),
            Section(
                "why",
                texts.why.heading.format(said=said),
                (texts.why.leg_pain if case.leg_pain else texts.why.text,),
            ),
            Section(
                "helps",
                helps.heading,
                bullets=(
                    helps.heat,
                    helps.move,
                    *medicine_bullets(case.medicines, case.pregnancy, content),
                    *((helps.pregnancy,) if pregnant else ()),
                    helps.sleep_on_side if pregnant else helps.sleep,
                    helps.work,
                    *((helps.older,) if case.older else ()),
                ),
            ),
            Section("expect", expect.heading, (expect.text, *((expect.leg_pain,) if case.leg_pain else ()))),
            plan_section(case.dates, content, said, contact=case.contact, agreement=case.agreement),
            Section(
                "emergency",
                emergency.heading,
                (emergency.lead,),
                (*msgspec.structs.astuple(emergency.signs), *((emergency.pregnancy,) if pregnant else ())),
            ),
            Section("scan", scan.heading, (scan.text, scan.soon), scan.soon_signs),
        ),
        demo=texts.demo if case.demo else "",
    )
