"""For how long a server asks to be left alone: the `Retry-After` of an answer (RFC 9110 §10.2.3)."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime


def seconds_asked(headers: Mapping[str, str]) -> float | None:
    """Seconds; None where the header is missing or cannot be read.

    A date is measured against the answer's own `Date`, so that no clock of ours is needed.
    """
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        until = parsedate_to_datetime(asked)
        return max((until - parsedate_to_datetime(headers.get("date", ""))).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
