"""The EHR's colours on our pages, as far as everything can still be read on them; ours where it cannot."""

from collections.abc import Iterable, Mapping

from smart_app.contrast import READABLE, Colour, colour, ratio

INK, SOFT, PAPER = Colour(0x16, 0x23, 0x2E), Colour(0x45, 0x54, 0x5F), Colour(0xFF, 0xFF, 0xFF)
ACCENT, ALERT, GOOD = Colour(0x0B, 0x55, 0x63), Colour(0x9B, 0x1C, 0x1C), Colour(0x1E, 0x5F, 0x37)
"""Our own, as `app.css` has them; a test holds the two together."""
_BLACK, _WHITE = Colour(0, 0, 0), PAPER
_DARK = 0.18
"""A background below this luminance is better met by light controls."""


def style_sheet(style: Mapping[str, str]) -> str:
    """Custom properties for `app.css`; empty where nothing of the EHR's style can be used."""
    given = {name: found for name, value in style.items() if (found := colour(value)) is not None}
    chosen = _chosen(given)
    if not chosen:
        return ""
    lines = [f"  --{name}: {value.css};" for name, value in chosen.items()]
    scheme = "dark" if chosen["paper"].luminance < _DARK else "light"
    return "\n".join([":root {", *lines, f"  color-scheme: {scheme};", "}", ""])


def _chosen(given: Mapping[str, Colour]) -> dict[str, Colour]:
    """One paper for everything, and on it only what can be read."""
    paper = given.get("color_background", PAPER)
    ink = _readable(paper, (given.get("color_text"), INK))
    if ink is None:  # nobody's text can be read on it
        paper, ink = PAPER, INK
    accent = _readable(paper, (given.get("color_highlight"), ACCENT)) or ink
    alert = _readable(paper, (given.get("color_error"), ALERT)) or ink
    good = _readable(paper, (given.get("color_success"), GOOD)) or ink
    chosen = {"paper": paper, "ink": ink, "accent": accent, "alert": alert, "good": good}
    if (paper, ink, accent, alert, good) == (PAPER, INK, ACCENT, ALERT, GOOD):
        return {}
    soft = _readable(paper, (SOFT,)) or ink
    on_accent = max((_BLACK, _WHITE), key=lambda each: ratio(each, accent))
    # no tints: what can be read on the paper might not be on a shade of it
    return {**chosen, "soft": soft, "line": soft, "on-accent": on_accent, "page": paper, "wash": paper}


def _readable(paper: Colour, wanted: Iterable[Colour | None]) -> Colour | None:
    return next((each for each in wanted if each is not None and ratio(each, paper) >= READABLE), None)
