"""The shape of `computed.toml`: every number that a computed function uses."""

from watchful.clinical.knowledge.files import KnowledgeFile


class WeightTrendFile(KnowledgeFile, frozen=True, kw_only=True):
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


class SteroidDaysFile(KnowledgeFile, frozen=True, kw_only=True):
    """`computed = "steroid-days"`."""

    covered_days: int
    look_back_days: int
    gap_days: int
    """Days without cover that do not end a run."""
    refill_days: int
    """A finished order that states no supply lasts so long, where another follows by then or within the gap."""


class PregnancyFile(KnowledgeFile, frozen=True, kw_only=True):
    """`computed = "pregnancy"` and `"twenty-weeks"`."""

    hormone_at_least: float
    hormone_days: int
    late_weeks: float
    term_days: int
    """A statement of weeks older than this belongs to an earlier pregnancy."""
    delivery_days: int
    """From the first day of a pregnancy to its expected delivery."""


class ComputedFile(KnowledgeFile, frozen=True, kw_only=True):
    """Every number that a computed function uses."""

    source: str
    weight_trend: WeightTrendFile
    steroid_days: SteroidDaysFile
    pregnancy: PregnancyFile
