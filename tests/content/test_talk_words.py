"""The talk track: at most a minute, in its order, in every language and variant (rules TT of clinical.md §1.5)."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from assessments import SIX_WEEKS, TODAY, an_assessment, dates_of
from wording import EMERGENCY_NOW, OTHER_MEDICINES, PATIENT_FORBIDDEN, RISK_FORBIDDEN, medicines_named

from watchful.clinical.assessment import Assessment
from watchful.content.dates import said_day
from watchful.content.load import languages, load
from watchful.content.measure import count_words, seconds_aloud, sentences
from watchful.content.medicines import NOT_IF_PREGNANT, NOTHING_KNOWN, Medicine, SafeMedicines
from watchful.content.talk import MOST_WORDS, TalkWords, talk_words

ORDER = ["worry", "empathy", "checked", "reason", "plan", "expect", "when", "urgent", "close"]
EVERY = SafeMedicines(clear=tuple(Medicine))
MEDICINES = [NOTHING_KNOWN, *(SafeMedicines(clear=(each,)) for each in Medicine), EVERY]


def every_visit() -> Iterator[Assessment]:
    for modality, leg, pregnancy, age, first in itertools.product(
        ("xr", "ct", "mri"), (False, True), ("no", "yes", "possible"), (45, 67), (False, True)
    ):
        if age < 65 or pregnancy == "no":
            yield an_assessment(modality=modality, leg_pain=leg, pregnancy=pregnancy, age=age, first_visit=first)


VISITS = list(every_visit())


def talk(assessment: Assessment, language: str = "en", medicines: SafeMedicines = NOTHING_KNOWN) -> TalkWords:
    return talk_words(assessment, load(language), dates_of(assessment), medicines=medicines)


def part(words: TalkWords, wanted: str) -> str:
    return next(each.text for each in words.parts if each.id == wanted)


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_talk_keeps_order_length_and_rules(language: str) -> None:
    content = load(language)
    for assessment, medicines in itertools.product(VISITS, MEDICINES):
        words = talk(assessment, language, medicines)
        assert [each.id for each in words.parts] == ORDER[0 if assessment.first_visit else 1 :]
        assert count_words(words.text, language) <= MOST_WORDS
        assert not PATIENT_FORBIDDEN[language].search(words.text), words.text
        assert not OTHER_MEDICINES.search(words.text)
        assert medicines_named(words.text) <= set(medicines.clear)
        assert EMERGENCY_NOW[language] in part(words, "urgent").casefold()
        assert said_day(SIX_WEEKS, content.locale) in part(words, "when")
        assert said_day(dates_of(assessment).follow_up, content.locale) in part(words, "when")
        assert "  " not in words.text
        assert content.talk.plan.steps in part(words, "plan")


@pytest.mark.parametrize("language", sorted(languages()))
def test_risks_stand_apart_and_only_for_a_patient_who_asks(language: str) -> None:
    for modality in ("xr", "ct", "mri"):
        words = talk(an_assessment(modality=modality), language)
        assert words.asked
        assert words.asked not in words.text
        assert not RISK_FORBIDDEN[language].search(words.asked), words.asked


@pytest.mark.parametrize("language", sorted(languages()))
def test_each_variant_changes_the_words(language: str) -> None:
    content, texts = load(language), load(language).talk
    usual = talk(an_assessment(), language)
    assert part(talk(an_assessment(first_visit=True), language), "worry") == texts.worry
    assert talk(an_assessment(first_visit=True), language).text.startswith(texts.worry)
    leg = talk(an_assessment(leg_pain=True), language)
    assert part(leg, "reason") != part(usual, "reason")
    assert texts.expect.leg_pain in part(leg, "expect")
    assert part(talk(an_assessment(modality="xr"), language), "reason") == texts.reason.xr
    assert texts.plan.older in part(talk(an_assessment(age=65), language), "plan")
    assert texts.plan.older not in part(talk(an_assessment(age=64), language), "plan")
    for pregnancy in ("yes", "possible"):
        words = talk(an_assessment(pregnancy=pregnancy), language)
        assert texts.plan.pregnancy in part(words, "plan")
        assert part(words, "urgent") == texts.urgent.pregnancy
    assert part(usual, "plan") == sentences(
        [texts.plan.steps, texts.medicine.open, texts.plan.therapy], content.language
    )


def test_what_belongs_together_is_said_together() -> None:
    older = part(talk(an_assessment(age=67), "en", EVERY), "plan")
    assert older == (
        "So let's treat the pain. Use heat. Keep moving gently. For pain, take ibuprofen or naproxen with food. "
        "Acetaminophen may help a little. I can also set up physical therapy. Take care not to fall."
    )


def test_nothing_known_is_a_line_for_the_clinician_to_fill() -> None:
    assert "For pain, you can take ______." in talk(an_assessment()).text


@pytest.mark.parametrize("language", sorted(languages()))
def test_an_nsaid_is_said_with_its_warning_and_never_in_pregnancy(language: str) -> None:
    texts = load(language).talk.medicine
    oral = SafeMedicines(clear=(Medicine.NSAID_ORAL,))
    assert texts.nsaid_oral in talk(an_assessment(), language, oral).text
    assert texts.not_if_pregnant not in talk(an_assessment(), language, oral).text
    noted = SafeMedicines(clear=(Medicine.NSAID_ORAL,), notes=(NOT_IF_PREGNANT,))
    assert texts.not_if_pregnant in talk(an_assessment(), language, noted).text
    assert texts.not_if_pregnant in talk(an_assessment(pregnancy="possible"), language, oral).text
    pregnant = talk(an_assessment(pregnancy="yes"), language, EVERY)
    assert medicines_named(pregnant.text) == {"acetaminophen"}


def test_one_visit_where_both_dates_fall_together() -> None:
    assessment = an_assessment()
    dates = dates_of(assessment, six_weeks=TODAY.replace(day=20))
    text = talk_words(assessment, load("en"), dates).text
    assert text.count("November 20") == 1
    assert "Not clearly better then?" in text


def test_a_talk_says_how_long_it_takes() -> None:
    words = talk(an_assessment())
    assert words.length == f"about {seconds_aloud(count_words(words.text))} seconds"
    assert seconds_aloud(count_words(words.text)) <= 60


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("one two three", "en", 3),
        ("Sí, tres palabras", "es", 3),
        ("您的腰痛计划，今天。", "zh-Hans", 5),
        ("2 周", "zh-Hans", 2),
        ("đau lưng của tôi", "vi", 3),
        ("", "en", 0),
    ],
)
def test_words_are_counted_so_that_scripts_compare(text: str, language: str, words: Any) -> None:
    assert count_words(text, language) == words
