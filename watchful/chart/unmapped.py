"""Order codings that no map knows: what a site has still to translate. Systems and codes, never a word of text."""

from collections.abc import Iterable, Sequence

LONGEST_CODE = 64
LONGEST_SYSTEM = 200

Coding = tuple[str, str]


def worth_noting(codings: Iterable[Coding]) -> Sequence[Coding]:
    """The codings that look like codes: short, without spaces, so that no name or note hides in one."""
    return tuple(
        (system, code)
        for system, code in codings
        if 0 < len(code) <= LONGEST_CODE
        and len(system) <= LONGEST_SYSTEM
        and (system + code).isascii()
        and (system + code).isprintable()
        and " " not in system + code
    )
