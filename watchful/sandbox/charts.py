"""A fixture as one FHIR transaction: tagged, with ids and references that collide with nothing on the server.

Only a chart whose Patient carries the synthetic marker, with nobody else's resources in it, gets through.
"""

import copy
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from watchful.demo.fixtures import Fixture
from watchful.demo.search import patient_of
from watchful.sandbox.problems import Problem
from watchful.sandbox.remember import TAG_SYSTEM

Json = dict[str, Any]

MARKER = {"system": "urn:watchful:fixture", "code": "synthetic"}
_LONGEST_ID = 64


def checked(fixture: Fixture) -> Fixture:
    """The fixture itself. Raises Problem unless it is one synthetic patient's chart and order."""
    patients = [each for each in fixture.resources if each["resourceType"] == "Patient"]
    if len(patients) != 1:
        raise Problem(f"{fixture.name} holds {len(patients)} patients; a fixture holds one.")
    if not is_synthetic(patients[0]):
        raise Problem(
            f"{fixture.name} does not carry the synthetic marker {MARKER['system']}|{MARKER['code']} "
            "in Patient.meta.tag: real patient data never goes to such a server."
        )
    if fixture.patient_id != patients[0]["id"]:
        raise Problem(f"{fixture.name}: the hook request is about another patient than the chart.")
    for each in [*fixture.resources, *fixture.orders]:
        owner = patient_of(each)
        if owner is not None and owner != fixture.patient_id:
            raise Problem(f"{fixture.name} holds a {each['resourceType']} of another patient.")
    return fixture


def is_synthetic(resource: Mapping[str, Any]) -> bool:
    return has_tag(resource, MARKER["system"], MARKER["code"])


def has_tag(resource: Mapping[str, Any], system: str, code: str) -> bool:
    """Whether `meta.tag` holds the coding."""
    tags = (resource.get("meta") or {}).get("tag") or []
    return any(tag.get("system") == system and tag.get("code") == code for tag in tags if isinstance(tag, dict))


def client_names(resources: Sequence[Json], run_tag: str) -> dict[str, str]:
    """New `Type/id` for each resource: its own id behind the run's, shortened where FHIR's limit asks for it."""
    names = {}
    for each in resources:
        own = f"{run_tag}-{each['id']}"
        if len(own) > _LONGEST_ID:
            own = f"{run_tag}-{uuid.uuid5(uuid.NAMESPACE_URL, own).hex}"
        names[_name(each)] = f"{each['resourceType']}/{own}"
    return names


def transaction(resources: Sequence[Json], run_tag: str, names: Mapping[str, str] | None) -> Json:
    """The Bundle. With `names` each resource is put under its new id, without them the server chooses.

    Inside it, references are by `fullUrl` either way: that is the one form every server must resolve.
    """
    urns = {_name(each): f"urn:uuid:{uuid.uuid4()}" for each in resources}
    entries = []
    for each in resources:
        sent = renamed(each, urns, run_tag)
        kind = sent["resourceType"]
        if names is None:
            sent.pop("id")
            request = {"method": "POST", "url": kind}
        else:
            sent["id"] = names[_name(each)].partition("/")[2]
            request = {"method": "PUT", "url": names[_name(each)]}
        entries.append({"fullUrl": urns[_name(each)], "resource": sent, "request": request})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def renamed(resource: Json, names: Mapping[str, str], run_tag: str) -> Json:
    """A copy under its new id, tagged, its references following; one that leads nowhere names what it meant."""
    sent = copy.deepcopy(resource)
    new = names.get(_name(resource))
    if new is not None and "/" in new:
        sent["id"] = new.partition("/")[2]
    _follow(sent, names)
    tagged(sent, run_tag)
    return sent


def tagged(resource: Json, run_tag: str) -> Json:
    """The resource itself, with the run's tag and the synthetic marker among its tags."""
    tags = resource.setdefault("meta", {}).setdefault("tag", [])
    for system, code in ((TAG_SYSTEM, run_tag), (MARKER["system"], MARKER["code"])):
        if not has_tag(resource, system, code):
            tags.append({"system": system, "code": code})
    return resource


def _follow(node: Any, names: Mapping[str, str]) -> None:
    if isinstance(node, dict):
        reference = node.get("reference")
        if isinstance(reference, str) and not reference.startswith("#"):
            new = names.get("/".join(reference.split("/")[-2:]))
            if new is not None:
                node["reference"] = new
            else:
                node.setdefault("identifier", {"value": node.pop("reference")})
        for value in node.values():
            _follow(value, names)
    elif isinstance(node, list):
        for value in node:
            _follow(value, names)


def _name(resource: Mapping[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource['id']}"
