"""Whether two colours can be read on each other, as WCAG 2.2 counts it (§1.4.3, relative luminance)."""

import re
from typing import NamedTuple

READABLE = 4.5
"""For text of any size."""
_HEX = re.compile(r"#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
_RGB = re.compile(r"rgba?\(([^)]*)\)")


class Colour(NamedTuple):
    """An opaque colour, each part from 0 to 255."""

    red: int
    green: int
    blue: int

    @property
    def css(self) -> str:
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def luminance(self) -> float:
        red, green, blue = (_linear(part / 255) for part in self)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def colour(text: str) -> Colour | None:
    """`#rgb`, `#rrggbb`, `rgb(…)`, or `rgba(…)` that is opaque; None for anything else."""
    if found := _HEX.fullmatch(text):
        digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
        return Colour(*(int(digits[place : place + 2], 16) for place in (0, 2, 4)))
    if found := _RGB.fullmatch(text):
        parts = [part.strip() for part in found[1].split(",")]
        if len(parts) == 4 and float(parts.pop()) < 1:
            return None  # what shines through it decides what can be read, and nobody knows that
        return Colour(*(_part(part) for part in parts[:3]))
    return None


def ratio(one: Colour, other: Colour) -> float:
    """From 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((one.luminance, other.luminance))
    return (lighter + 0.05) / (darker + 0.05)


def _part(text: str) -> int:
    value = float(text.rstrip("%")) * (2.55 if text.endswith("%") else 1)
    return min(round(value), 255)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
