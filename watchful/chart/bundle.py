"""A whole chart in one file: a Bundle of type collection, as `watchful assess` reads it.

The file is the record: a type that it does not hold is "none on file", an entry that cannot be read
makes its type unknown.
"""

import re
from datetime import date
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from watchful.chart.dates import parse
from watchful.chart.gather import Chart, assemble
from watchful.chart.prefetch import Slot, slot_of_raw
from watchful.chart.resources import Encounter, Patient, TypeOnly, decode_type
from watchful.chart.subjects import Subject
from watchful.chart.templates import KEYS
from watchful.clinical.facts import State
from watchful.errors import BadRequest


class _Named(TypeOnly):
    id: object = None
    """Only a text names a resource; anything else is the resource's own fault, found when it is read."""


class _NameEntry(Struct):
    fullUrl: str | None = None
    resource: _Named | None = None


class _NameBundle(TypeOnly):
    entry: list[_NameEntry] | None = None


class _Entry(Struct):
    resource: Raw | UnsetType = UNSET


class _Bundle(Struct):
    entry: list[_Entry] | None = None


_URN = re.compile(rb'"(urn:uuid:[^"]+)"')


def read_bundle(content: bytes, *, today: date, zone: ZoneInfo, encounter_id: str | None = None) -> Chart:
    """The chart in `content`. Raises BadRequest when it is not a Bundle with exactly one readable Patient.

    This visit is `encounter_id`, else the latest encounter that is under way or began on `today`.
    """
    slots = {str(key.data): Slot(State.EMPTY) for key in KEYS}
    slots["Medication"] = Slot(State.EMPTY)
    for entry in _entries(content):
        if entry.resource is UNSET or bytes(entry.resource) == b"null":
            continue
        slot = slots.get(decode_type(entry.resource).resourceType or "")
        if slot is None:
            continue
        one = slot_of_raw(entry.resource)
        slot.resources.extend(one.resources)
        if one.state is State.UNKNOWN:
            slot.state, slot.why = one.state, one.why
        elif slot.state is State.EMPTY:
            slot.state = State.KNOWN
    patients = [each for each in slots["Patient"].resources if isinstance(each, Patient)]
    if len(patients) != 1 or not patients[0].id:
        raise BadRequest(f"The chart holds {len(patients)} Patient resources; one is needed.", member="entry")
    slots["MedicationRequest"].resources += slots.pop("Medication").resources
    subject = Subject(patients[0].id)
    encounters = [each for each in slots["Encounter"].resources if isinstance(each, Encounter)]
    visit = encounter_id or _visit(encounters, today, zone)
    sent = {key.name: slots[str(key.data)] for key in KEYS if key.name != "encounter"}
    return assemble({name: (slot, "prefetch") for name, slot in sent.items()}, subject, visit)


def _entries(content: bytes) -> list[_Entry]:
    """The entries, with references by `urn:uuid:` rewritten to the `Type/id` that they stand for."""
    try:
        named = msgspec.json.decode(content, type=_NameBundle)
        if named.resourceType != "Bundle":
            raise BadRequest("The chart is not a FHIR Bundle.", member="resourceType")
        names: dict[bytes, bytes] = {}
        for entry in named.entry or ():
            if entry.resource is not None:
                name = f"{entry.resource.resourceType}/{entry.resource.id}".encode()
                # without a fullUrl, synthetic charts refer to a resource by its id as a UUID
                names[(entry.fullUrl or f"urn:uuid:{entry.resource.id}").encode()] = name
        relative = _URN.sub(lambda urn: b'"' + names.get(urn[1], urn[1]) + b'"', content)
        return msgspec.json.decode(relative, type=_Bundle).entry or []
    except (msgspec.DecodeError, RecursionError):
        raise BadRequest("The chart is not a FHIR Bundle in JSON.") from None


def _visit(encounters: list[Encounter], today: date, zone: ZoneInfo) -> str | None:
    started = [(parse(each.period.start if each.period else None, zone), each) for each in encounters]
    here = [
        (start.latest if start else today, each.id or "")
        for start, each in started
        if each.status == "in-progress" or (start is not None and start.earliest <= today <= start.latest)
    ]
    return max(here)[1] if here else None
