"""What every act of one visit is made from."""

from datetime import datetime

from msgspec import Struct

from smart_app.session import Session
from watchful.clinical.assessment import Assessment
from watchful.content.load import Content
from watchful.content.plan import WAITING, PlanDates, plan_dates
from watchful.content.referral import OrderCode
from watchful.parts import Parts


class Visit(Struct, frozen=True, kw_only=True):
    session: Session
    parts: Parts
    assessment: Assessment
    content: Content
    """For the clinician; also what the EHR's own staff will read."""
    dates: PlanDates
    made_at: datetime
    language: str | None = None
    """Of the handout, where another than the patient's own was chosen."""

    @property
    def may_wait(self) -> bool:
        return self.assessment.decision in WAITING

    @property
    def patient(self) -> str:
        return f"Patient/{self.session.patient}"

    @property
    def encounter(self) -> str | None:
        return f"Encounter/{self.session.encounter}" if self.session.encounter else None

    @property
    def practitioner(self) -> str | None:
        """Who acts, where the EHR vouched for a clinician; nobody else is named as author or requester."""
        user = self.session.user or ""
        return user if user.startswith(("Practitioner/", "PractitionerRole/")) else None

    @property
    def reasons(self) -> tuple[str, ...]:
        """The Conditions that the imaging order names."""
        subject = self.session.subject
        return tuple(
            each for each in (subject.reason_references if subject else ()) if each.startswith("Condition/")
        )

    @property
    def physical_therapy(self) -> OrderCode:
        """The site's own order for it, else a code that everybody can look up."""
        for item in self.parts.site.order_items:
            if item.purpose == "physical-therapy":
                return OrderCode(item.system, item.code, item.display)
        return OrderCode()


def visit_of(session: Session, parts: Parts, assessment: Assessment, language: str | None = None) -> Visit:
    now = parts.now().astimezone(parts.site.zone)
    return Visit(
        session=session,
        parts=parts,
        assessment=assessment,
        content=parts.content(parts.site.card_language),
        dates=plan_dates(assessment, today=now.date(), windows=parts.knowledge.windows),
        made_at=now,
        language=language,
    )
