"""veraPDF as a judge: it must tell an accessible PDF from one that is not."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import typst

pytestmark = pytest.mark.java

PdfUa = Callable[[Path], Sequence[str]]


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
