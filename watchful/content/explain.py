"""The whole reasoning for one order in words: what was looked at, what was found where, which rule decided.

For a clinician or a reviewer who asks why. It names records by reference and never quotes the chart.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

from watchful.clinical.assessment import Assessment, Evidence, Status
from watchful.clinical.facts import Availability, DataClass, State

_FILE = Path(__file__).parent / "en" / "explain.toml"


class _Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lines: Mapping[str, str]
    headings: Mapping[str, str]
    reasons: Mapping[str, str]


class Part(msgspec.Struct, frozen=True):
    """One heading and its sentences."""

    heading: str
    lines: tuple[str, ...]


@cache
def _texts() -> _Texts:
    return msgspec.convert(tomllib.loads(_FILE.read_text(encoding="utf-8")), _Texts)


def reason_words() -> Mapping[str, str]:
    """What each `reason` word of an assessment means."""
    return _texts().reasons


def explain(assessment: Assessment, known: Mapping[DataClass, Availability]) -> tuple[Part, ...]:
    """The reasoning, part by part, in the order in which it was done. `known` is what the facts were read from."""
    texts = _texts()
    parts = {
        "asked": _asked(assessment),
        "read": _read(assessment, known),
        "pain": _pain(assessment),
        "flags": _flags(assessment),
        "plan": _plan(assessment),
        "concluded": _concluded(assessment),
    }
    return tuple(Part(texts.headings[name], tuple(lines)) for name, lines in parts.items())


def _line(name: str, **values: object) -> str:
    return _texts().lines[name].format(**values)


def _asked(assessment: Assessment) -> Iterator[str]:
    order = assessment.order
    yield _line("order", label=order.label, code=order.code, priority=order.priority or "-")


def _read(assessment: Assessment, known: Mapping[DataClass, Availability]) -> Iterator[str]:
    for kind in DataClass:
        had = known[kind]
        source = _line(f"from_{had.source}")
        if had.state is State.UNKNOWN and had.why:
            source = _line("why", source=source, why=had.why)
        yield _line("read", kind=kind.value, state=_line(f"state_{had.state.value}"), source=source)
    if assessment.uncoded_problems:
        yield _line("uncoded", count=assessment.uncoded_problems)


def _pain(assessment: Assessment) -> Iterator[str]:
    duration = assessment.duration
    if assessment.reason == "no-back-pain-this-visit":
        yield _line("no_pain")
    elif duration.days is not None:
        yield _line("pain_days", days=duration.days, confidence=duration.confidence, source=duration.source)
    else:
        yield _line("pain_unknown", confidence=duration.confidence, source=duration.source)
    if assessment.recent_imaging is not None:
        yield _line("imaging", evidence=_evidence(assessment.recent_imaging))


def _flags(assessment: Assessment) -> Iterator[str]:
    for flag in assessment.present():
        suspected = _line("suspected") if flag.suspected else ""
        yield _line("told_yes" if flag.told else "found", flag=flag.id, tier=flag.tier.value, suspected=suspected)
        yield from (f"  {_evidence(each)}" for each in flag.evidence)
    for status, told, name in (
        (Status.UNKNOWN, False, "not_looked"),
        (Status.ABSENT, False, "absent"),
        (Status.ABSENT, True, "told_no"),
    ):
        ids = [flag.id for flag in assessment.flags if flag.status is status and flag.told is told]
        if ids:
            yield _line(name, flags=", ".join(ids))


def _evidence(evidence: Evidence) -> str:
    if not evidence.reference:
        return _line("told", text=evidence.text)
    date = _line("dated", date=evidence.date) if evidence.date is not None else ""
    return _line("evidence", reference=evidence.reference, date=date, text=evidence.text)


def _plan(assessment: Assessment) -> Iterator[str]:
    for medicine in assessment.pain_plan.medicines:
        yield _line("medicine", medicine=medicine.title, status=medicine.status.value)
        for rule in medicine.rules:
            yield "  " + _line("rule", title=rule.title, level=rule.level, status=rule.status.value)
            yield from (f"    {_evidence(each)}" for each in rule.evidence)


def _concluded(assessment: Assessment) -> Iterator[str]:
    reason = reason_words()[assessment.reason]
    yield _line("decision", decision=assessment.decision.value, reason=reason)
    if assessment.deciding:
        yield _line("deciding", flags=", ".join(assessment.deciding))
    if assessment.change_to:
        yield _line("change", study=assessment.change_to)
    yield _line("knowledge", version=assessment.knowledge_version)
