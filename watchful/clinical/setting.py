"""Patients and visits that belong to somebody else's plan: silent, emergencies apart (§0.1 item 8).

An emergency was judged before. Everything else, also a hard flag, is silenced here, so each of these asks for a
record that says it plainly: what the chart does not show counts as not so.
"""

from watchful.clinical.assessment import Decision
from watchful.clinical.case import Case, Verdict

ADULT = 18
_BED = frozenset({"inpatient", "observation"})
_SPINE_SURGERY = "prior-lumbar-surgery"


def out_of_scope(case: Case) -> Verdict | None:
    """The reason to say nothing, where there is one."""
    if case.age is not None and case.age < ADULT:
        return Verdict(Decision.SILENT, "under-18")
    if _hospice(case):
        return Verdict(Decision.SILENT, "hospice")
    if case.setting in _BED:
        return Verdict(Decision.SILENT, "inpatient")
    if _trauma_team(case):
        return Verdict(Decision.SILENT, "trauma-activation")
    if case.facts.visit is not None and case.facts.visit.concepts & case.knowledge.specialties:
        return Verdict(Decision.SILENT, "specialist-setting")
    if _before_surgery(case):
        return Verdict(Decision.SILENT, "pre-operative")
    if _after_surgery(case):
        return Verdict(Decision.SILENT, "post-operative")
    when = case.order.occurrence
    if when is not None and (when.earliest - case.today).days >= case.windows.redate_days:
        return Verdict(Decision.SILENT, "already-dated")
    return None


def _hospice(case: Case) -> bool:
    """On the problem list, at this visit, or a visit, referral or procedure of the last year.

    Who was seen once for palliative care years ago, and lives, is not in hospice.
    """
    return any(
        "hospice" in each.concepts
        and each.current
        and (
            each.kind == "condition"
            or each.this_visit
            or (each.event is not None and each.event.possibly_within(case.windows.hospice_days, case.today))
        )
        for each in case.facts.findings
    )


def _trauma_team(case: Case) -> bool:
    """Called for this visit: by the visit's own type, a record linked to it, or a procedure of today or yesterday.

    An injury alone, however grave, does not say so.
    """
    if case.facts.visit is not None and "trauma-activation" in case.facts.visit.concepts:
        return True
    return any(
        "trauma-activation" in each.concepts
        and (
            each.this_visit
            or (
                each.kind == "procedure"
                and each.event is not None
                and each.event.possibly_within(case.windows.trauma_activation_days, case.today)
            )
        )
        for each in case.findings
    )


def _before_surgery(case: Case) -> bool:
    """An examination before an operation, or an operation on the spine that is booked.

    It counts as booked until so many days after its date, or after it was ordered where no date is set.
    Without any date it does not.
    """
    return any(
        ("pre-operative-visit" in each.concepts and each.this_visit)
        or (
            _SPINE_SURGERY in each.concepts
            and each.kind == "referral"
            and each.current
            and each.event is not None
            and each.event.fewest_days_ago(case.today) <= case.windows.booked_surgery_days
        )
        for each in case.findings
    )


def _after_surgery(case: Case) -> bool:
    """Within the weeks after an operation on the spine imaging belongs to the surgeon's plan."""
    return any(
        _SPINE_SURGERY in each.concepts
        and each.kind == "procedure"
        and each.event is not None
        and each.event.possibly_within(case.windows.post_operative_days, case.today)
        for each in case.facts.findings
    )
