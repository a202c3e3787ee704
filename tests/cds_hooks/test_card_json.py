"""The whole answer for each kind of decision, held as JSON that can be read and reviewed.

Uuids and the handout's handle are replaced before comparing. After a wanted change of words or shape:

    WRITE_GOLDEN=1 .venv/bin/python -m pytest tests/cds_hooks/test_card_json.py

and look at the difference before it is committed.
"""

import json
import os
from pathlib import Path

import pytest
from hook_builders import hook_body, normalised
from hook_door import Door

GOLDEN = Path(__file__).parent / "golden"
WRITE = "WRITE_GOLDEN"

CASES = {
    "defer-acute-mri": "acute-mri",
    "defer-pregnancy": "pregnancy",
    "review-age": "age-72",
    "review-medicines-unreadable": "unreadable-medications",
    "change-cancer-xray": "cancer-xray",
    "urgent-cauda-equina": "cauda-equina",
    "silent-right-study": "cancer-mri",
    "conditions-unreadable": "unreadable-conditions",
}


@pytest.mark.parametrize("case", CASES)
async def test_golden_answer(door: Door, case: str) -> None:
    answer = normalised((await door.fire(hook_body(CASES[case]))).json())
    file = GOLDEN / f"{case}.json"
    if os.environ.get(WRITE):
        file.write_text(json.dumps(answer, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    assert answer == json.loads(file.read_text(encoding="utf-8"))


def test_no_golden_file_is_left_over() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(CASES)
