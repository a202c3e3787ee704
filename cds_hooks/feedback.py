"""Feedback on cards: what clinicians did with them. Tolerant of every form seen in the field (F-1 to F-8).

Epic sends `overrideReasons` in the plural with its reason in an object; older sandboxes send the reason
flat; displays, UUID-shaped ids and whole milliseconds may be missing. Unknown cards are counted, not
refused: they may be older than the retention.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from cds_hooks.request import member_of
from watchful.chart.resources import UNREADABLE
from watchful.errors import BadRequest
from watchful.journal.records import FeedbackItem, Outcome
from watchful.settings import Site

OVERRIDE_SYSTEM = "urn:watchful:override-reason"


class _Coding(Struct):
    system: str | None = None
    code: str | None = None


class _Reason(Struct):
    """2.0: `reason` and `userComment`. Legacy: the coding itself, flat."""

    reason: _Coding | None = None
    userComment: str | None = None
    system: str | None = None
    code: str | None = None


class _Suggestion(Struct):
    id: str | None = None


class _Item(Struct):
    card: str
    outcome: str
    acceptedSuggestions: list[_Suggestion] | None = None
    overrideReason: _Reason | None = None
    overrideReasons: _Reason | list[_Reason] | None = None
    outcomeTimestamp: str | None = None


class _Feedback(Struct):
    feedback: list[_Item]


_decode = msgspec.json.Decoder(_Feedback).decode
_OUTCOMES: dict[str, Outcome] = {"accepted": "accepted", "overridden": "overridden"}


Reasons = Mapping[tuple[str | None, str | None], tuple[str, str]]
"""From a site's own override reason (system and code) to ours."""


def reasons_of_the_site(site: Site) -> Reasons:
    """Back from the codes that the site's cards carry to our own, so that reports speak one language."""
    return {(each.system, each.code): (OVERRIDE_SYSTEM, each.reason) for each in site.override_reasons}


def read_feedback(body: bytes, reasons: Reasons | None = None) -> list[FeedbackItem]:
    """The entries of one feedback call. Raises BadRequest naming the member that is wrong."""
    try:
        items = _decode(body).feedback
    except msgspec.ValidationError as error:
        raise BadRequest(
            "A member of the feedback is missing or has the wrong type.", member=member_of(error)
        ) from None
    except UNREADABLE:
        raise BadRequest("The body is not well-formed JSON.") from None
    return [_item(index, item, reasons or {}) for index, item in enumerate(items)]


def _item(index: int, item: _Item, reasons: Reasons) -> FeedbackItem:
    outcome = _OUTCOMES.get(item.outcome)
    if outcome is None:
        raise BadRequest(
            "outcome must be accepted or overridden.", member=f"feedback[{index}].outcome", issue="value"
        )
    reason = item.overrideReason
    if reason is None:
        plural = item.overrideReasons
        reason = (plural[0] if plural else None) if isinstance(plural, list) else plural
    coding = (reason.reason or _Coding(reason.system, reason.code)) if reason is not None else _Coding()
    system, code = reasons.get((coding.system, coding.code), (coding.system, coding.code))
    return FeedbackItem(
        card=item.card,
        outcome=outcome,
        outcome_at=_instant(index, item.outcomeTimestamp),
        accepted=tuple(each.id for each in item.acceptedSuggestions or () if each.id),
        reason_system=system,
        reason_code=code,
        comment=reason.userComment if reason else None,
    )


def _instant(index: int, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadRequest(
            "outcomeTimestamp must be a date with a time.",
            member=f"feedback[{index}].outcomeTimestamp",
            issue="value",
        ) from None
