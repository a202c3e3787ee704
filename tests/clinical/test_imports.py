"""Each module of the clinical core can be imported first: none leans on another having been imported before."""

import pkgutil
import subprocess
import sys

import watchful.clinical

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(watchful.clinical.__path__, prefix="watchful.clinical.")
)


def test_every_module_imports_alone() -> None:
    """One interpreter; each module starts from an empty house."""
    script = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    for loaded in [each for each in sys.modules if each.startswith('watchful')]:\n"
        "        del sys.modules[loaded]\n"
        "    importlib.import_module(name)\n"
    )
    assert len(MODULES) > 10
    subprocess.run([sys.executable, "-c", script, *MODULES], check=True)
