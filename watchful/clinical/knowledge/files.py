"""The shape of the knowledge files. Unknown fields are errors: a typing slip must not disarm a rule."""

from typing import Literal

import msgspec

from watchful.clinical.assessment import Tier
from watchful.clinical.facts import Contrast, DataClass, Flagged, Kind, Modality

SystemName = Literal["ICD-10-CM", "SNOMED CT", "LOINC", "RxNorm", "CPT", "act-code"]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class CodeGroup(_File, frozen=True, kw_only=True):
    """Codes of one system from one source. Either `verified` or `unverified` says how far to trust them."""

    system: SystemName
    source: str
    """Where the codes come from, so that a reader can look them up."""
    verified: str = ""
    """How and when each code of the group was checked."""
    unverified: str = ""
    """Why they ship although nobody could check them yet."""
    codes: dict[str, str] = {}
    """Exact code -> our own words for it."""
    prefixes: dict[str, str] = {}
    """ICD-10-CM only: every code that starts so (dots ignored) -> our own words."""
    but_not: tuple[str, ...] = ()
    """ICD-10-CM prefixes taken out again."""
    values: dict[str, float] = {}
    """Codes of the group that state a number ("24 weeks of pregnancy"), in the unit of the value set: they are
    read like a measurement, wherever they stand."""


class ValueSetFile(_File, frozen=True, kw_only=True):
    """One set of codes that mean the same thing to a rule."""

    id: str
    title: str
    note: str = ""
    unit: str = ""
    """Measurements only: the UCUM unit that values are converted to."""
    systemic_only: bool = False
    """Medicines only: creams, drops and inhalers of the same ingredient do not count."""
    group: tuple[CodeGroup, ...]
    medicine_names: dict[str, str] = {}
    """Medicines only: lower-case beginnings of ingredient names -> our words; read where no code matches. A
    name may stand in several sets, with the same words in each."""


class EvidenceFile(_File, frozen=True, kw_only=True):
    """One way a flag or a medicine rule can be met. All conditions given must hold; its items are alternatives."""

    any_of: tuple[str, ...] = ()
    """Value-set ids: a finding that belongs to one of them is evidence."""
    distinct: int = 1
    """How many different value sets of `any_of` must be met (2 = a pair of signs)."""
    kinds: tuple[Kind, ...] = ("condition", "visit", "order-reason")
    state: Literal["any", "current", "past"] = "any"
    within_days: int | None = None
    """Days before today in which it must have happened; an undated finding counts as recent."""
    with_acute_back_pain: bool = False
    """Counts only when this visit's low back pain is, or may be, shorter than the acute window."""
    with_back_pain: bool = False
    """Counts only when low back pain belongs to this visit."""
    with_flag: tuple[str, ...] = ()
    """Counts only beside one of these flags, which must stand earlier in the catalogue."""
    measured: str = ""
    """Value-set id of a measurement; needs a bound, in the unit of the value set, or `missing_within_days`."""
    at_least: float | None = None
    at_most: float | None = None
    below: float | None = None
    """Like `at_most`, without the bound itself; a reading "<30" is below 30."""
    interpreted: tuple[Flagged, ...] = ()
    """Also met by a reading without a number that can be compared, which its record calls so ("high")."""
    latest_only: bool = False
    """Only the newest measurement counts, over all codes of the value set."""
    missing_within_days: int | None = None
    """Met when there is no such measurement in so many days. Never met where observations could not be read."""
    computed: str = ""
    """A function of `watchful.clinical.computed`, for what a table cannot say."""
    age_at_least: int | None = None
    age_below: int | None = None


class StudyFile(_File, frozen=True, kw_only=True):
    """What imaging is right for the finding. Entries are studies (`mri-both`) or modalities (`mri`)."""

    appropriate: tuple[str, ...]
    """Drafted studies that are left alone."""
    wrong: tuple[str, ...] = ()
    """Drafted studies that are usually not appropriate for it: `ChangeStudy`."""
    change_to: str = ""
    """The study that is named instead."""


class FlagFile(_File, frozen=True, kw_only=True):
    """One row of the red-flag catalogue."""

    id: str
    row: int
    """Row of the catalogue in the clinical reference this follows."""
    family: str
    tier: Tier
    title: str
    citation: str
    evidence: tuple[EvidenceFile, ...]
    study: StudyFile | None = None
    """Hard flags: without it the study is a judgement and the answer `ReviewImaging`. Emergencies: the study that,
    drafted at once and in the right place, needs no card."""


class CatalogueFile(_File, frozen=True, kw_only=True):
    flag: tuple[FlagFile, ...]


class QuestionFile(_File, frozen=True, kw_only=True):
    """One question that a clinician asks, because a chart cannot tell."""

    id: str
    ask: str
    told: str
    """The finding in words, when the answer is "yes"."""
    like: str
    """Row of the catalogue whose tier, family and study a "yes" has."""
    source: str


class SpokenFile(_File, frozen=True, kw_only=True):
    question: tuple[QuestionFile, ...]


class StepFile(_File, frozen=True, kw_only=True):
    """A step of the pain plan that is always offered."""

    id: str
    title: str


class MedicineFile(_File, frozen=True, kw_only=True):
    """A kind of pain medicine that the plan may speak of. It is never prescribed by this service."""

    id: str
    title: str
    group: str
    """A group is named to a patient only when all of it is clear."""
    clinician_only: bool = False
    """Never on a handout, whatever its status."""
    needs: tuple[DataClass, ...]
    """What must be readable before it can be clear, whatever its rules read."""


class RuleFile(_File, frozen=True, kw_only=True):
    """What speaks against a medicine, or asks for care with a step."""

    id: str
    title: str
    """Plain words, for the clinician: "severe kidney disease or dialysis"."""
    block: tuple[str, ...] = ()
    """Ids of the medicines that are out of the question with it."""
    caution: tuple[str, ...] = ()
    """Ids of medicines and steps that are the clinician's choice with it."""
    citation: str
    evidence: tuple[EvidenceFile, ...]


class MedicinesFile(_File, frozen=True, kw_only=True):
    """The pain plan and its safety (`reference/clinical.md` §5)."""

    source: str
    pregnancy_possible_from: int
    pregnancy_possible_to: int
    """Ages, both included, at which "not if you may be pregnant" stands beside an NSAID."""
    step: tuple[StepFile, ...]
    medicine: tuple[MedicineFile, ...]
    rule: tuple[RuleFile, ...]


class ResultFile(_File, frozen=True, kw_only=True):
    """An observation answered with a code, and what it means."""

    question: str
    """Value set of the observation's code."""
    answer: str
    """Value set of the coded answer."""
    means: str
    """Value set that the finding then belongs to."""
    label: str


class ResultsFile(_File, frozen=True, kw_only=True):
    source: str
    result: tuple[ResultFile, ...]


class WeightTrendFile(_File, frozen=True, kw_only=True):
    """`computed = "weight-trend"`."""

    recent_days: int
    baseline_from_days: int
    baseline_to_days: int
    """Days before the newest weight between which earlier weights are compared."""
    loss_percent: float
    single_baseline_kg: float
    """With one earlier weight only, the loss must be so large."""
    error_percent: float
    """An earlier weight that would mean a greater change is an error of the record."""
    pounds_ratio: float
    pounds_tolerance: float
    """Weights in this ratio were written in two units."""
    pregnancy_days: int
    postpartum_days: int
    surgery_days: int
    medicine_days: int
    counselling_days: int
    obese_from: float
    diuretic_days: int
    amputation_days: int


class SteroidDaysFile(_File, frozen=True, kw_only=True):
    """`computed = "steroid-days"`."""

    covered_days: int
    look_back_days: int
    gap_days: int
    """Days without cover that do not end a run."""


class PregnancyFile(_File, frozen=True, kw_only=True):
    """`computed = "pregnancy"` and `"twenty-weeks"`."""

    hormone_at_least: float
    hormone_days: int
    late_weeks: float
    term_days: int
    """A statement of weeks older than this belongs to an earlier pregnancy."""


class ComputedFile(_File, frozen=True, kw_only=True):
    """Every number that a computed function uses."""

    source: str
    weight_trend: WeightTrendFile
    steroid_days: SteroidDaysFile
    pregnancy: PregnancyFile


class StudyCodes(_File, frozen=True, kw_only=True):
    """Order codes of one lumbar study."""

    modality: Modality
    contrast: Contrast = "unspecified"
    label: str
    group: tuple[CodeGroup, ...]


class ImagingFile(_File, frozen=True, kw_only=True):
    study: tuple[StudyCodes, ...]
    generic: tuple[StudyCodes, ...] = ()
    """Spine imaging of no stated level: in scope only when body site or text says lumbar."""
    excluded: tuple[CodeGroup, ...] = ()
    """Lumbar codes that are not diagnostic imaging of the spine; one of them takes an order out of scope."""


class WindowsFile(_File, frozen=True, kw_only=True):
    """Every number of days the decision uses."""

    source: str
    acute_days: int
    """Pain shorter than this is acute."""
    chronic_days: int
    """Pain longer than this is chronic."""
    history_days: int
    """Readable history without back pain that lets a pain without onset date pass as new."""
    this_visit_days: int
    """A back-pain condition recorded within so many days belongs to this visit."""
    repeat_visit_days: int
    """An earlier back-pain visit at least so long ago, within the history, makes it a repeat visit."""
    recent_imaging_days: int
    post_operative_days: int
    """After an operation on the spine the service is silent for so long, emergencies apart."""
    conservative_care_days: int
    """Treatment started at least so long ago counts as tried."""
    redate_days: int
    """From today to the date a kept order is moved to."""
    follow_up_days: int
    pregnancy_days: int
    """A current pregnancy record older than this may be stale."""


class RoutesFile(_File, frozen=True, kw_only=True):
    source: str
    not_systemic: tuple[str, ...]
    """Lower-case word beginnings in a medicine's name or route."""
    given_once: tuple[str, ...]
    """Likewise: such a medicine covers the day of its order unless the order says more."""


class LexiconEntry(_File, frozen=True, kw_only=True):
    id: str
    label: str
    words: tuple[str, ...]
    """Lower-case word beginnings; an entry of several words must appear as such."""
    in_problems: bool = False
    """Also read in the name of a problem whose codes no value set knows."""


class LexiconFile(_File, frozen=True, kw_only=True):
    source: str
    negations: tuple[str, ...]
    fillers: tuple[str, ...]
    dismissals: tuple[str, ...]
    not_a_problem: tuple[str, ...]
    entry: tuple[LexiconEntry, ...]
