"""One-click suggestions: what accepting a card does to the draft orders.

Under `selectionBehavior` `any` a client may apply any number of suggestions, so a card offers
several ways to touch the draft only where the client must choose one: `at-most-one`. Each suggestion
has one action where one does (Epic takes no more), and `delete` names the order by `resourceId` (O-7).
An update is the received order, patched: what the EHR sent and we do not read comes back unharmed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from watchful.chart.orders import DraftOrder
from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.knowledge.compiled import SYSTEMS, Study
from watchful.content.cards import Suggestions, SuggestionWords

Json = dict[str, Any]
NewId = Callable[[], str]

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
"""Decimals keep their written precision (`1.50` stays `1.50`), as FHIR demands."""


def suggestions(
    assessment: Assessment,
    orders: Sequence[tuple[DraftOrder, Suggestions]],
    studies: Mapping[tuple[str, str], Study],
    *,
    six_weeks: date,
    new_id: NewId,
) -> list[Json]:
    """The suggestions of one card; `orders` are the drafts that it is about, with the words for each.

    May be empty. A deferral touches them all; a change or a stat order only the first.
    """
    order, offered = orders[0]
    match assessment.decision:
        case Decision.DEFER:
            return [
                _suggestion(
                    _labels(its.remove for _, its in orders),
                    [_delete(each, its.remove) for each, its in orders],
                    new_id,
                    True,
                ),
                _suggestion(
                    _labels(its.postpone for _, its in orders),
                    [_update(each, its.postpone, _dated(each, six_weeks)) for each, its in orders],
                    new_id,
                ),
            ]
        case Decision.CHANGE if offered.change is not None and assessment.change_to:
            changed = _restudied(order, assessment.change_to, studies)
            if changed is not None:
                return [_suggestion(offered.change.label, [_update(order, offered.change, changed)], new_id, True)]
        case Decision.URGENT if _may_be_stat(assessment):
            stat = {**_received(order), "priority": "stat"}
            return [_suggestion(offered.stat.label, [_update(order, offered.stat, stat)], new_id)]
        case _:
            pass
    return []


def _labels(words: Iterable[SuggestionWords]) -> str:
    """What a click does to several orders, each named (O-14)."""
    return "; ".join(dict.fromkeys(each.label for each in words))


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


def _update(order: DraftOrder, words: SuggestionWords, resource: Json) -> Json:
    return {"type": "update", "description": words.description, "resource": resource}


def _received(order: DraftOrder) -> Json:
    received: Json = _decode(order.raw)
    return received


def _dated(order: DraftOrder, when: date) -> Json:
    """The order for a later day; another `occurrence[x]` would contradict it."""
    kept = {
        name: value
        for name, value in _received(order).items()
        if not name.startswith(("occurrence", "_occurrence"))
    }
    return {**kept, "occurrenceDateTime": when.isoformat()}


def _restudied(order: DraftOrder, study: str, studies: Mapping[tuple[str, str], Study]) -> Json | None:
    """The order with the codes of another study, in the code systems it already used; None if there is none."""
    received = _received(order)
    systems = [coding.get("system") for coding in received.get("code", {}).get("coding", [])]
    codings: list[Json] = []
    label = ""
    for system in dict.fromkeys(systems):
        for (url, code), kind in studies.items():
            if url == system and kind.id == study and SYSTEMS.get(url) is not None:
                codings.append({"system": url, "code": code})
                label = kind.label
                break
    if not codings:
        return None
    return {**received, "code": {"coding": codings, "text": label}}
