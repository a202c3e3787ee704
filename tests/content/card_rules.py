"""What holds for every card, whatever it is about (reference/clinical.md §1.5 and §0.1 item 13)."""

import re
from collections.abc import Iterable

from assessments import body_of
from wording import BARE_RED_FLAG, CARD_FORBIDDEN, FOUND_IN_RECORD

from watchful.clinical.assessment import Decision
from watchful.content.cards import CardWords
from watchful.content.load import load
from watchful.content.measure import count_words

MEDICINES = re.compile(
    r"ibuprofen|naproxen|nsaid|acetaminophen|paracetamol|aspirin|opioid|tramadol|gabapentin|cyclobenzaprine|"
    r"diclofenac|relaxant|tylenol|advil|aleve|\bmg\b(?!/L)",  # a dose, not a laboratory result
    re.IGNORECASE,
)


def every_text(words: CardWords) -> list[str]:
    offered = [
        each
        for each in (
            words.suggestions.remove,
            words.suggestions.postpone,
            words.suggestions.change,
            words.suggestions.stat,
            words.suggestions.emergency,
        )
        if each is not None
    ]
    texts = [words.summary, words.detail, words.note, words.handout_link]
    return texts + [text for each in offered for text in (each.label, each.description)]


def obeys_the_rules(words: CardWords, language: str = "en", findings: Iterable[str] = ()) -> None:
    """`findings` are quoted from the record: a card may say "opioid use" or "radiation treatment" there only."""
    quoted = re.compile("|".join(map(re.escape, findings)) or "(?!)", re.IGNORECASE)
    assert 0 < len(words.summary) <= 139
    assert count_words(body_of(words, language)) <= 120
    for text in every_text(words):
        assert text.strip()
        assert not CARD_FORBIDDEN[language].search(quoted.sub("", text)), text
        assert not MEDICINES.search(quoted.sub("", text)), text
        assert not BARE_RED_FLAG[language].search(text), text
        assert "  " not in text
        assert not re.search(r"\(\)|\(,|, \)|;\.|: \.|\bNone\b|^#", text), text


def opens_with_what_matters(decision: Decision, body: str, language: str, six_weeks: str) -> None:
    """Why, ask and examine, and plan stand in the first 60 words, in every frame (clinical.md §0.1 item 13)."""
    texts = load(language).cards
    first = first_words(body, 60)
    if decision is Decision.URGENT:
        assert label(texts.urgent.found) in first
        assert label(texts.urgent.now) in first
        assert texts.urgent.check in first
        return
    assert texts.check in first
    assert end_of(texts.ask) in first
    if decision is Decision.DEFER:
        assert label(texts.defer.why) in first
        assert label(texts.defer.plan) in first
        assert FOUND_IN_RECORD[language] in first
        assert six_weeks in first
    if decision is Decision.REVIEW:
        assert texts.review.plan in first or texts.review.settle in first
    if decision is Decision.CHANGE:
        assert label(texts.change.fits) in first


def label(line: str) -> str:
    """The bold words that a line opens with."""
    return line[: line.index("**", 2) + 2]


def end_of(line: str) -> str:
    return line.partition(":** ")[2]


def first_words(text: str, limit: int) -> str:
    return " ".join(text.replace("\n\n", " ").split(" ")[:limit])
