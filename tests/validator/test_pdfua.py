"""veraPDF on every handout, and on one page that must not pass."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
import typst

from watchful.clinical.facts import Modality
from watchful.content.handout import HandoutCase, handout_words
from watchful.content.load import languages, load
from watchful.content.pdf import handout_pdf

pytestmark = pytest.mark.java

PdfUa = Callable[..., list[str]]


def case(modality: Modality, **more: object) -> HandoutCase:
    usual: dict[str, object] = {"today": date(2026, 11, 2), "follow_up": date(2026, 11, 23)}
    return HandoutCase(
        **{"language": "en", "modality": modality, "six_weeks": date(2026, 12, 14), **usual, **more}  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("language", sorted(languages()))
def test_handouts(pdfua: PdfUa, tmp_path: Path, language: str) -> None:
    paths = []
    cases = [case(modality) for modality in get_args(Modality)]
    cases.append(case("mri", leg_pain=True, older=True, contact="General Practice, (916) 555-0100", demo=True))
    cases.append(case("xr", pregnancy="yes"))
    for number, each in enumerate(cases):
        for large in (False, True):
            path = tmp_path / f"{number}{'-large' if large else ''}.pdf"
            path.write_bytes(handout_pdf(handout_words(each, load(language)), large=large))
            paths.append(path)
    assert pdfua(*paths) == []


def compiled(tmp_path: Path, source: str, *standards: str) -> Path:
    (tmp_path / "page.typ").write_text(source, "utf-8")
    path = tmp_path / "page.pdf"
    typst.compile(tmp_path / "page.typ", output=path, pdf_standards=list(standards))
    return path


def test_a_tagged_titled_page_complies(pdfua: PdfUa, tmp_path: Path) -> None:
    source = '#set document(title: "Low back pain")\n#set text(lang: "en")\n= Low back pain\nKeep moving.'

    assert pdfua(compiled(tmp_path, source, "ua-1")) == []


def test_a_page_without_title_does_not(pdfua: PdfUa, tmp_path: Path) -> None:
    assert pdfua(compiled(tmp_path, "Keep moving."))
