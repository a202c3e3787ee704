"""Dates as their reader writes them, no more exact than the record."""

from datetime import date

import babel
import pytest

from watchful.clinical.dates import PartialDate, day
from watchful.content.dates import count, partial_day, said_day, short_day, spoken_day
from watchful.content.lines import Plural
from watchful.content.load import load

US = babel.Locale.parse("en_US")
TODAY = date(2026, 11, 9)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (day(date(2026, 11, 2)), "Nov 2"),
        (day(date(2025, 11, 2)), "Nov 2, 2025"),
        (PartialDate(date(2026, 3, 1), date(2026, 3, 31)), "Mar 2026"),
        (PartialDate(date(2021, 1, 1), date(2021, 12, 31)), "2021"),
        (PartialDate(date(2020, 1, 1), date(2021, 12, 31)), "2020–2021"),
    ],
)
def test_a_record_date_is_as_exact_as_the_record(when: PartialDate, words: str) -> None:
    assert partial_day(when, TODAY, US) == words


def test_a_day_next_january_is_not_taken_for_last() -> None:
    assert short_day(date(2027, 1, 4), TODAY, US) == "Jan 4"
    assert short_day(date(2026, 1, 4), TODAY, US) == "Jan 4, 2026"


@pytest.mark.parametrize(
    ("language", "read", "said"),
    [
        ("en", "Monday, November 30, 2026", "November 30"),
        ("es", "lunes, 30 de noviembre de 2026", "30 de noviembre"),
        ("zh-Hans", "2026年11月30日星期一", "11月30日"),
        ("vi", "Thứ Hai, 30 tháng 11, 2026", "30 tháng 11"),
        ("ar", "الاثنين، 30 نوفمبر 2026", "30 نوفمبر"),
    ],
)
def test_a_patient_reads_the_weekday_in_the_language_of_the_page(language: str, read: str, said: str) -> None:
    locale = load(language).locale
    assert spoken_day(date(2026, 11, 30), locale) == read
    assert said_day(date(2026, 11, 30), locale) == said


def test_other_languages_bring_their_own_plurals() -> None:
    lines = Plural(other="{count} дня", one="{count} день", few="{count} дня", many="{count} дней")
    russian = babel.Locale.parse("ru")
    assert [count(number, lines, russian) for number in (1, 3, 9, 21)] == ["1 день", "3 дня", "9 дней", "21 день"]
    assert count(1, Plural(other="{count} days"), US) == "1 days"
