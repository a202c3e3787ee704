"""The words around the app's pages (`en/app.toml`): names, headings, buttons, hints."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec

from watchful.content.lines import Plain, Texts, slots

_FILE = Path(__file__).parent / "en" / "app.toml"


class NavTexts(Texts, frozen=True):
    review: Plain
    talk: Plain
    handout: Plain
    note: Plain
    act: Plain


class ReviewTexts(Texts, frozen=True):
    advice: Plain
    next: Plain
    changed: Plain
    by_chart: Annotated[str, slots("headline")]
    """Never read out: it would end on the advice that no longer stands."""
    unchanged: Plain
    updated: Annotated[str, slots("headline")]
    """Read out when an answer was sent by the script."""
    card_lost: Plain
    chart: Plain
    reread: Plain
    reasoning: Plain


class StudyTexts(Texts, frozen=True):
    title: Plain
    label: Plain
    button: Plain


class TalkPageTexts(Texts, frozen=True):
    title: Plain
    steps: Plain


class HandoutPageTexts(Texts, frozen=True):
    title: Plain
    says: Plain
    print: Plain
    pdf: Plain
    text: Plain
    large: Plain
    usual: Plain
    file: Plain
    not_yet: Annotated[str, slots("finding")]
    preview: Plain


class NotePageTexts(Texts, frozen=True):
    title: Plain
    says: Plain
    label: Plain
    copy: Plain
    copied: Plain
    selected: Plain


class ActPageTexts(Texts, frozen=True):
    title: Plain
    says: Plain
    nothing: Plain
    resource: Plain
    written: Annotated[str, slots("reference")]
    note: Plain
    handout: Plain
    language: Plain
    unsure: Plain
    state: Mapping[str, Plain]
    """By the state of an act."""


class MessagePageTexts(Texts, frozen=True):
    """What became of a message to the EHR's order screen."""

    heading: Plain
    asking: Plain
    done: Plain
    refused: Plain
    silent: Plain


class ClosedTexts(Texts, frozen=True):
    title: Plain
    says: Plain
    next: Plain


class AppTexts(Texts, frozen=True):
    """`app.toml`."""

    name: Plain
    skip: Plain
    pages: Plain
    patient: Plain
    born: Plain
    sex: Plain
    no_banner: Plain
    demo: Plain
    end: Plain
    draft: Plain
    language: Plain
    nav: NavTexts
    review: ReviewTexts
    study: StudyTexts
    talk: TalkPageTexts
    handout: HandoutPageTexts
    note: NotePageTexts
    act: ActPageTexts
    messages: MessagePageTexts
    closed: ClosedTexts


@cache
def app_texts() -> AppTexts:
    """Read once."""
    return msgspec.convert(tomllib.loads(_FILE.read_text(encoding="utf-8")), AppTexts)
