"""What a table cannot say: named functions that the knowledge files refer to with `computed = "..."`.

Each looks at one record, by the numbers of `data/computed.toml`, and gives what shows it, or nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from watchful.clinical.assessment import Evidence
from watchful.clinical.facts import DataClass, Finding, Measurement
from watchful.clinical.record import Record

if TYPE_CHECKING:  # the loader of that package checks names against COMPUTED
    from watchful.clinical.knowledge.computed_file import ComputedFile, SteroidDaysFile, WeightTrendFile


class Computed(NamedTuple):
    """A function, and what it looks at."""

    function: Callable[[Record, "ComputedFile"], Sequence[Evidence]]
    concepts: frozenset[str]
    """A chart with none of these value sets cannot meet it; empty: it has to be asked."""
    reads: frozenset[DataClass]


class _Weight(NamedTuple):
    day: date
    kilograms: float
    source: Measurement


def weight_trend(record: Record, numbers: "ComputedFile") -> Sequence[Evidence]:
    """Row 6: weight lost that nothing on file explains. Errors of the record and explained losses do not count."""
    rules = numbers.weight_trend
    weights = sorted(
        (
            _Weight(each.when.latest, each.value, each)
            for each in record.measurements.get("body-weight", ())
            if each.when is not None and each.when.exact and each.value is not None and not each.comparator
        ),
        key=lambda each: (each.day, each.kilograms, each.source.reference),
    )
    if not weights or (record.today - weights[-1].day).days > rules.recent_days:
        return ()
    newest_day = weights[-1].day
    now = median(each.kilograms for each in weights if each.day == newest_day)
    earlier = [
        each
        for each in weights
        if rules.baseline_from_days <= (newest_day - each.day).days <= rules.baseline_to_days
        and _plausible(each.kilograms, now, rules)
    ]
    if not earlier:
        return ()
    highest = max(earlier, key=lambda each: (each.kilograms, each.day, each.source.reference))
    lost = highest.kilograms - now
    if lost / highest.kilograms * 100 < rules.loss_percent:
        return ()
    if len({each.day for each in earlier}) < 2 and lost < rules.single_baseline_kg:
        return ()
    if _explained(record, highest.day, rules):
        return ()
    newest = weights[-1].source
    percent = lost / highest.kilograms * 100
    text = f"weight {now:.1f} kg, {percent:.1f} % less than {highest.kilograms:.1f} kg"
    return (
        Evidence(newest.reference, newest.when, text),
        Evidence(highest.source.reference, highest.source.when, f"weight {highest.kilograms:.1f} kg"),
    )


def _plausible(earlier: float, now: float, rules: "WeightTrendFile") -> bool:
    """Whether both weights can be true of one person: no such change, and not pounds beside kilograms."""
    if earlier <= 0 or now <= 0:
        return False
    ratio = max(earlier, now) / min(earlier, now)
    if abs(ratio - rules.pounds_ratio) <= rules.pounds_tolerance:
        return False
    return abs(earlier - now) / earlier * 100 <= rules.error_percent


def _explained(record: Record, since: date, rules: "WeightTrendFile") -> bool:
    """A reason on file for losing weight. Only what is surely so, and surely recent, explains;
    an undated record does not."""

    def lately(concept: str, days: int) -> bool:
        return any(record.surely_within(each.event, days) for each in record.of(concept))

    def taken(concept: str, days: int) -> list[Finding]:
        return [
            each
            for each in record.of(concept, "medication")
            if each.certainty == "confirmed"
            and (each.current or record.surely_within(each.ended or each.event, days))
        ]

    if record.sex != "male" and (
        lately("pregnancy", rules.pregnancy_days) or lately("postpartum", rules.postpartum_days)
    ):
        return True
    if lately("bariatric-surgery", rules.surgery_days) or lately("amputation", rules.amputation_days):
        return True
    if taken("weight-loss-medicine", rules.medicine_days):
        return True
    obese = any(
        each.value is not None and each.value >= rules.obese_from and "<" not in each.comparator
        for each in record.measurements.get("body-mass-index", ())
        if record.surely_within(each.when, rules.baseline_to_days)
    )
    if obese and lately("weight-counselling", rules.counselling_days):
        return True
    started = [
        each
        for each in record.of("diuretic", "medication")
        if each.certainty == "confirmed"
        and each.event is not None
        and each.event.earliest >= since
        and record.surely_within(each.event, rules.diuretic_days)
    ]
    return bool(started) and any(record.of("heart-failure"))


class _Cover(NamedTuple):
    start: date
    days: int
    source: Finding


def steroid_days(record: Record, numbers: "ComputedFile") -> Sequence[Evidence]:
    """Row 11: days without a break that systemic steroids cover. Overlapping orders roll forward, as HEDIS counts.

    An active order that states no end is taken as ongoing; a finished one that states none lasts until the next
    one, where that follows as a refill would, else for one day.
    """
    rules = numbers.steroid_days
    first = record.today - timedelta(days=rules.look_back_days)
    orders = list(record.of("systemic-steroid", "medication"))
    for each in orders:
        lasts = each.ended is None or each.ended.latest >= record.today
        if each.event is None and each.current and lasts:
            return (Evidence(each.reference, None, f"{each.label}, no start recorded"),)
    starts = sorted({each.event.earliest for each in orders if each.event is not None})
    longest: dict[date, _Cover] = {}
    for each in orders:
        cover = _cover(each, starts, rules, record.today)
        if cover is not None and (cover.start not in longest or _longer(cover, longest[cover.start])):
            longest[cover.start] = cover
    run: list[_Cover] = []
    days = 0
    end: date | None = None
    for cover in sorted(longest.values(), key=lambda each: each.start):
        start = cover.start
        if end is not None and start <= end + timedelta(days=1 + rules.gap_days):
            start = max(start, end + timedelta(days=1))
        else:
            run, days = [], 0
        end = start + timedelta(days=cover.days - 1)
        inside = (min(end, record.today) - max(start, first)).days + 1
        if inside > 0:
            run.append(cover)
            days += inside
        if days >= rules.covered_days:
            return tuple(
                Evidence(
                    each.source.reference, each.source.event, f"{each.source.label}, {each.days} days covered"
                )
                for each in run
            )
    return ()


def _longer(cover: _Cover, other: _Cover) -> bool:
    return (cover.days, cover.source.reference) > (other.days, other.source.reference)


def _cover(order: Finding, starts: Sequence[date], rules: "SteroidDaysFile", today: date) -> _Cover | None:
    if order.event is None:
        return None
    start = order.event.earliest
    if order.ended is not None:
        return _Cover(start, max(1, (order.ended.latest - start).days + 1), order)
    if order.current:
        return _Cover(start, max(1, (today - start).days + 1), order)
    following = next(((each - start).days for each in starts if each > start), None)
    if following is None or following > rules.refill_days + rules.gap_days:
        return _Cover(start, 1, order)
    return _Cover(start, min(following, rules.refill_days), order)


def pregnancy(record: Record, numbers: "ComputedFile") -> Sequence[Evidence]:
    """Pregnancy on file, also one that may be long over; never for a man."""
    if record.sex == "male":
        return ()
    return (
        *(Evidence(each.reference, each.event, each.label) for each in current_pregnancy(record, numbers)),
        *(Evidence(each.reference, each.when, each.label) for each in raised_hormone(record, numbers)),
        *(Evidence(each.reference, each.when, each.label) for each in _weeks(record, numbers)),
    )


def current_pregnancy(record: Record, numbers: "ComputedFile") -> Iterable[Finding]:
    """Every record of a pregnancy that may be one of now. A problem that was never closed is, whatever its age;
    a visit's reason or a test is over when a term has passed."""
    term = numbers.pregnancy.term_days
    return (
        each
        for each in record.of("pregnancy")
        if each.current
        and (each.kind == "condition" or each.event is None or each.event.possibly_within(term, record.today))
    )


def raised_hormone(record: Record, numbers: "ComputedFile") -> Iterable[Measurement]:
    """Measured pregnancy hormone of the last weeks that means a pregnancy."""
    rules = numbers.pregnancy
    return (
        each
        for each in record.measurements.get("chorionic-gonadotropin", ())
        if (each.when is None or each.when.possibly_within(rules.hormone_days, record.today))
        and (
            each.flagged in ("high", "very-high")
            if each.value is None
            else each.value >= rules.hormone_at_least and "<" not in each.comparator
        )
    )


def twenty_weeks(record: Record, numbers: "ComputedFile") -> Sequence[Evidence]:
    """A pregnancy that may have reached its second half: the weeks on file, and the time since."""
    if record.sex == "male":
        return ()
    late = numbers.pregnancy.late_weeks
    found: list[Evidence] = []
    for each in _weeks(record, numbers):
        if each.value is not None and each.when is not None:
            now = each.value + each.when.most_days_ago(record.today) / 7
            if now >= late:
                found.append(Evidence(each.reference, each.when, each.label))
        elif each.value is not None and each.value >= late:
            found.append(Evidence(each.reference, None, each.label))
    return tuple(found)


def _weeks(record: Record, numbers: "ComputedFile") -> Iterable[Measurement]:
    """Statements of weeks that can belong to a pregnancy of now."""
    term = numbers.pregnancy.term_days
    for each in record.measurements.get("gestational-age", ()):
        if each.when is None or each.when.fewest_days_ago(record.today) <= term - (each.value or 0) * 7:
            yield each


def uncoded_problems(record: Record, numbers: "ComputedFile") -> Sequence[Evidence]:
    """Problems whose codes cannot be read: one of them may be what a rule looks for."""
    count = record.uncoded_problems
    return (Evidence("Condition", None, f"uncoded problems: {count}"),) if count else ()


_CONDITION, _OBSERVATION, _MEDICATION = DataClass.CONDITION, DataClass.OBSERVATION, DataClass.MEDICATION
_PREGNANCY = frozenset({_CONDITION, DataClass.ENCOUNTER, _OBSERVATION})

COMPUTED: Mapping[str, Computed] = {
    "weight-trend": Computed(weight_trend, frozenset({"body-weight"}), frozenset({_OBSERVATION})),
    "steroid-days": Computed(steroid_days, frozenset({"systemic-steroid"}), frozenset({_MEDICATION})),
    "pregnancy": Computed(
        pregnancy, frozenset({"pregnancy", "chorionic-gonadotropin", "gestational-age"}), _PREGNANCY
    ),
    "twenty-weeks": Computed(twenty_weeks, frozenset({"gestational-age"}), _PREGNANCY),
    "uncoded-problems": Computed(uncoded_problems, frozenset(), frozenset({_CONDITION})),
}
"""Every name that a knowledge file may give to `computed`."""
