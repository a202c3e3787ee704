"""The red-flag board: what was found with its records, what could not be looked for, what was not found.

Made to be read in fifteen seconds: found ones stand whole, the others are one line for each group.
"""

from collections.abc import Sequence
from datetime import date

import msgspec

from watchful.clinical.assessment import Evidence, FlagResult, Status
from watchful.content.phrases import capital
from watchful.content.told_phrases import ToldPhrases


class EvidenceWords(msgspec.Struct, frozen=True, kw_only=True):
    """One record behind a flag."""

    kind: str
    """`Problem list entry`, `Result`, ...; `Told today` for an answer."""
    reference: str
    """`Condition/123`; empty for an answer."""
    date: str
    """`Nov 2, 2026`, `Nov 2024`, `2024`; in words where there is none; empty for the patient's own record."""
    label: str
    """Our own words for the code."""


class FoundFlag(msgspec.Struct, frozen=True, kw_only=True):
    """One red flag that is present."""

    id: str
    name: str
    group: str
    tier: str
    marks: tuple[str, ...]
    """`decided`, `only suspected`, `told today`."""
    why: str
    """One sentence; may be empty."""
    evidence: tuple[EvidenceWords, ...]


class FlagGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Several flags of one group on one line."""

    name: str
    flags: tuple[str, ...]
    line: str
    """The names, separated as a list."""


class Board(msgspec.Struct, frozen=True, kw_only=True):
    heading: str
    present_heading: str
    present: tuple[FoundFlag, ...]
    """Those that decided first, then by weight."""
    nothing: str
    """To be said where `present` is empty and nothing is unknown; else empty."""
    unknown_heading: str
    unknown: tuple[FlagGroup, ...]
    absent_heading: str
    absent: tuple[FlagGroup, ...]


def board(phrases: ToldPhrases) -> Board:
    """Every flag once, but for one that another covers. An answered "no" stands with its question, not here."""
    texts, flags = phrases.texts.board, phrases.assessment.flags
    present = phrases.by_weight(flag for flag in flags if flag.status is Status.PRESENT and not flag.covered)
    unknown = [flag for flag in flags if flag.status is Status.UNKNOWN]
    absent = [flag for flag in flags if flag.status is Status.ABSENT and not flag.told]
    return Board(
        heading=texts.heading,
        present_heading=texts.present,
        present=tuple(_found(flag, phrases) for flag in present),
        nothing="" if present or unknown else texts.nothing,
        unknown_heading=texts.unknown,
        unknown=_groups(unknown, phrases, but_not=present),
        absent_heading=texts.absent,
        absent=_groups(absent, phrases, but_not=[*present, *unknown]),
    )


def _found(flag: FlagResult, phrases: ToldPhrases) -> FoundFlag:
    texts, words = phrases.texts.board, phrases.flag(flag.id)
    marks = (
        (flag.id in phrases.assessment.deciding, texts.decided),
        (flag.suspected, texts.suspected),
        (flag.told, texts.told),
    )
    newest_first = sorted(
        flag.evidence, key=lambda each: each.date.latest if each.date else date.min, reverse=True
    )
    return FoundFlag(
        id=flag.id,
        name=capital(words.name),
        group=_group(flag.family, phrases),
        tier=getattr(texts.tier, flag.tier.value),
        marks=tuple(mark for holds, mark in marks if holds),
        why=words.why,
        evidence=tuple(_evidence(each, phrases) for each in newest_first),
    )


def _evidence(evidence: Evidence, phrases: ToldPhrases) -> EvidenceWords:
    kinds, kind = phrases.texts.board.kind, evidence.reference.partition("/")[0]
    return EvidenceWords(
        kind=kinds.get(kind, kinds["other"]) if evidence.reference else kinds["told"],
        reference=evidence.reference,
        date=_date(evidence, phrases),
        label=capital(evidence.text),
    )


def _date(evidence: Evidence, phrases: ToldPhrases) -> str:
    """Never a birth date."""
    if evidence.reference.partition("/")[0] == "Patient":
        return ""
    when = evidence.date
    if when is None:
        return phrases.texts.board.undated
    return phrases.long_day(when.earliest) if when.exact else phrases.record_date(evidence)


def _groups(
    flags: Sequence[FlagResult], phrases: ToldPhrases, *, but_not: Sequence[FlagResult]
) -> tuple[FlagGroup, ...]:
    """In the order of the page; a flag of a family that no group names comes last.

    Two rows may have one name (an aneurysm with new pain, and one on record): where one of them was found or could
    not be looked for, its name is never among the absent.
    """
    said = {phrases.flag(flag.id).name for flag in but_not}
    names: dict[str, list[str]] = {group.name: [] for group in phrases.texts.board.group}
    for flag in flags:
        if (name := phrases.flag(flag.id).name) not in said:
            names.setdefault(_group(flag.family, phrases), []).append(name)
    return tuple(
        FlagGroup(name=name, flags=(chosen := tuple(dict.fromkeys(found))), line=capital(", ".join(chosen)))
        for name, found in names.items()
        if found
    )


def _group(family: str, phrases: ToldPhrases) -> str:
    texts = phrases.texts.board
    return next((group.name for group in texts.group if family in group.families), texts.other_group)
