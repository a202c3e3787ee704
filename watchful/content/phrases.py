"""The parts that every card is put together from: findings, durations, gaps, and the word budget."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from babel.lists import format_list

from watchful.clinical.assessment import Assessment, Evidence, FlagResult, Tier
from watchful.clinical.facts import DataClass
from watchful.clinical.knowledge.units import NO_BREAK
from watchful.content.card_texts import FlagTexts
from watchful.content.dates import count, full_day, partial_day, short_day
from watchful.content.frames import USUAL, Frame
from watchful.content.handout_signs import unsettled
from watchful.content.lines import Plural
from watchful.content.load import Content
from watchful.content.measure import count_words
from watchful.content.plan import PlanDates

LONGEST_EVIDENCE = 4
"""Words of a record's own label that a card shows; the whole of it is in the app."""
_WEIGHT = {Tier.EMERGENCY: 0, Tier.HARD: 1, Tier.SUPPRESS: 2, Tier.TEXT: 3}
_AGE_BANDS = frozenset({"age-65-69", "age-50-64"})
"""Said by the age line or by the ask line, not as a sign of disease."""
_IN_HOSPITAL = frozenset({"emergency", "inpatient", "observation"})
_SPACES = re.compile(rf"[^\S{NO_BREAK}]+")
_MARKUP = str.maketrans({character: " " for character in "*_`[]|#<>\\\n\r\t"})


def fit(blocks: Sequence[str], extra: Iterable[str], budget: int) -> list[str]:
    """All of `blocks`, then each of `extra` that the budget of words still allows."""
    chosen = list(blocks)
    left = budget - sum(map(count_words, chosen))
    for block in extra:
        need = count_words(block)
        if need <= left:
            chosen.append(block)
            left -= need
    return chosen


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _label(text: str) -> str:
    """A record's label made safe for Markdown and short; a number with its unit is one word of it."""
    parts = [part for part in _SPACES.split(text.translate(_MARKUP)) if part.strip()]
    shown = " ".join(parts[:LONGEST_EVIDENCE]).strip()
    return f"{shown.rstrip(',')}…" if len(parts) > LONGEST_EVIDENCE else shown


def chart_unreadable(missing: Sequence[DataClass], content: Content) -> str:
    """Why there is no card: what could not be read, in plain words and by its FHIR types."""
    gaps = content.cards.gaps
    classes = format_list([gaps.by_class[kind.value] for kind in missing], locale=content.locale)
    return gaps.unreadable.format(classes=classes, types=", ".join(missing))


class Phrases:
    """Fills the lines for one assessment in one language."""

    def __init__(self, assessment: Assessment, content: Content, dates: PlanDates, frame: Frame = USUAL) -> None:
        self.assessment = assessment
        self.content = content
        self.cards = content.cards
        self.locale = content.locale
        self.today = dates.today
        self.dates = dates
        self.frame: Frame = frame
        modality = content.cards.modality.of(assessment.order.modality)
        self.order = modality.order
        self.short = modality.short
        self.said = modality.said

    @property
    def here(self) -> bool:
        """Whether the patient already is where an emergency is treated."""
        return self.assessment.setting in _IN_HOSPITAL

    def day(self, day: date) -> str:
        return short_day(day, self.today, self.locale)

    def long_day(self, day: date) -> str:
        return full_day(day, self.locale)

    def listed(self, parts: Iterable[str]) -> str:
        chosen = list(parts)
        return format_list(chosen, locale=self.locale) if len(chosen) > 1 else "".join(chosen)

    def study(self, study: str) -> str:
        return self.cards.study.get(study, study)

    def found(self) -> list[FlagResult]:
        """Flags present, those that decided first, then by weight. Age bands only shape the wording, and what
        another flag covers is not told twice."""
        decided = self.assessment.deciding
        return self.by_weight(
            flag
            for flag in self.assessment.present()
            if flag.id in decided or (flag.id not in _AGE_BANDS and not flag.covered)
        )

    def by_weight(self, flags: Iterable[FlagResult]) -> list[FlagResult]:
        """Those that decided first, then by tier."""
        decided = self.assessment.deciding
        return sorted(
            flags,
            key=lambda flag: decided.index(flag.id) if flag.id in decided else len(decided) + _WEIGHT[flag.tier],
        )

    def unsettled(self) -> list[FlagResult]:
        """What has to be settled before there is a handout."""
        return self.by_weight(unsettled(self.assessment))

    def flag(self, flag_id: str) -> FlagTexts:
        """What a flag is called; one that a site added and nobody described is called by its id."""
        name = flag_id.replace("-", " ")
        return self.content.flags.get(flag_id) or FlagTexts(name=name, why="", because=name)

    def place(self, reference: str) -> str:
        """Where a record stands in the chart: `Condition/123` is the problem list."""
        places = self.cards.finding.place
        return places.get(reference.partition("/")[0], places["other"])

    def in_summary(self, flag: FlagResult) -> str:
        """`Osteoporosis in the record`."""
        texts = self.cards.finding
        line = texts.suspected_in_summary if flag.suspected else texts.in_summary
        return capital(line.format(name=self.flag(flag.id).name))

    def finding(self, flag: FlagResult, *, labelled: bool = True) -> str:
        """`osteoporosis (problem list, Mar 2021)`; its newest evidence speaks for it."""
        name = self.flag(flag.id).name
        if not flag.evidence:
            return name
        newest = max(flag.evidence, key=lambda each: each.date.latest if each.date else date.min)
        return self.evidence(name, newest, suspected=flag.suspected, labelled=labelled)

    def evidence(self, name: str, evidence: Evidence, *, suspected: bool = False, labelled: bool = True) -> str:
        """One record in words: what it is, the record's label, where it stands and its date."""
        place = [self.place(evidence.reference)]
        if suspected:
            place.insert(0, self.cards.finding.suspected)
        if when := self.record_date(evidence):
            place.append(when)
        text = _label(evidence.text) if labelled else ""
        if name.casefold() in text.casefold():
            name, text = text, ""
        if not text or text.casefold() in name.casefold():
            return self.cards.finding.with_place.format(name=name, place=", ".join(place))
        return self.cards.finding.with_text.format(name=name, text=text, place=", ".join(place))

    def record_date(self, evidence: Evidence) -> str:
        """Empty where there is none, and never a birth date."""
        if evidence.date is None or evidence.reference.startswith("Patient/"):
            return ""
        return partial_day(evidence.date, self.today, self.locale)

    def findings(self, flags: Sequence[FlagResult], *, labelled: bool = True) -> str:
        """The first finding in words, and how many more there are."""
        parts = [self.finding(flag, labelled=labelled) for flag in flags[:1]]
        if len(flags) > 1:
            parts.append(self.count(len(flags) - 1, self.cards.finding.more))
        return capital("; ".join(parts))

    def count(self, number: int, lines: Plural) -> str:
        return count(number, lines, self.locale)

    def days(self) -> str | None:
        """`9 days`, `14 weeks`, `2 years`; None when no number can be stood by."""
        duration = self.assessment.duration
        if duration.days is None or duration.confidence in ("assumed", "unknown"):
            return None
        texts = self.cards.duration
        if duration.days == 0:
            words = texts.new
        elif duration.days < 84:
            words = self.count(duration.days, texts.day)
        elif duration.days < 730:
            words = self.count(duration.days // 7, texts.week)
        else:
            words = self.count(duration.days // 365, texts.year)
        return texts.at_least.format(duration=words) if duration.confidence == "inferred" else words

    def duration(self) -> str:
        """The duration with where it was read: `9 days (onset recorded Nov 2)`."""
        days, duration = self.days(), self.assessment.duration
        if days is None or duration.days is None:
            texts = self.cards.duration
            return texts.assumed if duration.confidence == "assumed" else texts.none
        source = self._source(self.day(self.today - timedelta(days=duration.days)))
        return self.cards.duration.with_source.format(duration=days, source=source)

    def _source(self, start: str) -> str:
        texts, duration = self.cards.duration.source, self.assessment.duration
        kind = duration.source.partition("/")[0]
        if kind == "history":
            return texts.history
        if kind == "Encounter":
            return texts.first_visit.format(date=start)
        if kind == "ServiceRequest":
            return texts.from_order.format(date=start)
        line = texts.explicit if duration.confidence == "explicit" else texts.first_recorded
        return line.format(date=start)

    def unread_classes(self) -> str:
        """`medicines and procedures`, or nothing."""
        return self.listed(self.cards.gaps.by_class[kind.value] for kind in self.assessment.unknown)

    def gaps(self) -> str:
        """What could not be looked at, in plain words; empty when the screen was whole."""
        texts, parts = self.cards.gaps, []
        if self.assessment.unknown:
            parts.append(texts.classes.format(classes=self.unread_classes()))
        if self.assessment.age is None:
            parts.append(texts.age)
        if self.assessment.uncoded_problems:
            parts.append(self.count(self.assessment.uncoded_problems, texts.uncoded))
        return "; ".join(parts)

    def gap_line(self) -> list[str]:
        gaps = self.gaps()
        return [self.cards.gaps.line.format(gaps=gaps)] if gaps else []
