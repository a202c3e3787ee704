"""`watchful handout` and `watchful content preview`, as a person types them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchful.cli import app
from watchful.content.load import card_languages, languages

RUN = CliRunner()
FIXTURES = Path(__file__).parents[2] / "fixtures"
ACUTE = [str(FIXTURES / "acute-mri" / "chart.json"), "--order", "72148", "--today", "2026-11-02"]


def test_plain_text_is_the_default() -> None:
    answer = RUN.invoke(app, ["handout", *ACUTE, "--contact", "Clinic, 555-0100"])
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("Your back pain plan\nMade for you on Monday, November 2, 2026")
    assert "not clearly better by Monday, December 14, 2026" in answer.output
    assert "Clinic, 555-0100" in answer.output
    assert "Your pain medicine: ______" in answer.output


def test_a_named_language_and_a_medicine_that_a_clinician_chose() -> None:
    answer = RUN.invoke(app, ["handout", *ACUTE, "--language", "ar", "--medicine", "acetaminophen"])
    assert "خطتك" in answer.output
    assert "Tylenol" in answer.output


@pytest.mark.parametrize(("form", "start"), [("html", b"<!doctype html>"), ("pdf", b"%PDF"), ("text", b"Your")])
def test_each_form_goes_into_a_file(tmp_path: Path, form: str, start: bytes) -> None:
    file = tmp_path / "handout"
    answer = RUN.invoke(app, ["handout", *ACUTE, "--format", form, "--large", "-o", str(file)])
    assert answer.exit_code == 0, answer.output
    assert file.read_bytes().startswith(start)


def test_a_page_in_a_file_links_to_nothing(tmp_path: Path) -> None:
    file = tmp_path / "handout.html"
    RUN.invoke(app, ["handout", *ACUTE, "--format", "html", "-o", str(file)])
    assert "href=" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            [str(FIXTURES / "cauda-equina" / "chart.json"), "--order", "72148", "--today", "2026-11-02"],
            "UrgentFinding",
        ),
        (
            [str(FIXTURES / "fever" / "chart.json"), "--order", "72148", "--today", "2026-11-02"],
            "emergency room",
        ),
        ([*ACUTE, "--language", "tlh"], "no texts in tlh; there are ar, en, es, vi, zh-Hans"),
        ([*ACUTE, "--today", "soon"], "soon"),
        (["nowhere.json", "--order", "72148"], "nowhere.json"),
        ([str(FIXTURES / "acute-mri" / "chart.json"), "--order", "70551"], "70551"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(arguments: list[str], said: str) -> None:
    answer = RUN.invoke(app, ["handout", *arguments])
    assert answer.exit_code == 2
    assert said in answer.output


def test_the_preview_shows_every_text(tmp_path: Path) -> None:
    answer = RUN.invoke(app, ["content", "preview", str(tmp_path / "texts")])
    assert answer.exit_code == 0, answer.output
    index = (tmp_path / "texts" / "index.html").read_text(encoding="utf-8")
    for language in languages():
        folder = tmp_path / "texts" / language
        assert f'href="{language}/talk.html"' in index
        assert (f'href="{language}/cards.html"' in index) is (language in card_languages())
        assert (folder / "talk.html").exists()
        for name in ("usual", "leg-pain", "pregnancy", "65-and-over", "x-ray", "medicine-all", "one-visit"):
            for ending in (".html", "-large.html", ".pdf", "-large.pdf", ".txt"):
                assert (folder / f"handout-{name}{ending}").exists()
                assert f'href="{language}/handout-{name}{ending}"' in index
    cards = (tmp_path / "texts" / "en" / "cards.html").read_text(encoding="utf-8")
    for frame in ("reason-first", "plan-first", "trust-first"):
        assert f"defer, {frame}" in cards
    assert "urgent, cauda-equina" in cards
    assert "**" not in cards


def test_a_preview_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = RUN.invoke(app, ["content", "preview", str(tmp_path / "file")])
    assert answer.exit_code == 2
    assert "watchful content preview:" in answer.output
