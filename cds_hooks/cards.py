"""Cards: one for each basket, about the loudest of its lumbar orders (§2.7 of the standard, O-2 to O-14).

No null, no empty member ever leaves (G-2): what does not apply is left out while building.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Literal

from msgspec import Struct

from cds_hooks.suggestions import offer
from watchful.chart.orders import DraftOrder
from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.knowledge.compiled import Knowledge
from watchful.content.cards import CardWords, card_words
from watchful.content.frames import USUAL, Frame
from watchful.content.load import Content, OverrideReason
from watchful.content.plan import plan_dates
from watchful.settings import OrderItem, Profile, ReasonCode, profile

Json = dict[str, Any]

_INDICATORS = {
    Decision.DEFER: "warning",
    Decision.REVIEW: "info",
    Decision.CHANGE: "warning",
    Decision.URGENT: "critical",
}
_LOUDNESS = {
    Decision.SILENT: 0,
    Decision.DEFER: 1,
    Decision.REVIEW: 2,
    Decision.CHANGE: 3,
    Decision.URGENT: 4,
}
"""Between orders of one basket caution wins: a card that says "can wait" never hides one that does not."""


class Judged(Struct, frozen=True):
    """One draft order and what was concluded of it."""

    draft: DraftOrder
    assessment: Assessment


class Link(Struct, frozen=True):
    """Where a card leads: the patient's handout, or the app at its registered launch URL (O-10, O-11)."""

    to: Literal["handout", "app"]
    url: str
    app_context: str = ""
    """The handle that the EHR hands to the app; says nothing of the patient."""


class MadeCard(Struct, frozen=True):
    """A card as it leaves, with what the journal must know to understand feedback on it."""

    json: Json
    uuid: str
    topic: str
    suggestions: tuple[str, ...]
    about: tuple[Judged, ...]
    frame: str = ""
    """The wording that was shown; only a deferral has one."""


def make_card(
    judged: Sequence[Judged],
    content: Content,
    knowledge: Knowledge,
    *,
    today: date,
    topic_system: str,
    demo: bool,
    link: Link | None,
    new_id: Callable[[], str],
    frame: Frame = USUAL,
    shape: Profile | None = None,
    items: Sequence[OrderItem] = (),
    reason_codes: Sequence[ReasonCode] = (),
) -> MadeCard | None:
    """The one card for a basket: about its loudest order and those judged the same. None when all are silent.

    `shape` is the profile of the EHR; `items` and `reason_codes` are the site's own orders and override reasons.
    """
    loudest = max(judged, key=lambda each: _LOUDNESS[each.assessment.decision], default=None)
    if loudest is None or loudest.assessment.decision is Decision.SILENT:
        return None
    assessment = loudest.assessment
    about = tuple(
        each
        for each in judged
        if each.assessment.decision is assessment.decision and each.assessment.deciding == assessment.deciding
    )
    dates = [plan_dates(each.assessment, today=today, windows=knowledge.windows) for each in about]
    six_weeks = dates[0].six_weeks
    each_words = [
        card_words(each.assessment, content, days, demo=demo, frame=frame)
        for each, days in zip(about, dates, strict=True)
    ]
    words = each_words[0]
    uuid = new_id()
    card: Json = {
        "uuid": uuid,
        "summary": words.summary,
        "detail": words.detail,
        "indicator": _INDICATORS[assessment.decision],
        "source": {
            "label": content.cards.source_label,
            "topic": {"system": topic_system, "code": str(assessment.decision)},
        },
    }
    offered = offer(
        assessment,
        [(each.draft, its.suggestions) for each, its in zip(about, each_words, strict=True)],
        knowledge.studies,
        six_weeks=six_weeks,
        new_id=new_id,
        profile=shape or profile("generic"),
        items=items,
    )
    if offered.by_hand:
        card["detail"] = "\n\n".join((words.detail, *dict.fromkeys(offered.by_hand)))
    if offered.suggestions:
        card["suggestions"] = list(offered.suggestions)
        card["selectionBehavior"] = offered.behaviour
    reasons = content.overrides.get(assessment.decision, ())
    if reasons:
        card["overrideReasons"] = _override_reasons(reasons, reason_codes)
    if link is not None:
        card["links"] = [_link(link, words)]
    return MadeCard(
        json=card,
        uuid=uuid,
        topic=str(assessment.decision),
        suggestions=tuple(each["uuid"] for each in offered.suggestions),
        about=about,
        frame=frame if assessment.decision is Decision.DEFER else "",
    )


def _link(link: Link, words: CardWords) -> Json:
    if link.to == "app":
        return {"label": words.app_link, "url": link.url, "type": "smart", "appContext": link.app_context}
    return {"label": words.handout_link, "url": link.url, "type": "absolute"}


def _override_reasons(ours: Sequence[OverrideReason], site: Sequence[ReasonCode]) -> list[Json]:
    """Our reasons, under the site's codes where it has mapped them (O-8)."""
    theirs = {each.reason: each for each in site}
    made = []
    for reason in ours:
        mapped = theirs.get(reason.code)  # type: ignore[call-overload]  # any code may be asked for
        coded = mapped or reason
        display = (mapped.display if mapped is not None else "") or reason.display
        made.append({"system": coded.system, "code": coded.code, "display": display})
    return made
