"""The decision for one drafted order: one order of judgement, each step a few lines.

lumbar scope (before this) -> emergency -> under 18, hospice -> chart readable -> back pain at this visit
-> setting -> hard flags -> recent imaging -> duration -> weak flags and gaps -> defer
(`reference/clinical.md` §0.1 item 1 and the safety rules of the design).
"""

from collections.abc import Iterable
from datetime import date
from typing import Literal, NamedTuple

from watchful.clinical.assessment import Assessment, Decision, Evidence, FlagResult, Status, Tier
from watchful.clinical.back_pain import BackPain, back_pain
from watchful.clinical.computed import current_pregnancy, raised_hormone
from watchful.clinical.dates import PartialDate
from watchful.clinical.facts import ChartFacts, DataClass, Finding, ImagingOrder, State
from watchful.clinical.flags import look_for_flags
from watchful.clinical.knowledge.compiled import Knowledge
from watchful.clinical.knowledge.files import StudyFile, WindowsFile
from watchful.clinical.pain_plan import pain_plan
from watchful.clinical.record import Record
from watchful.clinical.spoken import NOT_ASKED, Answers, rows_told, told_flags

ADULT = 18
_URGENT_CARE = frozenset({"emergency", "inpatient", "observation"})
_CONTRAST_RATE = 30
"""mL/min/1.73 m²: below it contrast is a question for radiology."""
_BED = frozenset({"inpatient", "observation"})
_SEVERITY = {Decision.URGENT: 3, Decision.CHANGE: 2, Decision.REVIEW: 1, Decision.SILENT: 0}


class _Verdict(NamedTuple):
    decision: Decision
    reason: str
    deciding: tuple[str, ...] = ()
    change_to: str | None = None


class _Case(NamedTuple):
    """What every step of the judgement may look at."""

    facts: ChartFacts
    order: ImagingOrder
    knowledge: Knowledge
    today: date
    signing: bool
    age: int | None
    pain: BackPain
    found: tuple[FlagResult, ...]
    """The flags that are present, in catalogue order."""
    recent_imaging: Evidence | None
    pregnancy: Literal["no", "yes", "possible"]

    @property
    def windows(self) -> WindowsFile:
        return self.knowledge.windows

    @property
    def setting(self) -> str | None:
        return self.facts.visit.setting if self.facts.visit else None

    def present(self, *tiers: Tier) -> list[FlagResult]:
        return [flag for flag in self.found if flag.tier in tiers]

    def unreadable(self, *kinds: DataClass) -> bool:
        return any(self.facts.known[kind].state is State.UNKNOWN for kind in kinds)


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
    case = _Case(
        facts=facts,
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
        and _fits_all(case, verdict.deciding)
        and not _mri_unsafe(case),
        pain_plan=pain_plan(record, knowledge, pregnancy=case.pregnancy),
        knowledge_version=knowledge.version,
    )


def _judge(case: _Case) -> _Verdict:
    for step in (_emergency, _out_of_scope, _readable, _this_visit, _hard, _timing, _gaps, _weak):
        verdict = step(case)
        if verdict is not None:
            return verdict
    return _Verdict(Decision.DEFER, "acute-no-flag")


def _emergency(case: _Case) -> _Verdict | None:
    found = case.present(Tier.EMERGENCY)
    if not found:
        return None
    ids = tuple(flag.id for flag in found)
    prompt = case.order.priority in ("stat", "asap") or (not case.signing)
    if _fits_all(case, ids) and case.setting in _URGENT_CARE and prompt:
        return _Verdict(Decision.SILENT, "right-study-right-place", ids)
    return _Verdict(Decision.URGENT, "emergency", ids)


def _fits_all(case: _Case, flag_ids: Iterable[str]) -> bool:
    """Whether the drafted study is the one that each of these flags asks for."""
    studies = [case.knowledge.row(flag_id).study for flag_id in flag_ids]
    return all(study is not None and _is_one_of(case.order, study.appropriate) for study in studies)


def _out_of_scope(case: _Case) -> _Verdict | None:
    if case.age is not None and case.age < ADULT:
        return _Verdict(Decision.SILENT, "under-18")
    if any("hospice" in each.concepts and each.current for each in case.facts.findings):
        return _Verdict(Decision.SILENT, "hospice")
    if case.setting in _BED:
        return _Verdict(Decision.SILENT, "inpatient")
    if any("pre-operative-visit" in each.concepts and each.this_visit for each in _all_findings(case)):
        return _Verdict(Decision.SILENT, "pre-operative")
    if _after_surgery(case):
        return _Verdict(Decision.SILENT, "post-operative")
    when = case.order.occurrence
    if when is not None and (when.earliest - case.today).days >= case.windows.redate_days:
        return _Verdict(Decision.SILENT, "already-dated")
    return None


def _all_findings(case: _Case) -> tuple[Finding, ...]:
    return (*case.facts.findings, *case.order.reasons)


def _after_surgery(case: _Case) -> bool:
    """Within the weeks after an operation on the spine imaging belongs to the surgeon's plan (§0.1 item 8)."""
    return any(
        "prior-lumbar-surgery" in each.concepts
        and each.kind == "procedure"
        and each.event is not None
        and each.event.possibly_within(case.windows.post_operative_days, case.today)
        for each in case.facts.findings
    )


def _readable(case: _Case) -> _Verdict | None:
    """Safety rule 1: a hard flag found elsewhere is still told, with the gap named; else there is no answer."""
    if case.unreadable(DataClass.PATIENT, DataClass.CONDITION):
        return _speaking(case) or _Verdict(Decision.SILENT, "chart-unreadable")
    return None


def _this_visit(case: _Case) -> _Verdict | None:
    if case.pain.present:
        return None
    if case.unreadable(DataClass.ENCOUNTER):
        # the visit may well be about back pain: what was found is told, but nothing is concluded from silence
        return _speaking(case) or _Verdict(Decision.SILENT, "visit-unreadable")
    # questions about the back were asked today: a "yes" is told, though no code says why the patient came
    heard = any(flag.told for flag in case.found) and _speaking(case)
    return heard or _Verdict(Decision.SILENT, "no-back-pain-this-visit")


def _speaking(case: _Case) -> _Verdict | None:
    """The hard flags that call for a card, whatever else is unknown."""
    verdict = _hard(case)
    return None if verdict is None or verdict.decision is Decision.SILENT else verdict


def _hard(case: _Case) -> _Verdict | None:
    return _loudest(_of_flag(case, flag) for flag in case.present(Tier.HARD))


def _of_flag(case: _Case, flag: FlagResult) -> _Verdict:
    """What one hard flag says of the drafted study (§0.1 item 11)."""
    study = case.knowledge.row(flag.id).study
    if study is not None and _is_one_of(case.order, study.appropriate):
        return _Verdict(Decision.SILENT, "right-study", (flag.id,))
    if study is not None and _is_one_of(case.order, study.wrong):
        if study.change_to.startswith("mri") and _mri_unsafe(case):
            return _Verdict(Decision.REVIEW, "mri-unsafe-device", (flag.id,))
        return _Verdict(Decision.CHANGE, "wrong-study", (flag.id,), _without_unsafe_contrast(case, study))
    reason = "suspicion-in-order-text" if flag.family == "text" else "hard-flag"
    return _Verdict(Decision.REVIEW, reason, (flag.id,))


def _mri_unsafe(case: _Case) -> bool:
    """An implant or metal on record: MRI is never suggested (§0.1 item 11)."""
    return any("mri-unsafe-device" in each.concepts for each in case.facts.findings)


def _without_unsafe_contrast(case: _Case, study: StudyFile) -> str:
    """The study to name: without contrast where allergy, pregnancy or kidneys speak against it and it fits too."""
    plain = study.change_to.partition("-")[0] + "-without"
    contrast = study.change_to.endswith(("-both", "-with"))
    unsafe = (
        case.pregnancy != "no"
        or any("contrast-allergy" in each.concepts for each in case.facts.findings)
        or _weak_kidneys(case)
    )
    fits = plain in study.appropriate or plain.partition("-")[0] in study.appropriate
    return plain if contrast and fits and unsafe else study.change_to


def _weak_kidneys(case: _Case) -> bool:
    """Whether the latest filtration rate, or an undated one, is below 30 (§0.1 item 11)."""
    rates = [
        each
        for each in case.facts.measurements
        if "glomerular-filtration" in each.concepts and each.value is not None
    ]
    newest = max((each.when.latest for each in rates if each.when), default=None)
    return any(
        each.value is not None and each.value < _CONTRAST_RATE
        for each in rates
        if each.when is None or each.when.latest == newest
    )


def _is_one_of(order: ImagingOrder, studies: tuple[str, ...]) -> bool:
    return order.modality in studies or order.study in studies


def _loudest(verdicts: Iterable[_Verdict]) -> _Verdict | None:
    """The severest verdict; equal ones are told together, in catalogue order."""
    given = list(verdicts)
    if not given:
        return None
    top = max(given, key=lambda verdict: _SEVERITY[verdict.decision])
    same = [verdict for verdict in given if verdict.decision is top.decision]
    ids = tuple(flag_id for verdict in same for flag_id in verdict.deciding)
    return top._replace(deciding=ids)


def _timing(case: _Case) -> _Verdict | None:
    """Recent imaging, then duration (§0.1 items 6, 9, 10)."""
    if case.recent_imaging is not None:
        return _Verdict(Decision.REVIEW, "recent-imaging")
    weak = tuple(flag.id for flag in case.present(Tier.SUPPRESS))
    days = case.pain.duration.days
    if case.pain.chronic:
        if weak:
            return _Verdict(Decision.REVIEW, "chronic-with-weak-flag", weak)
        return _Verdict(Decision.SILENT, "chronic")
    if case.pain.acute_on_chronic:
        return _Verdict(Decision.REVIEW, "acute-on-chronic")
    if days is not None and days >= case.windows.acute_days:
        if case.order.modality == "mri" and not weak and _care_tried(case):
            return _Verdict(Decision.SILENT, "conservative-care-tried")
        return _Verdict(Decision.REVIEW, "subacute", weak)
    if case.pain.repeat_visit:
        return _Verdict(Decision.REVIEW, "repeat-visits")
    return None


def _care_tried(case: _Case) -> bool:
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


def _gaps(case: _Case) -> _Verdict | None:
    """What must be known before imaging may be deferred."""
    if case.unreadable(DataClass.MEDICATION) or case.age is None:
        return _Verdict(Decision.REVIEW, "data-gap")
    if case.setting is None:
        return _Verdict(Decision.REVIEW, "setting-unknown")
    return None


def _weak(case: _Case) -> _Verdict | None:
    suppress = tuple(flag.id for flag in case.present(Tier.SUPPRESS))
    if suppress:
        return _Verdict(Decision.REVIEW, "suppress-flag", suppress)
    text = case.present(Tier.TEXT)
    if case.setting == "emergency" and text:
        return _Verdict(Decision.REVIEW, "emergency-department-flag", tuple(flag.id for flag in text))
    for family in sorted({flag.family for flag in text}):
        together = tuple(flag.id for flag in text if flag.family == family)
        if len(together) > 1:
            return _Verdict(Decision.REVIEW, "weak-flags", together)
    if case.pain.duration.confidence == "unknown":
        return _Verdict(Decision.REVIEW, "duration-not-in-chart")
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
