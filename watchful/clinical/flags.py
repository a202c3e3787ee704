"""Looks for every row of the red-flag catalogue in one chart: present, absent or unknown, with its evidence.

A flag whose data could not be read is unknown, never absent (safety rule 1).
"""

from collections.abc import Collection, Iterable

from watchful.clinical.assessment import Evidence, FlagResult, Status
from watchful.clinical.evidence import look_for
from watchful.clinical.knowledge.compiled import Flag, Knowledge
from watchful.clinical.knowledge.computed_file import ComputedFile
from watchful.clinical.record import Record


def look_for_flags(record: Record, knowledge: Knowledge, told: Collection[str] = ()) -> tuple[FlagResult, ...]:
    """One result for each row of the catalogue, in its order. Those in `told` complete pairs with others."""
    found: dict[str, FlagResult] = {}
    concepts, unknown = record.concepts, record.unknown
    for flag in knowledge.flags:
        if flag.always or not flag.concepts.isdisjoint(concepts):
            found[flag.absent.id] = _look_for(flag, record, knowledge.computed, found, told)
        else:
            found[flag.absent.id] = flag.unknown if unknown and unknown & flag.reads else flag.absent
    return tuple(found.values())


def _look_for(
    flag: Flag, record: Record, numbers: ComputedFile, earlier: dict[str, FlagResult], told: Collection[str]
) -> FlagResult:
    def present(other: str) -> bool:
        return other in told or (other in earlier and earlier[other].status is Status.PRESENT)

    met = look_for(flag, record, numbers, present)
    if met is not None:
        return FlagResult(
            id=flag.row.id,
            family=flag.row.family,
            tier=flag.row.tier,
            status=Status.PRESENT,
            evidence=met.evidence,
            suspected=met.suspected,
            covered=_covered(met.evidence, earlier.get(flag.row.milder_form_of)),
        )
    return flag.unknown if record.unknown & flag.reads else flag.absent


def _covered(evidence: Iterable[Evidence], by: FlagResult | None) -> bool:
    if by is None or by.status is not Status.PRESENT:
        return False
    return {each.reference for each in evidence} <= {each.reference for each in by.evidence}
