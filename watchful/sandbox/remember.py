"""The remembered run: one local file that knows, before the server does, what we are about to make there.

Written before each step and after it, so that an interruption at any moment leaves nothing unknown behind.
"""

import os
import secrets
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from watchful.sandbox.problems import Problem

DEFAULT = Path(".watchful-sandbox.json")
TAG_SYSTEM = "urn:watchful:sandbox"


class Seeded(Struct):
    """One patient of the run."""

    name: str
    source: str
    """The fixture's folder."""
    state: Literal["planned", "stored"] = "planned"
    names: dict[str, str] = {}
    """`Type/id` in the fixture to `Type/id` on the server. With client-assigned ids known from the start."""
    orders: dict[str, str] = {}
    """The same for the draft orders that `fire` stored."""
    made: list[str] = []
    """`Type/id` of what accepted suggestions created."""


class Run(Struct):
    """Everything one `seed` and its `fire`s made."""

    server: str
    tag: str
    today: str
    """The day to which the fixtures' dates were moved."""
    ids: Literal["client", "server"] = "client"
    """Who chose the ids."""
    patients: list[Seeded] = []
    version: Literal[1] = 1

    def references(self) -> list[str]:
        """Every `Type/id` that may be there."""
        return [
            reference
            for patient in self.patients
            for reference in (*patient.names.values(), *patient.orders.values(), *patient.made)
        ]

    def patient(self, name: str) -> Seeded:
        """By fixture name, or by the Patient's id on the server."""
        for each in self.patients:
            if name == each.name or f"Patient/{name}" in each.names.values():
                return each
        known = ", ".join(each.name for each in self.patients)
        raise Problem(f"No patient {name!r} in the remembered run; there are: {known}.")


def new_tag() -> str:
    """A fresh run id. It begins with a letter: HAPI refuses ids that are all digits."""
    return f"w{secrets.token_hex(5)}"


def save(path: Path, run: Run) -> None:
    """Whole or not at all: a crash while writing leaves the earlier version."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(run)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def load(path: Path) -> Run | None:
    """The remembered run, or None when there is none. Raises Problem for a file that is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:
        raise Problem(f"{path} is not a remembered sandbox run; name another file with --state.") from None


def forget(path: Path) -> None:
    path.unlink(missing_ok=True)
