"""What the app may ask of the order screen it was opened from: SMART Web Messaging 1.0, as data for the script.

The screen is the clinician's own session: a draft changed there is still signed, or not, there. Where the EHR gave
no handle there is no message, and the page says everything in words. The script adds `messageId` and
`messagingHandle`, posts to `session.messaging.origin` and to nothing else, and believes only answers from there.
"""

import re
from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct

from smart_app.acts.visit import Visit
from watchful.clinical.assessment import Decision
from watchful.content.dates import full_day
from watchful.content.referral import physical_therapy

Json = dict[str, Any]
_DRAFT = re.compile(r"ServiceRequest/[^/]+")


class Change(Struct, frozen=True):
    """What to change in a draft. It is read first (`scratchpad.read`, with `location`), for an update is the whole
    resource: without an answer to that nothing is sent, and the clinician is told to do it by hand."""

    location: str
    set: Json
    unset: tuple[str, ...] = ()
    """Members that would contradict it, and whatever they are extended by (`_name`)."""


class Message(Struct, frozen=True, kw_only=True):
    kind: Literal["postpone", "remove", "referral", "done"]
    label: str
    says: str
    type: Literal["scratchpad.update", "scratchpad.delete", "scratchpad.create", "ui.done"]
    payload: Json
    change: Change | None = None
    """Of an update: the payload's `resource` is what was read, so changed."""


def messages(visit: Visit) -> tuple[Message, ...]:
    """The messages that make sense for this decision, and that EHR and profile take."""
    if visit.session.messaging is None:
        return ()
    return tuple(each for each in _sensible(visit) if _grants(visit.session.tokens.scopes, each.type))


def _sensible(visit: Visit) -> Iterator[Message]:
    profile, order = visit.parts.profile, visit.assessment.order.reference
    if visit.assessment.decision is Decision.DEFER and _is_draft(visit):
        if "update" in profile.actions:
            yield _postpone(visit, order)
        if "delete" in profile.actions:
            yield _remove(visit, order)
    if visit.may_wait and "create" in profile.actions and "ServiceRequest" in profile.creates:
        yield _referral(visit)
    words = visit.content.acts.message.done
    yield Message(kind="done", label=words.label, says=words.says, type="ui.done", payload={})


def _grants(scopes: tuple[str, ...], message: str) -> bool:
    """`messaging/ui` for the group, `messaging/ui.done` for the one. A handle without any such scope: the EHR told
    us where its window is, and answers or does not."""
    named = [scope.partition("/")[2] for scope in scopes if scope.startswith("messaging/")]
    return not named or message in named or message.partition(".")[0] in named


def _is_draft(visit: Visit) -> bool:
    """Whether the order is one of the screen's own: named by its hook, not by the chart or by hand."""
    subject = visit.session.subject
    if subject is None or subject.source != "card":
        return False
    return _DRAFT.fullmatch(subject.order.reference) is not None


def _short(visit: Visit) -> str:
    return visit.content.cards.modality.of(visit.assessment.order.modality).order


def _postpone(visit: Visit, order: str) -> Message:
    words = visit.content.acts.message.postpone
    six_weeks = visit.dates.six_weeks
    said = full_day(six_weeks, visit.content.locale)
    return Message(
        kind="postpone",
        label=words.label.format(six_weeks=said),
        says=words.says.format(order=_short(visit), six_weeks=said),
        type="scratchpad.update",
        payload={"location": order},
        change=Change(
            order,
            {"occurrenceDateTime": six_weeks.isoformat()},
            ("occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"),
        ),
    )


def _remove(visit: Visit, order: str) -> Message:
    words = visit.content.acts.message.remove
    return Message(
        kind="remove",
        label=words.label.format(order=_short(visit)),
        says=words.says.format(order=_short(visit)),
        type="scratchpad.delete",
        payload={"location": order},
    )


def _referral(visit: Visit) -> Message:
    words, texts = visit.content.acts.message.referral, visit.content.acts.referral
    resource = physical_therapy(
        visit.physical_therapy,
        text=texts.name,
        patient=visit.patient,
        made_at=visit.made_at,
        encounter=visit.encounter,
        reasons=visit.reasons,
        details=visit.parts.profile.order_in_create,
    )
    return Message(
        kind="referral",
        label=words.label,
        says=words.says,
        type="scratchpad.create",
        payload={"resource": resource},
    )
