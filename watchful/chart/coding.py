"""Codings to value sets."""

from collections.abc import Iterator, Mapping, Sequence

from watchful.chart.resources import CodeableConcept, Coding, NamedCoding, NamedConcept
from watchful.clinical.knowledge.compiled import SYSTEMS, CodeTable, Knowledge, Match

Tables = Mapping[str, CodeTable]


def match_codings(codings: Sequence[Coding] | Sequence[NamedCoding] | None, tables: Tables) -> Match | None:
    """The value sets that any of the codings belongs to; the first one that matches gives the label."""
    found: Match | None = None
    for coding in codings or ():
        table = tables.get(coding.system)  # type: ignore[arg-type]  # None is simply not there
        if table is not None and coding.code:
            match = table.get(coding.code)
            if match is not None:
                found = match if found is None else Match(found.concepts | match.concepts, found.label)
    return found


def match_concept(concept: CodeableConcept | NamedConcept | None, tables: Tables) -> Match | None:
    """The value sets of a CodeableConcept."""
    if concept is None or concept.coding is None:
        return None
    if len(concept.coding) > 1:
        return match_codings(concept.coding, tables)
    for coding in concept.coding:
        table = tables.get(coding.system)  # type: ignore[arg-type]  # None is simply not there
        return table.get(coding.code) if table is not None and coding.code else None
    return None


def can_be_judged(concept: NamedConcept | None, tables: Tables) -> bool:
    """Whether a problem that no value set knows is one that they leave out, and not one that nobody can read.

    ICD-10-CM they cover by the beginnings of its codes. Any other code that we do not know says nothing by itself:
    there has to be a name beside it.
    """
    if concept is None:
        return False
    named = bool(names_of(concept))
    return any(
        coding.code and coding.system in tables and (named or SYSTEMS.get(coding.system or "") == "ICD-10-CM")
        for coding in concept.coding or ()
    )


def match_medicine(concept: NamedConcept | None, name: str | None, knowledge: Knowledge) -> Match | None:
    """The value sets of a medicine: by code, else by a name it is given (`reference/clinical.md` §4.5)."""
    if concept is not None:
        found = match_codings(concept.coding, knowledge.tables)
        if found is not None:
            return found
    if knowledge.medicine_names is None:
        return None
    for text in (name, *names_of(concept)):
        if not text:
            continue
        found = knowledge.medicine(text)
        if found is not None:
            return found
    return None


def statements(
    concept: CodeableConcept | NamedConcept | None, knowledge: Knowledge
) -> Iterator[tuple[str, float]]:
    """The numbers that the codes of a concept state, each with its value set."""
    for coding in (concept.coding if concept is not None else None) or ():
        found = knowledge.statement(coding.system, coding.code) if coding.system and coding.code else None
        if found is not None:
            yield found


def names_of(concept: NamedConcept | None) -> list[str]:
    """What a concept is called: its text and the displays of its codings, each once."""
    if concept is None:
        return []
    texts = {concept.text: None} if concept.text else {}
    for coding in concept.coding or ():
        if coding.display:
            texts[coding.display] = None
    return list(texts)
