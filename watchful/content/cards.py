"""The card for one assessment, in words. What an EHR does with them (indicator, actions, uuids) is the door's."""

import msgspec

from watchful.clinical.assessment import Assessment, Decision
from watchful.content.bodies import Body, change_body, defer_body, review_body, urgent_body
from watchful.content.frames import USUAL, Frame
from watchful.content.load import Content
from watchful.content.phrases import Phrases
from watchful.content.plan import PlanDates

SUMMARY_LIMIT = 139
"""CDS Hooks 2.0: a summary is shorter than 140 characters (O-2)."""


class SuggestionWords(msgspec.Struct, frozen=True):
    """What a one-click suggestion is called, and what it does."""

    label: str
    description: str


class Suggestions(msgspec.Struct, frozen=True, kw_only=True):
    """Words for every suggestion a card may carry; the door picks those that the order allows."""

    remove: SuggestionWords
    postpone: SuggestionWords
    """Keep the order, dated to the six-week date, "cancel if better"."""
    change: SuggestionWords | None
    """Only where the assessment names a study that fits."""
    stat: SuggestionWords
    emergency: SuggestionWords
    referral: SuggestionWords
    education: SuggestionWords
    postpone_by_hand: str
    """For EHRs that apply no update: the same, as a sentence of the card."""
    change_by_hand: str
    stat_by_hand: str


class CardWords(msgspec.Struct, frozen=True, kw_only=True):
    """Every word of one card."""

    summary: str
    detail: str
    """Markdown that also reads well as plain text: the body of at most 120 words, then on a deferral the
    note under its own heading, then in demo mode the demonstration line."""
    note: str
    """Text to copy into the visit note. What was asked and examined is never filled in."""
    suggestions: Suggestions
    handout_link: str
    app_link: str


_BODIES = {
    Decision.DEFER: defer_body,
    Decision.REVIEW: review_body,
    Decision.CHANGE: change_body,
    Decision.URGENT: urgent_body,
}


def card_words(
    assessment: Assessment, content: Content, dates: PlanDates, *, demo: bool, frame: Frame = USUAL
) -> CardWords:
    """The words of the card; `frame` shapes a deferral only. Raises ValueError for a silent decision."""
    if assessment.decision is Decision.SILENT:
        raise ValueError("a silent decision has no card")
    phrases = Phrases(assessment, content, dates, frame)
    body = _BODIES[assessment.decision](phrases)
    note = _note(body, phrases)
    blocks = [*body.blocks]
    if assessment.decision is Decision.DEFER:
        blocks += [content.cards.note.heading, note]
    if demo:
        blocks.append(content.cards.demo)
    return CardWords(
        summary=_summary(body.summaries),
        detail="\n\n".join(blocks),
        note=note,
        suggestions=_suggestions(phrases),
        handout_link=content.cards.handout_link,
        app_link=_app_link(phrases),
    )


def _app_link(phrases: Phrases) -> str:
    """What the app has for this decision."""
    cards, decision = phrases.cards, phrases.assessment.decision
    if decision is Decision.REVIEW and phrases.unsettled():
        return cards.app_link_no_handout
    return cards.app_link[decision.value]


def _summary(candidates: tuple[str, ...]) -> str:
    """The first that fits; the last one is cut where none does."""
    for candidate in candidates:
        if len(candidate) <= SUMMARY_LIMIT:
            return candidate
    return candidates[-1][: SUMMARY_LIMIT - 1].rstrip() + "…"


def _note(body: Body, phrases: Phrases) -> str:
    texts = phrases.cards.note
    found = phrases.found()
    screened = texts.found_some.format(facts=phrases.findings(found)) if found else texts.found_none
    screen = texts.screen.format(date=phrases.long_day(phrases.today), duration=phrases.duration(), found=screened)
    gaps = phrases.gaps()
    if gaps:
        screen = f"{screen} {texts.gaps.format(gaps=gaps)}"
    return "\n\n".join((screen, texts.asked, body.note_plan))


def _suggestions(phrases: Phrases) -> Suggestions:
    texts, order = phrases.cards.suggestion, phrases.order
    change_to = phrases.assessment.change_to
    change = None
    change_by_hand = ""
    if change_to is not None:
        study = phrases.study(change_to)
        change = SuggestionWords(
            texts.change.label.format(study=study),
            texts.change.description.format(order=order, study=study),
        )
        change_by_hand = texts.by_hand.change.format(order=order, study=study)
    return Suggestions(
        remove=SuggestionWords(
            texts.remove.label.format(order=order), texts.remove.description.format(order=order)
        ),
        postpone=SuggestionWords(
            texts.postpone.label.format(six_weeks=phrases.day(phrases.dates.six_weeks)),
            texts.postpone.description.format(
                order=order, six_weeks_long=phrases.long_day(phrases.dates.six_weeks)
            ),
        ),
        change=change,
        stat=SuggestionWords(texts.stat.label.format(order=order), texts.stat.description.format(order=order)),
        emergency=SuggestionWords(texts.emergency.label, texts.emergency.description),
        referral=SuggestionWords(texts.referral.label, texts.referral.description),
        education=SuggestionWords(texts.education.label, texts.education.description),
        postpone_by_hand=texts.by_hand.postpone.format(
            order=order, six_weeks_long=phrases.long_day(phrases.dates.six_weeks)
        ),
        change_by_hand=change_by_hand,
        stat_by_hand=texts.by_hand.stat.format(order=order),
    )
