"""The conformance page says what the tests show, and every requirement is shown or argued."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))

import _conformance as conformance


def test_the_page_is_up_to_date() -> None:
    assert conformance.PAGE.read_text(encoding="utf-8") == conformance.page(), "run python docs/_conformance.py"


def test_every_requirement_is_shown_or_argued() -> None:
    rows = {id: row for section in conformance.requirements().values() for id, row in section.items()}
    shown = conformance.tests()

    assert not shown.keys() - rows.keys()
    assert not [id for id, row in rows.items() if id not in shown and "argued" not in row]
    assert {row["level"] for row in rows.values()} <= set("MSOCE")
    assert len(rows) == 149
