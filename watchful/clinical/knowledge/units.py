"""Numbers with their units, as a clinician reads them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

NO_BREAK = "\N{NO-BREAK SPACE}"
"""Between a number and its sign: they stay on one line, and count as one word where a card cuts a label short."""


_COMPARED: Mapping[str, str] = {"<": "under", "<=": "at most", ">=": "at least", ">": "over"}
"""In words: cards take the signs out, as they could be markup."""


class SecondUnit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sign: str
    times: float
    plus: float


class Unit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `units.toml`."""

    sign: str
    decimals: int | None = None
    also: SecondUnit | None = None


UNITS: Mapping[str, Unit] = msgspec.convert(
    tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")), dict[str, Unit]
)
"""By the UCUM unit that a value set measures in."""


def with_unit(value: float, unit: str, comparator: str = "") -> str:
    """`38.5 °C, 101.3 °F`; the bare number for a unit that nobody described."""
    how = UNITS.get(unit, Unit(sign=""))
    said = [_number(value, how, how.sign, comparator)]
    if how.also is not None:
        said.append(_number(value * how.also.times + how.also.plus, how, how.also.sign, comparator))
    return ", ".join(said)


def _number(value: float, how: Unit, sign: str, comparator: str) -> str:
    digits = f"{value:g}" if how.decimals is None else f"{value:.{how.decimals}f}"
    words = (*_COMPARED.get(comparator, "").split(), digits, sign)
    return NO_BREAK.join(word for word in words if word)
