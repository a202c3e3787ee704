"""Which language folder serves a reader. A draft that no human has reviewed is shown only where a site opts in."""

from collections.abc import Collection, Mapping

DEFAULT = "en"
SPOKEN: Mapping[str, str] = {
    "eng": "en",
    "spa": "es",
    "vie": "vi",
    "ara": "ar",
    "arb": "ar",
    "zh": "zh-Hans",
    "zho": "zh-Hans",
    "chi": "zh-Hans",
    "cmn": "zh-Hans",
}
"""Language subtags (RFC 5646, and ISO 639-2 as EHRs write it) that another folder name serves."""
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


def folder_of(tag: str | None, known: Collection[str]) -> str | None:
    """The folder for a language tag: `es-MX` finds `es`, `zh-CN` finds `zh-Hans`; None where there is none.

    Traditional Chinese is not served by simplified characters.
    """
    parts = (tag or "").replace("_", "-").lower().split("-")
    folder = SPOKEN.get(parts[0], parts[0])
    if folder == "zh-Hans" and _TRADITIONAL & set(parts[1:]):
        return None
    return folder if folder in known else None


def patient_language(tag: str | None, offered: Collection[str]) -> str:
    """The language of a patient's texts: the patient's own where it is offered, else English."""
    return folder_of(tag, offered) or DEFAULT
