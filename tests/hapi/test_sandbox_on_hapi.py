"""`watchful sandbox` from seed to clean on a real HAPI: every fixture, with full prefetch and with none."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchful.cli.sandbox import sandbox_app
from watchful.demo import fixtures
from watchful.sandbox import remember
from watchful.sandbox.clean import tagged_on
from watchful.sandbox.client import Client

pytestmark = pytest.mark.hapi


def ran(*arguments: str) -> str:
    result = CliRunner().invoke(sandbox_app, list(arguments))
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.usefixtures("folder")
def test_every_fixture(hapi_base: str) -> None:
    ran("seed", "--server", hapi_base)
    run = remember.load(remember.DEFAULT)
    assert run is not None
    server = Client(hapi_base)
    assert len(set(tagged_on(server, run.tag))) == len(run.references())
    for arguments in ([], ["--no-prefetch"]):
        assert f"All as expected: {len(fixtures.names())} patients" in ran("fire", "--all", *arguments)
    ran("clean")
    assert list(tagged_on(server, run.tag)) == []
    assert "Nothing to remove" in ran("clean")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("ids", ["client", "server"])
def test_answers_are_carried_out(hapi_base: str, ids: str) -> None:
    own = ["--server-ids"] if ids == "server" else []
    ran("seed", "--server", hapi_base, "--patient", "acute-mri", "--patient", "cancer-xray", *own)
    assert "carried out on the server" in ran("fire", "--patient", "acute-mri", "--accept")
    assert "carried out on the server" in ran("fire", "--patient", "cancer-xray", "--accept")
    assert "the service was told" in ran("fire", "--patient", "acute-mri", "--dismiss", "patient-preference")
    assert "All as expected" in ran("fire", "--all", "--leave-out", "conditions", "--leave-out", "patient")
    run = remember.load(remember.DEFAULT)
    assert run is not None
    assert run.ids == ids
    ran("clean")
    assert list(tagged_on(Client(hapi_base), run.tag)) == []
