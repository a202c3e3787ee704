"""The safety case names only controls and tests that exist, and leaves no setting out."""

import ast
import re
from functools import cache

import pytest
from docs_generator import PAGES, ROOT, text

from watchful.clinical.assessment import Decision
from watchful.settings.model import LocalCode, Site

SAFETY = "docs/clinical/safety-case.md"
TEST_ID = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
COLUMNS = 8
SEVERITIES = ("catastrophic", "major", "moderate", "minor")
LIKELIHOODS = ("possible", "unlikely", "rare")


def hazards() -> list[list[str]]:
    log = text(SAFETY).partition("<!-- hazards -->")[2].partition("<!-- end of hazards -->")[0]
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in log.splitlines()
        if line.startswith("| H-")
    ]


@cache
def functions(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def test_the_hazard_log_is_whole() -> None:
    rows = hazards()
    assert len(rows) >= 25
    assert [row[0] for row in rows] == [f"H-{number:02}" for number in range(1, len(rows) + 1)]
    for row in rows:
        assert len(row) == COLUMNS, row[0]
        assert all(row), row[0]


@pytest.mark.parametrize("row", hazards(), ids=lambda row: row[0])
def test_a_hazard_is_judged_and_its_control_shown(row: list[str]) -> None:
    severity, likelihood = row[4].split(", ")
    assert severity in SEVERITIES
    assert likelihood in LIKELIHOODS
    assert TEST_ID.search(row[6]) or row[6] == "none yet"


@pytest.mark.parametrize("page", [name for name in PAGES if name.startswith("docs/clinical/")])
def test_every_named_test_exists(page: str) -> None:
    missing = [
        f"{path}::{name}"
        for path, name in TEST_ID.findall(text(page))
        if not (ROOT / path).exists() or not name.startswith("test_") or name not in functions(path)
    ]
    assert not missing


def test_every_test_id_is_written_so_that_it_is_checked() -> None:
    page = text(SAFETY)
    assert page.count("::") == len(TEST_ID.findall(page))


def test_every_setting_of_a_site_is_weighed() -> None:
    table = text(SAFETY).partition("## Settings that bear on safety")[2].partition("\n## ")[0]
    names = (*Site.model_fields, *LocalCode.model_fields)
    assert not {name for name in names if f"`{name}`" not in table}


def test_the_parts_of_a_safety_case_are_there() -> None:
    page = text(SAFETY)
    for heading in (
        "Intended use",
        "Operating assumptions",
        "Limits",
        "Hazard log",
        "Change control of knowledge",
        "Incident handling",
        "What must be measured in silent mode",
        "Open clinical questions",
    ):
        assert f"\n## {heading}\n" in page
    assert "makes no claim" in page


def test_every_decision_that_shows_a_card_or_none_is_weighed() -> None:
    page = text(SAFETY)
    assert all(f"`{decision}`" in page for decision in (Decision.DEFER, Decision.CHANGE, Decision.URGENT))
