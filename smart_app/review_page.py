"""The first page of the app: the decision, what it rests on, and the questions that a chart cannot answer."""

from msgspec.structs import replace
from starlette.datastructures import FormData
from starlette.responses import Response

from smart_app.judged import Judged
from smart_app.pages import page
from smart_app.session import Session
from watchful.clinical.assessment import Assessment
from watchful.clinical.knowledge.compiled import Knowledge
from watchful.clinical.spoken import Answer
from watchful.content.app_texts import app_texts
from watchful.content.explain import explain
from watchful.content.load import Content
from watchful.content.phrases import capital
from watchful.content.review import read_notice, review_words
from watchful.errors import NotOurForm
from watchful.parts import Parts


def review_page(judged: Judged, parts: Parts) -> Response:
    session, subject, texts = judged.session, judged.subject, app_texts().review
    content = parts.content(parts.site.card_language)
    review = review_words(judged.assessment, parts.knowledge, content, session.answers, judged.dates)
    changed, by_chart = _what_changed(judged, parts, content)
    said = review.questions_texts
    return page(
        "app_review.html.j2",
        session,
        parts,
        judged=judged,
        current="review",
        review=review,
        changed=" ".join((changed, by_chart)).strip(),
        announce=" ".join((texts.updated.format(headline=review.headline), changed)).strip(),
        options=(("yes", said.yes), ("no", said.no), ("", said.not_asked)),
        read=read_notice(subject.source, subject.read_at.astimezone(parts.site.zone), content),
        reasoning=explain(judged.assessment, subject.facts.known),
        notices=_notices(session),
    )


def study_page(session: Session, parts: Parts) -> Response:
    """No order is known: the clinician says which study is in question."""
    content = parts.content(parts.site.card_language)
    studies: dict[str, str] = {}
    for study in parts.knowledge.studies.values():  # the first of each id, as `order_by_hand` takes it
        studies.setdefault(study.id, capital(study.label))
    return page(
        "app_study.html.j2",
        session,
        parts,
        judged=None,
        current="review",
        studies=studies,
        notices=(*_notices(session), content.review.notice.no_order),
    )


def with_answers(session: Session, form: FormData, knowledge: Knowledge) -> Session:
    """The session as the form has it. A question that the form leaves out keeps its answer.

    Raises NotOurForm for what no radio button says: it is not for us to guess whether that was a "yes".
    """
    answers: dict[str, Answer] = dict(session.answers)
    for question in knowledge.questions:
        match form.get(f"q.{question.id}"):
            case "yes":
                answers[question.id] = "yes"
            case "no":
                answers[question.id] = "no"
            case "":
                answers.pop(question.id, None)
            case None:
                pass
            case _:
                raise NotOurForm("answer")
    return replace(session, answers=answers)


def _what_changed(judged: Judged, parts: Parts, content: Content) -> tuple[str, str]:
    """Whether today's answers weigh, and what the advice would be without them, where that differs."""
    texts, answers = app_texts().review, judged.session.answers
    if not answers:
        return "", ""
    if _essence(judged.assessment) == _essence(judged.by_chart):
        return texts.unchanged, ""
    before = review_words(judged.by_chart, parts.knowledge, content, {}, judged.dates)
    return texts.changed, texts.by_chart.format(headline=before.headline)


def _essence(assessment: Assessment) -> tuple[object, ...]:
    return assessment.decision, assessment.reason, assessment.deciding, assessment.change_to


def _notices(session: Session) -> tuple[str, ...]:
    return (app_texts().review.card_lost,) if session.card_lost else ()
