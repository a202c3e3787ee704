"""The committed fixtures: valid R4, ids unique across all of them, every code real, every story complete."""

import itertools
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from watchful.demo import fixtures

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the package reads its data the old way
    import simple_icd_10_cm as icd  # type: ignore[import-untyped]

ANCHOR = date(2026, 11, 2)
CPT = "http://www.ama-assn.org/go/cpt"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
DECISIONS = {"DeferImaging", "ReviewImaging", "ChangeStudy", "UrgentFinding", "Silent", "unreadable"}

every_fixture = pytest.mark.parametrize("name", fixtures.names())


def codings(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "system" in node and "code" in node:
            yield node
        for value in node.values():
            yield from codings(value)
    elif isinstance(node, list):
        for item in node:
            yield from codings(item)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def test_index_and_folders_agree() -> None:
    index = tomllib.loads((fixtures.folder() / "index.toml").read_text("utf-8"))
    folders = {path.name for path in fixtures.folder().iterdir() if path.is_dir()}
    assert set(index["fixtures"]) == folders
    assert len(folders) >= 20
    assert index["anchor"] == ANCHOR


@every_fixture
def test_chart_and_orders_are_valid_r4(name: str) -> None:
    fixture = fixtures.load(name, ANCHOR)
    Bundle.model_validate(fixture.chart)
    Bundle.model_validate(fixture.context["draftOrders"])


@every_fixture
def test_index_entry_says_what_to_expect(name: str) -> None:
    fixture = fixtures.load(name, ANCHOR)
    assert fixture.decision in DECISIONS
    assert fixture.title
    assert fixture.story.endswith(".")


def test_ids_are_unique_and_carry_the_name_of_their_fixture() -> None:
    everything = [(f.name, r) for f in fixtures.load_all(ANCHOR) for r in [*f.resources, *f.orders]]
    counted = Counter(f"{r['resourceType']}/{r['id']}" for _, r in everything)
    assert [reference for reference, n in counted.items() if n > 1] == []
    assert all(r["id"].startswith(f"{name}-") for name, r in everything)


@every_fixture
def test_references_stay_inside_the_fixture(name: str) -> None:
    fixture = fixtures.load(name, ANCHOR)
    here = {f"{r['resourceType']}/{r['id']}" for r in fixture.resources}
    assert set(references([fixture.chart, fixture.context["draftOrders"]])) <= here


@every_fixture
def test_selections_and_context_name_what_is_there(name: str) -> None:
    fixture = fixtures.load(name, ANCHOR)
    here = {f"{r['resourceType']}/{r['id']}" for r in fixture.resources}
    drafted = {f"{r['resourceType']}/{r['id']}" for r in fixture.orders}
    assert set(fixture.context["selections"]) == drafted
    context = fixture.context
    named = {context["userId"], f"Patient/{context['patientId']}", f"Encounter/{context['encounterId']}"}
    assert named <= here


@every_fixture
def test_patient_is_marked_synthetic(name: str) -> None:
    patient = next(r for r in fixtures.load(name, ANCHOR).resources if r["resourceType"] == "Patient")
    assert {"urn:watchful:fixture"} == {tag["system"] for tag in patient["meta"]["tag"]}


@every_fixture
def test_icd_codes_exist_and_are_billable(name: str) -> None:
    fixture = fixtures.load(name, ANCHOR)
    used = {c["code"] for c in codings([fixture.chart, fixture.request]) if c["system"] == ICD}
    assert used
    assert [code for code in used if not (icd.is_valid_item(code) and icd.is_leaf(code))] == []


@every_fixture
def test_cpt_codes_stand_bare(name: str) -> None:
    """CPT descriptors are licensed: the number only, our own words in `text`."""
    fixture = fixtures.load(name, ANCHOR)
    assert all(set(c) == {"system", "code"} for c in codings(fixture.request) if c["system"] == CPT)
    assert all(c["system"] != CPT for c in codings(fixture.chart))


@every_fixture
def test_nothing_but_an_expected_delivery_lies_after_today(name: str) -> None:
    fixture = fixtures.load(name, ANCHOR)
    for resource in fixture.resources:
        for element in ("onsetDateTime", "recordedDate", "effectiveDateTime", "performedDateTime", "authoredOn"):
            assert str(resource.get(element, ""))[:10] <= ANCHOR.isoformat(), resource["id"]


@every_fixture
def test_history_is_long_enough_unless_the_story_says_otherwise(name: str) -> None:
    fixture = fixtures.load(name, ANCHOR)
    started = [r["period"]["start"][:10] for r in fixture.resources if r["resourceType"] == "Encounter"]
    earliest = date.fromisoformat(min(started))
    assert 3 <= len(started) <= 7
    assert (ANCHOR - earliest >= timedelta(days=200)) == (name != "no-onset-short-history")


@every_fixture
def test_chart_is_of_a_realistic_size(name: str) -> None:
    assert 20 <= len(fixtures.load(name, ANCHOR).resources) <= 40


def test_titles_differ() -> None:
    titles = [fixture.title for fixture in fixtures.load_all(ANCHOR)]
    assert all(a != b for a, b in itertools.combinations(titles, 2))
