"""The scripts of the project: they run from anywhere, set themselves up once, and say what is wrong."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(path.name for path in (ROOT / "scripts").iterdir() if path.is_file())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the scripts and the lock, and no environment."""
    shutil.copytree(ROOT / "scripts", tmp_path / "project" / "scripts")
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path / "project" / name)
    return tmp_path / "project"


def run(
    project: Path, script: str, *arguments: str, path: Path, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/usr/bin/env", "bash", project / "scripts" / script, *arguments],
        cwd=path,
        env={"PATH": f"{path}:/usr/bin:/bin", "HOME": str(path), **environ},
        capture_output=True,
        text=True,
    )


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_can_be_run_and_says_what_it_does(name: str) -> None:
    path = ROOT / "scripts" / name
    lines = path.read_text(encoding="utf-8").splitlines()
    assert os.access(path, os.X_OK)
    assert lines[0] == "#!/usr/bin/env bash"
    assert lines[1].startswith("# ")
    assert name == "setup" or "$BIN/" not in "".join(lines) or '. "$(dirname "$0")/setup"' in lines


@pytest.mark.parametrize("path", [*(f"scripts/{name}" for name in SCRIPTS), ".ci/run"])
def test_each_is_valid_shell(path: str) -> None:
    subprocess.run(["bash", "-n", ROOT / path], check=True)


def test_an_old_python_is_refused_with_a_sentence(project: Path, tmp_path: Path) -> None:
    old = program(tmp_path / "bin" / "python3", 'case "$2" in *exit*) exit 1;; *) echo "is 3.9.2";; esac')
    done = run(project, "test", path=old.parent)
    assert done.returncode == 1
    assert done.stderr == (
        "Watchful needs Python 3.11 or newer, and python3 is 3.9.2: name another one in WATCHFUL_PYTHON.\n"
    )


def test_a_missing_python_is_refused_with_a_sentence(project: Path, tmp_path: Path) -> None:
    done = run(project, "demo", path=tmp_path, WATCHFUL_PYTHON="no-such-python")
    assert done.returncode == 1
    assert "no-such-python does not run: name another one in WATCHFUL_PYTHON" in done.stderr


def test_set_up_once_and_again_when_the_lock_changes(project: Path, tmp_path: Path) -> None:
    log = tmp_path / "uv.log"
    program(project / ".venv" / "bin" / "python", "true")
    uv = program(tmp_path / "bin" / "uv", f'[ "$1" = --version ] || echo "$UV_PROJECT_ENVIRONMENT: $*" >>{log}')

    first, second = (run(project, "setup", path=uv.parent) for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stderr.startswith("Installing what uv.lock names into .venv")
    assert second.stderr == ""
    assert log.read_text() == ".venv: sync --frozen --all-extras --inexact --quiet\n"

    with (project / "uv.lock").open("a") as lock:
        lock.write("\n")
    run(project, "setup", path=uv.parent)
    assert len(log.read_text().splitlines()) == 2


def test_arguments_go_through_from_any_folder(project: Path, tmp_path: Path) -> None:
    program(project / ".venv" / "bin" / "python", 'echo "$PWD $*"')
    program(project / ".venv" / "bin" / "watchful", 'echo "$PWD $*"')
    uv = program(tmp_path / "bin" / "uv", "true")
    tests = run(project, "test", "tests/docs", "-q", path=uv.parent)
    assert tests.stdout == f"{project} -m pytest -n auto tests/docs -q\n"
    demo = run(project, "demo", "--help", path=uv.parent)
    assert demo.stdout == f"{project} demo --help\n"
