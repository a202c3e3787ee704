"""Accepting and dismissing: what becomes of the draft on the server, and what the service is told."""

import pytest
from sandbox_command import Command, seeded
from writable_fhir import Fhir

from watchful.sandbox.answers import accepted, carry_out, dismissed
from watchful.sandbox.client import Client
from watchful.sandbox.problems import Problem
from watchful.sandbox.remember import Run, Seeded


def drafts(fhir: Fhir) -> list[str]:
    return [name for name in fhir.stored if name.startswith("ServiceRequest/")]


@pytest.mark.parametrize("ids", [(), ("--server-ids",)])
def test_accepting_a_deferral_deletes_the_draft(sandbox: Command, fhir: Fhir, ids: tuple[str, ...]) -> None:
    seeded(sandbox, fhir, "acute-mri", more=ids)
    ran = sandbox("fire", "--accept")
    assert ran.code == 0, ran.text
    assert "carried out on the server" in ran.text
    assert drafts(fhir) == []
    assert sandbox("fire").code == 0, "the draft can be made anew"
    assert len(drafts(fhir)) == 1
    assert sandbox("clean").code == 0
    assert fhir.stored == {}


def test_of_two_orders_only_the_lumbar_one_goes(sandbox: Command, fhir: Fhir) -> None:
    seeded(sandbox, fhir, "two-orders")
    assert len(drafts(fhir)) == 0
    ran = sandbox("fire", "--accept")
    assert ran.code == 0, ran.text
    assert len(drafts(fhir)) == 1


def test_accepting_a_better_study_updates_the_draft(sandbox: Command, fhir: Fhir) -> None:
    run = seeded(sandbox, fhir, "cancer-xray")
    ran = sandbox("fire", "--accept")
    assert ran.code == 0, ran.text
    stored = fhir.stored[drafts(fhir)[0]]
    assert "MRI" in stored["code"]["text"]
    assert fhir.tagged(run.tag).count(drafts(fhir)[0]) == 1


def test_dismissing(sandbox: Command, fhir: Fhir) -> None:
    seeded(sandbox, fhir, "acute-mri")
    ran = sandbox("fire", "--dismiss", "patient-preference")
    assert ran.code == 0, ran.text
    assert "the service was told" in ran.text
    assert "No card" in ran.text, "an answered card is not shown again at order-sign"
    assert len(drafts(fhir)) == 1


def test_a_reason_that_is_not_offered(sandbox: Command, fhir: Fhir) -> None:
    seeded(sandbox, fhir, "acute-mri")
    ran = sandbox("fire", "--dismiss", "nonsense")
    assert ran.code == 1
    assert "it offers: red-flag-not-in-chart" in ran.text


@pytest.mark.parametrize(
    ("typed", "sentence", "left"),
    [
        ("1", "Accepted “Remove the lumbar MRI draft”", 0),
        ("2", "Accepted “Keep it for", 1),
        ("other", "the service was told", 1),
        ("", "Expected DeferImaging, got DeferImaging", 1),
    ],
)
def test_asked_at_a_terminal(
    sandbox: Command, fhir: Fhir, monkeypatch: pytest.MonkeyPatch, typed: str, sentence: str, left: int
) -> None:
    monkeypatch.setattr("watchful.cli.sandbox_fire.at_terminal", lambda: True)
    seeded(sandbox, fhir, "acute-mri")
    ran = sandbox("fire", input=f"{typed}\n")
    assert ran.code == 0, ran.text
    assert "1 accept, 2 accept, red-flag-not-in-chart" in ran.text
    assert sentence in ran.text
    assert len(drafts(fhir)) == left


def test_choices() -> None:
    first, best = {"label": "a"}, {"label": "b", "isRecommended": True}
    assert accepted({"suggestions": [first, best]}).suggestion is best
    assert accepted({"suggestions": [first]}).suggestion is first
    with pytest.raises(Problem, match="no suggestion"):
        accepted({})
    assert dismissed({}, "other").reason is None


ORDER = {"resourceType": "ServiceRequest", "id": "w1-mine"}


@pytest.mark.parametrize(
    "action",
    [
        {"type": "delete", "resourceId": "ServiceRequest/somebody-elses"},
        {"type": "delete", "resourceId": "Patient/w1-patient"},
        {"type": "update", "resource": {"resourceType": "ServiceRequest", "id": "somebody-elses"}},
        {"type": "explode"},
    ],
)
def test_a_suggestion_never_touches_what_is_not_ours(fhir: Fhir, action: dict[str, object]) -> None:
    run = Run(server=fhir.base, tag="w1", today="2026-11-02")
    with pytest.raises(Problem):
        carry_out(Client(fhir.base), run, Seeded("x", "y"), [ORDER], {"actions": [action]})
    assert fhir.asked == []


@pytest.mark.parametrize("ids", ["client", "server"])
def test_what_a_suggestion_creates_is_tagged_and_remembered(fhir: Fhir, ids: str) -> None:
    run = Run(server=fhir.base, tag="w1", today="2026-11-02", ids="client" if ids == "client" else "server")
    patient = Seeded("x", "y")
    action = {"type": "create", "resource": {"resourceType": "Task", "status": "draft", "intent": "order"}}
    carry_out(Client(fhir.base), run, patient, [ORDER], {"actions": [action]})
    assert patient.made == list(fhir.stored) == fhir.tagged("w1")


def test_older_forms_of_delete(fhir: Fhir) -> None:
    run = Run(server=fhir.base, tag="w1", today="2026-11-02")
    for named in ({"resourceId": "w1-mine"}, {"resourceId": ["ServiceRequest/w1-mine"]}, {"resource": ORDER}):
        left = carry_out(
            Client(fhir.base), run, Seeded("x", "y"), [ORDER], {"actions": [{"type": "delete", **named}]}
        )
        assert left == []
