"""A slip in a content file stops the start, and the message names the file and the key."""

import re
import shutil
from pathlib import Path

import pytest

from watchful.clinical.assessment import Decision
from watchful.clinical.knowledge import load as load_knowledge
from watchful.content.load import HERE, Content, WordsError, load, read_folder


@pytest.mark.parametrize("language", [None, "en", "en-US", "EN_us", "xx", "es-MX", "", "../en", "zh-Hans"])
def test_a_language_without_a_folder_is_english(language: str | None) -> None:
    assert load(language) is load("en")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "cards.toml",
            "{order} can wait",
            "{orders} can wait",
            "cards.toml: defer.summary: unknown placeholder {orders}",
        ),
        ("cards.toml", "Back pain {duration}, {found}", "Back pain, {found}", "missing placeholder {duration}"),
        ("cards.toml", "{order} can wait", "{order.code} can wait", "unknown placeholder {order.code}"),
        ("cards.toml", "{order} can wait", "{order!r} can wait", "with nothing after the name"),
        ("cards.toml", "{order} can wait", "{order can wait", "cards.toml: defer.summary"),
        ("cards.toml", 'demo = "Dem', 'demos = "Dem', "en/cards.toml: Object contains unknown field `demos`"),
        ("cards.toml", "hard-flag = ", "hard-flags = ", "hard-flags"),
        (
            "cards.toml",
            'Procedure = "procedures"\nDiagnosticReport = "reports"\nServiceRequest = "orders"',
            "",
            "gaps.class.",
        ),
        ("cards.toml", 'handout_link = "Handout for the patient"', 'handout_link = " "', "handout_link: is empty"),
        ("flags.toml", 'name = "osteoporosis"', f'name = "{"long " * 10}"', "osteoporosis.name: over 40"),
        ("flags.toml", 'name = "osteoporosis"', 'name = "{x}"', "osteoporosis.name: unknown placeholder {x}"),
        ("overrides.toml", '["unsafe-or-wrong-advice", "other"]', '["nonsense"]', "no display for nonsense"),
        ("overrides.toml", "UrgentFinding", "Urgent", "kind.UrgentFinding"),
        ("overrides.toml", "[kind]", '[kind]\nSilent = ["other"]', "kind.Silent"),
        ("handout.toml", "Fever or chills", "Fever {x} or chills", "emergency.signs[3]: unknown placeholder {x}"),
        ("handout.toml", "[scan]", "[scan", "en/handout.toml"),
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    folder = tmp_path / "en"
    shutil.copytree(HERE / "en", folder)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    with pytest.raises(WordsError, match=re.escape(message)):
        read_folder(folder)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    with pytest.raises(WordsError, match=r"de/cards\.toml"):
        read_folder(tmp_path / "de")


@pytest.mark.parametrize("flag_id", sorted(load("en").flags))
def test_every_flag_has_short_words(content: Content, flag_id: str) -> None:
    flag = content.flags[flag_id]
    assert len(flag.name.split()) <= 5
    assert len(flag.why.split()) <= 14
    assert flag.why.endswith(".")
    assert len(flag.because.split()) <= 9


def test_every_row_of_the_catalogue_has_words(content: Content) -> None:
    assert {flag.row.id for flag in load_knowledge().flags} <= content.flags.keys()


def test_override_reasons_are_few_coded_and_ready_for_the_wire(content: Content) -> None:
    assert content.overrides.keys() == set(Decision) - {Decision.SILENT}
    for reasons in content.overrides.values():
        assert 2 <= len(reasons) <= 8
        assert {each.system for each in reasons} == {"urn:watchful:override-reason"}
        assert {"other", "unsafe-or-wrong-advice"} <= {each.code for each in reasons}
        assert all(each.display for each in reasons)
    assert len(content.overrides[Decision.DEFER]) == 7
