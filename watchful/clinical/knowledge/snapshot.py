"""What one knowledge version says, row by row: kept for each release, so that a later one can be compared with it.

A snapshot holds whatever decides. Labels, comments and notes are left out, although the version changes with them.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from watchful.clinical.knowledge.files import CodeGroup, EvidenceFile, FlagFile, RuleFile, ValueSetFile
from watchful.clinical.knowledge.read import KnowledgeFiles

RELEASES = Path(__file__).parent / "releases"

Value = str | int | float | list[str]
"""A list is a set that happens to be written in order."""
Row = Mapping[str, Value]


class Snapshot(msgspec.Struct, frozen=True):
    """`rows`: kind of row -> its id -> what it says, by the names of its fields."""

    version: str
    rows: Mapping[str, Mapping[str, Row]]


def released(version: str, folder: Path = RELEASES) -> Snapshot | None:
    """The snapshot that was kept of a version; None where there is none."""
    kept = (msgspec.json.decode(path.read_bytes(), type=Snapshot) for path in sorted(folder.glob("*.json")))
    return next((each for each in kept if each.version == version), None)


def written(snapshot: Snapshot) -> str:
    """As JSON with one line a row, so that a review sees what changed."""
    kinds = {
        kind: _object({id: json.dumps(row, ensure_ascii=False) for id, row in rows.items()})
        for kind, rows in snapshot.rows.items()
    }
    return _object({"version": json.dumps(snapshot.version), "rows": _object(kinds)}) + "\n"


def _object(members: Mapping[str, str]) -> str:
    lines = (f"{json.dumps(name)}: {value}" for name, value in members.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def take(files: KnowledgeFiles) -> Snapshot:
    """What these files say."""
    studies = [(each.label, each) for each in files.imaging.study]
    studies += [(f"{each.label}, level not stated", each) for each in files.imaging.generic]
    return Snapshot(
        files.version,
        {
            "flag": {flag.id: _flag(flag) for flag in files.catalogue.flag},
            "question": {each.id: _said(each) for each in files.spoken.question},
            "medicine rule": {rule.id: _rule(rule) for rule in files.medicines.rule},
            "medicine": {each.id: _said(each) for each in files.medicines.medicine},
            "pain plan": {
                "steps": {"steps": [each.id for each in files.medicines.step]},
                "pregnancy possible": {
                    "from age": files.medicines.pregnancy_possible_from,
                    "to age": files.medicines.pregnancy_possible_to,
                },
            },
            "window": {
                name: {"days": getattr(files.windows, name)}
                for name in files.windows.__struct_fields__
                if name != "source"
            },
            "specialties": {"left alone": {"value sets": sorted(files.specialties.left_alone)}},
            "numbers of": {
                name: _said(getattr(files.computed, name))
                for name in files.computed.__struct_fields__
                if name != "source"
            },
            "coded result": {
                f"{each.question} = {each.answer}": {"means": each.means} for each in files.results.result
            },
            "word of suspicion": {each.id: _said(each, but=("id", "label")) for each in files.lexicon.entry},
            "words": {
                "of suspicion": _said(files.lexicon, but=("source", "entry")),
                "of routes": _said(files.routes, but=("source",)),
            },
            "order codes": {
                **{
                    label: {"modality": each.modality, "contrast": each.contrast, **_codes(each.group)}
                    for label, each in studies
                },
                "out of scope": _codes(files.imaging.excluded),
            },
            "value set": {each.id: _value_set(each) for each in files.sets.values()},
        },
    )


def _said(part: msgspec.Struct, but: Iterable[str] = ("id",)) -> dict[str, Value]:
    """Each field that does not say what it says by default."""
    return {
        field.name.replace("_", " "): _plain(getattr(part, field.name))
        for field in msgspec.structs.fields(part)
        if field.name not in but and getattr(part, field.name) != field.default
    }


def _plain(value: object) -> Value:
    if isinstance(value, tuple):
        return sorted(str(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, int | float) else " ".join(str(value).split())


def _flag(flag: FlagFile) -> Row:
    study = {f"study, {name}": value for name, value in (_said(flag.study) if flag.study else {}).items()}
    return {**_said(flag, but=("id", "evidence", "study")), **study, **_evidence(flag.evidence)}


def _rule(rule: RuleFile) -> Row:
    return {**_said(rule, but=("id", "evidence")), **_evidence(rule.evidence)}


def _evidence(items: Iterable[EvidenceFile]) -> dict[str, Value]:
    """Each alternative by what it looks at, not by its number: one more in the middle moves no other."""
    found: dict[str, Value] = {}
    names: list[str] = []
    for item in items:
        looks_at = " / ".join((*item.any_of, *filter(None, (item.measured, item.computed)))) or "age"
        name = looks_at
        while name in names:
            name += " again"
        names.append(name)
        said = _said(item, but=("any_of", "measured", "computed"))
        found |= {f"{name}, {field}": value for field, value in said.items()}
    return {"evidence": sorted(names), **found}


def _value_set(entry: ValueSetFile) -> Row:
    stated = [f"{code} = {value:g}" for group in entry.group for code, value in group.values.items()]
    return {
        **_said(entry, but=("id", "title", "note", "group", "medicine_names")),
        **_codes(entry.group),
        **({"stated numbers": sorted(stated)} if stated else {}),
        **({"medicine names": sorted(entry.medicine_names)} if entry.medicine_names else {}),
    }


def _codes(groups: Iterable[CodeGroup]) -> dict[str, Value]:
    """By system. An ICD-10-CM code stands for what begins so, whether the file calls it a code or a prefix."""
    found: dict[str, set[str]] = {}
    for group in groups:
        found.setdefault(f"{group.system} codes", set()).update(group.codes, group.prefixes)
        if group.but_not:
            found.setdefault(f"{group.system} codes left out", set()).update(group.but_not)
    return {name: sorted(codes) for name, codes in found.items()}
