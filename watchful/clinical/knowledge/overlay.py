"""A site's own policy laid over the shipped knowledge: flags off, thresholds and windows moved, fewer
specialties left alone, local codes.

What would loosen an emergency or hard flag needs an accepted risk in words (safety rule 2). The version
of the result names the overlay, and says so when a risk was accepted, so that every journal row shows it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from watchful.clinical.assessment import Tier
from watchful.clinical.knowledge.compiled import CodeTable, Flag, Knowledge, KnowledgeError, Match, Study
from watchful.clinical.knowledge.files import EvidenceFile, WindowsFile

RISK_MARK = "+risk-accepted"
_SILENCING_SETS = frozenset(
    {
        "hospice",
        "pre-operative-visit",
        "prior-lumbar-surgery",
        "trauma-activation",
        "chronic-back-pain",
        "chronic-pain",
    }
)
"""A code in one of these, or in a specialty, can silence a hard flag or, by making pain long, an emergency."""
_SILENCING_WINDOWS = frozenset(
    {"post_operative_days", "booked_surgery_days", "hospice_days", "trauma_activation_days"}
)
"""Longer, they silence hard flags for longer."""
_SPEAKING_WINDOWS = frozenset({"redate_days", "this_visit_days"})
"""Shorter, they silence more orders before hard flags are looked at: as dated ahead, as of another visit."""


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """A measured limit of one flag, moved."""

    flag: str
    measured: str
    at_least: float | None = None
    at_most: float | None = None


class LocalConcept(msgspec.Struct, frozen=True, kw_only=True):
    """A site's own code, added to a value set."""

    value_set: str
    system: str
    code: str
    label: str


class Overlay(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a site may change."""

    disable: tuple[str, ...] = ()
    windows: Mapping[str, int] = {}
    thresholds: tuple[Threshold, ...] = ()
    codes: tuple[LocalConcept, ...] = ()
    orders: Mapping[str, Mapping[str, str]] = {}
    """System URL -> local order code -> study (`mri-both`)."""
    specialties: tuple[str, ...] | None = None
    """In place of the shipped list of those that are left alone; None keeps it."""
    accept_risk: str = ""
    """Why the site accepts that an emergency or hard flag is loosened."""


def lay_over(base: Knowledge, overlay: Overlay) -> Knowledge:
    """The knowledge of one site. Raises KnowledgeError for what does not fit, or loosens without accepted risk."""
    if overlay == Overlay():
        return base
    loosened = loosens(base, overlay)
    if loosened and not overlay.accept_risk.strip():
        raise KnowledgeError(
            f"the policy loosens {', '.join(loosened)}: such flags are never loosened without "
            'accept_risk = "the reason"'
        )
    fingerprint = hashlib.sha256(msgspec.json.encode(overlay, order="deterministic")).hexdigest()[:8]
    return replace(
        base,
        version=f"{base.version}+{fingerprint}{RISK_MARK if loosened else ''}",
        flags=tuple(_moved(flag, overlay.thresholds) for flag in base.flags if flag.row.id not in overlay.disable),
        windows=_windows(base, overlay.windows),
        tables=_tables(base, overlay.codes),
        studies={**base.studies, **_orders(base, overlay)},
        specialties=_specialties(base, overlay.specialties),
    )


def loosens(base: Knowledge, overlay: Overlay) -> tuple[str, ...]:
    """What would let an emergency or hard flag be found or told less often. Raises KnowledgeError for unknown ids.

    Every flag of a family that can be an emergency counts, also its light ones: they hold back a deferral.
    """
    flags = {flag.row.id: flag for flag in base.flags}
    asked = {question.id for question in base.questions}
    for flag_id in (*overlay.disable, *(each.flag for each in overlay.thresholds)):
        if flag_id in asked:
            raise KnowledgeError(f"the policy may not change what a spoken answer means: {flag_id!r}")
        if flag_id not in flags:
            raise KnowledgeError(f"the policy names a flag that does not exist: {flag_id!r}")
    loose = list(overlay.disable)
    for threshold in overlay.thresholds:
        if any(_weaker(item, threshold) for item in _measured(flags[threshold.flag], threshold)):
            loose.append(threshold.flag)
    emergencies = {flag.row.family for flag in base.flags if flag.row.tier is Tier.EMERGENCY}
    grave = [
        flag_id
        for flag_id in loose
        if flags[flag_id].row.tier is Tier.HARD or flags[flag_id].row.family in emergencies
    ]
    grave += [name for name, days in overlay.windows.items() if _silences(base, name, days)]
    grave += [each.value_set for each in overlay.codes if each.value_set in _SILENCING_SETS | base.specialties]
    return tuple(dict.fromkeys(grave))


def _silences(base: Knowledge, window: str, days: int) -> bool:
    if window in _SILENCING_WINDOWS:
        return days > int(getattr(base.windows, window))
    return window in _SPEAKING_WINDOWS and days < int(getattr(base.windows, window))


def _measured(flag: Flag, threshold: Threshold) -> list[EvidenceFile]:
    items = [item for item in flag.evidence if item.measured == threshold.measured]
    if not items:
        raise KnowledgeError(f"flag {flag.row.id!r} does not measure {threshold.measured!r}")
    if (threshold.at_least is None) == (threshold.at_most is None):
        raise KnowledgeError(f"the threshold of {flag.row.id!r} needs either at_least or at_most")
    if any((item.at_least is None) != (threshold.at_least is None) for item in items):
        raise KnowledgeError(f"the threshold of {flag.row.id!r} points the other way than the shipped one")
    return items


def _weaker(item: EvidenceFile, threshold: Threshold) -> bool:
    if threshold.at_least is not None and item.at_least is not None:
        return threshold.at_least > item.at_least
    return threshold.at_most is not None and item.at_most is not None and threshold.at_most < item.at_most


def _moved(flag: Flag, thresholds: Iterable[Threshold]) -> Flag:
    evidence = flag.evidence
    for threshold in thresholds:
        if threshold.flag == flag.row.id:
            evidence = tuple(
                msgspec.structs.replace(item, at_least=threshold.at_least, at_most=threshold.at_most)
                if item.measured == threshold.measured
                else item
                for item in evidence
            )
    return flag if evidence is flag.evidence else replace(flag, evidence=evidence)


def _windows(base: Knowledge, moved: Mapping[str, int]) -> WindowsFile:
    known = {name for name in base.windows.__struct_fields__ if name != "source"}
    for name, days in moved.items():
        if name not in known:
            raise KnowledgeError(f"the policy names a window that does not exist: {name!r}")
        if days < 1:
            raise KnowledgeError(f"window {name!r} must be at least one day")
    windows = msgspec.structs.replace(base.windows, **moved)
    if windows.acute_days > windows.chronic_days:
        raise KnowledgeError("acute_days may not be longer than chronic_days")
    return windows


def _specialties(base: Knowledge, named: tuple[str, ...] | None) -> frozenset[str]:
    """Fewer than shipped, never others: one more would silence hard flags, and that takes a code of its own."""
    for name in named or ():
        if name not in base.specialties:
            known = ", ".join(sorted(base.specialties))
            raise KnowledgeError(f"the policy names a specialty that does not exist: {name!r} (there are {known})")
    return base.specialties if named is None else frozenset(named)


class _Extended:
    """A code table with a site's own codes in front."""

    def __init__(self, base: CodeTable | None, own: Mapping[str, Match]) -> None:
        self._base, self._own = base, own

    def get(self, code: str, /) -> Match | None:
        own = self._own.get(code)
        shipped = self._base.get(code) if self._base is not None else None
        if own is None or shipped is None:
            return own or shipped
        return Match(own.concepts | shipped.concepts, shipped.label)


def _tables(base: Knowledge, codes: Iterable[LocalConcept]) -> Mapping[str, CodeTable]:
    own: dict[str, dict[str, Match]] = {}
    for each in codes:
        if each.value_set not in base.value_sets:
            raise KnowledgeError(f"the policy adds a code to a value set that does not exist: {each.value_set!r}")
        table = own.setdefault(each.system, {})
        before = table.get(each.code)
        concepts = (before.concepts if before else frozenset()) | {each.value_set}
        table[each.code] = Match(concepts, each.label)
    extended = {system: _Extended(base.tables.get(system), table) for system, table in own.items()}
    return {**base.tables, **extended}


def _orders(base: Knowledge, overlay: Overlay) -> dict[tuple[str, str], Study]:
    known = {study.id: study for study in base.studies.values()}
    orders: dict[tuple[str, str], Study] = {}
    for system, codes in overlay.orders.items():
        for code, study in codes.items():
            if study not in known:
                raise KnowledgeError(f"local order code {code!r}: there is no study {study!r}")
            orders[system, code] = known[study]
    return orders
