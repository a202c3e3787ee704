"""What an installed Watchful needs is in its wheel, and what only the project needs is not."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_CODE = {
    "fixtures": "watchful/fixtures",
    "watchful/content": "watchful/content",
    "watchful/clinical/knowledge/data": "watchful/clinical/knowledge/data",
    "watchful/clinical/knowledge/releases": "watchful/clinical/knowledge/releases",
    "watchful/demo/static": "watchful/demo/static",
    "watchful/journal/migrations": "watchful/journal/migrations",
    "smart_app/templates": "smart_app/templates",
    "smart_app/static": "smart_app/static",
}
"""Folders with files that are not imported: where they lie in the project, and in the wheel."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        pytest.skip("no uv to build a wheel with")
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run([uv, "build", "--wheel", "--out-dir", folder, ROOT], capture_output=True, text=True)
    if built.returncode and "Failed to fetch" in built.stderr:
        pytest.skip("the package index that the build needs cannot be reached")
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("watchful-*.whl")
    return zipfile.ZipFile(path)


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("folder", NOT_CODE)
def test_files_that_are_read_at_run_time_are_inside(wheel: zipfile.ZipFile, folder: str) -> None:
    wanted = {f"{NOT_CODE[folder]}/{name}" for name in files(ROOT / folder)}
    assert wanted
    assert not wanted - set(wheel.namelist())


def test_every_module_is_inside_and_nothing_of_the_project(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {"watchful/service.py", "cds_hooks/endpoint.py", "smart_app/handout.py"} <= names
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"watchful", "cds_hooks", "smart_app"}
    assert not [name for name in names if name.endswith((".pyc", ".db")) or "/tests/" in name]


def test_licence_and_command_are_inside(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "watchful = watchful.cli:app" in wheel.read(entry_points).decode()
    assert [name for name in wheel.namelist() if name.endswith("licenses/LICENSE")]
