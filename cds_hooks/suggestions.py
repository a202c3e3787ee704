"""One-click suggestions: what accepting a card does to the draft orders.

Under `selectionBehavior` `any` a client may apply any number of suggestions, so only one of those that
touch the draft is offered there; under `at-most-one` the clinician chooses between them. What the site's
profile says that its EHR does not apply becomes a sentence for the card (`by_hand`). `delete` names the
order by `resourceId` (O-7). An update is the received order, patched: what the EHR sent and we do not
change goes back byte for byte.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from msgspec import Raw, Struct

from cds_hooks.ratings import APPROPRIATE, NO_CRITERIA, rated
from watchful.chart.orders import DraftOrder
from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.knowledge.compiled import SYSTEMS, Study
from watchful.content.cards import Suggestions, SuggestionWords
from watchful.settings import OrderItem, Profile

Json = dict[str, Any]
NewId = Callable[[], str]
Order = tuple[DraftOrder, Suggestions]
"""A draft that the card is about, with the words for it."""

_members = msgspec.json.Decoder(dict[str, Raw]).decode
_reasons = msgspec.json.Decoder(list[Raw]).decode


class Offer(Struct, frozen=True):
    """What a card offers to do, and what it must say because no button does it."""

    suggestions: tuple[Json, ...] = ()
    behaviour: str = "any"
    by_hand: tuple[str, ...] = ()


class _Choice(Struct, frozen=True):
    """One way to deal with the drafts: an action for each of them."""

    kind: str
    words: tuple[SuggestionWords, ...]
    actions: tuple[Json, ...]
    by_hand: tuple[str, ...] = ()
    recommended: bool = False


def offer(
    assessment: Assessment,
    orders: Sequence[Order],
    studies: Mapping[tuple[str, str], Study],
    *,
    six_weeks: date,
    new_id: NewId,
    profile: Profile,
    items: Sequence[OrderItem] = (),
) -> Offer:
    """What one card offers. A deferral touches all its drafts; a change or a stat order only the first."""
    choices = _choices(assessment, orders, studies, six_weeks, new_id, profile)
    creates: list[Json] = []
    if assessment.decision is Decision.DEFER and "create" in profile.actions:
        creates = [_created(item, orders[0], new_id, profile) for item in items]
    exclusive = [choice for choice in choices if choice.kind in profile.actions]
    behaviour = profile.selection
    if creates or len(exclusive) < 2:
        # a referral goes with any of them, so the card must let several be taken
        behaviour = "any" if creates else profile.selection
    shown = exclusive if behaviour == "at-most-one" else exclusive[:1]
    made = [each for choice in shown for each in _suggestions(choice, new_id, profile)]
    unsaid = [sentence for choice in choices if choice not in shown for sentence in choice.by_hand]
    return Offer((*made, *creates), behaviour, tuple(unsaid))


def _choices(
    assessment: Assessment,
    orders: Sequence[Order],
    studies: Mapping[tuple[str, str], Study],
    six_weeks: date,
    new_id: NewId,
    profile: Profile,
) -> list[_Choice]:
    order, words = orders[0]
    mark = (lambda resource, rating: rated(resource, rating, new_id())) if profile.rating else _unrated
    match assessment.decision:
        case Decision.DEFER:
            return [
                _Choice(
                    "delete",
                    tuple(its.remove for _, its in orders),
                    tuple(_delete(each, its.remove) for each, its in orders),
                    recommended=True,
                ),
                _Choice(
                    "update",
                    tuple(its.postpone for _, its in orders),
                    tuple(
                        _update(its.postpone, mark(_dated(each, six_weeks), NO_CRITERIA)) for each, its in orders
                    ),
                    tuple(its.postpone_by_hand for _, its in orders),
                ),
            ]
        case Decision.CHANGE if words.change is not None and assessment.change_to:
            changed = _restudied(order, assessment.change_to, studies)
            if changed is not None:
                action = _update(words.change, mark(changed, APPROPRIATE))
                return [_Choice("update", (words.change,), (action,), (words.change_by_hand,), recommended=True)]
        case Decision.URGENT if _may_be_stat(assessment):
            stat = {**_received(order), "priority": "stat"}
            action = _update(words.stat, mark(stat, APPROPRIATE))
            return [_Choice("update", (words.stat,), (action,), (words.stat_by_hand,))]
        case _:
            pass
    return []


def _suggestions(choice: _Choice, new_id: NewId, profile: Profile) -> list[Json]:
    """One suggestion for all the drafts, or one for each where the EHR takes so few actions in one (O-14)."""
    if profile.most_actions and len(choice.actions) > profile.most_actions:
        pairs = zip(choice.words, choice.actions, strict=True)
        return [_suggestion(words.label, [action], new_id, choice.recommended) for words, action in pairs]
    labels = "; ".join(dict.fromkeys(words.label for words in choice.words))
    return [_suggestion(labels, list(choice.actions), new_id, choice.recommended)]


def _may_be_stat(assessment: Assessment) -> bool:
    """The right study of an emergency can be made stat, unless an implant on record may make it unsafe."""
    return assessment.stat_would_fit and assessment.order.priority != "stat"


def _suggestion(label: str, actions: list[Json], new_id: NewId, recommended: bool = False) -> Json:
    made: Json = {"label": label, "uuid": new_id(), "actions": actions}
    if recommended:
        made["isRecommended"] = True
    return made


def _delete(order: DraftOrder, words: SuggestionWords) -> Json:
    return {"type": "delete", "description": words.description, "resourceId": order.order.reference}


def _update(words: SuggestionWords, resource: Json) -> Json:
    return {"type": "update", "description": words.description, "resource": resource}


def _created(item: OrderItem, order: Order, new_id: NewId, profile: Profile) -> Json:
    """A new draft of the site's own catalogue, beside the imaging order."""
    draft, words = order
    its = words.referral if item.purpose == "physical-therapy" else words.education
    received = _received(draft)
    resource: Json = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "code": {"coding": [{"system": item.system, "code": item.code, "display": item.display}]},
        **{name: received[name] for name in ("subject", "encounter") if name in received},
    }
    if profile.order_in_create == "full":
        resource["code"]["text"] = item.display
        if "reasonCode" in received and _reasons(received["reasonCode"]):
            resource["reasonCode"] = received["reasonCode"]
    description = f"{its.description} ({item.display})"
    return _suggestion(its.label, [{"type": "create", "description": description, "resource": resource}], new_id)


def _unrated(resource: Json, rating: str) -> Json:
    return resource


def _received(order: DraftOrder) -> Json:
    """The members of the order, each with its value as it was sent."""
    received: Json = _members(order.raw)
    return received


def _dated(order: DraftOrder, when: date) -> Json:
    """The order for a later day; another `occurrence[x]` would contradict it."""
    kept = {
        name: value
        for name, value in _received(order).items()
        if not name.startswith(("occurrence", "_occurrence"))
    }
    return {**kept, "occurrenceDateTime": when.isoformat()}


class _Coding(Struct):
    system: str | None = None


class _Code(Struct):
    coding: list[_Coding] = []


def _restudied(order: DraftOrder, study: str, studies: Mapping[tuple[str, str], Study]) -> Json | None:
    """The order with the codes of another study, in the code systems it already used; None if there is none."""
    received = _received(order)
    code = msgspec.json.decode(received["code"], type=_Code) if "code" in received else _Code()
    codings: list[Json] = []
    label = ""
    for system in dict.fromkeys(coding.system for coding in code.coding):
        for (url, value), kind in studies.items():
            if url == system and kind.id == study and SYSTEMS.get(url) is not None:
                codings.append({"system": url, "code": value})
                label = kind.label
                break
    if not codings:
        return None
    return {**received, "code": {"coding": codings, "text": label}}
