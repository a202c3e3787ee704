"""The generated parts about the knowledge: what a clinician reads before approving it.

Parts that stand on pages of `docs/clinical/` only are marked `<!-- generated: clinical NAME -->` and filled by
running this file; `PARTS` names them. `_generate.py` fills the others.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from _markdown import table

from watchful import __version__
from watchful.chart.resources import Patient
from watchful.chart.templates import KEYS
from watchful.clinical.assessment import Decision, Tier
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
from watchful.clinical.knowledge.load import DATA, RELEASE

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "clinical"
WORDS: dict[str, Any] = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))
_EXPLAIN = ROOT / "watchful" / "content" / "en" / "explain.toml"
REASONS: dict[str, str] = tomllib.loads(_EXPLAIN.read_text(encoding="utf-8"))["reasons"]
"""Own words for what the code only names: steps, reasons, tiers, data and sources."""
PART = re.compile(r"(<!-- generated: clinical ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Rewrite every page whose parts are out of date, and name it."""
    for path in sorted(FOLDER.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        new = filled(text)
        if new != text:
            path.write_text(new, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")


def filled(page: str) -> str:
    """The page with its clinical parts made anew. Raises KeyError for a part that nobody makes."""
    return PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]().strip()}\n\n{found[3]}", page)


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
    verified, unverified = _counts(group for name in coded for group in sets[name].group)
    codes = f"{verified} verified, {unverified} unverified" if coded else ""
    return row.row, f"`{row.id}`<br>{row.title}", row.tier.value, evidence, _study(row), row.citation, codes


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
    verified, unverified = _counts(group for name in names for group in sets[name].group)
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


def _counts(groups: Iterable[CodeGroup]) -> tuple[int, int]:
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


# ---- how far the knowledge was checked


def tiers() -> str:
    """The four weights with the flags that have them."""
    catalogue = [flag.row for flag in load().flags]
    rows = (
        (
            f"**{tier.value}**",
            WORDS["tiers"][tier.value],
            ", ".join(f"`{row.id}`" for row in catalogue if row.tier is tier),
        )
        for tier in Tier
    )
    return table(("tier", "what it does", "flags"), rows)


def families() -> str:
    """Which flags count together."""
    found: dict[str, list[str]] = {}
    for flag in load().flags:
        found.setdefault(flag.row.family, []).append(f"`{flag.row.id}` ({flag.row.tier.value})")
    return table(("family", "flags"), ((name, ", ".join(flags)) for name, flags in sorted(found.items())))


def unverified_rules() -> str:
    """Each clause of a citation that nothing we could read settles."""
    rows = (
        (f"`{flag.row.id}`", flag.row.tier.value, clause)
        for flag in load().flags
        for clause in _clauses(flag.row.citation)
        if any(mark in clause for mark in ("unverified", "secondary source", "clinical reference"))
    )
    return table(("flag", "tier", "to confirm"), rows)


def _clauses(citation: str) -> list[str]:
    return [" ".join(clause.split()) for clause in citation.split(";")]


def _coded() -> Iterator[tuple[str, CodeGroup]]:
    """Every group of codes with the name of where it stands: a value set, or a part of the imaging map."""
    for each in load().value_sets.values():
        yield from ((f"`{each.id}`", group) for group in each.group)
    read = msgspec.toml.decode((DATA / "imaging.toml").read_bytes(), type=ImagingFile)
    for study in (*read.study, *read.generic):
        yield from ((f"imaging map: {study.label}", group) for group in study.group)
    yield from (("imaging map: excluded", group) for group in read.excluded)


def code_totals() -> str:
    """How many codes of each system were checked."""
    totals: dict[str, tuple[int, int]] = {}
    for _, group in _coded():
        (yes, no), (more_yes, more_no) = totals.get(group.system, (0, 0)), _counts([group])
        totals[group.system] = (yes + more_yes, no + more_no)
    rows = [(system, yes, no) for system, (yes, no) in sorted(totals.items())]
    sums = ("**all**", sum(row[1] for row in rows), sum(row[2] for row in rows))
    return table(("system", "verified", "unverified"), [*rows, sums])


def unverified_codes() -> str:
    """Each code that no published list at hand holds. CPT codes stand bare: they carry no descriptors."""
    rows = (
        (where, group.system, ", ".join(map(_code, *zip(*{**group.codes, **group.prefixes}.items(), strict=True))))
        for where, group in _coded()
        if group.unverified
    )
    return table(("where", "system", "codes"), rows)


def _code(code: str, label: str) -> str:
    return f"{code} ({label})" if label and label != code else code


# ---- the order of judgement, read from the code itself


class Step(NamedTuple):
    """One step of `assess`: its function, and every answer it can give."""

    name: str
    verdicts: tuple[tuple[Decision, str], ...]


def _functions() -> dict[str, ast.FunctionDef]:
    tree = ast.parse((ROOT / "watchful/clinical/assess.py").read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def steps() -> list[Step]:
    """The steps in the order in which `_judge` takes them; a step that calls another is not read twice."""
    functions = _functions()
    loop = next(node for node in ast.walk(functions["_judge"]) if isinstance(node, ast.For))
    names = [ast.unparse(each) for each in ast.iter_child_nodes(loop.iter) if isinstance(each, ast.Name)]
    return [Step(name, tuple(dict.fromkeys(_verdicts(name, functions, {*names} - {name})))) for name in names]


def last() -> tuple[Decision, str]:
    """The answer where no step has one."""
    functions = _functions()
    return next(_verdicts("_judge", functions, functions.keys() - {"_judge"}))


def _verdicts(
    name: str, functions: dict[str, ast.FunctionDef], passed: Iterable[str]
) -> Iterator[tuple[Decision, str]]:
    """Every answer that a function, or one it calls, can give; functions of `passed` are not entered."""
    calls = (node for node in ast.walk(functions[name]) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        called = ast.unparse(call.func)
        if called == "_Verdict":
            decision = Decision[ast.unparse(call.args[0]).removeprefix("Decision.")]
            yield from ((decision, reason) for reason in _words(call.args[1], functions[name]))
        elif called in functions and called not in passed and called != name:
            yield from _verdicts(called, functions, {*passed, name})


def _words(node: ast.expr, function: ast.FunctionDef) -> list[str]:
    """The texts that an argument can have: its own, or those assigned to its name in the function."""
    if isinstance(node, ast.Name):
        given = [each for each in ast.walk(function) if isinstance(each, ast.Assign)]
        return [
            word
            for each in given
            if ast.unparse(each.targets[0]) == node.id
            for word in _words(each.value, function)
        ]
    if isinstance(node, ast.IfExp):
        return [*_words(node.body, function), *_words(node.orelse, function)]
    return [ast.literal_eval(node)]


def reasons() -> dict[str, tuple[Decision, str]]:
    """Every reason with its decision and where it is given, in the order of judgement."""
    found: dict[str, tuple[Decision, str]] = {}
    tree = ast.parse((ROOT / "cds_hooks/evaluate.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("metrics.evaluated"):
            decision, reason = node.args[1:3]
            if isinstance(decision, ast.Constant) and isinstance(reason, ast.Constant):
                found[str(reason.value)] = (Decision(str(decision.value)), "before any step")
    for number, step in enumerate(steps(), 1):
        for decision, reason in step.verdicts:
            found.setdefault(reason, (decision, f"step {number}"))
    decision, reason = last()
    found[reason] = (decision, "where no step answers")
    return found


def reason_table() -> str:
    rows = ((f"`{each}`", f"`{decision}`", where, REASONS[each]) for each, (decision, where) in reasons().items())
    return table(("reason", "decision", "given", "meaning"), rows)


def picture() -> str:
    """The order of judgement as a Mermaid diagram."""
    found = steps()
    lines = ["```mermaid", "flowchart TD", '    start(["A lumbar imaging order is drafted"]) --> s1']
    for number, step in enumerate(found, 1):
        after = f"s{number + 1}" if number < len(found) else "done"
        outcomes = " / ".join(dict.fromkeys(decision.value for decision, _ in step.verdicts))
        lines.append(
            f'    s{number}{{"{number}. {WORDS["steps"][step.name]}"}} -->|answers| a{number}["{outcomes}"]'
        )
        lines.append(f"    s{number} -->|goes on| {after}")
    return "\n".join([*lines, f'    done(["{last()[0].value}"])', "```"])


def plain_steps() -> str:
    """The same in words."""
    lines = []
    for number, step in enumerate(steps(), 1):
        answers = "; ".join(f"`{decision}` ({_of(decision, step)})" for decision in _decisions(step))
        lines.append(f"{number}. **{WORDS['steps'][step.name]}.** Can answer {answers}.")
    decision, reason = last()
    return "\n".join([*lines, f"{len(lines) + 1}. **Otherwise**: `{decision}` (`{reason}`)."])


def _decisions(step: Step) -> Iterable[Decision]:
    return dict.fromkeys(decision for decision, _ in step.verdicts)


def _of(decision: Decision, step: Step) -> str:
    return ", ".join(f"`{reason}`" for each, reason in step.verdicts if each is decision)


# ---- what a developer publishes about it


def sources() -> str:
    """Each publication with the flags that lean on it."""
    catalogue = [flag.row for flag in load().flags]
    windows_cite = load().windows.source
    rows = []
    for source in WORDS["source"]:
        name = source["name"]
        used = [f"`{row.id}`" for row in catalogue if name in " ".join(row.citation.split())]
        used += ["windows"] if name in windows_cite else []
        rows.append((name, source["reference"], source["read"], ", ".join(used)))
    return table(("named as", "publication", "how it was read", "used by"), rows)


def dates() -> str:
    """What is released, and from when."""
    heads = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    rows = [
        ("software", f"`{__version__}`; newest entry of the changelog: {heads[0]}"),
        ("knowledge release", f"`{RELEASE}` (year, month, number of the release in it)"),
        ("knowledge version", f"`{load().version}` (the release and a hash of its files)"),
        ("ICD-10-CM list", ", ".join(sorted({each.source for _, each in _coded() if each.system == "ICD-10-CM"}))),
    ]
    return table(("what", "release or revision"), rows)


def data_used() -> str:
    """Every element of the Patient that is decoded, and every other type with what is asked for."""
    elements = [name for name in Patient.__struct_fields__ if name not in _ENVELOPE]
    aged = [f"`{flag.row.id}`" for flag in load().flags if _aged(flag.row)]
    rows = [(f"`Patient.{name}`", WORDS["patient"][name].format(aged=", ".join(aged))) for name in elements]
    kinds = dict.fromkeys(key.data.value for key in KEYS if key.data.value != "Patient")
    rows += [(f"`{kind}`", WORDS["types"][kind]) for kind in kinds]
    return table(("data", "what it is used for"), rows)


_ENVELOPE = frozenset({"id", "meta", "contained", "resourceType", "implicitRules"})


def _aged(row: FlagFile) -> bool:
    return any(item.age_at_least is not None or item.age_below is not None for item in row.evidence)


def how_to_change() -> str:
    """How a site overlays the rules."""
    return WORDS["change"]["with_overlay"]


def open_vignettes() -> str:
    """Every case file that says what is still missing, or that the expectation is disputed."""
    rows = []
    for path in sorted((ROOT / "tests/clinical/vignettes").glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            for mark, meaning in (("disputed", "disputed"), ("next", "not yet built")):
                if case.get(mark):
                    gap = "; **this version defers**" if case.get("defers_until_next") else ""
                    name = " ".join(filter(None, (case["id"], case.get("variant", ""))))
                    rows.append((name, case["story"], case["decision"], f"{meaning}: {case[mark]}{gap}"))
    return table(("vignette", "story", "expected", "state"), rows) if rows else "None."


PARTS: dict[str, Callable[[], str]] = {
    "code-totals": code_totals,
    "data-used": data_used,
    "dates": dates,
    "families": families,
    "how-to-change": how_to_change,
    "open-vignettes": open_vignettes,
    "picture": picture,
    "reasons": reason_table,
    "sources": sources,
    "steps": plain_steps,
    "tiers": tiers,
    "unverified-codes": unverified_codes,
    "unverified-rules": unverified_rules,
}

if __name__ == "__main__":
    main()
