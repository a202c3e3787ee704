"""The reasoning in words: nothing that was looked at is left out, and nothing of the chart is quoted."""

from datetime import date

import pytest
from typer.testing import CliRunner

from watchful.cli import app
from watchful.clinical.knowledge import load
from watchful.demo import fixtures

DAY = "2026-11-02"


def explained(name: str, order: str = "72148", *more: str) -> str:
    chart = fixtures.folder() / name / "chart.json"
    found = CliRunner().invoke(app, ["assess", str(chart), "--order", order, "--today", DAY, "--explain", *more])
    assert found.exit_code == 0, found.output
    return found.output


def test_every_flag_of_the_catalogue_is_accounted_for() -> None:
    words = explained("cancer-xray", "72100")

    assert all(flag.row.id in words for flag in load().flags)


@pytest.mark.parametrize(
    ("name", "order", "told"),
    [
        ("acute-mri", "72148", ["DeferImaging", "9 days, explicit", "none found in the record"]),
        ("cancer-xray", "72100", ["ChangeStudy", "Decided by: cancer-active", "mri-both", "breast cancer"]),
        ("fever", "72148", ["Found: fever (hard)", "body temperature 38.5\u00a0°C, 101.3\u00a0°F"]),
        ("chronic", "72148", ["Silent", "chronic"]),
    ],
)
def test_the_reasoning_names_what_decided(name: str, order: str, told: list[str]) -> None:
    words = explained(name, order)

    assert [each for each in told if each not in words] == []


def test_what_could_not_be_read_is_said() -> None:
    words = explained("acute-mri")

    assert "Condition: read (sent by the client)." in words
    assert "Procedure: read, none on file" in words or "Procedure: read (sent by the client)." in words


@pytest.mark.parametrize("name", fixtures.names())
def test_no_name_or_address_of_the_patient_is_told(name: str) -> None:
    chart = fixtures.folder() / name / "chart.json"
    found = CliRunner().invoke(app, ["assess", str(chart), "--order", "72148", "--today", DAY, "--explain"])
    patient = next(
        each
        for each in fixtures.load_path(fixtures.folder() / name, date(2026, 11, 2)).resources
        if each["resourceType"] == "Patient"
    )

    assert patient["name"][0]["family"] not in found.output
    assert patient["birthDate"] not in found.output


def test_what_was_told_today_is_kept_apart_from_what_the_record_says() -> None:
    words = explained("acute-mri", "72148", "--told", "told-weakness=yes", "--told", "told-saddle=no")

    assert "Answered yes: told-weakness (hard).\n    told today: new leg weakness." in words
    assert "Asked today and answered no: told-saddle." in words
    assert "told-infection" not in words
    none_found = next(line for line in words.splitlines() if "none found in the record" in line)
    assert "told-" not in none_found
