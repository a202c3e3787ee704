"""Epic, as §5.1 of our standards notes has it: what it sends, refuses and does with a card."""

from typing import Any
from urllib.parse import urlsplit

from ehr_double import EhrDouble, Json, Query, bundle, refusal

KID = "LrqPvV+K2a/q0Q=="
BASE = "https://epic.example.org/api/FHIR/R4"
JKU = "https://epic.example.org/api/epic/2019/Security/Open/PublicKeys/530013/530013"
EMPTY = {
    "resource": {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "warning",
                "code": "processing",
                "details": {"coding": [{"system": "urn:oid:1.2.840.114350", "code": "4101"}]},
            }
        ],
    },
    "search": {"mode": "outcome"},
}


def rules(kind: str, query: Query, held: list[Json]) -> Any:
    """Epic's search rules, and its way to say that there is nothing."""
    names = dict(query)
    if kind == "Observation" and not names.keys() & {"category", "code"}:
        return refusal("category or code is required")
    if kind == "Condition" and "clinical-status" not in names:
        held = [
            each for each in held if each.get("clinicalStatus", {}).get("coding", [{}])[0].get("code") == "active"
        ]
    if not held:
        return bundle([], BASE) | {"entry": [EMPTY]}
    return held


def epic(name: str) -> EhrDouble:
    return EhrDouble(name, BASE, JKU, KID, rules)


def request(ehr: EhrDouble, templates: dict[str, str], hook: str = "order-select") -> Json:
    """A hook body with everything that surprises."""
    body: Json = {**ehr.fixture.request, "hook": hook, "prefetch": ehr.prefetched(templates)}
    context: Json = dict(body["context"])
    context["userId"] = "PractitionerRole/eM5CWtq15N0WJeuCet5bJlQ3"
    order = dict(context["draftOrders"]["entry"][0]["resource"])
    order["id"] = "e" * 90 + "." + "x-" * 51 + "1"
    order["category"] = {"coding": [{"system": "http://snomed.info/sct", "code": "363679005"}]}
    order["requester"] = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}]}
    context["draftOrders"] = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": order},
            {"resource": {"resourceType": "ProcedureRequest", "id": "p1", "code": {"text": "Nebuliser"}}},
            {"resource": {"resourceType": "Medication", "id": "m1"}},
        ],
    }
    context["selections"] = [f"ServiceRequest/{order['id']}"]
    if hook == "order-sign":
        del context["selections"]
    return body | {
        "context": context,
        "fhirServer": BASE,
        "fhirAuthorization": {
            "access_token": "ehr-token",
            "token_type": "bearer",
            "expires_in": 3600,
            "scope": "Condition.Read (Problems) (R4) Patient.Read (Demographics) (R4) user/Condition.read",
            "subject": "5f0b0e9c",
        },
        "extension": {
            "com.epic.cdshooks.request.bpa-trigger-action": "18",
            "com.epic.cdshooks.request.cds-hooks-specification-version": "1.1",
            "internal": {"x": [None]},
        },
    }


def shown(card: Json, link_hosts: set[str]) -> list[str]:
    """What an Epic user would see of a card; AssertionError where Epic would drop or misread it."""
    assert card.get("selectionBehavior", "any") == "any"
    assert card["source"]["topic"]["code"].isalnum()
    assert len(card["source"]["topic"]["code"]) <= 100
    assert len({link["type"] for link in card.get("links", [])}) <= 1
    seen = [card["summary"], card["detail"]]
    for suggestion in card.get("suggestions", []):
        (action,) = suggestion["actions"]
        assert suggestion["label"]
        match action["type"]:
            case "create":
                resource = action["resource"]
                assert resource["resourceType"] in ("ServiceRequest", "MedicationRequest", "Condition")
                assert resource["code"]["coding"][0]["system"].startswith(
                    "urn:com.epic.cdshooks.action.code.system."
                )
            case "delete":
                assert action["resourceId"].startswith("ServiceRequest/")
            case other:
                raise AssertionError(f"Epic takes no {other}")
        seen.append(action["description"])
    seen += [link["url"] for link in card.get("links", []) if urlsplit(link["url"]).hostname in link_hosts]
    return seen
