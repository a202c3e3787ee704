"""A broken knowledge file stops the start and is named with its reason."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from watchful.clinical.knowledge import KnowledgeError, load
from watchful.clinical.knowledge.read import DATA


def _edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(data: Path) -> None:
        path = data / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def _append(name: str, text: str) -> Callable[[Path], None]:
    def edit(data: Path) -> None:
        with (data / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


_ROW = '\n[[flag]]\nid = "new"\nrow = 1\nfamily = "text"\ntier = "{tier}"\ntitle = "t"\ncitation = "c"\n{more}'


def _row(more: str, tier: str = "hard") -> Callable[[Path], None]:
    return _append("red_flags.toml", _ROW.format(tier=tier, more=more))


def _evidence(*lines: str) -> str:
    return "\n[[flag.evidence]]\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("breaks", "where", "reason"),
    [
        (_append("windows.toml", "acute_days = ["), "windows.toml", "Invalid"),
        (_append("windows.toml", "speed = 3\n"), "windows.toml", "unknown field `speed`"),
        (_edit("windows.toml", "acute_days = 42", 'acute_days = "six"'), "windows.toml", "acute_days"),
        (_edit("windows.toml", "acute_days = 42\n", ""), "windows.toml", "missing required field `acute_days`"),
        (
            _edit("specialties.toml", '"oncology"', '"onkology"'),
            "specialties.toml",
            "there is no value set 'onkology'",
        ),
        (_append("lexicon.toml", "speed = 3\n"), "lexicon.toml", "unknown field `speed`"),
        (_edit("imaging.toml", "label =", "labell ="), "imaging.toml", "labell"),
        (
            _edit("imaging.toml", 'modality = "mri"', 'modality = "us"'),
            "imaging.toml",
            "Invalid enum value 'us'",
        ),
        (_edit("imaging.toml", '"72149" =', '"72148" ='), "imaging.toml", "CPT 72148 stands twice"),
        (_edit("red_flags.toml", "within_days = 30", "within_dais = 30"), "red_flags.toml", "within_dais"),
        (_edit("red_flags.toml", '"saddle-numbness"', '"no-such-set"'), "red_flags.toml", "'no-such-set'"),
        (
            _edit("red_flags.toml", 'with_flag = ["motor-deficit"]', 'with_flag = ["fever"]'),
            "red_flags.toml",
            "'fever' must stand earlier",
        ),
        (_edit("red_flags.toml", "distinct = 2", "distinct = 9"), "red_flags.toml", "asks for 9 of 4"),
        (_edit("red_flags.toml", 'tier = "emergency"', 'tier = "urgent"'), "red_flags.toml", "urgent"),
        (_edit("red_flags.toml", 'id = "fever"', 'id = "cancer-history"'), "red_flags.toml", "stands twice"),
        (_row("evidence = []\n"), "red_flags.toml", "has no evidence"),
        (_row(_evidence("within_days = 3")), "red_flags.toml", "asks for nothing"),
        (_row(_evidence('measured = "body-temperature"')), "red_flags.toml", "`measured` goes with"),
        (_row(_evidence('any_of = ["cancer"]', "at_least = 3")), "red_flags.toml", "`measured` goes with"),
        (_row(_evidence('measured = "cancer"', "at_least = 3")), "red_flags.toml", "names no unit"),
        (
            _row(_evidence('any_of = ["cancer"]') + '\n[flag.study]\nappropriate = ["mri"]\n', tier="text"),
            "red_flags.toml",
            "only hard and emergency flags name a study",
        ),
        (
            _row(_evidence('any_of = ["cancer"]') + '\n[flag.study]\nappropriate = ["mri"]\nwrong = ["xr"]\n'),
            "red_flags.toml",
            "`change_to`",
        ),
        (
            _edit("value_sets/fever.toml", 'id = "fever"', 'id = "fervor"'),
            "fever.toml",
            "must be the name of the file",
        ),
        (
            _edit("value_sets/fever.toml", "verified = ", 'unverified = "x"\nverified = '),
            "fever.toml",
            "either `verified` or `unverified`",
        ),
        (
            _append("value_sets/fever.toml", '\n[[group]]\nsystem = "LOINC"\nsource = "s"\n'),
            "fever.toml",
            "either `verified` or `unverified`",
        ),
        (
            _append("value_sets/fever.toml", '\n[[group]]\nsystem = "LOINC"\nsource = "s"\nverified = "v"\n'),
            "fever.toml",
            "an empty LOINC group",
        ),
        (
            _append(
                "value_sets/fever.toml",
                '\n[[group]]\nsystem = "LOINC"\nsource = "s"\nverified = "v"\n[group.prefixes]\n"83" = "x"\n',
            ),
            "fever.toml",
            "prefixes are for ICD-10-CM only",
        ),
        (
            _append("value_sets/fever.toml", '\n[[group]]\nsystem = "ICD-9"\nsource = "s"\nverified = "v"\n'),
            "fever.toml",
            "ICD-9",
        ),
        (_row(_evidence('computed = "no-such-function"')), "red_flags.toml", "no computed function"),
        (
            _row(_evidence('measured = "platelets"', "below = 3", "missing_within_days = 9")),
            "red_flags.toml",
            "cannot be missing and have a bound",
        ),
        (_row(_evidence('any_of = ["cancer"]', 'interpreted = ["high"]')), "red_flags.toml", "`interpreted`"),
        (
            _edit("medicines.toml", 'block = ["nsaid-oral"', 'block = ["opium"'),
            "medicines.toml",
            "'opium' to block",
        ),
        (_edit("medicines.toml", 'caution = ["heat"]', 'caution = ["ice"]'), "medicines.toml", "step 'ice'"),
        (_edit("medicines.toml", 'caution = ["heat"]\n', ""), "medicines.toml", "speaks of no medicine"),
        (
            _edit("medicines.toml", 'id = "lithium"', 'id = "pregnancy"'),
            "medicines.toml",
            "'pregnancy' stands twice",
        ),
        (_edit("medicines.toml", 'id = "keep-moving"', 'id = "heat"'), "medicines.toml", "'heat' stands twice"),
        (_edit("medicines.toml", '["lithium"]', '["lithum"]'), "medicines.toml", "'lithum'"),
        (_append("medicines.toml", "speed = 3\n"), "medicines.toml", "unknown field `speed`"),
        (
            _append(
                "medicines.toml",
                '\n[[medicine]]\nid = "tea"\ntitle = "t"\ngroup = "g"\nneeds = []\n',
            ),
            "medicines.toml",
            "nothing could ever block 'tea'",
        ),
        (
            _edit("spoken.toml", '"motor-deficit"', '"motor"'),
            "spoken.toml",
            "'told-weakness': there is no flag 'motor'",
        ),
        (_edit("spoken.toml", '"motor-deficit"', '"weight-loss"'), "spoken.toml", "could then be deferred"),
        (
            _edit("spoken.toml", '"told-weakness"', '"told-saddle"'),
            "spoken.toml",
            "'told-saddle': this id stands twice",
        ),
        (_edit("spoken.toml", '"told-weakness"', '"fever"'), "spoken.toml", "'fever': this id stands twice"),
        (_edit("spoken.toml", '"told-weakness"', '"Told Weakness"'), "spoken.toml", "lower-case"),
        (_edit("spoken.toml", '"New leg weakness?"', '" "'), "spoken.toml", "`ask` is empty"),
        (_edit("spoken.toml", 'ask = "New leg', 'aks = "New leg'), "spoken.toml", "unknown field `aks`"),
        (_append("spoken.toml", "[[question\n"), "spoken.toml", "line"),
        (lambda data: (data / "spoken.toml").write_text("question = []"), "spoken.toml", "asks nothing"),
        (lambda data: (data / "spoken.toml").unlink(), "spoken.toml", "No such file"),
        (_edit("results.toml", '"positive-result"', '"no-such-set"'), "results.toml", "'no-such-set'"),
        (_edit("computed.toml", "gap_days = 7\n", ""), "computed.toml", "gap_days"),
        (
            _edit("value_sets/lithium.toml", '"lithium" = "lithium"\n', '"warfarin" = "lithium"\n'),
            "lithium.toml",
            "'warfarin' is 'lithium' here",
        ),
        (
            _append("value_sets/fever.toml", '\n[group.values]\n"R50.9" = 3\n'),
            "fever.toml",
            "states a number",
        ),
        (lambda data: (data / "windows.toml").unlink(), "windows.toml", "No such file"),
        (lambda data: shutil.rmtree(data / "value_sets"), "value_sets", "no value sets found"),
        (lambda data: (data / "value_sets/cancer.toml").unlink(), "red_flags.toml", "no value set 'cancer'"),
        (
            lambda data: (data / "windows.toml").write_bytes(b"\xff\xfe"),
            "windows.toml",
            "",
        ),
    ],
)
def test_a_broken_file_stops_the_start_and_is_named(
    tmp_path: Path, breaks: Callable[[Path], object], where: str, reason: str
) -> None:
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    breaks(data)

    with pytest.raises(KnowledgeError) as caught:
        load(data)

    assert where in str(caught.value)
    assert reason in str(caught.value)


def test_an_edited_file_has_another_version(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    assert load(data).version == load().version

    _edit("windows.toml", "acute_days = 42", "acute_days = 41")(data)

    assert load(data).version != load().version
