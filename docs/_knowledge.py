"""The knowledge as tables: red flags, pain plan, value sets, imaging map, windows and words."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from _markdown import table

from watchful.clinical.assessment import Tier
from watchful.clinical.knowledge import load
from watchful.clinical.knowledge.files import (
    CodeGroup,
    EvidenceFile,
    FlagFile,
    ImagingFile,
    LexiconFile,
    RuleFile,
    ValueSetFile,
)
from watchful.clinical.knowledge.read import DATA


def knowledge_version() -> str:
    return f"Knowledge version: `{load().version}`"


def red_flags() -> str:
    """The catalogue, in its own order."""
    knowledge = load()
    rows = (_flag(flag.row, knowledge.value_sets) for flag in knowledge.flags)
    heads = ("row", "flag", "tier", "what counts as evidence", "the drafted study", "citation", "codes")
    return table(heads, rows)


_TIERS = {
    Tier.EMERGENCY: "`UrgentFinding`; silent for a prompt MRI in an emergency department or a hospital bed",
    Tier.HARD: "a judgement: `ReviewImaging`",
    Tier.SUPPRESS: "alone makes a `ReviewImaging`",
    Tier.TEXT: "words only; two of one family make a `ReviewImaging`",
}
_KINDS = {
    "condition": "problem list",
    "visit": "visit diagnosis",
    "order-reason": "reason of the order",
    "procedure": "procedures",
    "medication": "medication list",
    "report": "reports",
    "referral": "referrals",
    "allergy": "allergies and intolerances",
    "result": "coded results",
}


def _flag(row: FlagFile, sets: Any) -> Sequence[object]:
    evidence = "<br>or ".join(_evidence(item, sets) for item in row.evidence)
    names = dict.fromkeys(name for item in row.evidence for name in (*item.any_of, item.measured) if name)
    coded = [name for name in names if name in sets]
    verified, unverified = counts(group for name in coded for group in sets[name].group)
    codes = f"{verified} verified, {unverified} unverified" if coded else ""
    name = f"`{row.id}`<br>{row.title}"
    if row.milder_form_of:
        name += f"<br>not told where it rests on the records of `{row.milder_form_of}`"
    return row.row, name, row.tier.value, evidence, _study(row), row.citation, codes


def _study(row: FlagFile) -> str:
    if row.study is None:
        return _TIERS[row.tier]
    parts = [f"left alone: {', '.join(f'`{each}`' for each in row.study.appropriate) or 'none'}"]
    if row.study.wrong:
        parts.append(f"{', '.join(f'`{each}`' for each in row.study.wrong)}: changed to `{row.study.change_to}`")
    return "; ".join([*parts, "any other: `ReviewImaging`"])


def _evidence(item: EvidenceFile, sets: Any) -> str:
    """One alternative in words."""
    words: list[str] = []
    if item.any_of:
        count = f"{item.distinct} different ones of " if item.distinct > 1 else ""
        words.append(count + " / ".join(_title(name, sets) for name in item.any_of))
        if item.kinds != EvidenceFile().kinds:
            words.append(f"in {', '.join(_KINDS[kind] for kind in item.kinds)}")
    if item.missing_within_days is not None:
        words.append(f"no {_title(item.measured, sets)} in {item.missing_within_days} days")
    elif item.measured:
        newest = "newest " if item.latest_only else ""
        bounds = [(item.at_least, "{:g} or more"), (item.at_most, "{:g} or less"), (item.below, "under {:g}")]
        bound = " and ".join(text.format(value) for value, text in bounds if value is not None)
        words.append(f"{newest}{_title(item.measured, sets)} {bound} `{sets[item.measured].unit}`")
        if item.interpreted:
            words[-1] += f" (or called {' or '.join(item.interpreted)} where no number can be read)"
    if item.computed:
        words.append(f"computed: `{item.computed}`")
    if item.age_at_least is not None:
        until = f" and under {item.age_below}" if item.age_below is not None else ""
        words.append(f"age {item.age_at_least} or over{until}")
    words += [] if item.state == "any" else [{"current": "current", "past": "in the past"}[item.state]]
    words += [f"in the last {item.within_days} days"] if item.within_days is not None else []
    words += ["with low back pain at this visit"] if item.with_back_pain else []
    words += ["with low back pain at this visit that is or may be acute"] if item.with_acute_back_pain else []
    words += [f"beside {' or '.join(f'`{name}`' for name in item.with_flag)}"] if item.with_flag else []
    return ", ".join(words)


def pain_plan() -> str:
    """Each rule of the pain plan: which medicine it bears on, and by what evidence."""
    knowledge = load()
    rows = (_rule(rule.row, knowledge.value_sets) for rule in knowledge.rules)
    return table(("rule", "blocks", "caution with", "what counts as evidence", "citation", "codes"), rows)


def _rule(row: RuleFile, sets: Any) -> Sequence[object]:
    evidence = "<br>or ".join(_evidence(item, sets) for item in row.evidence)
    names = dict.fromkeys(name for item in row.evidence for name in (*item.any_of, item.measured) if name)
    verified, unverified = counts(group for name in names for group in sets[name].group)
    codes = f"{verified} verified, {unverified} unverified" if names else ""
    blocks, cautions = (", ".join(f"`{each}`" for each in ids) for ids in (row.block, row.caution))
    return f"`{row.id}`<br>{row.title}", blocks, cautions, evidence, row.citation, codes


def medicines() -> str:
    """What the plan may speak of, and what it needs to know."""
    file = load().medicines
    rows = (
        (
            f"`{each.id}`<br>{each.title}",
            "clinician only" if each.clinician_only else "when its whole group is clear",
            ", ".join(each.needs),
        )
        for each in file.medicine
    )
    return table(("medicine", "named on a handout", "must be readable"), rows)


def computed() -> str:
    """Every number that the computed evidence uses."""
    numbers = load().computed
    rows = (
        (name.replace("_", "-"), field.replace("_", " "), f"{getattr(getattr(numbers, name), field):g}")
        for name in ("weight_trend", "steroid_days", "pregnancy")
        for field in getattr(numbers, name).__struct_fields__
    )
    return f"Source: {' '.join(numbers.source.split())}.\n\n" + table(("function", "number", "value"), rows)


_NOT_CODED = {
    "alarming-text": "a word of suspicion (see below)",
    "lumbar-imaging": "imaging of the lumbar spine",
}
"""What evidence can name beside the value sets."""


def _title(name: str, sets: Any) -> str:
    """For the middle of a sentence; abbreviations and names keep their capitals."""
    title: str = sets[name].title if name in sets else _NOT_CODED[name]
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def counts(groups: Iterable[CodeGroup]) -> tuple[int, int]:
    """How many codes were verified, and how many not."""
    verified = unverified = 0
    for group in groups:
        size = len(group.codes) + len(group.prefixes)
        verified, unverified = (verified + size, unverified) if group.verified else (verified, unverified + size)
    return verified, unverified


def windows() -> str:
    """Every number of days."""
    found = load().windows
    names = [name for name in found.__struct_fields__ if name != "source"]
    rows = ((name.removesuffix("_days").replace("_", " "), getattr(found, name)) for name in names)
    return f"Source: {' '.join(found.source.split())}.\n\n" + table(("window", "days"), rows)


def value_sets() -> str:
    """Each set, in the order of its id."""
    rows = (_value_set(each) for each in load().value_sets.values())
    heads = ("value set", "system", "codes", "source", "how the codes were checked")
    return table(heads, (row for group in rows for row in group))


def _value_set(each: ValueSetFile) -> Iterator[Sequence[object]]:
    title = f"`{each.id}`<br>{each.title}" + (f" (`{each.unit}`)" if each.unit else "")
    for number, group in enumerate(each.group):
        yield (title if number == 0 else "", *_group(group))
    if each.medicine_names:
        yield "", "names", len(each.medicine_names), "ingredient names, where no code matches", "not a code"


def _group(group: CodeGroup) -> Sequence[object]:
    kinds = [f"{len(group.codes)}"] if group.codes else []
    kinds += [f"{len(group.prefixes)} beginnings"] if group.prefixes else []
    checked = f"verified: {group.verified}" if group.verified else f"**unverified**: {group.unverified}"
    return group.system, " and ".join(kinds), group.source, checked


def imaging() -> str:
    """The order codes of the imaging map."""
    read = msgspec.toml.decode((DATA / "imaging.toml").read_bytes(), type=ImagingFile)
    named = [
        *((each.label, each.group) for each in read.study),
        *((f"{each.label} (only with a lumbar body site or text)", each.group) for each in read.generic),
        ("not diagnostic imaging of the spine: takes an order out of scope", read.excluded),
    ]
    rows = (
        (label if number == 0 else "", *_group(group))
        for label, groups in named
        for number, group in enumerate(groups)
    )
    return table(("study", "system", "codes", "source", "how the codes were checked"), rows)


def lexicon() -> str:
    """The words of suspicion."""
    read = msgspec.toml.decode((DATA / "lexicon.toml").read_bytes(), type=LexiconFile)
    rows = (
        (each.label, ", ".join(f"`{word}`" for word in each.words), "yes" if each.in_problems else "")
        for each in read.entry
    )
    heads = ("what is suspected", "beginnings of words", "also in names of problems")
    return f"Source: {' '.join(read.source.split())}.\n\n" + table(heads, rows)


def specialties() -> str:
    """Each specialty whose orders are left alone."""
    knowledge = load()
    rows = ((f"`{name}`", knowledge.value_sets[name].title) for name in sorted(knowledge.specialties))
    return table(("specialty", "name"), rows)
