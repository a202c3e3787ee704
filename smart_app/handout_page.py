"""The handout as a web page: one self-contained document, no script, nothing stored, nothing indexed.

The page carries its own style sheet, allowed by its hash, so that it prints and saves as a whole.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import Struct

from watchful.content.handout import HandoutCase, HandoutWords, handout_words
from watchful.content.load import Content

_HERE = Path(__file__).parent
_STYLE = (_HERE / "static" / "handout.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
PAGES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
_HANDOUT = PAGES.get_template("handout.html.j2")
_GONE = PAGES.get_template("handout_gone.html.j2")
phone_split = re.compile(r"([+(]?\d[\d ().-]{5,}\d)").split
"""Every second piece is a phone number, which is never broken over two lines."""
PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
}
PAGE_HEADERS = {
    **PRIVATE,
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}


class Choice(Struct, frozen=True):
    """A link at the top of the page to another language, print size or form of it."""

    name: str
    href: str
    language: str
    direction: str


def handout_html(case: HandoutCase, content: Content, *, large: bool, choices: Iterable[Choice] = ()) -> str:
    """The patient's page; without choices it stands alone, as a file."""
    words = handout_words(case, content)
    return _HANDOUT.render(
        words=words,
        pieces=lambda line: pieces(line, words),
        phone_split=phone_split,
        style=_STYLE,
        large=large,
        choices=tuple(choices),
        choices_label=content.handout.page.choices,
    )


def gone_html(content: Content) -> str:
    """For a handle that has expired and for one that never was: the page does not tell which."""
    return _GONE.render(
        words=content.handout.gone, language=content.language, direction=content.direction, style=_STYLE
    )


def page_choices(content: Content, others: Iterable[Content], *, handle: str, large: bool) -> list[Choice]:
    """What a reader may switch to. Every link is relative, so that it works below any prefix."""
    texts, here = content.handout.page, content.language

    def choice(name: str, form: str, language: str, in_large: bool, said: Content) -> Choice:
        query = urlencode({"lang": language, "large": int(in_large)})
        return Choice(name, f"{handle}{form}?{query}", said.language, said.direction)

    return [
        *(choice(other.name, "", other.language, large, other) for other in others if other.language != here),
        choice(texts.usual if large else texts.large, "", here, not large, content),
        choice(texts.pdf, ".pdf", here, large, content),
        choice(texts.text, ".txt", here, large, content),
    ]


def pieces(line: str, words: HandoutWords) -> list[tuple[str, str]]:
    """A line cut into `text`, `blank` (a line to write on) and `contact` (which keeps its own direction)."""
    cut: list[tuple[str, str]] = []
    for place, part in enumerate(line.split("______")):
        if place:
            cut.append(("blank", ""))
        before, contact, after = part.partition(words.contact) if words.contact else (part, "", "")
        cut += [(kind, text) for kind, text in (("text", before), ("contact", contact), ("text", after)) if text]
    return cut
