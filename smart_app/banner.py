"""Whose chart it is, for the head of each page: the one place where a name is read."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from smart_app.session import Banner
from watchful.chart.resources import UNREADABLE
from watchful.chart.subjects import Subject

_ORDER = ("official", "usual", None)


class _Name(Struct):
    use: str | None = None
    text: str | None = None
    family: str | None = None
    given: list[str] | None = None


class _Named(Struct):
    id: str | None = None
    name: list[_Name] | None = None
    birthDate: str | None = None
    gender: str | None = None


_decode = msgspec.json.Decoder(_Named).decode


def banner_of(pages: Sequence[bytes], subject: Subject) -> Banner | None:
    """From the Patient as it was read; None when it could not be, or is somebody else."""
    for page in pages:
        try:
            patient = _decode(page)
        except UNREADABLE:
            continue
        if patient.id and subject.owns(f"Patient/{patient.id}"):
            return Banner(
                name=_name(patient.name or []), birth_date=patient.birthDate or "", sex=patient.gender or ""
            )
    return None


def _name(names: Sequence[_Name]) -> str:
    """The official name, else the usual, else any that is not an old one."""
    usable = [each for each in names if each.use != "old"]
    best = min(usable, key=_rank, default=None)
    if best is None:
        return ""
    return best.text or " ".join(part for part in (*(best.given or ()), best.family) if part)


def _rank(name: _Name) -> int:
    return _ORDER.index(name.use) if name.use in _ORDER else len(_ORDER)
