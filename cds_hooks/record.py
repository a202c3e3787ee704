"""What a hook call leaves in the journal: states, codes and keyed hashes; nothing of the chart itself."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from cds_hooks.cards import Judged, MadeCard
from cds_hooks.request import HookRequest
from cds_hooks.trust import Caller
from watchful.clinical.assessment import Assessment
from watchful.clinical.facts import ChartFacts
from watchful.journal.records import Card, Evaluation, TokenUse
from watchful.journal.summary import age_band, class_states, flag_states
from watchful.parts import Parts


def token_use(caller: Caller, site: str) -> TokenUse:
    """The caller's token, to be refused when it comes a second time."""
    return TokenUse(
        site=site,
        issuer=caller.issuer,
        jti=caller.jti,
        expires_at=datetime.fromtimestamp(caller.remember_until, tz=UTC),
    )


def deciding_data(assessment: Assessment) -> frozenset[str]:
    """The resource types whose records decided, and `none` where nothing found did: what a site may not drop."""
    deciding = frozenset(assessment.deciding)
    return frozenset(
        evidence.reference.partition("/")[0] or "none"
        for flag in assessment.flags
        if flag.id in deciding
        for evidence in flag.evidence
    ) or frozenset({"none"})


def card_row(made: MadeCard, parts: Parts) -> Card:
    """The card, so that feedback about it can be understood."""
    return Card(
        uuid=made.uuid,
        at=parts.now(),
        site=parts.site.id,
        topic=made.topic,
        suggestions=made.suggestions,
        frame=made.frame,
    )


def evaluation_rows(
    request: HookRequest,
    judged: Sequence[Judged],
    facts: Sequence[ChartFacts],
    fingerprints: Sequence[str],
    made: MadeCard | None,
    shown: bool,
    parts: Parts,
    started: float,
) -> tuple[Evaluation, ...]:
    """One row for each lumbar order of the basket, also for the silent ones."""
    keys, site = parts.keys, parts.site
    about = {each.draft.order.reference for each in made.about} if made is not None else set()
    patient = keys.hash(site.id, "patient", request.patient_id)
    user = keys.hash(site.id, "user", request.user or "")
    instance = keys.hash(site.id, "hook-instance", request.instance)
    encounter = keys.hash(site.id, "encounter", request.encounter_id) if request.encounter_id else None
    latency = (time.perf_counter() - started) * 1000
    rows = []
    for each, read, fingerprint in zip(judged, facts, fingerprints, strict=True):
        assessment, order = each.assessment, each.draft.order
        on_card = shown and order.reference in about
        rows.append(
            Evaluation(
                id=parts.new_id(),
                at=parts.now(),
                site=site.id,
                hook=request.hook,
                hook_instance_hash=instance,
                patient_hash=patient,
                user_hash=user,
                encounter_hash=encounter,
                order_hash=keys.hash(site.id, "order", request.patient_id, order.reference),
                order_system=order.system,
                order_code=order.code,
                modality=order.modality,
                setting=assessment.setting,
                age_band=age_band(assessment.age),
                sex=assessment.sex,
                language=assessment.language,
                mode=site.mode,
                decision=str(assessment.decision),
                reason=assessment.reason,
                flags=flag_states(assessment),
                facts_fingerprint=fingerprint,
                data_classes=class_states(read),
                knowledge_version=assessment.knowledge_version,
                shown=on_card,
                card_uuid=made.uuid if made is not None and on_card else None,
                latency_ms=latency,
            )
        )
    return tuple(rows)


def unasked_row(request: HookRequest, parts: Parts, reason: str, started: float) -> Evaluation:
    """A call that named no order at all: the EHR withheld them, and the site should learn of it."""
    keys, site = parts.keys, parts.site
    return Evaluation(
        id=parts.new_id(),
        at=parts.now(),
        site=site.id,
        hook=request.hook,
        hook_instance_hash=keys.hash(site.id, "hook-instance", request.instance),
        patient_hash=keys.hash(site.id, "patient", request.patient_id),
        user_hash=keys.hash(site.id, "user", request.user or ""),
        order_hash=keys.hash(site.id, "order", request.patient_id, ""),
        order_system="",
        order_code="",
        modality="",
        mode=site.mode,
        decision="Silent",
        reason=reason,
        flags={},
        facts_fingerprint="",
        data_classes={},
        knowledge_version=parts.knowledge.version,
        shown=False,
        latency_ms=(time.perf_counter() - started) * 1000,
    )
