"""Whose record a reference points to (safety rule 7)."""

import pytest

from watchful.chart.resources import Patient, PatientLink, Reference
from watchful.chart.subjects import Subject, normalise

BASE = "https://ehr.example.org/r4"


@pytest.mark.parametrize(
    "reference",
    ["Patient/p", "Patient/p/_history/3", f"{BASE}/Patient/p", f"{BASE}/Patient/p/_history/3", None, "p"],
)
def test_every_way_to_name_the_patient_is_the_patient(reference: str | None) -> None:
    assert Subject("p", [BASE]).owns(reference)


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/q",
        "Patient/p2",
        "https://other.example.org/r4/Patient/p",
        f"{BASE}/Patient/q",
        "Group/p",
        "",
        f"{BASE}x/Patient/p",
        "urn:uuid:p",
    ],
)
def test_anybody_else_is_not(reference: str) -> None:
    assert not Subject("p", [BASE]).owns(reference)


def test_an_absolute_reference_is_foreign_where_no_base_is_known() -> None:
    assert not Subject("p").owns(f"{BASE}/Patient/p")


@pytest.mark.parametrize("kind", ["replaces", "replaced-by"])
@pytest.mark.parametrize("reference", ["Patient/old", f"{BASE}/Patient/old"])
def test_a_replaced_id_is_the_same_patient(kind: str, reference: str) -> None:
    subject = Subject("p", [BASE])
    patient = Patient(id="p", link=[PatientLink(other=Reference(reference), type=kind)])

    assert subject.accept(patient)
    assert subject.owns("Patient/old")
    assert subject.owns("Patient/p")


def test_the_patient_may_come_back_under_the_id_that_replaces_the_one_asked_for() -> None:
    subject = Subject("old")
    merged = Patient(id="new", link=[PatientLink(other=Reference("Patient/old"), type="replaces")])

    assert subject.accept(merged)
    assert subject.owns("Patient/new")


@pytest.mark.parametrize("kind", ["seealso", "refer", None])
def test_other_links_are_other_records(kind: str | None) -> None:
    subject = Subject("p")

    assert subject.accept(Patient(id="p", link=[PatientLink(other=Reference("Patient/twin"), type=kind)]))
    assert not subject.owns("Patient/twin")


def test_another_patient_is_refused_and_owns_nothing() -> None:
    subject = Subject("p")

    assert not subject.accept(Patient(id="q"))
    assert not subject.owns("Patient/q")


def test_a_link_on_a_foreign_server_names_nobody_here() -> None:
    subject = Subject("p", [BASE])
    link = PatientLink(other=Reference("https://other.example.org/r4/Patient/old"), type="replaces")

    assert subject.accept(Patient(id="p", link=[link]))
    assert not subject.owns("Patient/old")


def test_normalise_takes_off_base_and_version_only() -> None:
    assert normalise(f"{BASE}/Condition/1/_history/2", [BASE]) == "Condition/1"
    assert normalise("https://other.example.org/Condition/1", [BASE]) == "https://other.example.org/Condition/1"
    assert normalise(None) == ""
