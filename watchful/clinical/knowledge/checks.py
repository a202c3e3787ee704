"""Whether the rows of red flags and pain plan make sense: each inconsistency stops the start and is named."""

from collections.abc import Callable, Mapping
from typing import get_args

from watchful.clinical.assessment import Tier
from watchful.clinical.computed import COMPUTED
from watchful.clinical.facts import Contrast, Modality
from watchful.clinical.knowledge.compiled import KnowledgeError
from watchful.clinical.knowledge.files import EvidenceFile, FlagFile, ValueSetFile
from watchful.clinical.knowledge.lexicon import ALARMING_TEXT

LUMBAR_IMAGING = "lumbar-imaging"
"""Value set made from the imaging map: a report or procedure of any lumbar study."""

MADE = frozenset({LUMBAR_IMAGING, ALARMING_TEXT})
"""Value sets that no file holds."""

STUDIES = frozenset(
    {"xr", *(f"{modality}-{contrast}" for modality in ("ct", "mri") for contrast in get_args(Contrast))}
)


def broken_at(where: str) -> Callable[[str], KnowledgeError]:
    return lambda reason: KnowledgeError(f"{where}: {reason}")


def check_row(row: FlagFile, sets: Mapping[str, ValueSetFile], earlier: set[str]) -> None:
    broken = broken_at(f"red_flags.toml: flag {row.id!r}")
    if row.id in earlier:
        raise broken("stands twice")
    if not row.evidence:
        raise broken("has no evidence, so it could never be found")
    if row.study is not None and row.tier not in (Tier.HARD, Tier.EMERGENCY):
        raise broken("only hard and emergency flags name a study")
    if row.study is not None and row.tier is Tier.EMERGENCY and row.study.wrong:
        raise broken("an emergency is urgent whatever was drafted; it names no wrong study")
    if row.study and row.study.wrong and not row.study.change_to:
        raise broken("says which study is wrong but not which is right (`change_to`)")
    if row.study:
        for study in (*row.study.appropriate, *row.study.wrong, *filter(None, [row.study.change_to])):
            if study not in STUDIES and study not in get_args(Modality):
                raise broken(f"there is no study {study!r}")
        if row.study.change_to and row.study.change_to not in STUDIES:
            raise broken("`change_to` names a study, not a modality")
    if row.milder_form_of and row.milder_form_of not in earlier:
        raise broken(f"milder_form_of {row.milder_form_of!r} must stand earlier in the catalogue")
    for item in row.evidence:
        check_evidence(item, sets, broken)
        for other in item.with_flag:
            if other not in earlier:
                raise broken(f"with_flag {other!r} must stand earlier in the catalogue")


def check_evidence(
    item: EvidenceFile, sets: Mapping[str, ValueSetFile], broken: Callable[[str], KnowledgeError]
) -> None:
    for name in (*item.any_of, *((item.measured,) if item.measured else ())):
        if name not in sets and name not in MADE:
            raise broken(f"there is no value set {name!r}")
    if item.distinct > max(1, len(item.any_of)):
        raise broken(f"asks for {item.distinct} of {len(item.any_of)} value sets")
    bounds = [each for each in (item.at_least, item.at_most, item.below) if each is not None]
    if bool(item.measured) != bool(bounds or item.missing_within_days is not None):
        raise broken("`measured` goes with `at_least`, `at_most`, `below` or `missing_within_days`")
    if bounds and item.missing_within_days is not None:
        raise broken("a measurement cannot be missing and have a bound")
    if item.interpreted and not bounds:
        raise broken("`interpreted` goes with a measured bound")
    if item.measured and not sets[item.measured].unit:
        raise broken(f"value set {item.measured!r} names no unit")
    if item.computed and item.computed not in COMPUTED:
        raise broken(f"there is no computed function {item.computed!r}")
    aged = item.age_at_least is not None or item.age_below is not None
    if not (item.any_of or item.measured or aged or item.computed):
        raise broken("an evidence item that asks for nothing")
