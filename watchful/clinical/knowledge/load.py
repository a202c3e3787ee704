"""Compiles the knowledge files. Every inconsistency is found here, at start, and named."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from watchful.clinical.assessment import FlagResult, Status, Tier
from watchful.clinical.computed import COMPUTED
from watchful.clinical.facts import DataClass, Kind
from watchful.clinical.knowledge.checks import LUMBAR_IMAGING, broken_at, check_evidence, check_row
from watchful.clinical.knowledge.compiled import (
    SYSTEMS,
    CodeTable,
    Flag,
    Knowledge,
    KnowledgeError,
    Match,
    Prefix,
    PrefixTable,
    Question,
    Rule,
    Study,
)
from watchful.clinical.knowledge.files import (
    CatalogueFile,
    EvidenceFile,
    MedicinesFile,
    ResultFile,
    ResultsFile,
    SpecialtiesFile,
    SpokenFile,
    StudyCodes,
    SystemName,
    ValueSetFile,
)
from watchful.clinical.knowledge.lexicon import Lexicon, word_beginnings
from watchful.clinical.knowledge.read import DATA, read

_READS: Mapping[Kind, frozenset[DataClass]] = {
    "condition": frozenset({DataClass.CONDITION}),
    "visit": frozenset({DataClass.ENCOUNTER}),
    "order-reason": frozenset(),
    "procedure": frozenset({DataClass.PROCEDURE}),
    "medication": frozenset({DataClass.MEDICATION}),
    "report": frozenset({DataClass.REPORT}),
    "referral": frozenset({DataClass.ORDER}),
    "allergy": frozenset({DataClass.ALLERGY}),
    "result": frozenset({DataClass.OBSERVATION}),
}


def load(data: Path = DATA) -> Knowledge:
    """Compile the files under `data`. Raises KnowledgeError naming the file and the reason."""
    files = read(data)
    sets = files.sets
    names = _names(sets)
    studies = _studies(files.imaging.study)
    return Knowledge(
        version=files.version,
        value_sets=sets,
        tables=_tables(sets, studies),
        # the longest name first: of two that begin alike, the text says the longer
        medicine_names=re.compile(word_beginnings(sorted(names, key=lambda name: (-len(name), name))))
        if names
        else None,
        medicine_by_name=names,
        systemic_only=frozenset(entry.id for entry in sets.values() if entry.systemic_only),
        not_systemic=_word_beginnings(files.routes.not_systemic),
        given_once=_word_beginnings(files.routes.given_once),
        stated=_stated(sets),
        results=_results(files.results, sets),
        flags=_flags(files.catalogue, sets),
        medicines=files.medicines,
        rules=_rules(files.medicines, sets),
        computed=files.computed,
        studies=studies,
        generic_studies=_studies(files.imaging.generic),
        excluded_orders=frozenset(
            (url, code) for group in files.imaging.excluded for url in _urls(group.system) for code in group.codes
        ),
        windows=files.windows,
        specialties=_specialties(files.specialties, sets),
        lexicon=Lexicon(files.lexicon),
        questions=_questions(files.spoken, files.catalogue),
    )


def _word_beginnings(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})")


def _names(sets: Mapping[str, ValueSetFile]) -> dict[str, Match]:
    """Every medicine name with all its value sets, those of a shorter name that it begins with among them."""
    names: dict[str, Match] = {}
    for entry in sets.values():
        for name, label in entry.medicine_names.items():
            before = names.get(name)
            if before is not None and before.label != label:
                raise KnowledgeError(f"{entry.id}.toml: {name!r} is {label!r} here and {before.label!r} elsewhere")
            names[name] = Match((before.concepts if before else frozenset()) | {entry.id}, label)
    return {
        name: Match(
            frozenset().union(*(names[short].concepts for short in names if name.startswith(short))), label
        )
        for name, (_, label) in names.items()
    }


def _stated(sets: Mapping[str, ValueSetFile]) -> dict[tuple[SystemName, str], tuple[str, float]]:
    stated: dict[tuple[SystemName, str], tuple[str, float]] = {}
    for entry in sets.values():
        for group in entry.group:
            for code, value in group.values.items():
                if not entry.unit or code not in group.codes:
                    raise KnowledgeError(f"{entry.id}.toml: {code} states a number, but has no unit or no words")
                stated[group.system, _bare(code) if group.system == "ICD-10-CM" else code] = (entry.id, value)
    return stated


def _results(file: ResultsFile, sets: Mapping[str, ValueSetFile]) -> tuple[ResultFile, ...]:
    for result in file.result:
        for name in (result.question, result.answer, result.means):
            if name not in sets:
                raise KnowledgeError(f"results.toml: there is no value set {name!r}")
    return file.result


def _specialties(file: SpecialtiesFile, sets: Mapping[str, ValueSetFile]) -> frozenset[str]:
    for name in file.left_alone:
        if name not in sets:
            raise KnowledgeError(f"specialties.toml: there is no value set {name!r}")
    return frozenset(file.left_alone)


def _bare(code: str) -> str:
    return code.replace(".", "").upper()


def _urls(system: SystemName) -> list[str]:
    return [url for url, name in SYSTEMS.items() if name == system]


def _tables(sets: Mapping[str, ValueSetFile], studies: Mapping[tuple[str, str], Study]) -> dict[str, CodeTable]:
    exact: dict[SystemName, dict[str, Match]] = {}
    prefixes: dict[str, list[Prefix]] = {}

    def add(system: SystemName, code: str, set_id: str, label: str) -> None:
        table = exact.setdefault(system, {})
        before = table.get(code)
        table[code] = Match(
            (before.concepts if before else frozenset()) | {set_id}, before.label if before else label
        )

    for entry in sets.values():
        for group in entry.group:
            if group.system == "ICD-10-CM":  # a code of the list covers what later editions put below it
                but_not = tuple(map(_bare, group.but_not))
                for code, label in (*group.codes.items(), *group.prefixes.items()):
                    prefixes.setdefault(_bare(code), []).append(Prefix(entry.id, label, but_not))
            else:
                for code, label in group.codes.items():
                    add(group.system, code, entry.id, label)
    for (url, code), study in studies.items():
        add(SYSTEMS[url], code, LUMBAR_IMAGING, study.label)
    tables: dict[str, CodeTable] = {}
    for url, system in SYSTEMS.items():
        tables[url] = PrefixTable(prefixes) if system == "ICD-10-CM" else exact.get(system, {})
    return tables


def _studies(entries: Iterable[StudyCodes]) -> dict[tuple[str, str], Study]:
    found: dict[tuple[str, str], Study] = {}
    for entry in entries:
        for group in entry.group:
            for url in _urls(group.system):
                for code in group.codes:
                    if (url, code) in found:
                        raise KnowledgeError(f"imaging.toml: {group.system} {code} stands twice")
                    found[url, code] = Study(entry.modality, entry.contrast, entry.label)
    return found


def _flags(catalogue: CatalogueFile, sets: Mapping[str, ValueSetFile]) -> tuple[Flag, ...]:
    flags: list[Flag] = []
    for row in catalogue.flag:
        check_row(row, sets, {flag.row.id for flag in flags})
        flags.append(
            Flag(
                row=row,
                evidence=row.evidence,
                concepts=_concepts(row.evidence),
                always=any(map(_needs_no_record, row.evidence)),
                reads=_reads(row.evidence),
                absent=FlagResult(id=row.id, family=row.family, tier=row.tier, status=Status.ABSENT),
                unknown=FlagResult(id=row.id, family=row.family, tier=row.tier, status=Status.UNKNOWN),
            )
        )
    return tuple(flags)


def _questions(file: SpokenFile, catalogue: CatalogueFile) -> tuple[Question, ...]:
    rows = {row.id: row for row in catalogue.flag}
    questions: list[Question] = []
    for asked in file.question:
        broken = broken_at(f"spoken.toml: question {asked.id!r}")
        if asked.id in rows or any(asked.id == earlier.id for earlier in questions):
            raise broken("this id stands twice, here or in red_flags.toml")
        if not re.fullmatch(r"[a-z]+(?:-[a-z]+)*", asked.id):
            raise broken("an id is lower-case words with hyphens")
        for name in ("ask", "told", "source"):
            if not getattr(asked, name).strip():
                raise broken(f"`{name}` is empty")
        row = rows.get(asked.like)
        if row is None:
            raise broken(f"there is no flag {asked.like!r} for it to be like")
        if row.tier not in (Tier.HARD, Tier.EMERGENCY):
            raise broken(f'like a {row.tier} flag: a "yes" could then be deferred')
        questions.append(Question(id=asked.id, ask=asked.ask, told=asked.told, source=asked.source, row=row))
    if not questions:
        raise KnowledgeError("spoken.toml: asks nothing")
    return tuple(questions)


def _rules(file: MedicinesFile, sets: Mapping[str, ValueSetFile]) -> tuple[Rule, ...]:
    medicines = [each.id for each in file.medicine]
    steps = [each.id for each in file.step]
    for kind, ids in (("medicine or step", [*medicines, *steps]), ("rule", [each.id for each in file.rule])):
        for twice in {each for each in ids if ids.count(each) > 1}:
            raise KnowledgeError(f"medicines.toml: {kind} {twice!r} stands twice")
    rules: list[Rule] = []
    for row in file.rule:
        broken = broken_at(f"medicines.toml: rule {row.id!r}")
        if not (row.block or row.caution):
            raise broken("speaks of no medicine")
        for name in row.block:
            if name not in medicines:
                raise broken(f"there is no medicine {name!r} to block")
        for name in row.caution:
            if name not in medicines and name not in steps:
                raise broken(f"there is no medicine or step {name!r}")
        if set(row.block) & set(row.caution):
            raise broken("both blocks and cautions")
        if not row.evidence:
            raise broken("has no evidence, so it could never be met")
        for item in row.evidence:
            if item.with_flag:
                raise broken("`with_flag` is for red flags only")
            check_evidence(item, sets, broken)
        rules.append(
            Rule(
                row=row,
                evidence=row.evidence,
                concepts=_concepts(row.evidence),
                always=any(map(_needs_no_record, row.evidence)),
                reads=_reads(row.evidence),
            )
        )
    for medicine in file.medicine:
        if not any(medicine.id in row.block for row in file.rule):
            raise KnowledgeError(f"medicines.toml: nothing could ever block {medicine.id!r}")
    return tuple(rules)


def _concepts(evidence: Iterable[EvidenceFile]) -> frozenset[str]:
    return frozenset(
        name
        for item in evidence
        for name in (
            *item.any_of,
            *((item.measured,) if item.measured else ()),
            *(COMPUTED[item.computed].concepts if item.computed else ()),
        )
    )


def _needs_no_record(item: EvidenceFile) -> bool:
    """Whether the item can be met by a chart that holds none of its value sets."""
    if item.computed:
        return not COMPUTED[item.computed].concepts
    return not item.any_of and (not item.measured or item.missing_within_days is not None)


def _reads(evidence: Iterable[EvidenceFile]) -> frozenset[DataClass]:
    return frozenset(
        kind
        for item in evidence
        for kind in (
            *(data for source in item.kinds if item.any_of for data in _READS[source]),
            *((DataClass.OBSERVATION,) if item.measured else ()),
            *((DataClass.PATIENT,) if item.age_at_least is not None or item.age_below is not None else ()),
            *(COMPUTED[item.computed].reads if item.computed else ()),
        )
    )
