"""How long a prescription covers, as far as it says."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from watchful.chart.coding import names_of
from watchful.chart.dates import parse
from watchful.chart.resources import MedicationRequest, Quantity
from watchful.clinical.dates import PartialDate
from watchful.clinical.knowledge.compiled import Knowledge

_DAYS: Mapping[str, float] = {"d": 1, "day": 1, "wk": 7, "week": 7, "mo": 30, "month": 30, "a": 365, "year": 365}
"""UCUM, and the words that charts write, without a plural."""


def _days(duration: Quantity | None) -> int | None:
    """A supply in days; None for none and for a unit that is not a time."""
    if duration is None or duration.value is None or duration.value <= 0:
        return None
    spelled = (duration.code or duration.unit or "d").strip().lower()
    each = _DAYS.get(spelled) or _DAYS.get(spelled.removesuffix("s"))
    return round(duration.value * each) if each is not None else None


def covered_until(
    request: MedicationRequest, names: Iterable[str], knowledge: Knowledge, zone: ZoneInfo
) -> PartialDate | None:
    """The last day that the order covers: its supply with refills, else the time its dosage is bound to.

    A validity period says until when it may be dispensed; it counts only for an active order that says no more.
    """
    start = parse(request.authoredOn, zone)
    supply = request.dispenseRequest
    days = _days(supply.expectedSupplyDuration) if supply is not None else None
    if days is not None and supply is not None and request.status != "stopped":
        days *= 1 + max(0, supply.numberOfRepeatsAllowed or 0)
    bounds = [each.timing.repeat for each in request.dosageInstruction or () if each.timing and each.timing.repeat]
    if days is None:
        days = max(filter(None, (_days(each.boundsDuration) for each in bounds)), default=None)
    if days is not None:
        try:
            more = timedelta(days=days - 1)
            return PartialDate(start.earliest + more, start.latest + more) if start is not None else None
        except OverflowError:
            return None
    stated = [each.boundsPeriod.end for each in bounds if each.boundsPeriod is not None and each.boundsPeriod.end]
    if not stated and request.status == "active" and supply is not None and supply.validityPeriod is not None:
        stated = [supply.validityPeriod.end] if supply.validityPeriod.end else []
    ends = [end for end in (parse(each, zone) for each in stated) if end is not None]
    if ends:
        return max(ends, key=lambda end: end.latest)
    routes = (name for dosage in request.dosageInstruction or () for name in names_of(dosage.route))
    if any(knowledge.given_once.search(text.lower()) for text in (*names, *routes)):
        return start
    return None
