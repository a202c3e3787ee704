"""The shape of the knowledge files. Unknown fields are errors: a typing slip must not disarm a rule."""

from typing import Literal

import msgspec

from watchful.clinical.assessment import Tier
from watchful.clinical.facts import Contrast, DataClass, Flagged, Kind, Modality

SystemName = Literal[
    "ICD-10-CM", "SNOMED CT", "LOINC", "RxNorm", "CPT", "HCPCS", "NUCC", "HL7 service type", "act-code"
]


class KnowledgeFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class CodeGroup(KnowledgeFile, frozen=True, kw_only=True):
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


class ValueSetFile(KnowledgeFile, frozen=True, kw_only=True):
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


class EvidenceFile(KnowledgeFile, frozen=True, kw_only=True):
    """One way a flag or a medicine rule can be met. All conditions given must hold; its items are alternatives."""

    any_of: tuple[str, ...] = ()
    """Value-set ids: a finding that belongs to one of them is evidence."""
    distinct: int = 1
    """How many different value sets of `any_of` must be met (2 = a pair of signs)."""
    kinds: tuple[Kind, ...] = ("condition", "visit", "order-reason")
    state: Literal["any", "current", "past"] = "any"
    """A medicine is current while its order is active or its supply lasts."""
    within_days: int | None = None
    """Days before today in which it must have happened; an undated finding counts as recent. A medicine counts by
    its order or by the last day that its supply covers."""
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


class StudyFile(KnowledgeFile, frozen=True, kw_only=True):
    """What imaging is right for the finding. Entries are studies (`mri-both`) or modalities (`mri`)."""

    appropriate: tuple[str, ...]
    """Drafted studies that are left alone."""
    wrong: tuple[str, ...] = ()
    """Drafted studies that are usually not appropriate for it: `ChangeStudy`."""
    change_to: str = ""
    """The study that is named instead."""


class FlagFile(KnowledgeFile, frozen=True, kw_only=True):
    """One row of the red-flag catalogue."""

    id: str
    row: int
    """Row of the catalogue in the clinical reference this follows."""
    family: str
    tier: Tier
    title: str
    citation: str
    evidence: tuple[EvidenceFile, ...]
    milder_form_of: str = ""
    """An earlier row that says more: beside it, and on no record of its own, this one is not told."""
    study: StudyFile | None = None
    """Hard flags: without it the study is a judgement and the answer `ReviewImaging`. Emergencies: the study that,
    drafted at once and in the right place, needs no card."""


class CatalogueFile(KnowledgeFile, frozen=True, kw_only=True):
    flag: tuple[FlagFile, ...]


class QuestionFile(KnowledgeFile, frozen=True, kw_only=True):
    """One question that a clinician asks, because a chart cannot tell."""

    id: str
    ask: str
    told: str
    """The finding in words, when the answer is "yes"."""
    like: str
    """Row of the catalogue whose tier, family and study a "yes" has."""
    source: str


class SpokenFile(KnowledgeFile, frozen=True, kw_only=True):
    question: tuple[QuestionFile, ...]


class StepFile(KnowledgeFile, frozen=True, kw_only=True):
    """A step of the pain plan that is always offered."""

    id: str
    title: str


class MedicineFile(KnowledgeFile, frozen=True, kw_only=True):
    """A kind of pain medicine that the plan may speak of. It is never prescribed by this service."""

    id: str
    title: str
    group: str
    """A group is named to a patient only when all of it is clear."""
    clinician_only: bool = False
    """Never on a handout, whatever its status."""
    needs: tuple[DataClass, ...]
    """What must be readable before it can be clear, whatever its rules read."""


class RuleFile(KnowledgeFile, frozen=True, kw_only=True):
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


class MedicinesFile(KnowledgeFile, frozen=True, kw_only=True):
    """The pain plan and its safety (`reference/clinical.md` §5)."""

    source: str
    pregnancy_possible_from: int
    pregnancy_possible_to: int
    """Ages, both included, at which "not if you may be pregnant" stands beside an NSAID."""
    step: tuple[StepFile, ...]
    medicine: tuple[MedicineFile, ...]
    rule: tuple[RuleFile, ...]


class ResultFile(KnowledgeFile, frozen=True, kw_only=True):
    """An observation answered with a code, and what it means."""

    question: str
    """Value set of the observation's code."""
    answer: str
    """Value set of the coded answer."""
    means: str
    """Value set that the finding then belongs to."""
    label: str


class ResultsFile(KnowledgeFile, frozen=True, kw_only=True):
    source: str
    result: tuple[ResultFile, ...]


class StudyCodes(KnowledgeFile, frozen=True, kw_only=True):
    """Order codes of one lumbar study."""

    modality: Modality
    contrast: Contrast = "unspecified"
    label: str
    group: tuple[CodeGroup, ...]


class ImagingFile(KnowledgeFile, frozen=True, kw_only=True):
    study: tuple[StudyCodes, ...]
    generic: tuple[StudyCodes, ...] = ()
    """Spine imaging of no stated level: in scope only when body site or text says lumbar."""
    excluded: tuple[CodeGroup, ...] = ()
    """Lumbar codes that are not diagnostic imaging of the spine; one of them takes an order out of scope."""


class WindowsFile(KnowledgeFile, frozen=True, kw_only=True):
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
    booked_surgery_days: int
    """An ordered operation on the spine counts as booked until so long after its date, or after it was ordered."""
    hospice_days: int
    """A visit, referral or procedure of hospice or palliative care counts for so long."""
    trauma_activation_days: int
    """A trauma activation recorded as a procedure belongs to this visit for so long."""
    conservative_care_days: int
    """Treatment started at least so long ago counts as tried."""
    redate_days: int
    """From today to the date a kept order is moved to."""
    follow_up_days: int
    pregnancy_days: int
    """A current pregnancy record older than this may be stale."""


class SpecialtiesFile(KnowledgeFile, frozen=True, kw_only=True):
    """The specialists whose orders are left alone, emergencies apart."""

    source: str
    left_alone: tuple[str, ...]
    """Value sets; a visit whose type or service belongs to one of them is theirs."""


class RoutesFile(KnowledgeFile, frozen=True, kw_only=True):
    source: str
    not_systemic: tuple[str, ...]
    """Lower-case word beginnings in a medicine's name or route."""
    given_once: tuple[str, ...]
    """Likewise: such a medicine covers the day of its order unless the order says more."""


class LexiconEntry(KnowledgeFile, frozen=True, kw_only=True):
    id: str
    label: str
    words: tuple[str, ...]
    """Lower-case word beginnings; an entry of several words must appear as such."""
    in_problems: bool = False
    """Also read in the name of a problem whose codes no value set knows."""


class LexiconFile(KnowledgeFile, frozen=True, kw_only=True):
    source: str
    negations: tuple[str, ...]
    fillers: tuple[str, ...]
    dismissals: tuple[str, ...]
    not_a_problem: tuple[str, ...]
    entry: tuple[LexiconEntry, ...]
