"""The shape of `language.toml`."""

from typing import Literal

from watchful.content.lines import Plain, Texts


class LanguageTexts(Texts, frozen=True):
    """Facts about a language folder."""

    name: Plain
    """As its readers call it."""
    locale: str
    """CLDR locale: how they write a date."""
    direction: Literal["ltr", "rtl"]
    needs_human_review: bool
    """A draft: shown only at sites that opt in."""
