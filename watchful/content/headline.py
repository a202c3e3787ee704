"""The decision in one sentence, and what to do next in a few more, for the review page."""

from collections.abc import Iterator

from watchful.clinical.assessment import Decision
from watchful.clinical.spoken import Answers
from watchful.content.phrases import capital
from watchful.content.plan import is_older
from watchful.content.told_phrases import ToldPhrases

_UNREAD = frozenset({"chart-unreadable", "visit-unreadable"})


def headline(phrases: ToldPhrases) -> str:
    """One sentence: the fact, and what it means for the order."""
    texts, assessment, order = phrases.texts.headline, phrases.assessment, phrases.order
    finding = phrases.stated(phrases.decided())
    match assessment.decision:
        case Decision.DEFER:
            weak = phrases.found()
            found = phrases.cards.defer.found_weak if weak else phrases.cards.defer.found_none
            days = phrases.days()
            if days is None:
                return texts.defer_assumed.format(found=found, order=order)
            return texts.defer.format(duration=days, found=found, order=order)
        case Decision.REVIEW if finding and not _fact_first(phrases):
            return texts.review_finding.format(finding=finding, order=order)
        case Decision.REVIEW:
            return texts.review_fact.format(fact=capital(phrases.fact()), order=order)
        case Decision.CHANGE if assessment.change_to is not None:
            return texts.change.format(finding=finding, study=phrases.study(assessment.change_to), order=order)
        case Decision.CHANGE:
            return texts.change_ask.format(finding=finding, order=order)
        case Decision.URGENT:
            return (texts.urgent_here if phrases.here else texts.urgent).format(finding=finding)
        case Decision.SILENT if finding:
            return texts.silent_fits.format(finding=finding, order=order)
        case Decision.SILENT:
            return texts.silent.get(assessment.reason, texts.silent["other"]).format(order=order)


def _fact_first(phrases: ToldPhrases) -> bool:
    """Six weeks of pain weigh more than the weak flag beside them."""
    return phrases.assessment.reason == "subacute"


def what_next(phrases: ToldPhrases, answers: Answers) -> tuple[str, ...]:
    """What to do next, in its order."""
    return tuple(_next(phrases, answers))


def _next(phrases: ToldPhrases, answers: Answers) -> Iterator[str]:
    texts, assessment = phrases.texts.next, phrases.assessment
    match assessment.decision:
        case Decision.DEFER:
            yield from _ask(phrases, answers)
            yield texts.examine
            yield _plan(phrases)
            yield from _variants(phrases)
        case Decision.REVIEW:
            yield from _reason(phrases)
            yield from _ask(phrases, answers)
            yield texts.examine
            yield _choose(phrases)
        case Decision.CHANGE:
            because = phrases.cards.change.because
            if assessment.change_to in because:
                yield because[assessment.change_to]
            if assessment.change_to is None:
                yield texts.change_ask
            else:
                yield texts.change.format(study=phrases.study(assessment.change_to))
            yield from _ask(phrases, answers)
        case Decision.URGENT:
            yield from _urgent(phrases)
        case Decision.SILENT:
            if phrases.strong_beside():
                yield texts.found_anyway
            yield texts.unread if assessment.reason in _UNREAD else texts.go_on


def _reason(phrases: ToldPhrases) -> Iterator[str]:
    """Why the first finding matters, and what it asks for where it may be an emergency."""
    for first in phrases.decided()[:1]:
        words = phrases.flag(first.id)
        if words.why:
            yield words.why
        if words.now:
            yield phrases.texts.next.needed.format(now=words.now)


def _choose(phrases: ToldPhrases) -> str:
    """The choice, never against what the first finding asks for, and whether there is a handout."""
    texts = phrases.texts.next
    needed = any(phrases.flag(first.id).now for first in phrases.decided()[:1])
    choice = texts.choose_needed if needed else texts.choose
    return f"{choice} {texts.not_ready if phrases.unsettled() else texts.ready}"


def _ask(phrases: ToldPhrases, answers: Answers) -> Iterator[str]:
    texts, left = phrases.texts.next, [each for each in phrases.told if each not in answers]
    if len(left) == len(phrases.told):
        yield texts.ask_all
    elif left:
        yield phrases.count(len(left), texts.ask_rest)
    elif "yes" not in answers.values():
        yield texts.all_no


def _plan(phrases: ToldPhrases) -> str:
    texts, dates = phrases.texts.next, phrases.dates
    line = texts.plan_one_date if dates.one_visit else texts.plan
    return line.format(
        follow_up=phrases.day(dates.follow_up), six_weeks=phrases.day(dates.six_weeks), scan=phrases.short
    )


def _variants(phrases: ToldPhrases) -> Iterator[str]:
    """What bends the plan, as on the card."""
    texts, assessment = phrases.texts.next, phrases.assessment
    if assessment.pregnancy == "yes":
        yield texts.pregnancy_yes
    elif assessment.pregnancy == "possible":
        yield texts.pregnancy_possible
    if assessment.leg_pain:
        yield texts.leg_pain
    if is_older(assessment):
        yield texts.older.format(age=assessment.age)


def _urgent(phrases: ToldPhrases) -> Iterator[str]:
    texts, cards = phrases.texts.next, phrases.cards.urgent
    decided = phrases.decided()
    now = next((now for flag in decided if (now := phrases.flag(flag.id).now)), texts.urgent_default)
    because = phrases.flag(decided[0].id).because if decided else texts.tell_default
    tell = texts.tell_here if phrases.here else texts.tell
    if decided and decided[0].told:
        tell = texts.tell_told_here if phrases.here else texts.tell_told
    yield (texts.urgent_here if phrases.here else texts.urgent).format(now=now)
    yield texts.urgent_check
    draft = cards.too_slow if phrases.assessment.order.modality == "mri" else cards.no_answer
    yield draft.format(order=phrases.order)
    yield tell.format(because=because)
