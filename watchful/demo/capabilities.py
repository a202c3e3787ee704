"""What the demo FHIR endpoint says it can do."""

from typing import Any

from watchful.demo.resource_types import TYPES, UNOWNED, WRITABLE
from watchful.demo.search import Resource

_SECURITY = "http://terminology.hl7.org/CodeSystem/restful-security-service"


def capability_statement(base: str, *, smart: bool) -> Resource:
    """`smart`: tokens are honoured, and apps can write."""
    rest: dict[str, Any] = {"mode": "server"}
    if smart:
        rest["security"] = {"service": [{"coding": [{"system": _SECURITY, "code": "SMART-on-FHIR"}]}]}
    rest["resource"] = [_of_type(kind, smart) for kind in TYPES]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-02",
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "software": {"name": "Watchful demo FHIR endpoint"},
        "implementation": {
            "description": "Synthetic charts" if smart else "Synthetic charts, read only",
            "url": base,
        },
        "rest": [rest],
    }


def _of_type(kind: str, smart: bool) -> dict[str, Any]:
    interactions = [{"code": "read"}, {"code": "search-type"}]
    names = ["_id"] if kind in UNOWNED else ["_id", "patient"]
    parameters = [{"name": name, "type": "token" if name == "_id" else "reference"} for name in names]
    told: dict[str, Any] = {"type": kind, "interaction": interactions, "searchParam": parameters}
    if smart and kind in WRITABLE:
        interactions.append({"code": "create"})
        told["conditionalCreate"] = True
    return told
