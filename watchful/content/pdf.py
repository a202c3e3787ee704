"""The handout as a tagged PDF (PDF/UA-1), set by typst. Never on the event loop: it takes milliseconds of CPU.

A typst compiler serves one thread only, so each thread keeps its own.
"""

import threading
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import typst

from watchful.content.glyphs import FONTS, printable
from watchful.content.handout import HandoutWords

HERE = Path(__file__).parent
_mine = threading.local()


def handout_pdf(words: HandoutWords, *, large: bool = False) -> bytes:
    """The page as PDF: US Letter, 12 points, or 18 in large print."""
    if not printable().issuperset(words.contact):
        words = _without_contact(words)
    inputs = {"words": msgspec.json.encode(words).decode(), "large": "yes" if large else "no"}
    pdf = _compiler().compile(
        format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"], timestamp=datetime(2000, 1, 1, tzinfo=UTC)
    )
    if not isinstance(pdf, bytes):  # several pages of another format; PDF is one document
        raise TypeError("typst did not answer with one document")
    return pdf


def _without_contact(words: HandoutWords) -> HandoutWords:
    """A contact that no font can print becomes a line to write on: half a name would be worse than none."""
    sections = [
        msgspec.structs.replace(
            section, bullets=tuple(line.replace(words.contact, "______") for line in section.bullets)
        )
        if section.id == "plan"
        else section
        for section in words.sections
    ]
    return msgspec.structs.replace(words, contact="", sections=tuple(sections))


def _compiler() -> typst.Compiler:
    compiler: typst.Compiler | None = getattr(_mine, "compiler", None)
    if compiler is None:
        compiler = _mine.compiler = typst.Compiler(
            str(HERE / "handout.typ"), root=str(HERE), font_paths=[str(FONTS)], ignore_system_fonts=True
        )
    return compiler
