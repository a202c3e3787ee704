"""Knowledge as the rules use it: one index from codes to value sets, and rows ready to be evaluated."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from watchful.clinical.assessment import FlagResult
from watchful.clinical.facts import Contrast, DataClass, Modality
from watchful.clinical.knowledge.computed_file import ComputedFile
from watchful.clinical.knowledge.files import (
    EvidenceFile,
    FlagFile,
    MedicinesFile,
    ResultFile,
    RuleFile,
    SystemName,
    ValueSetFile,
    WindowsFile,
)
from watchful.clinical.knowledge.lexicon import Lexicon

SYSTEMS: Mapping[str, SystemName] = {
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "urn:oid:2.16.840.1.113883.6.90": "ICD-10-CM",
    "http://snomed.info/sct": "SNOMED CT",
    "urn:oid:2.16.840.1.113883.6.96": "SNOMED CT",
    "http://loinc.org": "LOINC",
    "urn:oid:2.16.840.1.113883.6.1": "LOINC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "urn:oid:2.16.840.1.113883.6.88": "RxNorm",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "urn:oid:2.16.840.1.113883.6.12": "CPT",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HCPCS",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "HCPCS",
    "http://www.nlm.nih.gov/research/umls/hcpcs": "HCPCS",
    "urn:oid:2.16.840.1.113883.6.285": "HCPCS",
    "http://nucc.org/provider-taxonomy": "NUCC",
    "urn:oid:2.16.840.1.113883.6.101": "NUCC",
    "http://terminology.hl7.org/CodeSystem/service-type": "HL7 service type",
}
"""The names by which the code systems we read go on the wire; vendors use both forms."""


class KnowledgeError(Exception):
    """A knowledge file is broken; the message names the file and the reason."""


class Match(NamedTuple):
    """The value sets a code belongs to, and our own words for it."""

    concepts: frozenset[str]
    label: str


class Study(NamedTuple):
    """What an imaging order code asks for."""

    modality: Modality
    contrast: Contrast
    label: str

    @property
    def id(self) -> str:
        return self.modality if self.modality == "xr" else f"{self.modality}-{self.contrast}"


class CodeTable(Protocol):
    """Codes of one system."""

    def get(self, code: str, /) -> Match | None: ...


class Prefix(NamedTuple):
    """Every ICD-10-CM code that starts so belongs to the value set, but for those that start with `but_not`."""

    set_id: str
    label: str
    but_not: tuple[str, ...]


class PrefixTable:
    """ICD-10-CM: a code belongs where any of its beginnings belongs. Answers are kept, up to a bound."""

    _KEPT = 4096

    def __init__(self, prefixes: Mapping[str, Sequence[Prefix]]) -> None:
        self._prefixes = prefixes
        self._longest = max(map(len, prefixes), default=0)
        self._seen: dict[str, Match | None] = {}

    def get(self, code: str, /) -> Match | None:
        """The match for a code with or without its dot, in either case; None when no prefix fits."""
        try:
            return self._seen[code]
        except KeyError:
            found = self._find(code.replace(".", "").strip().upper())
            if len(self._seen) < self._KEPT:
                self._seen[code] = found
            return found

    def _find(self, code: str) -> Match | None:
        concepts: set[str] = set()
        label = ""
        for length in range(1, min(len(code), self._longest) + 1):
            for prefix in self._prefixes.get(code[:length], ()):
                if not code.startswith(prefix.but_not):
                    concepts.add(prefix.set_id)
                    label = prefix.label  # the longest prefix says it most precisely
        return Match(frozenset(concepts), label) if concepts else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a row asks of a chart, and which parts of a chart it looks at."""

    evidence: tuple[EvidenceFile, ...]
    concepts: frozenset[str]
    """Every value set that any of its evidence reads from findings or measurements."""
    always: bool
    """Has evidence that needs no coded record (age, text, something missing)."""
    reads: frozenset[DataClass]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Criteria):
    """One rule of the pain plan."""

    row: RuleFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Criteria):
    """One catalogue row, with its answers for "not found" and "could not look" made once."""

    row: FlagFile
    absent: FlagResult
    unknown: FlagResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question that a clinician asks, with the shipped catalogue row that a "yes" is like.

    A site that switches that row off for its records still hears a "yes".
    """

    id: str
    ask: str
    told: str
    source: str
    row: FlagFile

    @property
    def like(self) -> str:
        return self.row.id


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything clinical that one site decides by. Immutable; made once at start."""

    version: str
    value_sets: Mapping[str, ValueSetFile]
    tables: Mapping[str, CodeTable]
    """Code-system URL -> codes."""
    medicine_names: re.Pattern[str] | None
    medicine_by_name: Mapping[str, Match]
    systemic_only: frozenset[str]
    """Value sets that a cream, drop or inhaler does not belong to."""
    not_systemic: re.Pattern[str]
    given_once: re.Pattern[str]
    stated: Mapping[tuple[SystemName, str], tuple[str, float]]
    """Codes that state a number -> the value set it belongs to, and the number."""
    results: tuple[ResultFile, ...]
    flags: tuple[Flag, ...]
    medicines: MedicinesFile
    rules: tuple[Rule, ...]
    """Of the pain plan."""
    computed: ComputedFile
    studies: Mapping[tuple[str, str], Study]
    """(system URL, code) -> lumbar study."""
    generic_studies: Mapping[tuple[str, str], Study]
    excluded_orders: frozenset[tuple[str, str]]
    windows: WindowsFile
    specialties: frozenset[str]
    """Value sets of specialties whose orders are left alone."""
    lexicon: Lexicon
    questions: tuple[Question, ...]
    """What a chart cannot tell, in the order in which it is asked."""

    def row(self, flag_id: str) -> FlagFile:
        """The catalogue row behind a flag or an answered question. Raises KeyError."""
        for flag in self.flags:
            if flag.row.id == flag_id:
                return flag.row
        for question in self.questions:
            if question.id == flag_id:
                return question.row
        raise KeyError(flag_id)

    def medicine(self, text: str) -> Match | None:
        """The value sets of a medicine known by name only; of a combination, those of each ingredient."""
        found: Match | None = None
        for hit in self.medicine_names.finditer(text.lower()) if self.medicine_names else ():
            match = self.medicine_by_name[hit.group()]
            found = match if found is None else Match(found.concepts | match.concepts, found.label)
        return found

    def statement(self, system: str, code: str) -> tuple[str, float] | None:
        """The value set and number that a code states, if it states one."""
        name = SYSTEMS.get(system)
        if name == "ICD-10-CM":
            code = code.replace(".", "").strip().upper()
        return self.stated.get((name, code)) if name else None
