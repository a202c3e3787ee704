"""Which characters the bundled fonts can print, read from their `cmap` tables (OpenType §cmap).

PDF/UA forbids a character that no font has, and typst refuses to set it: better to know before.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"


@cache
def printable() -> frozenset[str]:
    """Every character that one of the fonts has."""
    return frozenset(each for font in FONTS.glob("*.ttf") for each in _characters(font.read_bytes()))


def _characters(font: bytes) -> Iterator[str]:
    start = _table(font, b"cmap")
    for record in range(_number(font, start + 2)):
        at = start + 4 + 8 * record
        table = start + _number(font, at + 4, 4)
        kind = _number(font, table)
        if kind == 12:
            yield from _ranges_of_format_12(font, table)
        elif kind == 4:
            yield from _ranges_of_format_4(font, table)


def _ranges_of_format_12(font: bytes, table: int) -> Iterator[str]:
    for group in range(_number(font, table + 12, 4)):
        at = table + 16 + 12 * group
        yield from map(chr, range(_number(font, at, 4), _number(font, at + 4, 4) + 1))


def _ranges_of_format_4(font: bytes, table: int) -> Iterator[str]:
    twice = _number(font, table + 6)  # the number of segments, twice
    for segment in range(0, twice, 2):
        last = _number(font, table + 14 + segment)
        first = _number(font, table + 16 + twice + segment)
        if first < 0xFFFF:
            yield from map(chr, range(first, last + 1))


def _table(font: bytes, name: bytes) -> int:
    """Where a table of the font begins."""
    for record in range(_number(font, 4)):
        at = 12 + 16 * record
        if font[at : at + 4] == name:
            return _number(font, at + 8, 4)
    raise ValueError(f"the font has no {name.decode()} table")


def _number(font: bytes, at: int, size: int = 2) -> int:
    return int.from_bytes(font[at : at + size])
