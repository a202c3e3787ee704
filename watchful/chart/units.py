"""UCUM units, and the spellings that charts really hold, to the one unit each measurement's value set names."""

from collections.abc import Callable, Mapping

_SAME: Callable[[float], float] = lambda value: value  # noqa: E731  (a table entry, not a function)

_CONVERSIONS: Mapping[str, Mapping[str, Callable[[float], float]]] = {
    "Cel": {
        "cel": _SAME,
        "°c": _SAME,
        "c": _SAME,
        "degc": _SAME,
        "[degf]": lambda value: (value - 32) / 1.8,
        "degf": lambda value: (value - 32) / 1.8,
        "°f": lambda value: (value - 32) / 1.8,
        "f": lambda value: (value - 32) / 1.8,
        "k": lambda value: value - 273.15,
    },
    "kg": {
        "kg": _SAME,
        "g": lambda value: value / 1000,
        "[lb_av]": lambda value: value * 0.45359237,
        "lb": lambda value: value * 0.45359237,
        "lbs": lambda value: value * 0.45359237,
        "[oz_av]": lambda value: value * 0.028349523125,
    },
    "mL/min/{1.73_m2}": {
        "ml/min/{1.73_m2}": _SAME,
        "ml/min/1.73_m2": _SAME,
        "ml/min/1.73m2": _SAME,
        "ml/min/1.73 m2": _SAME,
        "ml/min/1.73m^2": _SAME,
        "ml/min/1.73 m^2": _SAME,
        "ml/min/1.73m²": _SAME,
        "ml/min/1.73 m²": _SAME,
        "ml/min/{1.73m2}": _SAME,
        "ml/min/1.73": _SAME,
        "ml/min/1.73 sq m": _SAME,
        "ml/min/1.73sqm": _SAME,
        "ml/min/{bsa}": _SAME,
        "ml/min": _SAME,
        "": _SAME,
    },
    "wk": {
        "wk": _SAME,
        "{weeks}": _SAME,
        "weeks": _SAME,
        "week": _SAME,
        "w": _SAME,
        "d": lambda value: value / 7,
        "days": lambda value: value / 7,
        "": _SAME,
    },
    "[IU]/L": {
        "[iu]/l": _SAME,
        "iu/l": _SAME,
        "u/l": _SAME,
        "m[iu]/ml": _SAME,
        "miu/ml": _SAME,
        "mu/ml": _SAME,
        "[iu]/ml": lambda value: value * 1000,
    },
    "kg/m2": {"kg/m2": _SAME, "kg/m^2": _SAME, "kg/m²": _SAME, "": _SAME},
    "mm/h": {"mm/h": _SAME, "mm/hr": _SAME, "mm/1h": _SAME},
    "mg/L": {
        "mg/l": _SAME,
        "mg/dl": lambda value: value * 10,
        "ug/ml": _SAME,
        "ug/l": lambda value: value / 1000,
    },
    "10*3/uL": {
        "10*3/ul": _SAME,
        "10*9/l": _SAME,
        "k/ul": _SAME,
        "thousand/ul": _SAME,
        "10^3/ul": _SAME,
        "10^9/l": _SAME,
        "x10e3/ul": _SAME,
        "/ul": lambda value: value / 1000,
        "/mm3": lambda value: value / 1000,
        "{cells}/ul": lambda value: value / 1000,
    },
    "{INR}": {"{inr}": _SAME, "inr": _SAME, "{ratio}": _SAME, "ratio": _SAME, "1": _SAME, "": _SAME},
    "{T-score}": {
        "{t-score}": _SAME,
        "{tscore}": _SAME,
        "{score}": _SAME,
        "1": _SAME,
        "": _SAME,
        "{sd}": _SAME,
        "sd": _SAME,
    },
}

_HIGHEST_CELSIUS = 45.0
"""No living patient is warmer: a temperature above it without a unit was written in Fahrenheit."""


def convert(value: float, unit: str | None, wanted: str) -> float | None:
    """`value` in the unit `wanted`; None when the unit is not one we can convert from.

    A temperature without a unit is read as Celsius up to 45 and as Fahrenheit above
    (`reference/clinical.md` §3.2 row 7).
    """
    if unit == wanted:
        return value
    spelled = (unit or "").strip().lower()
    if wanted == "Cel" and not spelled:
        spelled = "cel" if value <= _HIGHEST_CELSIUS else "[degf]"
    conversion = _CONVERSIONS.get(wanted, {}).get(spelled)
    return conversion(value) if conversion else None
