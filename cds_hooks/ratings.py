"""The Argonaut PAMA rating of an order: an extension on the ServiceRequest itself.

The CDS Hooks Sandbox shows no update of its imaging page without it, and some EHRs take it as a system
action. We are no qualified decision support mechanism in the sense of that programme and never say so:
the extension that claims one was consulted is not written. Where no rating can be given none is.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from watchful.chart.orders import DraftOrder
from watchful.clinical.assessment import Assessment, Decision
from watchful.parts import Parts

Json = dict[str, Any]

RATING = "http://fhir.org/argonaut/Extension/pama-rating"
CONSULT_ID = "http://fhir.org/argonaut/Extension/pama-rating-consult-id"
SYSTEM = "http://fhir.org/argonaut/CodeSystem/pama-rating"
APPROPRIATE = "appropriate"
NOT_APPROPRIATE = "not-appropriate"
NO_CRITERIA = "no-criteria-apply"

_OF_DECISION = {Decision.DEFER: NOT_APPROPRIATE, Decision.CHANGE: NOT_APPROPRIATE}
_FITTING_REASONS = frozenset({"right-study", "right-study-right-place", "conservative-care-tried"})
"""Why we are silent about a study that fits the finding."""


class _Extension(Struct):
    url: str | None = None


_members = msgspec.json.Decoder(dict[str, Raw]).decode
_extensions = msgspec.json.Decoder(list[Raw]).decode
_extension = msgspec.json.Decoder(_Extension).decode


def rating_of(assessment: Assessment) -> str | None:
    """What may be said of the drafted order as it stands; None where nothing can."""
    if assessment.decision is Decision.SILENT:
        return APPROPRIATE if assessment.reason in _FITTING_REASONS else None
    return _OF_DECISION.get(assessment.decision)


def rated(resource: Json, rating: str, consult_id: str) -> Json:
    """The order with our rating in place of an earlier one; every other extension stays as it was."""
    received = resource.get("extension")
    kept = [] if received is None else [each for each in _extensions(received) if not _is_ours(each)]
    concept = {"coding": [{"system": SYSTEM, "code": rating}]}
    ours = [
        {"url": RATING, "valueCodeableConcept": concept},
        {"url": CONSULT_ID, "valueUri": f"urn:uuid:{consult_id}"},
    ]
    return {**resource, "extension": [*kept, *ours]}


def system_actions(judged: Sequence[tuple[DraftOrder, Assessment]], parts: Parts) -> Json:
    """The ratings of the drafts, where the site's EHR reads them; only if the site opted in (O-12).

    A system action rates one draft and changes nothing else.
    """
    site = parts.site
    if not site.system_actions or site.mode != "live":
        return {}
    label = parts.content(site.card_language).cards.source_label
    actions = [
        {
            "type": "update",
            "description": f"{label}: {draft.order.label}, {rating}",
            "resource": rated(_members(draft.raw), rating, parts.new_id()),
        }
        for draft, assessment in judged
        if (rating := rating_of(assessment)) is not None
    ]
    made: Json = {}
    for place in parts.profile.system_actions if actions else ():
        outer, _, inner = place.partition(".")
        made[outer] = {inner: actions} if inner else actions
    return made


def _is_ours(extension: Raw) -> bool:
    try:
        return _extension(extension).url in (RATING, CONSULT_ID)
    except msgspec.DecodeError:
        return False
