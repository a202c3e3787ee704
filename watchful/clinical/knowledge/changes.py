"""What differs between two knowledge versions, in words that a clinician who approves one can read."""

from collections.abc import Iterator
from typing import NamedTuple

from watchful.clinical.knowledge.snapshot import Row, Snapshot, Value


class Change(NamedTuple):
    """One row that is new, gone or different."""

    what: str
    """Its kind and id: `flag fever`."""
    text: str


def changes(before: Snapshot, after: Snapshot) -> list[Change]:
    """Every row that differs, in the order of the newer version, those that are gone last in each kind."""
    found = []
    for kind in {**after.rows, **before.rows}:
        old, new = before.rows.get(kind, {}), after.rows.get(kind, {})
        for row in {**new, **old}:
            name = f"{kind} {row.replace('_', ' ') if kind == 'window' else row}"
            if row not in old:
                found.append(Change(name, f"new: {'; '.join(_fields(new[row]))}"))
            elif row not in new:
                found.append(Change(name, f"gone; it said: {'; '.join(_fields(old[row]))}"))
            elif old[row] != new[row]:
                found.append(Change(name, "; ".join(_differences(old[row], new[row]))))
    return found


def _fields(row: Row) -> Iterator[str]:
    return (f"{name} {_text(value)}" for name, value in row.items())


def _text(value: Value | None) -> str:
    if value is None:
        return "none"
    return (", ".join(value) or "none") if isinstance(value, list) else str(value)


def _differences(old: Row, new: Row) -> Iterator[str]:
    for name in {**new, **old}:
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        if isinstance(was or now, list) and isinstance(now or was, list):
            yield f"{name}: {', '.join(_moved(_listed(was), _listed(now)))}"
        else:
            yield f"{name}: from {_text(was)} to {_text(now)}"


def _listed(value: Value | None) -> list[str]:
    return value if isinstance(value, list) else []


def _moved(was: list[str], now: list[str]) -> Iterator[str]:
    for word, these, those in (("added", now, was), ("removed", was, now)):
        if only := [each for each in these if each not in those]:
            yield f"{word} {' '.join(only) if all(' ' not in each for each in only) else '; '.join(only)}"
