"""The generators of the documentation. `docs/` is not a package, so its folder goes on the path here."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))

import _clinical as clinical  # noqa: E402
import _generate as generate  # noqa: E402
import _knowledge as tables  # noqa: E402

__all__ = ["PAGES", "ROOT", "clinical", "generate", "tables", "text"]

PAGES = {
    path.relative_to(ROOT).as_posix(): path
    for path in (*generate.pages(), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md")
}


def text(page: str) -> str:
    return PAGES[page].read_text(encoding="utf-8")
