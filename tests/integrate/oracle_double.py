"""Oracle Health, as a beta document of 2021 has it (§5.2 of our standards notes); all of it unverified."""

from typing import Any
from urllib.parse import urlsplit

from ehr_double import EhrDouble, Json, Query, refusal

BASE = "https://fhir.cerner.example.org/r4/tenant-1"
ISS = "https://cds-hooks.cerner.com"
JKU = "https://authorization.cerner.com/jwk"
ALLOWED = {
    "Condition": {
        "patient",
        "subject",
        "_id",
        "clinical-status",
        "category",
        "encounter",
        "_lastUpdated",
        "_count",
    },
    "Procedure": {"patient", "subject", "_id", "date", "_count"},
    "ServiceRequest": {"patient", "_id", "code", "category", "status", "_count"},
}


def rules(kind: str, query: Query, held: list[Json]) -> Any:
    names = dict(query)
    if unknown := names.keys() - ALLOWED.get(kind, names.keys()):
        return refusal(f"unsupported: {', '.join(sorted(unknown))}")
    if kind == "Observation" and int(names.get("_count", "50")) > 200:
        return refusal("_count")
    if kind == "DiagnosticReport" and "_count" not in names:
        return held[:10]
    return held


def oracle(name: str) -> EhrDouble:
    return EhrDouble(name, BASE, JKU, "rsa", rules)


def request(ehr: EhrDouble, templates: dict[str, str]) -> Json:
    return {
        **ehr.fixture.request,
        "prefetch": ehr.prefetched(templates),
        "fhirServer": BASE,
        "fhirAuthorization": {"access_token": "ehr-token", "token_type": "Bearer", "expires_in": 300, "scope": ""},
    }


def shown(card: Json, link_hosts: set[str]) -> tuple[str, list[str]]:
    """Where the card appears, and what is left of it."""
    assert not card.get("suggestions")
    links = [link["url"] for link in card.get("links", []) if urlsplit(link["url"]).hostname in link_hosts]
    place = "pop-up" if card["indicator"] == "critical" else "sidebar"
    return place, [card["summary"], card["detail"], *links]
