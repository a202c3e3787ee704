"""One line of what `watchful doctor` found."""

from typing import Literal

from msgspec import Struct


class Finding(Struct, frozen=True):
    """One line of the report."""

    place: str
    level: Literal["ok", "warn", "fail"]
    what: str
    text: str
