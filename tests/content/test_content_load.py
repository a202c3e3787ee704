"""A slip in a content file stops the start, and the message names the file and the key."""

import re
import shutil
from pathlib import Path
from typing import get_args

import pytest

from watchful.clinical.assessment import Decision
from watchful.clinical.knowledge import load as load_knowledge
from watchful.content.frames import FRAMES
from watchful.content.languages import patient_language
from watchful.content.load import (
    HERE,
    Content,
    WordsError,
    card_languages,
    drafts,
    languages,
    load,
    offered_languages,
    read_folder,
)
from watchful.settings.model import Site


@pytest.mark.parametrize(
    "language", [None, "en", "en-US", "EN_us", "eng", "xx", "", "../en", "fonts", "zh-Hant", "zh-TW", "yue"]
)
def test_a_language_without_a_folder_is_english(language: str | None) -> None:
    assert load(language) is load("en")


@pytest.mark.parametrize(
    ("tag", "folder"),
    [
        ("es-MX", "es"),
        ("spa", "es"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("cmn-Hans-CN", "zh-Hans"),
        ("chi", "zh-Hans"),
        ("vi-VN", "vi"),
        ("vie", "vi"),
        ("AR", "ar"),
        ("ara", "ar"),
    ],
)
def test_a_tag_finds_its_folder(tag: str, folder: str) -> None:
    assert load(tag).language == folder


def test_every_language_is_whole_and_says_what_it_is() -> None:
    assert languages() == {"en", "es", "zh-Hans", "vi", "ar"}
    assert card_languages() == {"en", "es"}
    assert drafts() == {"zh-Hans", "vi", "ar"}
    assert {language for language in languages() if load(language).direction == "rtl"} == {"ar"}
    assert load("ar").cards is not None
    assert len({load(language).name for language in languages()}) == 5


@pytest.mark.parametrize("language", sorted(languages()))
def test_no_english_sentence_is_left_in_another_language(language: str) -> None:
    """Untranslated lines are the usual slip of a copied folder."""
    if language == "en":
        return
    for file in ("handout.toml", "talk.toml"):
        english = set(lines((HERE / "en" / file).read_text(encoding="utf-8")))
        shared = english & set(lines((HERE / language / file).read_text(encoding="utf-8")))
        assert shared <= {"______", "{date}"}, shared


def lines(text: str) -> list[str]:
    return re.findall(r'"((?:[^"\\\n]|\\.){4,})"', text)


def test_drafts_are_offered_only_to_a_site_that_opts_in() -> None:
    assert offered_languages() == ("en", "es")
    assert offered_languages(("ar",)) == ("ar", "en", "es")
    assert patient_language("ar", offered_languages()) == "en"
    assert patient_language("ar-EG", offered_languages(("ar",))) == "ar"
    assert patient_language("es", offered_languages()) == "es"
    assert patient_language(None, offered_languages()) == "en"


def test_settings_name_the_languages_and_frames_that_exist() -> None:
    """Settings lie below the words and cannot import them."""
    fields = Site.model_fields
    assert set(get_args(fields["card_language"].annotation)) == card_languages()
    assert set(get_args(get_args(fields["languages_needing_review"].annotation)[0])) == drafts()
    assert set(get_args(fields["frame"].annotation)) == {*FRAMES, "random"}


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "cards.toml",
            "{order} can wait",
            "{orders} can wait",
            "cards.toml: defer.summary.reason-first: unknown placeholder {orders}",
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
        ("cards.toml", "UrgentFinding = ", "Urgent = ", "app_link.UrgentFinding: is missing"),
        ("flags.toml", 'name = "osteoporosis"', f'name = "{"long " * 10}"', "osteoporosis.name: over 40"),
        ("flags.toml", 'name = "osteoporosis"', 'name = "{x}"', "osteoporosis.name: unknown placeholder {x}"),
        ("overrides.toml", '["unsafe-or-wrong-advice", "other"]', '["nonsense"]', "no display for nonsense"),
        ("overrides.toml", "UrgentFinding", "Urgent", "kind.UrgentFinding"),
        ("overrides.toml", "[kind]", '[kind]\nSilent = ["other"]', "kind.Silent"),
        ("handout.toml", "Fever or chills", "Fever {x}", "emergency.signs.fever: unknown placeholder {x}"),
        ("handout.toml", "[scan]", "[scan", "en/handout.toml"),
        ("talk.toml", 'two_dates = "I want to see you again on {follow_up}.', 'two_dates = "Soon.', "{follow_up}"),
        ("talk.toml", "[plan]", "[plans]", "talk.toml"),
        ("review.toml", "{finding}: weigh", "{findings}: weigh", "headline.review_finding: unknown placeholder"),
        ("review.toml", 'families = ["cancer"]', 'families = ["nerve"]', "family 'nerve' stands in two groups"),
        ("review.toml", 'told = "Told today"', "", "board.kind.told: is missing"),
        (
            "review.toml",
            'other = "There is nothing',
            'others = "There is nothing',
            "headline.silent.other: is missing",
        ),
        ("note.toml", "[ ] reflexes", "[ ] {reflexes}", "note.toml: asked.examined[1]: unknown placeholder"),
        ("language.toml", '"ltr"', '"sideways"', "direction"),
        ("language.toml", "en_US", "xx_YY", "language.toml: locale"),
        ("language.toml", "English", "", "name: is empty"),
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
    with pytest.raises(WordsError, match=r"de/language\.toml"):
        read_folder(tmp_path / "de")


def test_a_folder_without_card_files_serves_patients_only(tmp_path: Path) -> None:
    folder = tmp_path / "vi"
    shutil.copytree(HERE / "vi", folder)
    assert read_folder(folder).cards == load("en").cards
    (folder / "cards.toml").write_text("")
    with pytest.raises(WordsError, match=r"vi/cards\.toml"):
        read_folder(folder)


@pytest.mark.parametrize("flag_id", sorted(load("en").flags))
def test_every_flag_has_short_words(content: Content, flag_id: str) -> None:
    flag = content.flags[flag_id]
    assert len(flag.name.split()) <= 5
    assert len(flag.why.split()) <= 14
    assert flag.why.endswith(".")
    assert len(flag.because.split()) <= 9


@pytest.mark.parametrize("language", sorted(card_languages()))
def test_every_row_of_the_catalogue_has_words(language: str) -> None:
    flags = load(language).flags
    assert {flag.row.id for flag in load_knowledge().flags} <= flags.keys()
    assert flags.keys() == load("en").flags.keys()
    for flag_id, flag in flags.items():
        assert bool(flag.now) is bool(load("en").flags[flag_id].now), flag_id


def test_override_reasons_are_few_coded_and_ready_for_the_wire(content: Content) -> None:
    assert content.overrides.keys() == set(Decision) - {Decision.SILENT}
    for reasons in content.overrides.values():
        assert 2 <= len(reasons) <= 8
        assert {each.system for each in reasons} == {"urn:watchful:override-reason"}
        assert {"other", "unsafe-or-wrong-advice"} <= {each.code for each in reasons}
        assert all(each.display for each in reasons)
    assert len(content.overrides[Decision.DEFER]) == 7


def test_override_codes_are_the_same_in_every_language() -> None:
    def codes(language: str) -> dict[Decision, list[str]]:
        return {kind: [each.code for each in reasons] for kind, reasons in load(language).overrides.items()}

    assert codes("es") == codes("en")
