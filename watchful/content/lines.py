"""What a content file may say: tables of lines, each line with the placeholders it must have.

Each line is a `str` whose annotation names its placeholders. `load` refuses a file that misses a line,
has one too many, or whose placeholders differ, so a slip of the pen stops the start and never a card.
"""

from typing import Annotated, NamedTuple

import msgspec


class Slots(NamedTuple):
    """The placeholders that a line must have, no more and no fewer."""

    names: frozenset[str]


def slots(*names: str) -> Slots:
    return Slots(frozenset(names))


Plain = Annotated[str, slots()]
Count = Annotated[str, slots("count")]


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a content file. An unknown or missing line is an error."""


class Plural(Texts, frozen=True):
    """One line for each plural class of the language (CLDR); `other` always."""

    other: Count
    zero: Count | None = None
    one: Count | None = None
    two: Count | None = None
    few: Count | None = None
    many: Count | None = None
