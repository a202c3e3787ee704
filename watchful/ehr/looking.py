"""After a lost answer: whether a create arrived after all, and whether it is safe to send it again."""

from urllib.parse import quote

import msgspec

from watchful.ehr.fhir import FhirReader
from watchful.ehr.fhir_writer import Identifier, Issue, Written, checked_id, refusing


class _Named(msgspec.Struct, frozen=True):
    system: str = ""
    value: str = ""


class _Found(msgspec.Struct, frozen=True):
    resourceType: str = ""
    id: str = ""
    identifier: tuple[_Named, ...] | _Named = ()
    issue: tuple[Issue, ...] = ()


class _Entry(msgspec.Struct, frozen=True):
    resource: _Found = _Found()


class _Page(msgspec.Struct, frozen=True):
    entry: tuple[_Entry, ...] = ()


class _Type(msgspec.Struct, frozen=True):
    type: str = ""
    conditionalCreate: bool = False


class _Rest(msgspec.Struct, frozen=True):
    mode: str = ""
    resource: tuple[_Type, ...] = ()


class _Capabilities(msgspec.Struct, frozen=True):
    rest: tuple[_Rest, ...] = ()


_page = msgspec.json.Decoder(_Page).decode
_capabilities = msgspec.json.Decoder(_Capabilities).decode


async def look_up(
    reader: FhirReader, kind: str, patient: str, identifier: Identifier, *, may_search: bool
) -> Written | None:
    """What became of it: `existed`, or None where it may be sent (again); `unknown` where neither can be told.

    A token that may create need not be one that may search, and a server may answer such a search with nothing.
    Then its own word that it creates on a condition is enough: it will look for us.
    """
    found: Written | None = Written("unknown", why="not-granted")
    if may_search:
        found = await _search(reader, kind, patient, identifier)
    if found is not None and found.outcome == "unknown" and await _creates_on_condition(reader, kind):
        return None
    return found


async def _search(reader: FhirReader, kind: str, patient: str, identifier: Identifier) -> Written | None:
    """A server that does not know the parameter may ignore it and send everything: what it sends must be ours."""
    answer = await reader.search(f"{kind}?patient={quote(patient, safe='')}&{identifier.search}")
    if answer.state == "failed":
        return Written("unknown", why=answer.why)
    others = False
    for page in answer.pages:
        try:
            entries = _page(page).entry
        except msgspec.ValidationError:
            return Written("unknown", why="other-type")
        for found in (entry.resource for entry in entries):
            if found.resourceType == kind and _is_ours(found, identifier):
                return Written("existed", id=checked_id(found.id))
            others = others or found.resourceType == kind or refusing(found.resourceType, found.issue)
    return Written("unknown", why="not-searchable") if others else None


def _is_ours(found: _Found, identifier: Identifier) -> bool:
    named = (found.identifier,) if isinstance(found.identifier, _Named) else found.identifier
    return any((each.system, each.value) == (identifier.system, identifier.value) for each in named)


async def _creates_on_condition(reader: FhirReader, kind: str) -> bool:
    """`rest.resource.conditionalCreate` of its CapabilityStatement (R4)."""
    answer = await reader.metadata()
    if answer.state != "found":
        return False
    try:
        rest = _capabilities(answer.pages[0]).rest
    except msgspec.ValidationError:
        return False
    types = (each for part in rest if part.mode == "server" for each in part.resource)
    return any(each.type == kind and each.conditionalCreate for each in types)
