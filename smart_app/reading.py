"""The order in question and the chart it is judged by: as the card saw them, else read over FHIR with our token.

Only ever for the patient of the session: the case of a card is opened with that patient's id, and a chart in which
another patient turns up is not used. What could not be read stays unknown in the facts (safety rule 1).
"""

import asyncio
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from smart_app.banner import banner_of
from smart_app.chart_order import order_by_hand, order_of_chart
from smart_app.scopes import granted
from smart_app.session import Session, Subject
from smart_app.sessions import Sessions
from watchful.chart.facts import chart_facts
from watchful.chart.gather import Chart, gather
from watchful.chart.orders import DraftOrder
from watchful.chart.subjects import Subject as Patient
from watchful.content.card_case import background_behind, reasoning_behind
from watchful.ehr.fhir import Answer, FhirReader
from watchful.errors import BadRequest, EhrFailed
from watchful.parts import Parts

_REFUSED = "http-401"


class _Source:
    """The reader; it keeps the pages that hold more than the rules read: who the patient is, and whole orders."""

    def __init__(self, reader: FhirReader) -> None:
        self._reader = reader
        self.pages: dict[str, tuple[bytes, ...]] = {"patient": (), "orders": ()}

    async def read_all(self, relatives: Mapping[str, str]) -> Mapping[str, Answer]:
        answers = await self._reader.read_all(relatives)
        self.pages |= {name: answers[name].pages for name in self.pages if name in answers}
        return answers


async def read_subject(
    session: Session, parts: Parts, sessions: Sessions, *, study: str | None = None, again: bool = False
) -> Session:
    """The session with `subject` (None: no order is known, nor `study` named) and `banner`; not kept yet.

    `again` reads the chart also where the card's own reading is at hand. Raises SessionGone and EhrFailed.
    """
    session = await sessions.fresh(session)
    if not again and study is None and session.handle:
        from_card = await _of_card(session, parts)
        if from_card is not None:
            return await _with_banner(from_card, parts, sessions)
    return await _of_chart(session, parts, sessions, study)


def with_reading(stored: Session, read: Session) -> Session:
    """What is stored by now, with what was read. A chart takes seconds: what was answered meanwhile stays."""
    return replace(
        stored,
        subject=read.subject,
        banner=read.banner or stored.banner,
        card=read.card,
        encounter=read.encounter,
    )


async def _of_card(session: Session, parts: Parts) -> Session | None:
    """None where the case is gone, or has no background."""
    stored = await parts.journal.case_of(parts.site.id, session.handle, session.patient)
    if stored is None:
        return None
    try:
        behind, order = background_behind(stored), reasoning_behind(stored).assessment.order
    except msgspec.DecodeError:  # of another version of ours
        return None
    if behind is None:
        return None
    subject = Subject(
        order=order,
        facts=behind.facts,
        read_at=behind.read_at,
        source="card",
        reason_references=behind.reason_references,
    )
    return replace(session, subject=subject, card=behind.card, encounter=session.encounter or behind.encounter)


async def _with_banner(session: Session, parts: Parts, sessions: Sessions) -> Session:
    """Without it no page may be shown where the EHR wants one; a Patient that cannot be read leaves it None."""
    if not session.need_banner or session.banner is not None:
        return session
    relative = f"Patient/{session.patient}"
    answer = await _reader(session, parts).read(relative)
    if answer.why == _REFUSED:
        session = await sessions.fresh(session, refused=True)
        answer = await _reader(session, parts).read(relative)
    return replace(session, banner=banner_of(answer.pages, _patient(session, parts)))


async def _of_chart(session: Session, parts: Parts, sessions: Sessions, study: str | None) -> Session:
    chart, source = await _gathered(session, parts)
    if _REFUSED in {each.why for each in chart.known.values()}:
        session = await sessions.fresh(session, refused=True)
        chart, source = await _gathered(session, parts)
    if chart.foreign:
        parts.metrics.foreign(parts.site.id, chart.foreign)
    session = replace(session, banner=banner_of(source.pages["patient"], chart.subject) or session.banner)
    draft = order_by_hand(study, parts.knowledge) if study else _order(session, chart, source, parts)
    if draft is None:
        return replace(session, subject=None)
    subject = Subject(
        order=draft.order,
        facts=chart_facts(chart, draft, parts.knowledge, zone=parts.site.zone, user=session.user),
        read_at=parts.now(),
        source="chart",
        reason_references=draft.reason_references,
    )
    return replace(session, subject=subject)


def _order(session: Session, chart: Chart, source: _Source, parts: Parts) -> DraftOrder | None:
    """The order of the chart; where the session is about another one, that one stays."""
    today = parts.today()
    encounter = session.encounter
    found = order_of_chart(source.pages["orders"], chart.subject, encounter, parts.knowledge, parts.site, today)
    before = session.subject
    if before is None or (found is not None and found.order.reference == before.order.reference):
        return found
    return DraftOrder(
        order=before.order, raw=b"", subject=None, encounter=None, reason_references=before.reason_references
    )


async def _gathered(session: Session, parts: Parts) -> tuple[Chart, _Source]:
    source = _Source(_reader(session, parts))
    try:
        chart = await gather(
            {},
            subject=_patient(session, parts),
            patient_id=session.patient,
            encounter_id=session.encounter,
            fhir=source,
            keys=parts.prefetch,
            granted=granted(session.tokens.scopes).read,
        )
    except BadRequest:  # the Patient that came back is another one
        raise EhrFailed("chart-unreadable", "other-patient") from None
    parts.metrics.breaker_open(parts.site.id, parts.breaker.is_open)
    return chart, source


def _patient(session: Session, parts: Parts) -> Patient:
    site = parts.site
    return Patient(session.patient, {session.base, site.fhir, *site.fhir_aliases})


def _reader(session: Session, parts: Parts) -> FhirReader:
    """Twice the time of a hook: a person who opens a page waits a little longer than one who drafts an order."""
    site = parts.site
    deadline = asyncio.get_running_loop().time() + 2 * site.fhir_deadline_ms / 1000
    aliases = (site.fhir, *site.fhir_aliases)
    return FhirReader(
        parts.http, session.base, aliases, session.tokens.access, deadline=deadline, breaker=parts.breaker
    )
