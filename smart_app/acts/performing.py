"""One press of a button: claimed in the journal before anything is sent, and its end kept there.

The claim makes it one write under a double click, a reload or two workers; the identifier makes it one where the
answer was lost: whoever tries again first looks whether the first one arrived. A failure of the journal passes
through. Before the claim it means that nothing was sent; after it, that the next press looks first.
"""

import asyncio

import structlog
from msgspec import json

from smart_app.acts.act import Act, Kind
from smart_app.acts.drafts import KINDS, Draft, draft_of
from smart_app.acts.telling import told
from smart_app.acts.visit import Visit, visit_of
from smart_app.scopes import granted
from smart_app.session import Session
from watchful.clinical.assessment import Assessment
from watchful.ehr.fhir import FhirReader
from watchful.ehr.fhir_writer import FhirWriter, Written
from watchful.ehr.looking import look_up
from watchful.ehr.refusals import refusal
from watchful.journal.records import WriteBack, WriteOutcome
from watchful.parts import Parts

DEADLINE_SECONDS = 10.0
"""For all that one press asks of the EHR; below the service's own `request_deadline_ms`."""
_log = structlog.get_logger("watchful.acts")


async def offers(
    session: Session, parts: Parts, assessment: Assessment, *, language: str | None = None
) -> tuple[Act, ...]:
    """What can be written for this visit, each as it stands. Raises StoreUnavailable."""
    visit = visit_of(session, parts, assessment, language)
    drafts = [await draft_of(kind, visit) for kind in KINDS]
    return tuple([await _as_it_stands(draft, visit) for draft in drafts if draft is not None])


async def perform(
    kind: Kind, session: Session, parts: Parts, assessment: Assessment, *, language: str | None = None
) -> Act | None:
    """Write it, unless that was done; the act as it then stands. None for what is not offered.

    The session's token is fresh. Raises StoreUnavailable.
    """
    visit = visit_of(session, parts, assessment, language)
    draft = await draft_of(kind, visit)
    if draft is None:
        return None
    earlier = await parts.journal.write_of(parts.site.id, draft.identifier.value)
    now = parts.now()
    done = earlier is not None and (earlier.outcome == "made" or earlier.still_running(now))
    if done or draft.impossible or await _claim(draft, earlier, visit) is not None:
        return await _as_it_stands(draft, visit)
    await _finish(draft, await _write(draft, earlier, visit), visit)
    return await _as_it_stands(draft, visit)


async def _as_it_stands(draft: Draft, visit: Visit) -> Act:
    parts = visit.parts
    earlier = await parts.journal.write_of(parts.site.id, draft.identifier.value)
    return told(draft, earlier, visit.content.acts, parts.now())


async def _claim(draft: Draft, earlier: WriteBack | None, visit: Visit) -> WriteBack | None:
    """None: the write is ours to do. Else what another press made of it meanwhile."""
    session, parts = visit.session, visit.parts
    return await parts.journal.claim_write(
        parts.site.id,
        draft.identifier.value,
        draft.kind,
        draft.type,
        session=session.id,
        card=session.card,
        patient=session.patient,
        after=earlier,
    )


async def _write(draft: Draft, earlier: WriteBack | None, visit: Visit) -> Written:
    session, parts = visit.session, visit.parts
    site, token = parts.site, session.tokens.access
    deadline = asyncio.get_running_loop().time() + DEADLINE_SECONDS
    if earlier is not None and earlier.outcome != "refused":  # sent before, and never heard of
        reader = FhirReader(
            parts.http, session.base, site.fhir_aliases, token, deadline=deadline, breaker=parts.breaker
        )
        found = await look_up(
            reader,
            draft.type,
            session.patient,
            draft.identifier,
            may_search=granted(session.tokens.scopes).may_read(draft.type),
        )
        if found is not None:
            return found
    writer = FhirWriter(parts.http, session.base, token, deadline=deadline, breaker=parts.breaker)
    return await writer.create(draft.type, json.encode(draft.resource), draft.identifier)


_OUTCOMES: dict[str, WriteOutcome] = {"made": "made", "existed": "made", "refused": "refused", "unknown": "failed"}


async def _finish(draft: Draft, written: Written, visit: Visit) -> None:
    parts, site = visit.parts, visit.parts.site.id
    parts.metrics.wrote(site, draft.kind, written.outcome)
    if written.outcome in ("refused", "unknown"):
        reason = refusal(written.status) if written.outcome == "refused" else "unknown"
        _log.warning("write_back", site=site, reason=reason, status=written.status, detail=written.why)
    await parts.journal.finish_write(
        site, draft.identifier.value, _OUTCOMES[written.outcome], written.status, written.id
    )
