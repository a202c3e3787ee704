"""What stops a start: problems with a file, a line and a remedy, all of them in one exception."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Location = tuple[str | int, ...]
"""Path of a setting as pydantic writes it: `("site", 0, "issuer", 1, "iss")`."""


@dataclass(frozen=True)
class Problem:
    """One thing to change. `text` says what is wrong and what to do; it never repeats a secret."""

    at: Location
    text: str

    @property
    def name(self) -> str:
        """The setting as a person writes it, `site.issuer.iss`; the line tells which of several."""
        return ".".join(part for part in self.at if isinstance(part, str))


class SettingsError(Exception):
    """The service does not start. `str()` is every problem, one a line."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A half sentence naming the nearest known word, or nothing when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


_HEADER = re.compile(r"\s*(\[\[|\[)\s*(.+?)\s*\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"""\s*((?:"[^"\n]*"|'[^'\n]*'|[\w-]+)(?:\s*\.\s*(?:"[^"\n]*"|'[^'\n]*'|[\w-]+))*)\s*=""")
_PART = re.compile(r"""\s*(?:"([^"\n]*)"|'([^'\n]*)'|([\w-]+))\s*(?:\.|$)""")
_VALUE_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?!")|\'\'\'.*?\'\'\'(?!\')|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}]|\n|.',
    re.DOTALL,
)


def lines_of(text: str) -> dict[Location, int]:
    """Line of every table and key of a valid TOML document. Keys inside inline tables are left out:
    they stand on the line of the key that holds them."""
    found: dict[Location, int] = {}
    counts: dict[Location, int] = {}
    table: Location = ()
    position = 0
    line = 1
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        if header := _HEADER.match(text, position, end):
            table = _resolve(_parts(header[2]), counts, new_item=header[1] == "[[")
            found.setdefault(table, line)
        elif key := _KEY.match(text, position, end):
            found.setdefault(table + _parts(key[1]), line)
            end = _end_of_value(text, key.end())
        line += text.count("\n", position, end + 1)
        position = end + 1
    return found


def line_of(at: Location, lines: dict[Location, int]) -> int:
    """Line of a setting, or of the nearest thing around it that the file has."""
    while at and at not in lines:
        at = at[:-1]
    return lines.get(at, 1)


def _parts(dotted: str) -> Location:
    return tuple(double or single or bare for double, single, bare in _PART.findall(dotted))


def _resolve(names: Location, counts: dict[Location, int], *, new_item: bool) -> Location:
    """Put the index of the newest item behind each array of tables on the way."""
    at: Location = ()
    for depth, name in enumerate(names):
        at = (*at, name)
        if new_item and depth == len(names) - 1:
            counts[at] = counts.get(at, -1) + 1
        if at in counts:
            at = (*at, counts[at])
    return at


def _end_of_value(text: str, start: int) -> int:
    """Position of the line break after a value, over strings and arrays of several lines."""
    depth = 0
    for token in _VALUE_TOKEN.finditer(text, start):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        elif token[0] == "\n" and depth == 0:
            return token.start()
    return len(text)
