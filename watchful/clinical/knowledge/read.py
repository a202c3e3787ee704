"""Reads the knowledge files. What cannot be read, or has a field nobody knows, is named with its file."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from watchful.clinical.knowledge.compiled import KnowledgeError
from watchful.clinical.knowledge.computed_file import ComputedFile
from watchful.clinical.knowledge.files import (
    CatalogueFile,
    CodeGroup,
    ImagingFile,
    LexiconFile,
    MedicinesFile,
    ResultsFile,
    RoutesFile,
    SpecialtiesFile,
    SpokenFile,
    ValueSetFile,
    WindowsFile,
)

DATA = Path(__file__).parent / "data"
RELEASE = "2026.11.1"
"""Version of the shipped knowledge; a content hash follows it, so an edited file never passes as this one."""

_File = TypeVar("_File", bound=msgspec.Struct)


class KnowledgeFiles(NamedTuple):
    """Everything under one `data` folder, as it was written."""

    version: str
    sets: Mapping[str, ValueSetFile]
    imaging: ImagingFile
    catalogue: CatalogueFile
    windows: WindowsFile
    specialties: SpecialtiesFile
    spoken: SpokenFile
    routes: RoutesFile
    lexicon: LexiconFile
    medicines: MedicinesFile
    results: ResultsFile
    computed: ComputedFile


def read(data: Path = DATA) -> KnowledgeFiles:
    """The files under `data`. Raises KnowledgeError naming the file and the reason."""
    sets = _value_sets(data / "value_sets")
    imaging = _read(data / "imaging.toml", ImagingFile)
    for study in (*imaging.study, *imaging.generic):
        _check_groups("imaging.toml", study.group)
    _check_groups("imaging.toml", imaging.excluded)
    return KnowledgeFiles(
        version=f"{RELEASE}-{_fingerprint(data)}",
        sets=sets,
        imaging=imaging,
        catalogue=_read(data / "red_flags.toml", CatalogueFile),
        windows=_read(data / "windows.toml", WindowsFile),
        specialties=_read(data / "specialties.toml", SpecialtiesFile),
        spoken=_read(data / "spoken.toml", SpokenFile),
        routes=_read(data / "routes.toml", RoutesFile),
        lexicon=_read(data / "lexicon.toml", LexiconFile),
        medicines=_read(data / "medicines.toml", MedicinesFile),
        results=_read(data / "results.toml", ResultsFile),
        computed=_read(data / "computed.toml", ComputedFile),
    )


def _read(path: Path, shape: type[_File]) -> _File:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=shape)
    except (msgspec.DecodeError, msgspec.ValidationError, OSError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path.name}: {error}") from error


def _value_sets(folder: Path) -> dict[str, ValueSetFile]:
    sets: dict[str, ValueSetFile] = {}
    for path in sorted(folder.glob("*.toml")):
        entry = _read(path, ValueSetFile)
        if entry.id != path.stem:
            raise KnowledgeError(f"{path.name}: id {entry.id!r} must be the name of the file")
        _check_groups(path.name, entry.group)
        sets[entry.id] = entry
    if not sets:
        raise KnowledgeError(f"{folder}: no value sets found")
    return sets


def _check_groups(where: str, groups: Iterable[CodeGroup]) -> None:
    for group in groups:
        if bool(group.verified) == bool(group.unverified):
            raise KnowledgeError(f"{where}: a {group.system} group needs either `verified` or `unverified`")
        if (group.prefixes or group.but_not) and group.system != "ICD-10-CM":
            raise KnowledgeError(f"{where}: prefixes are for ICD-10-CM only, not {group.system}")
        if not group.codes and not group.prefixes:
            raise KnowledgeError(f"{where}: an empty {group.system} group")


def _fingerprint(data: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(data.rglob("*.toml")):
        digest.update(path.relative_to(data).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:8]
