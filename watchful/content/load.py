"""Reads the words of one language, once, and refuses files that would fail in front of a person.

Run time never touches a file: every folder is read at start and the result is immutable. A language without
a folder is English. A folder without card files serves patients only: clinicians' cards are not in that language.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import babel
import msgspec

from watchful.clinical.assessment import Decision
from watchful.clinical.facts import DataClass
from watchful.content.acts_texts import ActTexts
from watchful.content.card_texts import CardTexts, FlagTexts, OverrideTexts
from watchful.content.handout_texts import HandoutTexts
from watchful.content.language_texts import LanguageTexts
from watchful.content.languages import DEFAULT, folder_of
from watchful.content.lines import Slots, Texts
from watchful.content.review_texts import NotePageTexts, ReviewPageTexts
from watchful.content.talk_texts import TalkTexts

HERE = Path(__file__).parent
CARD_FILES = ("cards.toml", "flags.toml", "overrides.toml")
MOST_OVERRIDES = 8
LONGEST_FLAG_NAME = 40
T = TypeVar("T")


class WordsError(Exception):
    """A content file cannot be used. The message names the file and the key."""


class OverrideReason(msgspec.Struct, frozen=True):
    """One coded reason for setting a card aside, as the wire wants it."""

    code: str
    system: str
    display: str


class Content(msgspec.Struct, frozen=True):
    """Every word of one language, checked."""

    language: str
    """BCP 47; also the folder."""
    name: str
    locale: babel.Locale
    direction: Literal["ltr", "rtl"]
    needs_human_review: bool
    cards: CardTexts
    """English, like `flags` and `overrides`, in a folder for patients only."""
    flags: Mapping[str, FlagTexts]
    overrides: Mapping[Decision, tuple[OverrideReason, ...]]
    handout: HandoutTexts
    talk: TalkTexts
    acts: ActTexts
    """For clinicians, like `review` and `note`; English where the folder has none."""
    review: ReviewPageTexts
    note: NotePageTexts


def load(language: str | None = None) -> Content:
    """The words for a BCP 47 tag; `es-MX` finds `es`, and what has no folder is English."""
    return _load(folder_of(language, languages()) or DEFAULT)


@cache
def languages() -> frozenset[str]:
    """The language folders that exist."""
    return frozenset(path.parent.name for path in HERE.glob("*/language.toml"))


@cache
def card_languages() -> frozenset[str]:
    """Those that a clinician's card can be shown in."""
    return frozenset(path.parent.name for path in HERE.glob("*/cards.toml"))


@cache
def drafts() -> frozenset[str]:
    """Those that no human has reviewed: a site must opt in to each."""
    return frozenset(language for language in languages() if load(language).needs_human_review)


@cache
def offered_languages(opted_in: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The languages of a site's patients: the reviewed ones, and those drafts that the site opted in to."""
    return tuple(sorted(languages() - (drafts() - set(opted_in))))


@cache
def _load(language: str) -> Content:
    return read_folder(HERE / language)


def read_folder(folder: Path) -> Content:
    """The words in one folder. Raises WordsError."""
    about = _read(folder / "language.toml", LanguageTexts)
    for_clinicians = any((folder / name).exists() for name in CARD_FILES)
    cards = folder if for_clinicians else HERE / DEFAULT
    return Content(
        language=folder.name,
        name=about.name,
        locale=_locale(folder, about.locale),
        direction=about.direction,
        needs_human_review=about.needs_human_review,
        cards=_cards(cards / "cards.toml"),
        flags=_flags(cards / "flags.toml"),
        overrides=_overrides(cards / "overrides.toml"),
        handout=_read(folder / "handout.toml", HandoutTexts),
        talk=_read(folder / "talk.toml", TalkTexts),
        acts=_read(_or_default(folder, "acts.toml"), ActTexts),
        review=_review(_or_default(folder, "review.toml")),
        note=_read(_or_default(folder, "note.toml"), NotePageTexts),
    )


def _or_default(folder: Path, name: str) -> Path:
    """A file that a language may do without."""
    return folder / name if (folder / name).exists() else HERE / DEFAULT / name


def _locale(folder: Path, name: str) -> babel.Locale:
    try:
        return babel.Locale.parse(name)
    except (babel.UnknownLocaleError, ValueError) as error:
        raise WordsError(f"{folder.name}/language.toml: locale: {error}") from error


def _read(file: Path, shape: type[T]) -> T:
    name = f"{file.parent.name}/{file.name}"
    try:
        words = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), shape)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise WordsError(f"{name}: {error}") from error
    for key, line, expected in _lines(shape, words, ""):
        _check(name, key, line, expected)
    return words


def _lines(hint: Any, value: Any, key: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Every line of a table with its key and the placeholders it must have."""
    if value is None:
        return
    origin = get_origin(hint)
    if origin is Annotated:
        for extra in get_args(hint)[1:]:
            if isinstance(extra, Slots):
                yield key, value, extra.names
    elif isinstance(value, Texts):
        hints = get_type_hints(type(value), include_extras=True)
        for field in msgspec.structs.fields(value):
            child = getattr(value, field.name)
            yield from _lines(hints[field.name], child, f"{key}.{field.encode_name}".strip("."))
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from _lines(get_args(hint)[1], child, f"{key}.{name}".strip("."))
    elif isinstance(value, tuple):
        for place, child in enumerate(value):
            yield from _lines(get_args(hint)[0], child, f"{key}[{place}]")
    else:  # an optional line: look inside `line | None`
        for inner in get_args(hint) if origin is not Literal else ():
            yield from _lines(inner, value, key)


def _check(file: str, key: str, line: str, expected: frozenset[str]) -> None:
    if not line.strip() and key.rpartition(".")[2] != "now":
        raise WordsError(f"{file}: {key}: is empty")
    try:
        parts = list(Formatter().parse(line))
    except ValueError as error:
        raise WordsError(f"{file}: {key}: {error}") from error
    found: set[str] = set()
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if form or conversion:
            raise WordsError(f"{file}: {key}: write {{{name.split('.')[0]}}} with nothing after the name")
        found.add(name)
    for name in sorted(found - expected):
        raise WordsError(f"{file}: {key}: unknown placeholder {{{name}}}")
    for name in sorted(expected - found):
        raise WordsError(f"{file}: {key}: missing placeholder {{{name}}}")


def _cards(file: Path) -> CardTexts:
    cards = _read(file, CardTexts)
    needed = (
        ("gaps.class", cards.gaps.by_class, tuple(kind.value for kind in DataClass)),
        ("finding.place", cards.finding.place, ("other",)),
        ("review.fact", cards.review.fact, ("other",)),
        ("app_link", cards.app_link, tuple(each.value for each in Decision if each is not Decision.SILENT)),
    )
    for key, table, names in needed:
        for missing in set(names) - table.keys():
            raise WordsError(f"{file.parent.name}/{file.name}: {key}.{missing}: is missing")
    return cards


def _review(file: Path) -> ReviewPageTexts:
    review = _read(file, ReviewPageTexts)
    name = f"{file.parent.name}/{file.name}"
    for key, table, needed in (
        ("headline.silent", review.headline.silent, ("other",)),
        ("board.kind", review.board.kind, ("told", "other")),
    ):
        for missing in set(needed) - table.keys():
            raise WordsError(f"{name}: {key}.{missing}: is missing")
    families = [family for group in review.board.group for family in group.families]
    for twice in {family for family in families if families.count(family) > 1}:
        raise WordsError(f"{name}: board.group: family {twice!r} stands in two groups")
    return review


def _flags(file: Path) -> Mapping[str, FlagTexts]:
    flags = _read(file, dict[str, FlagTexts])
    for flag_id, flag in flags.items():
        if len(flag.name) > LONGEST_FLAG_NAME:
            raise WordsError(
                f"{file.parent.name}/{file.name}: {flag_id}.name: over {LONGEST_FLAG_NAME} characters"
            )
    return flags


def _overrides(file: Path) -> Mapping[Decision, tuple[OverrideReason, ...]]:
    texts = _read(file, OverrideTexts)
    name = f"{file.parent.name}/{file.name}"
    reasons: dict[Decision, tuple[OverrideReason, ...]] = {}
    for decision in Decision:
        if decision is Decision.SILENT:
            continue
        codes = texts.kind.get(decision.value, ())
        if not 1 <= len(codes) <= MOST_OVERRIDES:
            raise WordsError(f"{name}: kind.{decision.value}: one to {MOST_OVERRIDES} codes")
        for code in codes:
            if code not in texts.display:
                raise WordsError(f"{name}: kind.{decision.value}: no display for {code}")
        reasons[decision] = tuple(OverrideReason(code, texts.system, texts.display[code]) for code in codes)
    for kind in texts.kind.keys() - {decision.value for decision in reasons}:
        raise WordsError(f"{name}: kind.{kind}: no such kind of card")
    return reasons
