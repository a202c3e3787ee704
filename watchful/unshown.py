"""Records that hold a token, a secret or a chart, and say no more of themselves than what they are.

A struct's own `repr` quotes every field: one line of a log or of a traceback would hold the EHR's tokens and the
patient's chart (safety rule 6).
"""

from typing import Any

from msgspec import Struct


class Unshown(Struct, frozen=True):
    """Fields as of any struct, printed as none."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []
