"""The decision for one drafted order: one order of judgement, each step a few lines.

lumbar scope (before this) -> emergency -> under 18, hospice, setting -> chart readable -> back pain at this visit
-> hard flags -> recent imaging -> duration -> gaps -> weak flags -> defer
(`reference/clinical.md` §0.1 item 1 and the safety rules of the design).
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal

from watchful.clinical.assessment import Assessment, Decision, Evidence, Status, Tier
from watchful.clinical.back_pain import back_pain
from watchful.clinical.case import Case, Verdict
from watchful.clinical.computed import current_pregnancy, raised_hormone
from watchful.clinical.dates import PartialDate
from watchful.clinical.facts import ChartFacts, DataClass, ImagingOrder
from watchful.clinical.flags import look_for_flags
from watchful.clinical.knowledge.compiled import Knowledge
from watchful.clinical.knowledge.files import WindowsFile
from watchful.clinical.pain_plan import pain_plan
from watchful.clinical.record import Record
from watchful.clinical.setting import out_of_scope
from watchful.clinical.spoken import NOT_ASKED, Answers, rows_told, told_flags
from watchful.clinical.study import fits_all, mri_unsafe, of_flag

_URGENT_CARE = frozenset({"emergency", "inpatient", "observation"})
_SEVERITY = {Decision.URGENT: 3, Decision.CHANGE: 2, Decision.REVIEW: 1, Decision.SILENT: 0}


def assess(
    facts: ChartFacts,
    order: ImagingOrder,
    knowledge: Knowledge,
    today: date,
    *,
    signing: bool = True,
    spoken: Answers = NOT_ASKED,
) -> Assessment:
    """Judge one drafted lumbar imaging order. Deterministic: same facts, same answer, whatever their order.

    `today` is the site's calendar day. `signing` is true at `order-sign`, where alone the order's
    priority is judged (§0.1 item 14). `spoken` is what the patient answered today, by question; a "yes" is judged
    like a finding of the record. Raises UnknownQuestion.
    """
    facts = facts.as_of(today)
    pain = back_pain(facts, order, knowledge.windows, today)
    age = _age(facts.birth_date, today)
    record = Record(
        facts,
        order,
        today=today,
        age=age,
        back_pain=pain.present,
        acute_back_pain=pain.may_be_acute(knowledge.windows),
    )
    told = told_flags(spoken, knowledge, today)
    flags = (*look_for_flags(record, knowledge, rows_told(spoken, knowledge)), *told)
    present = Status.PRESENT
    case = Case(
        facts=facts,
        record=record,
        order=order,
        knowledge=knowledge,
        today=today,
        signing=signing,
        age=age,
        pain=pain,
        found=tuple([flag for flag in flags if flag.status is present]),
        recent_imaging=_recent_imaging(facts, knowledge.windows, today),
        pregnancy=_pregnancy(record, knowledge),
    )
    verdict = _judge(case)
    return Assessment(
        decision=verdict.decision,
        reason=verdict.reason,
        order=order,
        flags=flags,
        deciding=verdict.deciding,
        duration=pain.duration,
        unknown=facts.unknown(),
        change_to=verdict.change_to,
        age=age,
        sex=facts.sex,
        language=facts.language,
        leg_pain=pain.leg_pain,
        pregnancy=case.pregnancy,
        first_visit=facts.first_visit,
        setting=case.setting,
        uncoded_problems=facts.uncoded_problems,
        recent_imaging=case.recent_imaging,
        stat_would_fit=verdict.decision is Decision.URGENT
        and fits_all(case, verdict.deciding)
        and not mri_unsafe(case),
        pain_plan=pain_plan(record, knowledge, pregnancy=case.pregnancy),
        knowledge_version=knowledge.version,
    )


def _judge(case: Case) -> Verdict:
    for step in (_emergency, out_of_scope, _readable, _this_visit, _hard, _timing, _gaps, _weak):
        verdict = step(case)
        if verdict is not None:
            return verdict
    return Verdict(Decision.DEFER, "acute-no-flag")


def _emergency(case: Case) -> Verdict | None:
    found = case.present(Tier.EMERGENCY)
    if not found:
        return None
    ids = tuple(flag.id for flag in found)
    prompt = case.order.priority in ("stat", "asap") or (not case.signing)
    if fits_all(case, ids) and case.setting in _URGENT_CARE and prompt:
        return Verdict(Decision.SILENT, "right-study-right-place", ids)
    return Verdict(Decision.URGENT, "emergency", ids)


def _readable(case: Case) -> Verdict | None:
    """Safety rule 1: a hard flag found elsewhere is still told, with the gap named; else there is no answer."""
    if case.unreadable(DataClass.PATIENT, DataClass.CONDITION):
        return _speaking(case) or Verdict(Decision.SILENT, "chart-unreadable")
    return None


def _this_visit(case: Case) -> Verdict | None:
    if case.pain.present:
        return None
    if case.unreadable(DataClass.ENCOUNTER):
        # the visit may well be about back pain: what was found is told, but nothing is concluded from silence
        return _speaking(case) or Verdict(Decision.SILENT, "visit-unreadable")
    # questions about the back were asked today: a "yes" is told, though no code says why the patient came
    heard = any(flag.told for flag in case.found) and _speaking(case)
    return heard or Verdict(Decision.SILENT, "no-back-pain-this-visit")


def _speaking(case: Case) -> Verdict | None:
    """The hard flags that call for a card, whatever else is unknown."""
    verdict = _hard(case)
    return None if verdict is None or verdict.decision is Decision.SILENT else verdict


def _hard(case: Case) -> Verdict | None:
    return _loudest(of_flag(case, flag) for flag in case.present(Tier.HARD))


def _loudest(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The severest verdict; equal ones are told together, in catalogue order."""
    given = list(verdicts)
    if not given:
        return None
    top = max(given, key=lambda verdict: _SEVERITY[verdict.decision])
    same = [verdict for verdict in given if verdict.decision is top.decision]
    ids = tuple(flag_id for verdict in same for flag_id in verdict.deciding)
    return top._replace(deciding=ids)


def _timing(case: Case) -> Verdict | None:
    """Recent imaging, then duration (§0.1 items 6, 9, 10)."""
    if case.recent_imaging is not None:
        return Verdict(Decision.REVIEW, "recent-imaging")
    weak = tuple(flag.id for flag in case.present(Tier.SUPPRESS))
    days = case.pain.duration.days
    if case.pain.chronic:
        if weak:
            return Verdict(Decision.REVIEW, "chronic-with-weak-flag", weak)
        return Verdict(Decision.SILENT, "chronic")
    if case.pain.acute_on_chronic:
        return Verdict(Decision.REVIEW, "acute-on-chronic")
    if days is not None and days >= case.windows.acute_days:
        if case.order.modality == "mri" and not weak and _care_tried(case):
            return Verdict(Decision.SILENT, "conservative-care-tried")
        return Verdict(Decision.REVIEW, "subacute", weak)
    if case.pain.repeat_visit:
        return Verdict(Decision.REVIEW, "repeat-visits")
    return None


def _care_tried(case: Case) -> bool:
    """Physical therapy or the like that began in this episode, at least six weeks ago (§3.3)."""
    lasted = case.pain.duration.days
    return any(
        "conservative-care" in each.concepts
        and each.kind in ("procedure", "visit")
        and each.event is not None
        and each.event.fewest_days_ago(case.today) >= case.windows.conservative_care_days
        and (lasted is None or each.event.fewest_days_ago(case.today) <= lasted)
        for each in case.facts.findings
    )


def _gaps(case: Case) -> Verdict | None:
    """What must be known before imaging may be deferred."""
    if case.unreadable(DataClass.MEDICATION) or case.age is None:
        return Verdict(Decision.REVIEW, "data-gap")
    if case.setting is None:
        return Verdict(Decision.REVIEW, "setting-unknown")
    return None


def _weak(case: Case) -> Verdict | None:
    suppress = tuple(flag.id for flag in case.present(Tier.SUPPRESS))
    if suppress:
        return Verdict(Decision.REVIEW, "suppress-flag", suppress)
    text = case.present(Tier.TEXT)
    if case.setting == "emergency" and text:
        return Verdict(Decision.REVIEW, "emergency-department-flag", tuple(flag.id for flag in text))
    for family in sorted({flag.family for flag in text}):
        together = tuple(flag.id for flag in text if flag.family == family)
        if len(together) > 1:
            return Verdict(Decision.REVIEW, "weak-flags", together)
    if case.pain.duration.confidence == "unknown":
        return Verdict(Decision.REVIEW, "duration-not-in-chart")
    return None


def _age(birth: PartialDate | None, today: date) -> int | None:
    """Whole years; a partial birth date counts from its last possible day, so nobody turns adult early."""
    if birth is None or birth.in_future(today):
        return None
    born = birth.latest
    return max(0, today.year - born.year - ((today.month, today.day) < (born.month, born.day)))


def _pregnancy(record: Record, knowledge: Knowledge) -> Literal["no", "yes", "possible"]:
    if record.sex == "male":
        return "no"
    if any(raised_hormone(record, knowledge.computed)):
        return "yes"
    records = list(current_pregnancy(record, knowledge.computed))
    if not records:
        return "no"
    days = knowledge.windows.pregnancy_days
    fresh = any(each.event is not None and each.event.possibly_within(days, record.today) for each in records)
    return "yes" if fresh else "possible"


def _recent_imaging(facts: ChartFacts, windows: WindowsFile, today: date) -> Evidence | None:
    """The newest lumbar imaging within the window, in any modality; undated is not taken for recent."""
    recent = [
        each
        for each in facts.findings
        if "lumbar-imaging" in each.concepts
        and each.kind in ("report", "procedure")
        and each.event is not None
        and each.event.possibly_within(windows.recent_imaging_days, today)
    ]
    newest = max(
        recent, key=lambda each: (each.event.latest if each.event else today, each.reference), default=None
    )
    return Evidence(newest.reference, newest.event, newest.label) if newest else None
