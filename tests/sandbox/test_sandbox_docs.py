"""Every command of `docs/sandbox.md` runs, in the order of the page, and does what the page says."""

import os
import re
import shlex
import subprocess
from pathlib import Path

from sandbox_command import Command
from writable_fhir import Fhir

ROOT = Path(__file__).parents[2]
BASE = "http://127.0.0.1:8091/fhir"


def commands() -> list[str]:
    page = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    blocks = re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]


def test_the_commands_of_the_page(sandbox: Command, fhir: Fhir) -> None:
    ours = [command for command in commands() if command.startswith("watchful sandbox ")]
    assert {command.split()[2] for command in ours} == {"seed", "fire", "clean"}
    for command in ours:
        ran = sandbox(*shlex.split(command.replace(BASE, fhir.base))[2:])
        assert ran.code == 0, f"{command}: {ran.text}"
    assert fhir.stored == {}


def test_the_scripts_of_the_page() -> None:
    """Starting HAPI takes a minute: `scripts/test-hapi` does it for the rest of the suite."""
    scripts = {command for command in commands() if not command.startswith("watchful sandbox ")}
    assert scripts == {"scripts/hapi"}
    for name in ("hapi", "test-hapi"):
        path = ROOT / "scripts" / name
        assert os.access(path, os.X_OK)
        assert f"scripts/{name}" in (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    helped = subprocess.run([ROOT / "scripts" / "hapi", "--help"], capture_output=True, text=True, check=True)
    assert "prints its base URL" in helped.stdout
    wrong = subprocess.run([ROOT / "scripts" / "hapi", "--port", "x"], capture_output=True, text=True)
    assert (wrong.returncode, "needs a number" in wrong.stderr) == (2, True)
