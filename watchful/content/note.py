"""The text that a clinician copies into the chart (`reference/clinical.md` §1.5 a 11). It names no patient.

What the chart says stands apart from what was asked, and of the second only what was answered today is filled in:
an examination is always left for the clinician to tick.
"""

from collections.abc import Iterator

from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.facts import DataClass
from watchful.clinical.knowledge.compiled import Knowledge
from watchful.clinical.spoken import Answers
from watchful.content.headline import headline
from watchful.content.load import Content
from watchful.content.phrases import capital
from watchful.content.plan import PlanDates
from watchful.content.told_phrases import ToldPhrases


def note_text(
    assessment: Assessment, knowledge: Knowledge, content: Content, answers: Answers, dates: PlanDates
) -> str:
    """Plain text, a blank line between its three parts."""
    phrases = ToldPhrases(assessment, knowledge, content, dates)
    parts = (_screen(phrases), _asked(phrases, answers), _plan(phrases))
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _screen(phrases: ToldPhrases) -> Iterator[str]:
    texts, assessment = phrases.content.note.screen, phrases.assessment
    yield texts.heading.format(date=phrases.long_day(phrases.today))
    yield _decision(phrases)
    yield texts.pain.format(duration=phrases.duration())
    recorded = [phrases.finding(flag) for flag in phrases.found() if not flag.told]
    if recorded:
        yield texts.found.format(findings="; ".join(recorded))
    elif {DataClass.PATIENT, DataClass.CONDITION} & {*assessment.unknown}:
        yield texts.none_in_part
    else:
        yield texts.none
    if gaps := phrases.gaps():
        yield texts.gaps.format(gaps=gaps)
    yield texts.knowledge.format(version=assessment.knowledge_version)


def _decision(phrases: ToldPhrases) -> str:
    texts, assessment, order = phrases.content.note.decision, phrases.assessment, phrases.order
    decided = phrases.decided()
    match assessment.decision:
        case Decision.DEFER:
            line = texts.defer.format(order=order)
        case Decision.REVIEW:
            fact = texts.finding if decided and assessment.reason != "subacute" else phrases.fact()
            line = texts.review.format(order=order, fact=fact)
        case Decision.CHANGE if assessment.change_to is not None:
            line = texts.change.format(study=phrases.study(assessment.change_to), order=order)
        case Decision.CHANGE:
            line = texts.change_ask.format(order=order)
        case Decision.URGENT:
            line = texts.urgent_here if phrases.here else texts.urgent
        case Decision.SILENT:
            line = headline(phrases)
    return f"{line} {texts.answers}" if phrases.rests_on_answers() else line


def _asked(phrases: ToldPhrases, answers: Answers) -> Iterator[str]:
    texts = phrases.content.note.asked
    yield texts.heading
    for question in phrases.told.values():
        answer = answers.get(question.id)
        line = {"yes": texts.yes, "no": texts.no, None: texts.not_asked}[answer]
        yield line.format(told=question.told)
    yield from texts.examined


def _plan(phrases: ToldPhrases) -> Iterator[str]:
    texts, assessment = phrases.content.note.plan, phrases.assessment
    match assessment.decision:
        case Decision.DEFER:
            yield texts.heading
            yield texts.steps
            yield _dates(phrases)
        case Decision.REVIEW:
            yield texts.open
            yield f"{texts.waiting} {_dates(phrases)}"
        case Decision.CHANGE if assessment.change_to is not None:
            yield texts.heading
            yield texts.change.format(study=phrases.study(assessment.change_to))
        case Decision.URGENT:
            words = [phrases.flag(flag.id) for flag in phrases.decided()]
            now = next((each.now for each in words if each.now), phrases.texts.next.urgent_default)
            yield texts.heading
            yield (texts.urgent_here if phrases.here else texts.urgent).format(now=now)
        case _:
            yield texts.open
    if assessment.decision is not Decision.URGENT:
        yield texts.precautions


def _dates(phrases: ToldPhrases) -> str:
    texts, dates = phrases.content.note.plan, phrases.dates
    line = texts.one_date if dates.one_visit else texts.dates
    return capital(
        line.format(
            follow_up=phrases.long_day(dates.follow_up),
            six_weeks=phrases.long_day(dates.six_weeks),
            order=phrases.order,
        )
    )
