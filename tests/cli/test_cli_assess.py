"""`watchful assess`: the public JSON, exit codes and messages, on the shipped fixtures."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from watchful.cli import app
from watchful.demo import fixtures

TODAY = "2026-11-02"
"""The day that the fixtures are anchored to."""
DECISIONS = {"DeferImaging", "ReviewImaging", "ChangeStudy", "UrgentFinding", "Silent"}
SINGLE = [
    each
    for each in fixtures.load_all(date.fromisoformat(TODAY))
    if not each.unreadable and len(each.orders) == 1 and each.name != "neck-mri"
]


def _chart(name: str) -> str:
    return str(fixtures.folder() / name / "chart.json")


def _assess(chart: str | Path, order: str = "72148", *more: str) -> Result:
    return CliRunner().invoke(app, ["assess", str(chart), "--order", order, "--today", TODAY, *more])


def _json(chart: str | Path, order: str = "72148", *more: str) -> dict[str, Any]:
    result = _assess(chart, order, "--json", *more)
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_the_shape_of_the_public_contract() -> None:
    answer = _json(_chart("acute-mri"))

    assert answer["decision"] in DECISIONS
    assert answer["reason"] == "acute-no-flag"
    assert answer["order"]["code"] == "72148"
    assert set(answer["flags"][0]) == {"id", "tier", "status", "evidence"}
    assert {flag["tier"] for flag in answer["flags"]} == {"emergency", "hard", "suppress", "text"}
    assert {flag["status"] for flag in answer["flags"]} == {"absent"}
    assert set(answer["duration"]) == {"days", "source", "confidence"}
    assert answer["duration"]["days"] == 9
    assert answer["unknown"] == []
    assert isinstance(answer["pain_plan"], dict)
    assert answer["knowledge_version"]


def test_evidence_names_record_date_and_our_words() -> None:
    answer = _json(_chart("cancer-xray"), "72100")
    (found,) = [flag for flag in answer["flags"] if flag["id"] == "cancer-active"]

    assert answer["decision"] == "ChangeStudy"
    assert found["status"] == "present"
    for evidence in found["evidence"]:
        assert set(evidence) == {"reference", "date", "text"}
        assert "/" in evidence["reference"]
        assert evidence["text"]


@pytest.mark.parametrize("fixture", SINGLE, ids=lambda fixture: fixture.name)
def test_every_fixture_is_decided_as_its_index_says(fixture: fixtures.Fixture) -> None:
    coding = fixture.orders[0]["code"]["coding"][0]
    priority = fixture.orders[0].get("priority", "routine")

    answer = _json(_chart(fixture.name), coding["code"], "--system", coding["system"], "--priority", priority)

    present = {flag["id"] for flag in answer["flags"] if flag["status"] == "present"}
    assert answer["decision"] == fixture.decision
    assert set(fixture.flags) <= present


@pytest.mark.parametrize("code", ["72148", "30679-5", "394451000119106"])
def test_the_system_of_a_bare_code_is_recognised(code: str) -> None:
    assert _json(_chart("acute-mri"), code)["order"]["study"] == "mri-without"


def test_silence_has_a_reason() -> None:
    answer = _json(_chart("child"))

    assert (answer["decision"], answer["reason"]) == ("Silent", "under-18")


def test_an_unreadable_entry_makes_the_chart_unreadable(tmp_path: Path) -> None:
    whole = json.loads(Path(_chart("acute-mri")).read_text("utf-8"))
    whole["entry"].append({"resource": {"resourceType": "Condition", "id": "x", "code": "not a concept"}})
    file = tmp_path / "chart.json"
    file.write_text(json.dumps(whole), "utf-8")

    answer = _json(file)

    assert (answer["decision"], answer["reason"]) == ("Silent", "chart-unreadable")
    assert answer["unknown"] == ["Condition"]
    assert "unknown" in {flag["status"] for flag in answer["flags"]}


def test_the_table_names_decision_duration_and_record() -> None:
    result = _assess(_chart("fever"))

    assert result.exit_code == 0
    assert "ReviewImaging" in result.stdout
    assert "fever" in result.stdout
    assert "No red flag was found in the record." in _assess(_chart("acute-mri")).stdout


def test_the_days_count_from_the_given_day() -> None:
    later = CliRunner().invoke(
        app, ["assess", _chart("acute-mri"), "--order", "72148", "--today", "2027-06-01", "--json"]
    )

    assert json.loads(later.stdout)["decision"] == "Silent"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html><body>Sign in</body></html>", "not a FHIR Bundle"),
        (b'{"resourceType": "Patient", "id": "p"}', "not a FHIR Bundle"),
        (b'{"resourceType": "Bundle", "entry": []}', "0 Patient resources"),
        (b"", "not a FHIR Bundle"),
    ],
    ids=["HTML", "a Patient", "nobody", "empty"],
)
def test_a_file_that_is_no_chart_is_named_as_such(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "chart.json"
    file.write_bytes(content)

    result = _assess(file)

    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    result = _assess(tmp_path / "nowhere.json")

    assert result.exit_code == 2
    assert result.stderr.startswith("watchful assess: ")
    assert "nowhere.json" in result.stderr


@pytest.mark.parametrize("code", ["99213", "72141", "87088-1", "nonsense"])
def test_a_code_that_is_no_lumbar_imaging_is_said(code: str) -> None:
    result = _assess(_chart("acute-mri"), code)

    assert result.exit_code == 2
    assert f"{code} is not an order code of lumbar imaging" in result.stderr
    assert result.stdout == ""


def test_a_day_that_is_none_is_said() -> None:
    result = CliRunner().invoke(app, ["assess", _chart("acute-mri"), "--order", "72148", "--today", "yesterday"])

    assert result.exit_code == 2
    assert "yesterday" in result.stderr


@pytest.mark.parametrize(
    ("told", "decision", "deciding"),
    [
        (["told-weakness=yes"], "ReviewImaging", ["told-weakness"]),
        (["told-saddle=yes", "told-weakness=no"], "UrgentFinding", ["told-saddle"]),
        (["told-saddle=no"], "DeferImaging", []),
    ],
)
def test_what_the_patient_says_today_is_judged_too(told: list[str], decision: str, deciding: list[str]) -> None:
    answer = _json(_chart("acute-mri"), "72148", *(word for each in told for word in ("--told", each)))

    assert (answer["decision"], answer["deciding"]) == (decision, deciding)
    assert [flag["id"] for flag in answer["flags"]][-len(told) :] == [each.partition("=")[0] for each in told]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (["told-weakness"], "is not QUESTION=yes or QUESTION=no"),
        (["told-weakness=maybe"], "is not QUESTION=yes or QUESTION=no"),
        (["told-weakness=no", "told-weakness=yes"], "said once"),
        (["told-weaknes=yes"], "the questions are told-saddle, told-weakness"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(told: list[str], message: str) -> None:
    result = _assess(_chart("acute-mri"), "72148", *(word for each in told for word in ("--told", each)))

    assert result.exit_code == 2
    assert message in result.stderr
