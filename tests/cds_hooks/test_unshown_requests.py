"""A hook call shows neither its token nor its chart, whoever prints it: a log, a traceback, a debugger."""

import json

import msgspec
import pytest
from rich.pretty import pretty_repr

from cds_hooks.request import FhirAuthorization, HookRequest, read_request

CANARY = "canary-"
BODY = {
    "hook": "order-sign",
    "hookInstance": "canary-instance",
    "fhirServer": "https://ehr.example.org/canary-fhir",
    "fhirAuthorization": {"access_token": "canary-token", "scope": "patient/Condition.rs"},
    "context": {"patientId": "canary-patient", "userId": "Practitioner/canary-user"},
    "prefetch": {"patient": {"resourceType": "Patient", "id": "canary-patient"}},
}
AUTHORIZATION = msgspec.json.decode(json.dumps(BODY["fhirAuthorization"]), type=FhirAuthorization)


@pytest.mark.parametrize("holder", [AUTHORIZATION, read_request(json.dumps(BODY).encode())])
def test_a_hook_call_does_not_show_what_it_holds(holder: FhirAuthorization | HookRequest) -> None:
    shown = f"{holder} {holder!r} {[holder]} {pretty_repr(holder)}"

    assert CANARY not in shown
    assert shown.count(type(holder).__name__) == 4
