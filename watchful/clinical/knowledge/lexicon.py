"""Free text read for words of suspicion. Nothing else of a text is ever used or kept."""

import re
from collections.abc import Iterable

from watchful.clinical.knowledge.files import LexiconEntry, LexiconFile

ALARMING_TEXT = "alarming-text"
"""The value set of a finding that was made from words, not from a code."""


class Lexicon:
    """The compiled lexicon. A word counts unless it is negated right where it stands."""

    def __init__(self, file: LexiconFile) -> None:
        self._entries = tuple((entry, _any_of(entry.words)) for entry in file.entry)
        self._in_problems = tuple(pair for pair in self._entries if pair[0].in_problems)
        self._first_look = _any_of(word for entry in file.entry for word in entry.words)
        fillers = _alternatives(file.fillers)
        self._negated = re.compile(rf"(?:{_alternatives(file.negations)})\s+(?:(?:{fillers})\s+)*$")
        self._dismissed = re.compile(
            rf"\w*(?:\s+\w+)?\s+(?:is |was |are |were )?(?:{_alternatives(file.dismissals)})"
        )
        self._no_problem = re.compile("|".join(map(re.escape, file.not_a_problem)))

    def in_text(self, text: str) -> tuple[LexiconEntry, ...]:
        """Every entry met in an order's reason or a back-pain condition."""
        lowered = text.lower()
        if not self._first_look.search(lowered):  # nearly always: one look instead of one for each entry
            return ()
        return tuple(self._met(lowered, self._entries))

    def in_problem(self, name: str) -> tuple[LexiconEntry, ...]:
        """The serious diagnoses met in the name of a problem that the patient has or had."""
        lowered = name.lower()
        if not self._first_look.search(lowered) or self._no_problem.search(lowered):
            return ()
        return tuple(self._met(lowered, self._in_problems))

    def _met(
        self, lowered: str, entries: Iterable[tuple[LexiconEntry, re.Pattern[str]]]
    ) -> Iterable[LexiconEntry]:
        for entry, pattern in entries:
            if any(not self._taken_back(lowered, found) for found in pattern.finditer(lowered)):
                yield entry

    def _taken_back(self, lowered: str, found: re.Match[str]) -> bool:
        before = self._negated.search(lowered, 0, found.start())
        return bool(before) or self._dismissed.match(lowered, found.end()) is not None


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(word_beginnings(words))


def word_beginnings(words: Iterable[str]) -> str:
    """A pattern that finds any of the words where a word begins; the earlier of two that fit.

    Grouped by first letter, so that most places of a text cost one comparison and not one for each word.
    """
    by_letter: dict[str, list[str]] = {}
    for word in words:
        by_letter.setdefault(word[0], []).append(re.escape(word[1:]))
    groups = (f"{re.escape(letter)}(?:{'|'.join(rest)})" for letter, rest in by_letter.items())
    return rf"\b(?:{'|'.join(groups)})"


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(rf"\b{re.escape(word)}" for word in words)
