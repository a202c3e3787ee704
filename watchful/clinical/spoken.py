"""What the patient said today, beside what the chart says. A "yes" counts as the catalogue row it is like.

Answers only ever add: no answer removes or weakens what was found in the record, and a question that was not
asked is neither present nor absent.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Literal

from watchful.clinical.assessment import Evidence, FlagResult, Status
from watchful.clinical.dates import day
from watchful.clinical.knowledge.compiled import Knowledge

Answer = Literal["yes", "no"]
Answers = Mapping[str, Answer]
"""By the id of the question; one that was not asked is not in it."""
NOT_ASKED: Answers = MappingProxyType({})


class UnknownQuestion(LookupError):
    """An answer to a question that this knowledge does not ask. It is never dropped: it may be a "yes"."""


def told_flags(answers: Answers, knowledge: Knowledge, today: date) -> tuple[FlagResult, ...]:
    """One result for each answered question, in the order of the questions. Raises UnknownQuestion."""
    for name in answers:
        if all(question.id != name for question in knowledge.questions):
            raise UnknownQuestion(f"there is no question {name!r}")
    return tuple(
        FlagResult(
            id=question.id,
            family=question.row.family,
            tier=question.row.tier,
            status=Status.PRESENT if answers[question.id] == "yes" else Status.ABSENT,
            evidence=(Evidence("", day(today), question.told),) if answers[question.id] == "yes" else (),
            told=True,
        )
        for question in knowledge.questions
        if question.id in answers
    )


def rows_told(answers: Answers, knowledge: Knowledge) -> frozenset[str]:
    """The catalogue rows that a "yes" stands for, so that it completes a pair with a finding of the record."""
    return frozenset(question.like for question in knowledge.questions if answers.get(question.id) == "yes")
