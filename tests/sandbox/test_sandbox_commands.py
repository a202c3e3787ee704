"""`watchful sandbox` from seed to clean, against a well-behaved server."""

import json
from pathlib import Path

import pytest
from sandbox_command import Command, seeded
from writable_fhir import Fhir

from watchful.demo import fixtures
from watchful.sandbox import remember

SOME = ("acute-mri", "cauda-equina", "cancer-xray", "neck-mri", "two-orders")


@pytest.mark.parametrize("ids", ["client", "server"])
def test_seed_fire_clean(sandbox: Command, fhir: Fhir, ids: str) -> None:
    run = seeded(sandbox, fhir, *SOME, more=("--server-ids",) if ids == "server" else ())
    assert run.ids == ids
    assert len(fhir.tagged(run.tag)) == len(fhir.stored) > 100

    for arguments in ([], ["--no-prefetch"], ["--leave-out", "conditions", "--leave-out", "patient"]):
        ran = sandbox("fire", "--all", *arguments)
        assert ran.code == 0, ran.text
        assert "All as expected: 5 patients" in ran.text

    ran = sandbox("clean")
    assert ran.code == 0, ran.text
    assert fhir.stored == {}
    assert not remember.DEFAULT.exists()
    assert "Nothing to remove" in sandbox("clean").text


def test_seed_says_what_to_expect_of_each(sandbox: Command, fhir: Fhir) -> None:
    ran = sandbox("seed", "--server", fhir.base, "--patient", "cauda-equina")
    assert "UrgentFinding cauda-equina Patient/w" in ran.text
    assert "38-year-old woman, back pain with urinary retention" in ran.text


def test_every_resource_carries_tag_and_marker(sandbox: Command, fhir: Fhir) -> None:
    run = seeded(sandbox, fhir, "acute-mri")
    sandbox("fire")
    for resource in fhir.stored.values():
        tags = {(tag["system"], tag["code"]) for tag in resource["meta"]["tag"]}
        assert tags == {("urn:watchful:sandbox", run.tag), ("urn:watchful:fixture", "synthetic")}


def test_two_runs_do_not_collide(sandbox: Command, fhir: Fhir) -> None:
    first = seeded(sandbox, fhir, "acute-mri")
    sandbox("seed", "--server", fhir.base, "--patient", "acute-mri", "--state", "other.json")
    assert len(fhir.stored) == 2 * len(fhir.tagged(first.tag))
    assert sandbox("clean").code == 0
    assert fhir.tagged(first.tag) == []
    assert fhir.stored
    assert sandbox("fire", "--state", "other.json").code == 0


def test_references_stay_inside_the_run(sandbox: Command, fhir: Fhir) -> None:
    run = seeded(sandbox, fhir, "spanish", more=("--server-ids",))
    text = json.dumps(list(fhir.stored.values()))
    assert "urn:uuid" not in text
    references = {part.partition('"')[0] for part in text.split('"reference": "')[1:]}
    assert references <= set(run.references())


def test_names_us_and_goes_one_at_a_time(sandbox: Command, fhir: Fhir) -> None:
    seeded(sandbox, fhir, "acute-mri")
    assert all(each["User-Agent"].startswith("watchful-sandbox/") for each in fhir.headers)


def test_prefetch_is_what_the_templates_ask_for(sandbox: Command, fhir: Fhir) -> None:
    run = seeded(sandbox, fhir, "acute-mri")
    fhir.asked.clear()
    sandbox("fire", "--leave-out", "orders")
    patient = run.patients[0].names["Patient/acute-mri-patient"].partition("/")[2]
    asked = [path for method, path in fhir.asked if method == "GET"]
    assert f"Condition?patient={patient}&_count=200" in asked
    assert asked.count(f"ServiceRequest?patient={patient}&_count=200") == 2, "once a hook, by the service itself"


def test_fire_shows_cards(sandbox: Command, fhir: Fhir) -> None:
    seeded(sandbox, fhir, "cauda-equina")
    ran = sandbox("fire")
    assert ran.code == 0
    assert "UrgentFinding · critical" in ran.text
    assert "order-sign" in ran.text


def test_patient_by_name_or_by_id(sandbox: Command, fhir: Fhir) -> None:
    run = seeded(sandbox, fhir, "acute-mri", "neck-mri")
    id_ = run.patients[1].names["Patient/neck-mri-patient"].partition("/")[2]
    assert "neck-mri: 28-year-old" in sandbox("fire", "--patient", id_).text
    ran = sandbox("fire", "--patient", "nobody")
    assert ran.code == 1
    assert "acute-mri, neck-mri" in ran.text


def test_expectation_that_is_not_met_fails(sandbox: Command, fhir: Fhir, tmp_path: Path) -> None:
    """A fixture whose index promises something else than the service says."""
    folder = tmp_path / "own" / "acute-mri"
    folder.mkdir(parents=True)
    for name in ("chart.json", "request.json"):
        (folder / name).write_bytes((fixtures.folder() / "acute-mri" / name).read_bytes())
    (folder.parent / "index.toml").write_text(
        'anchor = 2026-11-02\n[fixtures.acute-mri]\ntitle = "x"\ndecision = "UrgentFinding"\nflags = []\n'
    )
    seeded(sandbox, fhir, str(folder))
    assert sandbox("fire").code == 1
    ran = sandbox("fire", "--all")
    assert ran.code == 1
    assert "Not all as expected" in ran.text


def test_wrong_arguments(sandbox: Command, fhir: Fhir) -> None:
    assert sandbox("seed", "--server", "not a url").code == 2
    assert sandbox("seed", "--server", fhir.base, "--patient", "nobody").code == 2
    assert sandbox("fire").code == 1
    seeded(sandbox, fhir, "acute-mri")
    assert sandbox("fire", "--accept", "--dismiss", "other").code == 2
    assert sandbox("fire", "--all", "--patient", "acute-mri").code == 2
    assert "the service has: allergies, conditions" in sandbox("fire", "--leave-out", "colours").text
    assert "are on" in sandbox("fire", "--server", "http://127.0.0.1:1/fhir").text
    again = sandbox("seed", "--server", fhir.base)
    assert again.code == 1
    assert "remembers an earlier run" in again.text
