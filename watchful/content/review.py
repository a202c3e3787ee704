"""Every word of the app's review page, for one assessment. Pure: the page only lays them out."""

from datetime import datetime
from typing import Literal

import msgspec
from babel.dates import format_time

from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.knowledge.compiled import Knowledge
from watchful.clinical.spoken import Answer, Answers
from watchful.content.board import Board, board
from watchful.content.headline import headline, what_next
from watchful.content.load import Content
from watchful.content.plan import PlanDates
from watchful.content.review_texts import QuestionsTexts
from watchful.content.told_phrases import ToldPhrases


class QuestionWords(msgspec.Struct, frozen=True, kw_only=True):
    """One of the questions, and what was answered."""

    id: str
    field: str
    """Name of the form field."""
    ask: str
    answer: Answer | None
    """None: not asked. It is never filled in for the clinician."""


class ReviewWords(msgspec.Struct, frozen=True, kw_only=True):
    """The whole page."""

    decision: Decision
    headline: str
    """The decision in one sentence."""
    next: tuple[str, ...]
    """What to do next, a sentence each."""
    duration: str
    duration_source: str
    """`Read from Condition/123.`; empty where no record says it."""
    unread: str
    """What was not looked at, in plain words, or that everything was."""
    whole: bool
    """Whether everything could be looked at."""
    board: Board
    questions_texts: QuestionsTexts
    questions: tuple[QuestionWords, ...]


def review_words(
    assessment: Assessment, knowledge: Knowledge, content: Content, answers: Answers, dates: PlanDates
) -> ReviewWords:
    """The words for one assessment, which was made with the same `answers`."""
    phrases = ToldPhrases(assessment, knowledge, content, dates)
    texts, gaps, source = content.review, phrases.gaps(), assessment.duration.source
    known = phrases.days() is not None
    return ReviewWords(
        decision=assessment.decision,
        headline=headline(phrases),
        next=what_next(phrases, answers),
        duration=(texts.duration.known if known else texts.duration.unknown).format(duration=phrases.duration()),
        duration_source=texts.duration.read_from.format(reference=source) if "/" in source else "",
        unread=texts.unread.some.format(gaps=gaps) if gaps else texts.unread.none,
        whole=not gaps,
        board=board(phrases),
        questions_texts=texts.questions,
        questions=tuple(
            QuestionWords(
                id=question.id, field=f"q.{question.id}", ask=question.ask, answer=answers.get(question.id)
            )
            for question in knowledge.questions
        ),
    )


def read_notice(read: Literal["card", "chart", "again"], at: datetime, content: Content) -> str:
    """When the chart was read. `at` is in the site's own zone."""
    texts = content.review.notice
    line = {"card": texts.as_for_card, "chart": texts.read_here, "again": texts.read_again}[read]
    return line.format(time=format_time(at, "short", locale=content.locale))
