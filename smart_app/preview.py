"""Every card, talk track and handout in every language and variant, in one browsable folder.

For clinicians and native readers who review the words, before a site shows them to anybody.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape
from msgspec import Struct

from smart_app.handout_page import PAGES, handout_html
from watchful.clinical.assessment import Assessment
from watchful.clinical.knowledge.files import WindowsFile
from watchful.content.cards import CardWords, card_words
from watchful.content.handout import handout_case, handout_words
from watchful.content.load import Content, card_languages, languages, load
from watchful.content.measure import count_words
from watchful.content.pdf import handout_pdf
from watchful.content.plain import handout_text
from watchful.content.plan import PlanDates, plan_dates
from watchful.content.samples import CONTACT, TODAY, Sample, card_samples, visits
from watchful.content.talk import talk_words

FOLDER_PAGE = PAGES.get_template("preview_index.html.j2")
CARDS_PAGE = PAGES.get_template("preview_cards.html.j2")
TALK_PAGE = PAGES.get_template("preview_talk.html.j2")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


class Shown(Struct, frozen=True):
    """What the index says of one language."""

    content: Content
    cards: bool
    visits: tuple[str, ...]


def write_preview(folder: Path, windows: WindowsFile) -> int:
    """Fill the folder and return how many files it got. Existing files of the same name are replaced."""
    shown = []
    for language in sorted(languages()):
        content = load(language)
        target = folder / language
        target.mkdir(parents=True, exist_ok=True)
        samples = list(visits())
        for each in samples:
            _write_handout(target, each, content, windows)
        _write(target / "talk.html", TALK_PAGE.render(content=content, talks=_talks(samples, content, windows)))
        has_cards = language in card_languages()
        if has_cards:
            _write(target / "cards.html", CARDS_PAGE.render(content=content, cards=_cards(content, windows)))
        shown.append(Shown(content, has_cards, tuple(each.name for each in samples)))
    _write(folder / "index.html", FOLDER_PAGE.render(shown=shown))
    return sum(1 for path in folder.rglob("*") if path.is_file())


def _dates(assessment: Assessment, windows: WindowsFile, *, one_visit: bool) -> PlanDates:
    dates = plan_dates(assessment, today=TODAY, windows=windows)
    return dates._replace(follow_up=dates.six_weeks) if one_visit else dates


def _write_handout(target: Path, each: Sample, content: Content, windows: WindowsFile) -> None:
    case = handout_case(
        each.assessment,
        _dates(each.assessment, windows, one_visit=each.one_visit),
        contact=CONTACT if each.name != "one-visit" else "",
        demo=False,
        offered=languages(),
        language=content.language,
        medicines=each.medicines,
        agreement=each.name != "one-visit",
    )
    words = handout_words(case, content)
    _write(target / f"handout-{each.name}.html", handout_html(case, content, large=False))
    _write(target / f"handout-{each.name}-large.html", handout_html(case, content, large=True))
    _write(target / f"handout-{each.name}.txt", handout_text(words))
    (target / f"handout-{each.name}.pdf").write_bytes(handout_pdf(words))
    (target / f"handout-{each.name}-large.pdf").write_bytes(handout_pdf(words, large=True))


def _talks(samples: Sequence[Sample], content: Content, windows: WindowsFile) -> list[dict[str, Any]]:
    talks = []
    for each in samples:
        dates = _dates(each.assessment, windows, one_visit=each.one_visit)
        words = talk_words(each.assessment, content, dates, medicines=each.medicines)
        talks.append({"name": each.name, "words": words, "count": count_words(words.text, content.language)})
    return talks


def _cards(content: Content, windows: WindowsFile) -> list[dict[str, Any]]:
    cards = []
    for each in card_samples(content):
        dates = plan_dates(each.assessment, today=TODAY, windows=windows)
        words = card_words(each.assessment, content, dates, demo=False, frame=each.frame)
        body = words.detail.split(content.cards.note.heading)[0]
        reasons = content.overrides.get(each.assessment.decision, ())
        cards.append(
            {
                "name": each.name,
                "words": words,
                "paragraphs": [_bold(paragraph) for paragraph in words.detail.split("\n\n")],
                "note": words.note.split("\n\n"),
                "buttons": _buttons(words),
                "count": count_words(body),
                "reasons": [reason.display for reason in reasons],
            }
        )
    return cards


def _buttons(words: CardWords) -> list[tuple[str, str]]:
    named = words.suggestions
    every = (named.remove, named.postpone, named.change, named.stat, named.emergency)
    return [(each.label, each.description) for each in every if each is not None]


def _bold(paragraph: str) -> Markup:
    """The one piece of Markdown that cards use."""
    return Markup(_BOLD.sub(r"<strong>\1</strong>", str(escape(paragraph))))  # noqa: S704  (escaped just before)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
