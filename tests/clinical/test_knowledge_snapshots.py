"""A snapshot of every released knowledge version, and what two of them differ in, told in words."""

import re
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from watchful.clinical.knowledge.changes import Change, changes
from watchful.clinical.knowledge.read import DATA, RELEASE, read
from watchful.clinical.knowledge.snapshot import RELEASES, Snapshot, released, take, written

CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"
NOW = take(read())


def test_the_snapshot_of_this_version_is_kept() -> None:
    kept = released(NOW.version)

    assert kept == NOW, (
        "the knowledge changed: run scripts/docs, and raise RELEASE before if a release carried the last one"
    )
    assert (RELEASES / f"{RELEASE}.json").read_text(encoding="utf-8") == written(NOW)


def test_a_version_that_a_release_carried_keeps_its_snapshot() -> None:
    _, *sections = re.split(r"^## ", CHANGELOG.read_text(encoding="utf-8"), flags=re.MULTILINE)
    carried = {
        version
        for section in sections
        if not section.startswith("Unreleased")
        for version in re.findall(r"\b\d{4}\.\d+\.\d+-[0-9a-f]{8}\b", section)
    }

    assert {version for version in carried if released(version) is None} == set()


def test_one_file_holds_one_version() -> None:
    files = sorted(RELEASES.glob("*.json"))
    versions = [msgspec.json.decode(path.read_bytes(), type=Snapshot).version for path in files]

    assert [version.partition("-")[0] for version in versions] == [path.stem for path in files]


def test_no_snapshot_of_a_version_is_none(tmp_path: Path) -> None:
    assert released(NOW.version, tmp_path) is None
    assert released("2019.1.1-00000000") is None


def test_a_snapshot_has_every_row(tmp_path: Path) -> None:
    files = read()
    rows = NOW.rows

    assert rows["flag"].keys() == {each.id for each in files.catalogue.flag}
    assert rows["medicine rule"].keys() == {each.id for each in files.medicines.rule}
    assert rows["value set"].keys() == set(files.sets)
    assert len(rows["order codes"]) == len(files.imaging.study) + len(files.imaging.generic) + 1


def _edited(folder: Path, name: str, old: str, new: str) -> Snapshot:
    data = folder / "data"
    shutil.copytree(DATA, data)
    path = data / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{name} has no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return take(read(data))


FEVER = 'any_of = ["fever"]\nwithin_days = 14'


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("windows.toml", "acute_days = 42", "acute_days = 28", ("window acute days", "days: from 42 to 28")),
        ("computed.toml", "gap_days = 7", "gap_days = 9", ("numbers of steroid_days", "gap days: from 7 to 9")),
        (
            "red_flags.toml",
            FEVER,
            FEVER.replace("14", "21"),
            ("flag fever", "fever, within days: from 14 to 21"),
        ),
        (
            "red_flags.toml",
            FEVER,
            FEVER.replace("\nwithin_days = 14", ""),
            ("flag fever", "fever, within days: from 14 to none"),
        ),
        (
            "red_flags.toml",
            f"[[flag.evidence]]\n{FEVER}",
            f'[[flag.evidence]]\nany_of = ["weight-loss"]\n\n[[flag.evidence]]\n{FEVER}',
            ("flag fever", "evidence: added weight-loss"),
        ),
        (
            "red_flags.toml",
            'id = "weight-loss"\nrow = 5\nfamily = "cancer"\ntier = "suppress"',
            'id = "weight-loss"\nrow = 5\nfamily = "cancer"\ntier = "hard"',
            ("flag weight-loss", "tier: from suppress to hard"),
        ),
        (
            "red_flags.toml",
            'wrong = ["xr"]\nchange_to = "ct-without"',
            'wrong = ["xr", "mri-with"]\nchange_to = "ct-without"',
            ("flag spondylitis-with-trauma", "study, wrong: added mri-with"),
        ),
        (
            "value_sets/hospice.toml",
            '"385763009" = "hospice care"\n',
            '"1" = "x"\n"2" = "y"\n',
            ("value set hospice", "SNOMED CT codes: added 1 2, removed 385763009"),
        ),
        (
            "value_sets/lithium.toml",
            '"lithium" = "lithium"\n',
            '"lithium" = "lithium"\n"litarex" = "lithium"\n',
            ("value set lithium", "medicine names: added litarex"),
        ),
        (
            "medicines.toml",
            'caution = ["heat"]',
            'block = ["nsaid-oral"]',
            ("medicine rule heat-and-feeling", "block: added nsaid-oral; caution: removed heat"),
        ),
        (
            "lexicon.toml",
            '"cauda equina", "conus medullaris"',
            '"cauda equina"',
            ("word of suspicion cauda-equina", "words: removed conus medullaris"),
        ),
        ("specialties.toml", '    "oncology",\n', "", ("specialties left alone", "value sets: removed oncology")),
        (
            "imaging.toml",
            '"36111-3" = ',
            '"99999-9" = ',
            ("order codes lumbar MRI without contrast", "LOINC codes: added 99999-9, removed 36111-3"),
        ),
        (
            "results.toml",
            'means = "pregnancy"',
            'means = "fever"',
            ("coded result pregnancy-status = pregnancy", "means: from pregnancy to fever"),
        ),
        ("routes.toml", '"topical", ', "", ("words of routes", "not systemic: removed topical")),
    ],
)
def test_a_change_is_told_in_words(tmp_path: Path, name: str, old: str, new: str, told: tuple[str, str]) -> None:
    after = _edited(tmp_path, name, old, new)

    assert after.version != NOW.version
    assert changes(NOW, after) == [Change(*told)]


def test_a_label_or_a_comment_changes_no_rule(tmp_path: Path) -> None:
    after = _edited(tmp_path, "value_sets/hospice.toml", '"hospice care"', '"care in a hospice"')

    assert after.version != NOW.version
    assert changes(NOW, after) == []


def _without(kind: str, row: str) -> Snapshot:
    rows: Any = msgspec.to_builtins(NOW.rows)
    del rows[kind][row]
    return Snapshot("older", rows)


@pytest.mark.parametrize(
    ("kind", "row", "says"), [("flag", "hiv", "tier hard"), ("value set", "hiv", "codes B20")]
)
def test_a_row_that_came_or_went_is_told_with_what_it_says(kind: str, row: str, says: str) -> None:
    (came,) = changes(_without(kind, row), NOW)
    (went,) = changes(NOW, _without(kind, row))

    assert came.what == went.what == f"{kind} {row}"
    assert came.text.startswith("new: ")
    assert went.text.startswith("gone; it said: ")
    assert says in came.text
    assert says in went.text


def test_the_same_version_has_no_changes() -> None:
    assert changes(NOW, NOW) == []
