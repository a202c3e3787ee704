"""How long a text is, in words that are comparable between scripts."""

import re
from collections.abc import Iterable
from math import ceil

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_HAN_PER_WORD = 1.6
"""Chinese is spoken at about 240 characters a minute, English at about 150 words."""
_SYLLABLES_PER_WORD = 1.4
"""Vietnamese writes a space between syllables, not words."""
WORDS_A_MINUTE = 150


def count_words(text: str, language: str = "en") -> int:
    """What lies between spaces; Chinese characters and Vietnamese syllables in proportion."""
    if language == "vi":
        return ceil(len(text.split()) / _SYLLABLES_PER_WORD)
    if text.isascii():
        return len(text.split())
    characters = len(_HAN.findall(text))
    if not characters:
        return len(text.split())
    others = sum(1 for part in _HAN.sub(" ", text).split() if any(map(str.isalnum, part)))
    return others + ceil(characters / _HAN_PER_WORD)


def seconds_aloud(words: int) -> int:
    """How long it takes to say so many words, to the next five seconds."""
    return 5 * ceil(words * 60 / WORDS_A_MINUTE / 5)


def sentences(lines: Iterable[str], language: str) -> str:
    """One sentence after the other; Chinese writes no space between them."""
    return ("" if language.startswith("zh") else " ").join(lines)
