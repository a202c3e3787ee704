"""The way of one hook request, in its order: orders in scope -> chart -> assess -> card -> journal -> answer.

Each step is a call that a test can make alone. Trust in the caller comes before, in `endpoint`.
"""

import asyncio
import time
from collections.abc import Sequence

import msgspec
import structlog
from msgspec import Struct

from cds_hooks.cards import Judged, MadeCard, make_card
from cds_hooks.link import case_of, link_of
from cds_hooks.ratings import system_actions
from cds_hooks.record import card_row, deciding_data, evaluation_rows, token_use, unasked_row
from cds_hooks.request import HookRequest
from cds_hooks.trust import Caller
from watchful.chart.facts import chart_facts
from watchful.chart.gather import Chart, gather
from watchful.chart.orders import DraftOrder, encounter_of, imaging_orders
from watchful.chart.subjects import Subject
from watchful.chart.unmapped import worth_noting
from watchful.clinical.assess import assess
from watchful.clinical.assessment import Decision
from watchful.clinical.facts import ChartFacts, DataClass
from watchful.content.frames import Frame, choose_frame
from watchful.content.phrases import chart_unreadable
from watchful.ehr.address import allowed_base
from watchful.ehr.fhir import FhirReader
from watchful.errors import BadRequest, ChartUnreadable, RuleFailure, WatchfulError
from watchful.journal.records import Case, Submission
from watchful.journal.summary import facts_fingerprint
from watchful.parts import Parts

NO_CARDS = b'{"cards":[]}'
_encode = msgspec.json.Encoder(decimal_format="number").encode
"""A decimal of a received order goes back as the number it was, not as text."""
_log = structlog.get_logger(__name__)


class _Read(Struct, frozen=True):
    """The chart, read for each of the orders in question."""

    facts: tuple[ChartFacts, ...]
    judged: tuple[Judged, ...]
    fingerprints: tuple[str, ...]
    """Of the facts, for telling whether a later call says anything new."""


async def evaluate(request: HookRequest, caller: Caller | None, parts: Parts) -> bytes:
    """Answer one hook call. The answer leaves only after its journal row is committed.

    Raises BadRequest (400), Untrusted for a replayed token (401), ChartUnreadable (412), RuleFailure (500),
    StoreUnavailable (503).
    """
    started = time.perf_counter()
    site = parts.site
    if site.mode == "off":
        await _commit(parts, caller, Submission())
        parts.metrics.evaluated(site.id, "Silent", "off")
        return NO_CARDS
    if request.draft_orders is None:
        row = unasked_row(request, parts, "orders-not-sent", started)
        await _commit(parts, caller, Submission(evaluations=(row,)))
        parts.metrics.evaluated(site.id, "Silent", "orders-not-sent")
        return NO_CARDS
    unmapped: list[tuple[str, str]] = []
    orders = imaging_orders(request.draft_orders, request.selections, parts.knowledge, site.zone, unmapped)
    if unmapped:
        parts.sightings.saw(worth_noting(unmapped))
    if not orders:
        await _commit(parts, caller, Submission())
        parts.metrics.evaluated(site.id, "Silent", "not-in-scope")
        return NO_CARDS
    chart = await _gather(request, orders, parts)
    try:
        read = _judge(request, orders, chart, parts)
        made = None
        handle = ""
        if not await _already_answered(request, read, parts):
            handle = parts.journal.new_handle()
            made = _card(request, read, parts, handle)
    except WatchfulError:
        raise
    except Exception as error:
        # loud, and without the message: an exception's text may quote the chart (safety rules 5 and 6)
        parts.metrics.failed(site.id, type(error).__name__)
        _log.error("rule_failure", site=site.id, error=type(error).__name__, at=_where(error))
        raise RuleFailure("The rules failed on this chart; nothing was concluded.") from None
    return await _answer(request, caller, read, made, handle, parts, started)


async def _gather(request: HookRequest, orders: Sequence[DraftOrder], parts: Parts) -> Chart:
    site = parts.site
    base = allowed_base(site, request.fhir_server, parts.settings.allow_fhir)
    bases = tuple({site.fhir, *site.fhir_aliases, *((base,) if base else ())})
    subject = Subject(request.patient_id, bases)
    encounter_id = request.encounter_id or encounter_of(orders)
    fhir = None
    if base is not None:
        deadline = asyncio.get_running_loop().time() + site.fhir_deadline_ms / 1000
        fhir = FhirReader(parts.http, base, bases, request.token, deadline=deadline, breaker=parts.breaker)
    elif request.fhir_server:
        parts.metrics.refused_server(site.id)
    chart = await gather(
        request.sent,
        subject=subject,
        patient_id=request.patient_id,
        encounter_id=encounter_id,
        fhir=fhir,
        keys=parts.prefetch,
        granted=request.granted,
    )
    if fhir is not None:
        parts.metrics.breaker_open(site.id, parts.breaker.is_open)
    if request.authorized_patient and not subject.owns(request.authorized_patient):
        raise BadRequest(
            "fhirAuthorization.patient is not the patient of this request.",
            member="fhirAuthorization.patient",
            issue="conflict",
        )
    for draft in orders:
        if not subject.owns(draft.subject):
            raise BadRequest(
                "A selected order is not for the patient of this request.",
                member="context.draftOrders",
                issue="conflict",
            )
    if chart.foreign:
        parts.metrics.foreign(site.id, chart.foreign)
    return chart


def _judge(request: HookRequest, orders: Sequence[DraftOrder], chart: Chart, parts: Parts) -> _Read:
    site, knowledge = parts.site, parts.knowledge
    today = parts.today()
    facts = tuple(chart_facts(chart, draft, knowledge, zone=site.zone, user=request.user) for draft in orders)
    judged = tuple(
        Judged(draft, assess(read, draft.order, knowledge, today, signing=request.signing))
        for draft, read in zip(orders, facts, strict=True)
    )
    return _Read(facts, judged, tuple(facts_fingerprint(parts.keys, site.id, read) for read in facts))


async def _already_answered(request: HookRequest, read: _Read, parts: Parts) -> bool:
    """At order-sign, a card that was answered for the same order and facts is not shown again (§0.1 item 14).

    An emergency always speaks again.
    """
    speaking = [
        (each, fingerprint)
        for each, fingerprint in zip(read.judged, read.fingerprints, strict=True)
        if each.assessment.decision is not Decision.SILENT
    ]
    if not request.signing or not speaking or parts.site.mode != "live":
        return False
    if any(each.assessment.decision is Decision.URGENT for each, _ in speaking):
        return False
    keys, site = parts.keys, parts.site.id
    for each, fingerprint in speaking:
        order_hash = keys.hash(site, "order", request.patient_id, each.draft.order.reference)
        if not await parts.journal.already_answered(site, order_hash, fingerprint):
            return False
    return True


def _card(request: HookRequest, read: _Read, parts: Parts, handle: str) -> MadeCard | None:
    site = parts.site
    return make_card(
        read.judged,
        parts.content(site.card_language),
        parts.knowledge,
        today=parts.today(),
        topic_system=parts.settings.topic_system,
        demo=site.demo,
        link=link_of(read.judged, parts, handle),
        new_id=parts.new_id,
        frame=_frame(request, parts),
        shape=parts.profile,
        items=site.order_items,
        reason_codes=site.override_reasons,
    )


def _frame(request: HookRequest, parts: Parts) -> Frame:
    """The wording of a deferral; only a draw needs to know which clinician asks."""
    site = parts.site
    if site.frame != "random" or not request.user:
        return choose_frame(site.frame, None)
    return choose_frame(site.frame, parts.keys.hash(site.id, "frame", request.user))


async def _answer(
    request: HookRequest,
    caller: Caller | None,
    read: _Read,
    made: MadeCard | None,
    handle: str,
    parts: Parts,
    started: float,
) -> bytes:
    site = parts.site
    unreadable = any(each.assessment.reason == "chart-unreadable" for each in read.judged) and made is None
    shown = made is not None and site.mode == "live"
    cases: tuple[Case, ...] = ()
    if made is not None and shown and "links" in made.json:
        cases = (case_of(request, read.judged, read.facts, made, handle, parts),)
    await _commit(
        parts,
        caller,
        Submission(
            cards=(card_row(made, parts),) if made is not None and shown else (),
            evaluations=evaluation_rows(
                request, read.judged, read.facts, read.fingerprints, made, shown, parts, started
            ),
            cases=cases,
        ),
    )
    for each in read.judged:
        parts.metrics.evaluated(site.id, str(each.assessment.decision), each.assessment.reason)
        for kind in deciding_data(each.assessment):
            parts.metrics.decided(site.id, kind, str(each.assessment.decision))
    parts.metrics.took(site.id, time.perf_counter() - started)
    if unreadable:
        missing = [
            kind for kind in read.judged[0].assessment.unknown if kind in (DataClass.PATIENT, DataClass.CONDITION)
        ]
        raise ChartUnreadable(chart_unreadable(missing, parts.content(site.card_language)))
    actions = system_actions([(each.draft, each.assessment) for each in read.judged], parts)
    if (not shown or made is None) and not actions:
        return NO_CARDS
    return _encode({"cards": [made.json] if shown and made is not None else [], **actions})


async def _commit(parts: Parts, caller: Caller | None, submission: Submission) -> None:
    """Write everything, and the caller's token use, in one transaction. Raises Untrusted on a replay."""
    if caller is not None:
        submission = msgspec.structs.replace(submission, token_use=token_use(caller, parts.site.id))
    elif not submission.evaluations and not submission.cards:
        return
    await parts.journal.submit(submission)


def _where(error: Exception) -> str:
    """Module and line of the innermost frame: enough to find a fault, nothing of the chart."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return ""
    return f"{frame.tb_frame.f_globals.get('__name__', '')}:{frame.tb_lineno}"
