"""The app's words for a whole case: a chart, a draft order and what was answered."""

from builders import TODAY, Resource, chart, judge, knowledge

from watchful.clinical.assessment import Assessment
from watchful.clinical.spoken import NOT_ASKED, Answers
from watchful.content.load import load
from watchful.content.note import note_text
from watchful.content.plan import PlanDates, plan_dates
from watchful.content.review import ReviewWords, review_words

CONTENT = load("en")
QUESTIONS = tuple(question.id for question in knowledge().questions)
ALL_NO: Answers = dict.fromkeys(QUESTIONS, "no")


def dates_for(assessment: Assessment) -> PlanDates:
    return plan_dates(assessment, today=TODAY, windows=knowledge().windows)


def page(
    *more: Resource, order: Resource | None = None, answers: Answers = NOT_ASKED, **how: Resource
) -> ReviewWords:
    return page_of(judge(chart(*more, **how), order, spoken=answers), answers)  # type: ignore[arg-type]


def page_of(assessment: Assessment, answers: Answers = NOT_ASKED) -> ReviewWords:
    return review_words(assessment, knowledge(), CONTENT, answers, dates_for(assessment))


def note(*more: Resource, order: Resource | None = None, answers: Answers = NOT_ASKED, **how: Resource) -> str:
    return note_of(judge(chart(*more, **how), order, spoken=answers), answers)  # type: ignore[arg-type]


def note_of(assessment: Assessment, answers: Answers = NOT_ASKED) -> str:
    return note_text(assessment, knowledge(), CONTENT, answers, dates_for(assessment))


def every_line(words: ReviewWords) -> list[str]:
    """Whatever the page says of this case."""
    found = [
        text
        for flag in words.board.present
        for text in (flag.name, flag.tier, flag.why, *flag.marks, *(each.label for each in flag.evidence))
    ]
    groups = [each.line for each in (*words.board.unknown, *words.board.absent)]
    return [
        words.headline, *words.next, words.duration, words.duration_source, words.unread, words.board.nothing,
        *found, *groups, *(each.ask for each in words.questions),
    ]  # fmt: skip
