"""Where a card leads, and the case that waits there."""

from collections.abc import Sequence
from datetime import timedelta

from cds_hooks.cards import Judged, Link, MadeCard
from cds_hooks.request import HookRequest
from watchful.chart.orders import encounter_of
from watchful.clinical.assessment import Decision
from watchful.clinical.facts import ChartFacts
from watchful.content.card_case import Background, Reasoning, card_case
from watchful.content.handout_signs import may_give_handout, unsettled
from watchful.content.plan import plan_dates
from watchful.journal.records import Case
from watchful.parts import Parts


def link_of(judged: Sequence[Judged], parts: Parts, handle: str) -> Link | None:
    """The app where the site has it; else the handout, where something may wait. Never both: an EHR that launches
    apps may expect all links of a card to be launches (`reference/standards.md` I-18)."""
    if parts.site.smart is not None and parts.site.smart.link:
        return Link("app", f"{parts.base_url}/smart/launch", handle)
    return Link("handout", f"{parts.base_url}/handout/{handle}") if _may_give_handout(judged) else None


def _may_give_handout(judged: Sequence[Judged]) -> bool:
    """Whether a handout on waiting for a scan fits every order of the basket, and the patient."""
    assessments = [each.assessment for each in judged]
    return any(map(may_give_handout, assessments)) and not any(
        each.decision in (Decision.URGENT, Decision.CHANGE) or unsettled(each) for each in assessments
    )


def case_of(
    request: HookRequest,
    judged: Sequence[Judged],
    facts: Sequence[ChartFacts],
    made: MadeCard,
    handle: str,
    parts: Parts,
) -> Case:
    """What stands behind the card's link, sealed by the store and forgotten after `case_ttl`."""
    site, first = parts.site, made.about[0]
    assessment, read = first.assessment, facts[judged.index(first)]
    now = parts.now()
    dates = plan_dates(assessment, today=parts.today(), windows=parts.knowledge.windows)
    background = Background(
        card=made.uuid,
        facts=read,
        read_at=now,
        encounter=request.encounter_id or encounter_of([first.draft]),
        reason_references=first.draft.reason_references,
    )
    return Case(
        handle=handle,
        site=site.id,
        patient_hash=parts.keys.hash(site.id, "patient", request.patient_id),
        payload=card_case(
            parts.handout(assessment, dates) if _may_give_handout(judged) else None,
            Reasoning(assessment, read.known),
            # a long chart: kept only for the app, which alone reads it
            background if site.smart is not None else None,
        ),
        expires_at=now + timedelta(hours=site.case_ttl_hours),
    )
