"""The imaging order in question, where no card names one: of the chart's own orders, else chosen by hand."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
from msgspec import Struct

from watchful.chart.dates import parse
from watchful.chart.orders import DraftBundle, DraftOrder, imaging_orders
from watchful.chart.resources import UNREADABLE
from watchful.chart.subjects import Subject
from watchful.clinical.facts import ImagingOrder
from watchful.clinical.knowledge.compiled import Knowledge
from watchful.errors import BadRequest
from watchful.settings import Site

STILL_MEANT = timedelta(days=30)
"""An active order of another visit that is older than this is not what the visit is about."""


class _State(Struct):
    status: str | None = None
    authoredOn: str | None = None


_decode_bundle = msgspec.json.Decoder(DraftBundle).decode
_decode_state = msgspec.json.Decoder(_State).decode


def order_of_chart(
    pages: Sequence[bytes], subject: Subject, encounter: str | None, knowledge: Knowledge, site: Site, today: date
) -> DraftOrder | None:
    """The patient's lumbar imaging order that this visit is about: a draft first, then the newest active one."""
    found: list[tuple[tuple[bool, bool, date], DraftOrder]] = []
    for page in pages:
        try:
            orders = imaging_orders(_decode_bundle(page), None, knowledge, site.zone)
        except (*UNREADABLE, BadRequest):
            continue
        for order in orders:
            state = _decode_state(order.raw)
            written = parse(state.authoredOn, site.zone)
            latest = written.latest if written is not None else date.min
            here = bool(encounter) and (order.encounter or "").partition("/_history")[0].endswith(
                f"Encounter/{encounter}"
            )
            draft = state.status == "draft"
            if subject.owns(order.subject) and (draft or here or today - latest <= STILL_MEANT):
                found.append(((draft, here, latest), order))
    return max(found, key=lambda each: each[0], default=(None, None))[1]


def order_by_hand(study: str, knowledge: Knowledge) -> DraftOrder | None:
    """The order that a clinician names by its study (`mri-without`, `xr`, ...); None for no study of ours."""
    named = next((each for each in knowledge.studies.values() if each.id == study), None)
    if named is None:
        return None
    order = ImagingOrder(
        reference="", system="", code="", label=named.label, modality=named.modality, contrast=named.contrast
    )
    return DraftOrder(order=order, raw=b"", subject=None, encounter=None, reason_references=())
