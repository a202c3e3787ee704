"""What a page tells of: the session's order, judged by its chart and by what the patient says."""

from datetime import date

from msgspec import Struct

from smart_app.session import Session, Subject
from watchful.clinical.assess import assess
from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.spoken import UnknownQuestion
from watchful.content.handout_signs import may_give_handout
from watchful.content.plan import WAITING, PlanDates, plan_dates
from watchful.errors import SessionGone
from watchful.parts import Parts


class Judged(Struct, frozen=True, kw_only=True):
    session: Session
    subject: Subject
    assessment: Assessment
    """By the chart and today's answers."""
    by_chart: Assessment
    """By the chart alone, to tell what the answers changed."""
    today: date
    dates: PlanDates

    @property
    def offers_talk(self) -> bool:
        """The words say that a picture can wait: only where it can."""
        return self.assessment.decision is Decision.DEFER

    @property
    def offers_handout(self) -> bool:
        """As the card does (`cds_hooks.link`)."""
        return may_give_handout(self.assessment)

    @property
    def has_handout_page(self) -> bool:
        """Also where it only says why there is no handout yet."""
        return self.assessment.decision in WAITING


def judge(session: Session, parts: Parts) -> Judged | None:
    """None while no order is known. Raises SessionGone for answers that this version no longer understands."""
    subject = session.subject
    if subject is None:
        return None
    today = parts.today()
    by_chart = assess(subject.facts, subject.order, parts.knowledge, today)
    assessment = by_chart
    if session.answers:
        try:
            assessment = assess(subject.facts, subject.order, parts.knowledge, today, spoken=session.answers)
        except UnknownQuestion:  # one of them may be a "yes": never judge without it
            raise SessionGone("other-questions") from None
    return Judged(
        session=session,
        subject=subject,
        assessment=assessment,
        by_chart=by_chart,
        today=today,
        dates=plan_dates(assessment, today=today, windows=parts.knowledge.windows),
    )
