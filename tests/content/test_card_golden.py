"""Typical cards, talks and handouts, word for word.

Renew with `WATCHFUL_GOLDEN=1 pytest tests/content/test_card_golden.py`.
A changed file is a changed message to a clinician or a patient: read it aloud before committing it.
"""

import os
from datetime import date
from pathlib import Path

import pytest
from assessments import a_flag, an_assessment, dates_of, words_of

from watchful.clinical.assessment import Decision, Duration, Evidence, Tier
from watchful.clinical.dates import day
from watchful.clinical.facts import DataClass
from watchful.content.cards import CardWords
from watchful.content.frames import Frame
from watchful.content.handout import HandoutCase, handout_words
from watchful.content.load import load
from watchful.content.medicines import NOTHING_KNOWN, Medicine, SafeMedicines
from watchful.content.plain import handout_text
from watchful.content.talk import TalkWords, talk_words

GOLDEN = Path(__file__).parent / "golden"
RENEW = bool(os.environ.get("WATCHFUL_GOLDEN"))  # read before `clean_environ` hides it
CASES = {
    "defer-mri": (an_assessment(), False),
    "defer-xray-every-line": (
        an_assessment(
            modality="xr",
            duration=Duration(days=None, source="history", confidence="assumed"),
            unknown=(DataClass.OBSERVATION,),
            uncoded_problems=3,
            leg_pain=True,
            first_visit=True,
            age=67,
        ),
        True,
    ),
    "review-osteoporosis": (
        an_assessment(
            Decision.REVIEW,
            "hard-flag",
            modality="ct",
            flags=(a_flag("osteoporosis"), a_flag("age-65-69", Tier.TEXT, reference="Patient/1")),
            age=66,
        ),
        False,
    ),
    "review-duration": (
        an_assessment(
            Decision.REVIEW,
            "duration-not-in-chart",
            duration=Duration(days=None, source="none", confidence="unknown"),
        ),
        False,
    ),
    "review-recent-imaging": (
        an_assessment(
            Decision.REVIEW,
            "recent-imaging",
            recent_imaging=Evidence("DiagnosticReport/9", day(date(2026, 9, 3)), "lumbar MRI"),
        ),
        False,
    ),
    "change-cancer": (
        an_assessment(
            Decision.CHANGE,
            "wrong-study",
            modality="xr",
            change_to="mri-both",
            flags=(a_flag("cancer-active", text="breast cancer"),),
        ),
        False,
    ),
    "urgent-cauda-equina": (
        an_assessment(
            Decision.URGENT,
            "emergency",
            flags=(
                a_flag(
                    "cauda-equina",
                    Tier.EMERGENCY,
                    reference="Encounter/3",
                    when=day(date(2026, 11, 9)),
                    suspected=True,
                ),
            ),
        ),
        False,
    ),
}


def as_text(words: CardWords) -> str:
    parts = [f"SUMMARY  {words.summary}", "DETAIL", words.detail, "NOTE", words.note, "SUGGESTIONS"]
    named = words.suggestions
    for each in (named.remove, named.postpone, named.change, named.stat, named.emergency):
        if each is not None:
            parts.append(f"[{each.label}] {each.description}")
    return "\n\n".join([*parts, f"LINK  {words.handout_link}"]) + "\n"


def talk_as_text(words: TalkWords) -> str:
    said = [f"{part.id.upper():8} {part.text}" for part in words.parts]
    return "\n".join([f"{words.before} ({words.length})", "", *said, "", words.asked_heading, words.asked]) + "\n"


def same_as_golden(name: str, text: str) -> None:
    file = GOLDEN / f"{name}.txt"
    if RENEW:
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", CASES)
def test_typical_cards(name: str) -> None:
    assessment, demo = CASES[name]
    same_as_golden(name, as_text(words_of(assessment, demo=demo)))


@pytest.mark.parametrize("frame", ["plan-first", "trust-first"])
def test_the_other_frames(frame: Frame) -> None:
    same_as_golden(f"defer-{frame}", as_text(words_of(an_assessment(), frame=frame)))


def test_a_spanish_card() -> None:
    same_as_golden("defer-es", as_text(words_of(an_assessment(), language="es")))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("visit", ["usual", "fullest"])
def test_typical_talks(visit: str, language: str) -> None:
    fullest = {"leg_pain": True, "first_visit": True, "age": 67, "modality": "xr"}
    assessment = an_assessment(**(fullest if visit == "fullest" else {}))
    medicines = SafeMedicines(clear=tuple(Medicine)) if visit == "fullest" else NOTHING_KNOWN
    words = talk_words(assessment, load(language), dates_of(assessment), medicines=medicines)
    same_as_golden(f"talk-{visit}-{language}", talk_as_text(words))


@pytest.mark.parametrize("language", ["en", "es"])
def test_typical_handout(language: str) -> None:
    case = HandoutCase(
        language=language,
        modality="mri",
        today=date(2026, 11, 9),
        follow_up=date(2026, 11, 30),
        six_weeks=date(2026, 12, 21),
        contact="General Practice, 555-0100",
    )
    name = "handout" if language == "en" else f"handout-{language}"
    same_as_golden(name, handout_text(handout_words(case, load(language))))
