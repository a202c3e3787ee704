"""Loading fixtures by name and by path."""

import json
from datetime import date
from pathlib import Path

import pytest

from watchful.demo import fixtures

ANCHOR = date(2026, 11, 2)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(LookupError, match="acute-mri"):
        fixtures.load("acute-mir", ANCHOR)


def test_a_fixture_moves_with_today() -> None:
    moved = fixtures.load("acute-mri", date(2027, 3, 1))
    assert moved.orders[0]["authoredOn"] == "2027-03-01T09:55:00-08:00"
    assert moved.today == date(2027, 3, 1)


def test_loading_by_path_reads_the_index_beside_it() -> None:
    assert fixtures.load_path(fixtures.folder() / "fever", ANCHOR) == fixtures.load("fever", ANCHOR)


def test_a_folder_without_index_is_anchored_to_its_bundle(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    chart = {"resourceType": "Bundle", "type": "collection", "timestamp": "2020-01-01T08:00:00Z", "entry": []}
    (folder / "chart.json").write_text(json.dumps(chart))
    (folder / "request.json").write_text(json.dumps({"hook": "order-select", "context": {"patientId": "p"}}))
    fixture = fixtures.load_path(folder, date(2020, 1, 31))
    assert fixture.chart["timestamp"] == "2020-01-31T08:00:00Z"
    assert (fixture.title, fixture.decision, fixture.flags) == ("mine", "", ())


def test_every_type_refused_belongs_to_a_fixture_that_says_so() -> None:
    refused = fixtures.unreadable_by_patient(fixtures.load_all(ANCHOR))
    assert refused == {
        "unreadable-conditions-patient": ("Condition",),
        "unreadable-medications-patient": ("MedicationRequest",),
    }


def test_cached_fixtures_follow_the_day() -> None:
    days = iter([ANCHOR, ANCHOR, date(2026, 11, 3)])
    current = fixtures.cached(lambda: next(days))
    first, second, third = current(), current(), current()
    assert first is second
    assert third[0].today == date(2026, 11, 3)
