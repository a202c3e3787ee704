"""Low back pain: whether it belongs to this visit, how long it has lasted, and what speaks against "new".

Follows `reference/clinical.md` §0.1 items 6 and 7, which win over its §3.3.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from watchful.clinical.assessment import Duration
from watchful.clinical.dates import PartialDate
from watchful.clinical.facts import ChartFacts, DataClass, Finding, ImagingOrder, State
from watchful.clinical.knowledge.files import WindowsFile

BACK_PAIN = "low-back-pain"
LEG_PAIN = "leg-pain"
CHRONIC = "chronic-back-pain"
CHRONIC_PAIN = "chronic-pain"
"""Chronic pain of no stated place: counts when it belongs to this visit, beside the back pain (§3.3 item 2)."""
SIX_WEEKS = 42
_SPINE_HISTORY = frozenset({BACK_PAIN, CHRONIC, "disc-or-stenosis", "lumbar-imaging", "recent-spinal-procedure"})
"""Any of these before this visit, and the pain cannot be taken for new without an onset date."""
_PAIN_CLINIC = "pain-medicine"
_HISTORY_CLASSES = (DataClass.ENCOUNTER, DataClass.CONDITION, DataClass.PROCEDURE, DataClass.REPORT)


class BackPain(NamedTuple):
    """This visit's low back pain."""

    present: bool
    leg_pain: bool
    duration: Duration
    chronic: bool
    """Explicitly chronic by its code, or longer than the chronic window."""
    chronic_by_code: bool
    acute_on_chronic: bool
    """An older active back-pain problem stands beside this visit's pain, or is this visit's: written down long
    ago, whatever onset it was given since."""
    repeat_visit: bool
    """Seen for back pain before, long enough ago that this is not the first visit for it."""

    def may_be_acute(self, windows: WindowsFile) -> bool:
        """Whether it is shorter than the acute window, or may be. Emergencies hang on it, so no policy makes that
        window shorter than six weeks (safety rule 2, `reference/clinical.md` §0.1 item 5)."""
        days = self.duration.days
        limit = max(windows.acute_days, SIX_WEEKS)
        return self.present and not self.chronic_by_code and (days is None or days < limit)


def back_pain(facts: ChartFacts, order: ImagingOrder, windows: WindowsFile, today: date) -> BackPain:
    """Everything the decision needs to know of the pain itself."""
    pains = [each for each in (*facts.findings, *order.reasons) if {BACK_PAIN, CHRONIC} & each.concepts]
    now = [each for each in pains if _this_visit(each, windows, today)]
    earlier = [
        each
        for each in pains
        if each not in now and each.kind in ("condition", "visit") and not _future(each, today)
    ]
    duration = _duration(now, earlier, facts, windows, today)
    written = [each.recorded for each in now if each.recorded is not None and not each.recorded.in_future(today)]
    explicitly_chronic = any(CHRONIC in each.concepts for each in now) or any(
        CHRONIC_PAIN in each.concepts and _this_visit(each, windows, today)
        for each in (*facts.findings, *order.reasons)
    )
    return BackPain(
        present=bool(now),
        leg_pain=any(LEG_PAIN in each.concepts for each in now),
        duration=duration,
        chronic_by_code=explicitly_chronic,
        chronic=explicitly_chronic or (duration.days is not None and duration.days > windows.chronic_days),
        acute_on_chronic=any(
            each.kind == "condition" and each.current and _chronic(each, windows, today) for each in earlier
        )
        or any(each.most_days_ago(today) > windows.chronic_days for each in written),
        repeat_visit=any(
            each.possibly_within(windows.history_days, today)
            and each.most_days_ago(today) >= windows.repeat_visit_days
            for each in (*written, *(each.event for each in earlier if each.event is not None))
        ),
    )


def _this_visit(finding: Finding, windows: WindowsFile, today: date) -> bool:
    """In the order's reason, linked to this encounter, or a condition recorded within the last days (item 7)."""
    if finding.this_visit:
        return True
    return (
        finding.kind == "condition"
        and finding.current
        and finding.recorded is not None
        and finding.recorded.possibly_within(windows.this_visit_days, today)
        and not finding.recorded.in_future(today)
    )


def _chronic(finding: Finding, windows: WindowsFile, today: date) -> bool:
    """By its code, whatever its date, or by its age."""
    if CHRONIC in finding.concepts:
        return True
    return finding.event is not None and finding.event.most_days_ago(today) > windows.chronic_days


def _future(finding: Finding, today: date) -> bool:
    return finding.event is not None and finding.event.in_future(today)


def _duration(
    now: Iterable[Finding], earlier: Iterable[Finding], facts: ChartFacts, windows: WindowsFile, today: date
) -> Duration:
    dated = [each for each in now if each.onset is not None and not each.vague_onset]
    vague = [each for each in now if each.vague_onset]
    explicit = max(dated, key=lambda each: (_days(each, today), each.reference), default=None)
    if explicit is not None and not vague:
        return Duration(days=_days(explicit, today), source=explicit.reference, confidence="explicit")
    recorded_before = [
        each
        for each in (*now, *earlier)
        if each.event is not None
        and each.event.possibly_within(windows.history_days, today)
        and not each.event.in_future(today)
    ]
    longest = max(
        (*dated, *vague, *recorded_before), key=lambda each: (_days(each, today), each.reference), default=None
    )
    if longest is not None and _days(longest, today) >= windows.acute_days:
        # written down long ago, or begun at an age long past: it has lasted at least so long
        return Duration(days=_days(longest, today), source=longest.reference, confidence="inferred")
    if not vague and _new_in_a_long_history(facts, windows, today):
        return Duration(days=None, source="history", confidence="assumed")
    return Duration(days=None, source="none", confidence="unknown")


def _days(finding: Finding, today: date) -> int:
    """The longest it may have lasted: a partial date counts from its earliest day. Of a vague onset only what is
    sure counts: since its last day, or since it was written down."""
    if not finding.vague_onset:
        return finding.event.most_days_ago(today) if finding.event is not None else 0
    began = finding.onset.fewest_days_ago(today) if finding.onset is not None else 0
    return max(began, finding.recorded.most_days_ago(today) if finding.recorded is not None else 0)


def _new_in_a_long_history(facts: ChartFacts, windows: WindowsFile, today: date) -> bool:
    if any(facts.known[kind].state is State.UNKNOWN for kind in _HISTORY_CLASSES):
        return False
    if facts.history_start is None or facts.history_start.fewest_days_ago(today) < windows.history_days:
        return False
    if any(
        _PAIN_CLINIC in each.concepts and not _before(each.start, windows, today) for each in facts.earlier_visits
    ):
        return False
    return not any(
        _SPINE_HISTORY & each.concepts
        and not _this_visit(each, windows, today)
        and not _long_over(each, windows, today)
        for each in facts.findings
        if each.kind != "order-reason"
    )


def _long_over(finding: Finding, windows: WindowsFile, today: date) -> bool:
    """Certainly before the history window, and not still on the problem list."""
    return _before(finding.event, windows, today) and not (finding.kind == "condition" and finding.current)


def _before(when: PartialDate | None, windows: WindowsFile, today: date) -> bool:
    """Whether it was certainly before the history window."""
    return when is not None and when.fewest_days_ago(today) > windows.history_days
