"""FHIR date, dateTime and instant to `PartialDate`, in the site's calendar days."""

import re
from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

from watchful.clinical.dates import PartialDate

_FHIR = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(T.*)?)?)?")


def parse(text: str | None, zone: ZoneInfo) -> PartialDate | None:
    """The days a FHIR date may stand for; None for none and for text that is no FHIR date.

    A time with an offset is read on the site's calendar: 23:30 in one zone may be the next day in another.
    """
    if not text:
        return None
    if text[4:5] == text[7:8] == "-" and text[10:11] == "T":  # a plain day and time; any doubt goes the long way
        try:
            moment = datetime.fromisoformat(text)
            known = (moment.astimezone(zone) if moment.tzinfo else moment).date()
            return PartialDate(known, known)
        except (ValueError, OverflowError):
            pass
    found = _FHIR.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day_, time = found.groups()
    try:
        if month is None:
            return PartialDate(date(int(year), 1, 1), date(int(year), 12, 31))
        if day_ is None:
            last = monthrange(int(year), int(month))[1]
            return PartialDate(date(int(year), int(month), 1), date(int(year), int(month), last))
        if time is None:
            known = date(int(year), int(month), int(day_))
        else:
            moment = datetime.fromisoformat(found.group())
            known = (moment.astimezone(zone) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        return None
    return PartialDate(known, known)
