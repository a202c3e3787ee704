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
        fillers = _alternatives(file.fillers)
        self._negated = re.compile(rf"(?:{_alternatives(file.negations)})\s+(?:(?:{fillers})\s+)*$")
        self._dismissed = re.compile(
            rf"\w*(?:\s+\w+)?\s+(?:is |was |are |were )?(?:{_alternatives(file.dismissals)})"
        )
        self._no_problem = re.compile("|".join(map(re.escape, file.not_a_problem)))

    def in_text(self, text: str) -> tuple[LexiconEntry, ...]:
        """Every entry met in an order's reason or a back-pain condition."""
        return tuple(self._met(text.lower(), self._entries))

    def in_problem(self, name: str) -> tuple[LexiconEntry, ...]:
        """The serious diagnoses met in the name of a problem that the patient has or had."""
        lowered = name.lower()
        if self._no_problem.search(lowered):
            return ()
        return tuple(self._met(lowered, (pair for pair in self._entries if pair[0].in_problems)))

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
    return re.compile(rf"\b(?:{_alternatives(words)})")


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(rf"\b{re.escape(word)}" for word in words)
