"""The shape of the knowledge files. Unknown fields are errors: a typing slip must not disarm a rule."""

from typing import Literal

import msgspec

from watchful.clinical.assessment import Tier
from watchful.clinical.facts import Contrast, Kind, Modality

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
    """Medicines only: lower-case beginnings of ingredient names -> our words; read where no code matches."""


class EvidenceFile(_File, frozen=True, kw_only=True):
    """One way a flag can be present. All conditions given must hold; the items of a flag are alternatives."""

    any_of: tuple[str, ...] = ()
    """Value-set ids: a finding that belongs to one of them is evidence."""
    distinct: int = 1
    """How many different value sets of `any_of` must be met (2 = a pair of signs)."""
    kinds: tuple[Kind, ...] = ("condition", "visit", "order-reason")
    state: Literal["any", "current", "past"] = "any"
    within_days: int | None = None
    """Days before today in which it must have happened; an undated finding counts as recent."""
    with_back_pain: bool = False
    """Counts only when low back pain belongs to this visit."""
    with_flag: tuple[str, ...] = ()
    """Counts only beside one of these flags, which must stand earlier in the catalogue."""
    measured: str = ""
    """Value-set id of a measurement; needs `at_least` or `at_most`, in the unit of the value set."""
    at_least: float | None = None
    at_most: float | None = None
    latest_only: bool = False
    """Only the newest measurement counts."""
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
    """Hard flags only; without it the study is a judgement and the answer `ReviewImaging`."""


class CatalogueFile(_File, frozen=True, kw_only=True):
    flag: tuple[FlagFile, ...]


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
