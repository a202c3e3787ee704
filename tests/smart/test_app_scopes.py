"""Which scopes are asked for, and what granted ones allow."""

from typing import Any

import pytest
from smart_door import smart_site

from smart_app.discovery import SmartServer
from smart_app.scopes import granted, scopes_for
from watchful.settings import profile

SERVER: dict[str, Any] = {
    "base": "https://ehr.example.org/r4",
    "authorization_endpoint": "https://ehr.example.org/authorize",
    "token_endpoint": "https://ehr.example.org/token",
}
FULL = {
    "issuer": "https://ehr.example.org",
    "jwks_uri": "https://ehr.example.org/keys",
    "capabilities": frozenset({"sso-openid-connect", "permission-v2"}),
}


def asked(*, standalone: bool = False, smart: dict[str, Any] | None = None, **server: Any) -> tuple[str, ...]:
    site = smart_site(smart=smart or {})
    return scopes_for(site, profile(site.profile), SmartServer(**SERVER | server), standalone=standalone)


def test_the_whole_list_and_no_more() -> None:
    assert asked(**FULL) == (
        "launch", "openid", "fhirUser", "patient/Patient.rs", "patient/Encounter.rs", "patient/Condition.rs",
        "patient/Observation.rs", "patient/MedicationRequest.rs", "patient/Procedure.rs",
        "patient/DiagnosticReport.rs", "patient/ServiceRequest.rs", "patient/AllergyIntolerance.rs",
    )  # fmt: skip


def test_standalone_asks_for_a_patient() -> None:
    assert asked(standalone=True)[0] == "launch/patient"


@pytest.mark.parametrize(
    ("announced", "scope"),
    [
        ({"scopes_supported": frozenset({"online_access", "offline_access"})}, ["online_access"]),
        ({"scopes_supported": frozenset({"offline_access"})}, ["offline_access"]),
        ({"capabilities": frozenset({"permission-offline"})}, ["offline_access"]),
        ({}, []),
    ],
)
def test_a_refresh_token_only_where_announced(announced: dict[str, Any], scope: list[str]) -> None:
    assert [each for each in asked(**announced) if each.endswith("_access")] == scope


def test_web_messaging_only_where_announced() -> None:
    assert "messaging/ui" not in asked()
    assert "messaging/ui" in asked(scopes_supported=frozenset({"messaging/ui"}))
    assert granted(("messaging/ui", "patient/Condition.rs")).read == {"Condition"}


@pytest.mark.parametrize("missing", ["issuer", "jwks_uri", "capabilities"])
def test_no_user_where_none_could_be_checked(missing: str) -> None:
    assert "openid" not in asked(**{name: value for name, value in FULL.items() if name != missing})


def test_writes_are_asked_for_only_where_the_site_wants_them() -> None:
    smart = {"writes": ("handout", "follow-up")}
    v1 = asked(smart=smart, capabilities=frozenset({"permission-v1"}))
    v2 = asked(smart=smart, capabilities=frozenset({"permission-v2"}))

    assert [each for each in v2 if each.endswith(".c")] == ["patient/DocumentReference.c", "patient/Task.c"]
    assert [each for each in v1 if each.endswith(".write")] == [
        "patient/DocumentReference.write",
        "patient/Task.write",
    ]


def test_a_site_may_say_it_all_itself() -> None:
    assert asked(smart={"scopes": ("launch", "patient/*.read")}, **FULL) == ("launch", "patient/*.read")


@pytest.mark.parametrize(
    ("scopes", "read", "create"),
    [
        ("patient/Condition.rs", {"Condition"}, set()),
        ("patient/Condition.read", {"Condition"}, set()),
        ("patient/Task.c", set(), {"Task"}),
        ("patient/Task.write", set(), {"Task"}),
        ("patient/Task.cruds", {"Task"}, {"Task"}),
        ("patient/Task.*", {"Task"}, {"Task"}),
        ("patient/*.read", {"Task", "Condition"}, set()),
        ("patient/*.cruds", {"Task", "Condition"}, {"Task", "Condition"}),
        ("patient/Task.ruds", {"Task"}, set()),
        ("patient/Task.rs?code=1 patient/Task.c?code=1", set(), set()),
        ("", {"Task", "Condition"}, {"Task", "Condition"}),
        ("launch openid", {"Task", "Condition"}, {"Task", "Condition"}),
        ("Condition.Read (Problems) (R4)", {"Task", "Condition"}, {"Task", "Condition"}),
    ],
)
def test_what_granted_scopes_allow(scopes: str, read: set[str], create: set[str]) -> None:
    """Vendors' own words say nothing of types: then the server itself is asked, and may refuse."""
    allowed = granted(scopes.split())
    kinds = ("Task", "Condition")

    assert {kind for kind in kinds if allowed.may_read(kind)} == read
    assert {kind for kind in kinds if allowed.may_create(kind)} == create
