"""A writable FHIR server, and the command line in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_command import Command, Ran
from typer.testing import CliRunner
from writable_fhir import Fhir, fhir_server

from watchful.cli.sandbox import sandbox_app


@pytest.fixture
def fhir() -> Iterator[Fhir]:
    with fhir_server() as fhir:
        yield fhir


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`sandbox("seed", "--server", ...)` runs one command and gives its exit code and text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("watchful.sandbox.client.rest", lambda seconds: None)

    def run(*arguments: str, input: str | None = None) -> Ran:
        result = CliRunner().invoke(sandbox_app, list(arguments), input=input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.output)

    return run
