"""The two parts of the handout that take more than choosing a line: the medicines, and the plan with its dates."""

import msgspec

from watchful.content.dates import spoken_day
from watchful.content.load import Content
from watchful.content.measure import sentences
from watchful.content.medicines import NSAIDS, Medicine, Pregnancy, SafeMedicines, to_name, warns_of_pregnancy
from watchful.content.plan import PlanDates


class Section(msgspec.Struct, frozen=True):
    """A question and its answer: paragraphs, then a list, then closing paragraphs."""

    id: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()


def medicine_bullets(medicines: SafeMedicines, pregnancy: Pregnancy, content: Content) -> tuple[str, ...]:
    """The medicines found safe for this patient; a line to write on where none is known to be."""
    texts = content.handout.medicine
    named = to_name(medicines, pregnancy)
    if not named:
        return (texts.open,)
    lines = {
        Medicine.NSAID_ORAL: texts.nsaid_oral,
        Medicine.NSAID_TOPICAL: texts.nsaid_topical,
        Medicine.ACETAMINOPHEN: texts.acetaminophen,
    }
    warned = warns_of_pregnancy(medicines, pregnancy)
    bullets = [
        sentences([lines[each], *([texts.not_if_pregnant] if warned and each in NSAIDS else [])], content.language)
        for each in named
    ]
    if set(named) >= NSAIDS:
        bullets.append(texts.not_both)
    return (*bullets, texts.label)


def plan_section(dates: PlanDates, content: Content, said: str, *, contact: str, agreement: bool) -> Section:
    """When we look again, when we think of a scan, whom to ask, and a line to sign where the site wants one."""
    texts = content.handout.plan
    six_weeks = spoken_day(dates.six_weeks, content.locale)
    if dates.one_visit:
        days: tuple[str, ...] = (texts.one_date.format(date=six_weeks, said=said),)
    else:
        days = (
            texts.follow_up.format(date=spoken_day(dates.follow_up, content.locale)),
            texts.six_weeks.format(date=six_weeks, said=said),
        )
    reach = texts.contact.format(contact=contact or content.handout.blank)
    closing = (texts.sign,) if agreement else ()
    return Section("plan", texts.heading, bullets=(*days, reach, texts.change), closing=closing)
