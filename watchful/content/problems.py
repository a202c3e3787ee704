"""What the app says when it cannot go on: a title, what happened, what to do next."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

_FILE = Path(__file__).parent / "en" / "problems.toml"


class ProblemWords(Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    says: str
    next: str


def problem_words(problem: str) -> ProblemWords:
    """KeyError for a problem that nobody wrote words for."""
    return every_problem()[problem]


@cache
def every_problem() -> Mapping[str, ProblemWords]:
    """All of them, by the name that the code knows them by."""
    return msgspec.convert(tomllib.loads(_FILE.read_text(encoding="utf-8")), dict[str, ProblemWords])
