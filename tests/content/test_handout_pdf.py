"""The printed handout: tags, language, title, reading order, pages, and fonts that have every character."""

import itertools
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from test_handout_words import EVERY_MEDICINE, LANGUAGES, a_case

from watchful.content.glyphs import FONTS, printable
from watchful.content.handout import HandoutWords, handout_words
from watchful.content.load import load
from watchful.content.pdf import handout_pdf

FULL: dict[str, Any] = {
    "leg_pain": True,
    "pregnancy": "possible",
    "older": True,
    "demo": True,
    "medicines": EVERY_MEDICINE,
    "contact": "General Practice, (916) 555-0100",
}
PDFUA = Path(__file__).parents[1] / "java" / "run"


def words_in(language: str, **changes: Any) -> HandoutWords:
    return handout_words(a_case(**changes), load(language))


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.Pdf.open(BytesIO(pdf))


def elements(node: Any) -> Iterator[Any]:
    """The structure tree in reading order."""
    kids = node.get("/K")
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def tags(pdf: pikepdf.Pdf) -> list[str]:
    return [str(each.S) for each in elements(pdf.Root.StructTreeRoot)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("variant", ["plain", "full"])
def test_structure(language: str, large: bool, variant: str) -> None:
    words = words_in(language, **(FULL if variant == "full" else {}))
    pdf = opened(handout_pdf(words, large=large))
    assert str(pdf.Root.Lang).split("-")[0] == language.split("-")[0]
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == words.title
        assert metadata["pdfuaid:part"] == "1"
    found = tags(pdf)
    assert found.count("/H1") == 1
    assert found.count("/H2") == 7
    assert found.count("/L") == sum(1 for section in words.sections if section.bullets)
    assert found.count("/LI") == sum(len(section.bullets) for section in words.sections)
    assert "/Figure" not in found
    assert found.index("/H1") < found.index("/H2")
    assert 1 <= len(pdf.pages) <= (4 if large else 2)


@pytest.mark.parametrize("language", ["en", "es", "vi"])
def test_reading_order_is_the_order_of_the_page(language: str) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext")
    words = words_in(language, **FULL)
    text = read(handout_pdf(words))
    places = [text.find(squeeze(section.heading)) for section in words.sections]
    assert -1 not in places
    assert places == sorted(places)
    for section in words.sections:
        for line in (*section.paragraphs, *section.bullets):
            assert squeeze(line) in text, line


def read(pdf: bytes) -> str:
    made = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return squeeze(made.stdout.decode())


def squeeze(text: str) -> str:
    return re.sub(r"[\s•]+|______", "", text)


def test_a_phone_number_stays_whole_in_arabic() -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext")
    assert "(916)555-0100" in read(handout_pdf(words_in("ar", **FULL)))


def test_large_print_is_larger() -> None:
    words = words_in("en", **FULL)
    assert len(opened(handout_pdf(words, large=True)).pages) > len(opened(handout_pdf(words)).pages)


def test_the_same_words_make_the_same_file() -> None:
    words = words_in("en")
    assert handout_pdf(words) == handout_pdf(words)


@pytest.mark.parametrize(
    "contact", ["Dr. O’Neil & <b>Co</b> #set $x$ \\u{41} *a* _b_", "Clinic of the river bank. " * 12]
)
def test_any_contact_prints_as_text(contact: str) -> None:
    assert squeeze(contact) in read(handout_pdf(words_in("en", contact=contact)))


def test_a_contact_that_no_font_can_print_is_a_line_to_write_on() -> None:
    text = read(handout_pdf(words_in("en", contact="診療 ☎ 😀 555")))
    assert "Reachushere:" in text
    assert "555" not in text


def test_threads_print_at_once() -> None:
    made: list[bytes] = []

    def work(days: int) -> None:
        made.append(handout_pdf(words_in("en", six_weeks=a_case().six_weeks + timedelta(days=days))))

    threads = [threading.Thread(target=work, args=(days,)) for days in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 6


def test_fonts_are_small_and_licensed() -> None:
    files = list(FONTS.iterdir())
    assert sum(file.stat().st_size for file in files) < 3_000_000
    for family in ("NotoSans", "NotoSansSC", "NotoNaskhArabic"):
        assert "SIL Open Font License" in (FONTS / f"{family}-OFL.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_character_is_missing_from_the_fonts(language: str) -> None:
    """A missing glyph prints as a box. Run tests/content/build_fonts.py after a Chinese text changed."""
    pdf = opened(handout_pdf(words_in(language, **FULL)))
    for page in pdf.pages:
        for font in page.Resources.Font.values():
            cmap = font.ToUnicode.read_bytes().decode()
            assert "<0000>" not in cmap.split("endcodespacerange")[1]
    loaded = "".join(str(each) for each in words_texts(language))
    assert not {each for each in loaded if each not in printable() and not each.isspace()}


def words_texts(language: str) -> Iterator[str]:
    words = words_in(language, **FULL)
    yield words.title
    yield words.dated
    for section in words.sections:
        yield section.heading
        yield from (*section.paragraphs, *section.bullets, *section.closing)


@pytest.mark.java
def test_verapdf_finds_every_pdf_accessible(tmp_path: Path) -> None:
    """PDF/UA-1 by veraPDF, the reference checker."""
    if not PDFUA.exists() or shutil.which("java") is None:
        pytest.skip("tests/java is not there")
    files = []
    for language, large, variant in itertools.product(LANGUAGES, (False, True), ({}, FULL)):
        file = tmp_path / f"{len(files)}.pdf"
        file.write_bytes(handout_pdf(words_in(language, **variant), large=large))
        files.append(str(file))
    answer = subprocess.run([str(PDFUA), "pdfua", *files], capture_output=True, text=True, check=False)
    assert answer.stdout.count("\tcompliant") == len(files), answer.stdout
