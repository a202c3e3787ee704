"""The four kinds of card: which blocks each has and in which order, and its summaries, the fullest first.

The first 60 words of a body carry why, ask and examine, and the plan (`reference/clinical.md` §0.1 item 13).
`must` blocks are always shown; the others only while 120 words last.
"""

from collections.abc import Sequence
from typing import NamedTuple

from watchful.clinical.assessment import FlagResult
from watchful.content.card_texts import FlagTexts
from watchful.content.phrases import Phrases, capital, fit
from watchful.content.plan import is_older

WORD_BUDGET = 113
"""At most 120 words with the demonstration line, which `cards` adds."""


class Body(NamedTuple):
    """One card before it is put together."""

    summaries: tuple[str, ...]
    blocks: list[str]
    note_plan: str


def defer_body(phrases: Phrases) -> Body:
    """Reason, what to ask and plan, in the order of the frame; then what the chart could not tell."""
    texts, frame, dates = phrases.cards.defer, phrases.frame, phrases.dates
    weak = phrases.found()
    found = texts.found_weak if weak else texts.found_none
    days = phrases.days()
    if days is None:
        summary = texts.summary_assumed.of(frame).format(found=found, order=phrases.order)
    else:
        summary = texts.summary.of(frame).format(duration=days, found=found, order=phrases.order)

    days_of = {"follow_up": phrases.day(dates.follow_up), "six_weeks": phrases.day(dates.six_weeks)}
    line = texts.plan_one_date if dates.one_visit else texts.plan
    why = texts.why.format(duration=phrases.duration(), found=found)
    plan = line.format(scan=phrases.short, **days_of)
    must = [
        *_opening(phrases, why, plan),
        *([texts.noted.format(facts=phrases.findings(weak, labelled=False))] if weak else []),
        *phrases.gap_line(),
        *_variants(phrases),
    ]
    extra = (texts.say.of(frame), texts.screened, phrases.cards.guideline)
    note_plan = phrases.cards.note.plan_defer.format(order=phrases.order, **days_of)
    return Body((summary,), fit(must, extra, WORD_BUDGET), note_plan)


def _opening(phrases: Phrases, why: str, plan: str) -> tuple[str, ...]:
    """The first 60 words, in one of three orders; nothing is left out of any of them."""
    match phrases.frame:
        case "reason-first":
            return why, _ask(phrases), plan
        case "plan-first":
            return plan, why, _ask(phrases)
        case "trust-first":
            return f"{phrases.cards.defer.ask.trust_first} {phrases.cards.check}", why, plan


def _variants(phrases: Phrases) -> list[str]:
    texts, assessment = phrases.cards.defer, phrases.assessment
    lines = []
    if assessment.leg_pain:
        lines.append(texts.leg_pain)
    lines += _pregnancy(phrases)
    if is_older(assessment):
        lines.append(texts.age_65.format(age=assessment.age))
    if assessment.first_visit:
        lines.append(texts.first_visit)
    return lines


def review_body(phrases: Phrases) -> Body:
    """The facts, and no push either way."""
    texts, assessment = phrases.cards.review, phrases.assessment
    flags = phrases.found()
    others = flags[1:]
    fact = texts.fact.get(assessment.reason)
    by_flag = bool(flags) and (bool(assessment.deciding) or fact is None)
    if assessment.reason == "recent-imaging" and assessment.recent_imaging is not None:
        imaging = phrases.evidence(texts.imaging, assessment.recent_imaging)
        opening, others = texts.found.format(facts=capital(imaging)), flags
    elif fact is None and by_flag:
        opening = texts.found.format(facts=capital(phrases.finding(flags[0])))
    else:
        opening, others = texts.question.format(facts=fact or texts.fact["other"]), flags

    if by_flag:
        say = texts.say_flag.format(said=phrases.said, because=phrases.flag(flags[0].id).because)
    else:
        say = texts.say_open.format(said=phrases.said)
    must = [
        opening,
        _ask(phrases),
        texts.settle if phrases.unsettled() else texts.plan,
        *_also(phrases, others),
        *phrases.gap_line(),
        say,
    ]
    known = assessment.duration.confidence != "unknown"
    duration = [texts.duration.format(duration=phrases.duration())] if known else []
    extra = (*_pregnancy(phrases), *duration, *(_why(phrases, flags) if by_flag else ()))
    blocks = fit(must, extra, WORD_BUDGET)
    return Body(_review_summaries(phrases, flags), blocks, phrases.cards.note.plan_review)


def _review_summaries(phrases: Phrases, flags: Sequence[FlagResult]) -> tuple[str, ...]:
    """The line for the reason, then plainer ones, for when a fact it speaks of is missing or it grows too long."""
    texts, assessment = phrases.cards.review.summary, phrases.assessment
    more, imaging = len(flags) - 1, assessment.recent_imaging
    values = {
        "order": phrases.order,
        "duration": phrases.days() or "",
        "date": phrases.record_date(imaging) if imaging else "",
        "classes": phrases.unread_classes(),
        "finding": phrases.in_summary(flags[0]) if flags else "",
        "more": phrases.count(more, phrases.cards.finding.more) if more > 0 else "",
    }
    lines = (texts.for_reason(assessment.reason), texts.other_flag, texts.other)
    plain = [line.format(**values) for line in lines if line is not None and _is_sayable(line, values)]
    if phrases.unsettled():
        return tuple(plain)
    return tuple(summary for line in plain for summary in (f"{line} {phrases.cards.review.ready}", line))


def _is_sayable(line: str, values: dict[str, str]) -> bool:
    return all(value or f"{{{name}}}" not in line for name, value in values.items())


def change_body(phrases: Phrases) -> Body:
    """Which finding, where it stands, which study fits it and why."""
    texts, assessment, order = phrases.cards.change, phrases.assessment, phrases.order
    flags = phrases.found()
    if flags and (assessment.deciding or assessment.pregnancy == "no"):
        facts, finding = phrases.finding(flags[0]), phrases.in_summary(flags[0])
        because = phrases.flag(flags[0].id).because
    elif assessment.pregnancy != "no":
        facts, finding, because = texts.pregnancy, capital(texts.pregnancy), texts.pregnancy_because
        flags = []
    else:
        facts, finding, because = texts.concern, capital(texts.concern), texts.concern_because

    reason: tuple[str, ...] = ()
    summaries: tuple[str, ...]
    if assessment.change_to is not None:
        study = phrases.study(assessment.change_to)
        fits = texts.fits.format(study=study, order=order)
        if assessment.change_to in texts.because:
            reason = (texts.reason.format(reason=texts.because[assessment.change_to]),)
        summaries = (
            texts.summary.format(finding=finding, study=study, order=order),
            capital(texts.summary_short.format(study=study, order=order)),
        )
    else:
        study = "____"
        fits = texts.fits_ask.format(order=order)
        summaries = (texts.summary_ask.format(finding=finding, order=order),)
    must = [
        texts.found.format(facts=capital(facts)),
        fits,
        _ask(phrases),
        *_also(phrases, flags[1:]),
        *phrases.gap_line(),
        texts.say.format(because=because),
    ]
    extra = (*reason, texts.doubt, *_why(phrases, flags))
    note_plan = phrases.cards.note.plan_change.format(study=study)
    return Body(summaries, fit(must, extra, WORD_BUDGET), note_plan)


def urgent_body(phrases: Phrases) -> Body:
    """What, where it was read, what to do now."""
    texts, assessment = phrases.cards.urgent, phrases.assessment
    flags = phrases.found()
    here = phrases.here
    summaries: tuple[str, ...] = (texts.summary_here_short if here else texts.summary_short,)
    facts, first = texts.default_fact, FlagTexts(name="", why="", because="")
    if flags:
        facts, first = phrases.finding(flags[0]), phrases.flag(flags[0].id)
        if flags[0].evidence:
            line = texts.summary_here if here else texts.summary
            place = phrases.place(flags[0].evidence[0].reference)
            summaries = (line.format(finding=phrases.in_summary(flags[0]), place=place), *summaries)

    now = first.now or texts.default_now
    because = first.because or texts.default_because
    must = [
        texts.found.format(facts=capital(facts)),
        (texts.now_here if here else texts.now).format(now=now),
        texts.check,
        *_also(phrases, flags[1:]),
        *phrases.gap_line(),
        (texts.say_here if here else texts.say).format(because=because),
    ]
    draft = texts.too_slow if assessment.order.modality == "mri" else texts.no_answer
    extra = (draft.format(order=phrases.order), *_why(phrases, flags))
    return Body(summaries, fit(must, extra, WORD_BUDGET), phrases.cards.note.plan_urgent)


def _pregnancy(phrases: Phrases) -> list[str]:
    texts = phrases.cards.pregnancy
    line = {"yes": texts.yes, "possible": texts.possible, "no": ""}[phrases.assessment.pregnancy]
    return [line] if line else []


def _ask(phrases: Phrases) -> str:
    return f"{phrases.cards.ask} {phrases.cards.check}"


def _also(phrases: Phrases, flags: Sequence[FlagResult]) -> list[str]:
    return [phrases.cards.also.format(facts=phrases.findings(flags, labelled=False))] if flags else []


def _why(phrases: Phrases, flags: Sequence[FlagResult]) -> list[str]:
    why = phrases.flag(flags[0].id).why if flags else ""
    return [phrases.cards.why.format(why=why)] if why else []
