"""The generated parts about the knowledge: what a clinician reads before approving it.

Parts that stand on pages of `docs/clinical/` only are marked `<!-- generated: clinical NAME -->` and filled by
running this file; `PARTS` names them. `_generate.py` fills the others.
"""

import re
import sys
import tomllib
from collections.abc import Callable, Iterator

import msgspec
from _judgement import picture, plain_steps, reason_table, reasons, steps
from _knowledge import counts, specialties
from _markdown import table
from _words import REASONS, ROOT, WORDS

from watchful import __version__
from watchful.chart.resources import Patient
from watchful.chart.templates import KEYS
from watchful.clinical.assessment import Tier
from watchful.clinical.knowledge import load
from watchful.clinical.knowledge.files import CodeGroup, FlagFile, ImagingFile
from watchful.clinical.knowledge.read import DATA, RELEASE

__all__ = ["PART", "PARTS", "REASONS", "WORDS", "filled", "picture", "plain_steps", "reasons", "steps"]

FOLDER = ROOT / "docs" / "clinical"
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
        (yes, no), (more_yes, more_no) = totals.get(group.system, (0, 0)), counts([group])
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
    "specialties": specialties,
    "steps": plain_steps,
    "tiers": tiers,
    "unverified-codes": unverified_codes,
    "unverified-rules": unverified_rules,
}

if __name__ == "__main__":
    main()
