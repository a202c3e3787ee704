"""`docs/conformance.md`, from the requirements and the tests that name them.

    python docs/_conformance.py

runs tests/conformance first and writes the page only when every test passes, so that its last column is
a result and no promise. A test of the docs compares page and sources on every run of the suite.
"""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests" / "conformance"
PAGE = ROOT / "docs" / "conformance.md"

_PREFACE = """# Conformance

<!-- Made by `python docs/_conformance.py`; edit tests/conformance/, not this page. -->

What the CDS Hooks specification (2.0.1, and 3.0 as balloted) asks of a service and SMART App Launch 2.2 of an app,
what Inferno's CRD server and SMART client suites look at, and our own black-box checks, in our own words. M must,
S should, O may, C conditional, E our own engineering. Each row names the tests that show it; `argued` says what no
test of this suite can show.
"""
_HEADINGS = {
    "inferno": "Inferno's checks",
    "black-box": "Black-box checks",
    "jwt": "Caller authentication",
    "smart-app": "SMART app",
    "smart-client": "Inferno's SMART client checks",
}


def requirements() -> dict[str, dict[str, dict[str, Any]]]:
    """By section, then by id."""
    return tomllib.loads((TESTS / "requirements.toml").read_text(encoding="utf-8"))


def tests() -> dict[str, list[str]]:
    """The tests that name each id, as `file::test`."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for id in _named(node):
                    found.setdefault(id, []).append(f"{path.name}::{node.name}")
    return found


def _named(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "requirement":
            yield from (argument.value for argument in decorator.args if isinstance(argument, ast.Constant))


def page() -> str:
    """The page, for a suite that passes."""
    shown = tests()
    lines = [_PREFACE]
    for section, rows in requirements().items():
        lines += [f"## {_HEADINGS.get(section, section.capitalize())}", ""]
        lines += ["| id | level | requirement | test | result |", "|---|---|---|---|---|"]
        for id, row in rows.items():
            names = "<br>".join(f"`{name}`" for name in shown.get(id, []))
            argued = f"argued: {row['argued']}" if "argued" in row else ""
            result = "; ".join(filter(None, ["passes" if names else "", argued]))
            lines.append(f"| {id} | {row['level']} | {row['text']} | {names or 'none'} | {result} |")
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Run the suite, then write the page."""
    command = [sys.executable, "-m", "pytest", str(TESTS), "-q", "-p", "no:xdist"]
    code = subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603  (our own interpreter)
    if code == 0:
        PAGE.write_text(page(), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
