"""What apps wrote into the demo EHR: created through FHIR, kept in memory beside the charts, gone when it ends.

Checks what a careful server would: the type, the structure, whose it is, and whether it is there already
(`If-None-Exist`, R4 http.html §3.1.0.8.1).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import msgspec
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from watchful.demo.refusals import Refusal
from watchful.demo.resource_types import TYPES, UNOWNED, WRITABLE
from watchful.demo.search import Resource, patient_of, search
from watchful.demo.smart import Access

TAG = {"system": "urn:watchful:demo", "code": "written"}
"""On everything that an app wrote here."""
_JSON = ("application/fhir+json", "application/json")

Charts = Mapping[str, Sequence[Resource]]


class WrittenByApps:
    """`unwritable`: types that this server refuses to create, whatever the scopes say."""

    def __init__(self, now: Callable[[], datetime], unwritable: Collection[str] = ()) -> None:
        self._now = now
        self._unwritable = frozenset(unwritable)
        self._by_patient: dict[str, list[Resource]] = {}

    def beside(self, charts: Charts) -> dict[str, list[Resource]]:
        """The charts with what was written to each; what belongs to nobody stands under an empty id."""
        owners = dict.fromkeys([*charts, *self._by_patient])
        return {owner: [*charts.get(owner, ()), *self._by_patient.get(owner, ())] for owner in owners}

    def create(
        self, kind: str, body: bytes, content_type: str, if_none_exist: str | None, access: Access, charts: Charts
    ) -> tuple[Resource, bool]:
        """The resource, and whether it is new. `charts` as `beside` gives them. Raises Refusal."""
        self._check_allowed(kind, access)
        resource = _decoded(kind, body, content_type)
        owner = self._owner(kind, resource, access, charts)
        if if_none_exist is not None:
            known = _already_there(kind, if_none_exist, charts, access)
            if known is not None:
                return known, False
        made = self._stamped(resource)
        self._by_patient.setdefault(owner, []).append(made)
        return made, True

    def _check_allowed(self, kind: str, access: Access) -> None:
        if kind not in TYPES:
            raise Refusal(404, "not-supported", "this endpoint does not know that resource type")
        if kind not in WRITABLE:
            raise Refusal(405, "not-supported", f"{kind} cannot be created here")
        if kind in self._unwritable or not access.reaches("c", kind, access.patient):
            raise Refusal(403, "forbidden", f"{kind} may not be created")

    def _owner(self, kind: str, resource: Resource, access: Access, charts: Charts) -> str:
        owner = patient_of(resource)
        if kind in UNOWNED:
            return ""
        if owner is None:
            raise Refusal(422, "required", "the subject is missing")
        if not access.reaches("c", kind, owner):
            raise Refusal(403, "forbidden", "the subject is another patient")
        if owner not in charts:
            raise Refusal(422, "not-found", "the subject is not a patient of this server")
        return owner

    def _stamped(self, resource: Resource) -> Resource:
        meta: dict[str, Any] = resource.get("meta") or {}
        stamped = {
            **meta,
            "versionId": "1",
            "lastUpdated": self._now().isoformat(timespec="milliseconds"),
            "tag": [*meta.get("tag", ()), TAG],
        }
        return {**resource, "id": str(uuid4()), "meta": stamped}


def _decoded(kind: str, body: bytes, content_type: str) -> Resource:
    if content_type.partition(";")[0].strip().lower() not in _JSON:
        raise Refusal(415, "not-supported", f"send {_JSON[0]}")
    try:
        resource = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(400, "structure", "the body is not a JSON object") from None
    if resource.get("resourceType") != kind:
        raise Refusal(400, "invalid", f"the body is not a {kind}")
    try:
        get_fhir_model_class(kind).model_validate(resource)
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors(include_input=False)[0]["loc"])
        raise Refusal(422, "structure", f"not a valid {kind}: see {where}") from None
    return resource


def _already_there(kind: str, query: str, charts: Charts, access: Access) -> Resource | None:
    criteria = parse_qsl(query)
    visible = [
        resource
        for chart in charts.values()
        for resource in chart
        if resource["resourceType"] == kind and access.reaches("c", kind, patient_of(resource))
    ]
    found = search(visible, kind, criteria)
    if not criteria or len(found.applied) != len(criteria):
        raise Refusal(400, "not-supported", "If-None-Exist holds criteria that this endpoint does not know")
    if len(found.resources) > 1:
        raise Refusal(412, "multiple-matches", "more than one resource matches If-None-Exist")
    return found.resources[0] if found.resources else None
