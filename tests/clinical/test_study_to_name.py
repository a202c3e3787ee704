"""The study a verdict names where contrast is unsafe (§0.1 item 11): gaps that mutation testing found."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from builders import Resource, chart, condition, imaging_order, judge, knowledge, medicine, observation

from watchful.clinical.assessment import Decision
from watchful.clinical.knowledge.compiled import Flag

XRAY = imaging_order("72100")
CANCER = condition("C50.911", onset=300)
CONTRAST_ALLERGY = condition("Z91.041", onset=900)
RAISED = observation("30341-2", 60, "mm/h", days_ago=3)


def egfr(value: float, **elements: Any) -> Resource:
    return observation("98979-8", value, "mL/min/{1.73_m2}", **elements)


@pytest.mark.parametrize(("against", "named"), [([], "mri-both"), ([CONTRAST_ALLERGY], None)])
def test_contrast_is_not_named_where_no_study_without_it_fits(against: list[Resource], named: str | None) -> None:
    """None: the card says to ask radiology."""
    found = judge(chart(RAISED, *against), XRAY)

    assert (found.decision, found.reason) == (Decision.CHANGE, "wrong-study")
    assert found.deciding == ("marked-inflammation",)
    assert found.change_to == named


@pytest.mark.parametrize(
    ("kidneys", "named"),
    [
        ([egfr(29)], "mri-without"),
        ([egfr(30)], "mri-both"),
        ([egfr(30, comparator="<")], "mri-without"),
        ([egfr(30, comparator="<=")], "mri-both"),
        ([egfr(29, days_ago=20), egfr(90, id="later")], "mri-both"),
        ([egfr(29, days_ago=20), egfr(90, id="typed-wrong", days_ago=-400)], "mri-without"),
        ([egfr(29, days_ago=None), egfr(90, id="dated")], "mri-without"),
        ([egfr(29, days_ago=None, effectiveDateTime="2026-11"), egfr(90, id="day", days_ago=1)], "mri-without"),
        ([condition("N18.4", onset=900)], "mri-without"),
        ([condition("Z99.2")], "mri-without"),
        ([condition("N18.30", onset=900)], "mri-both"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_contrast_is_not_named_beside_weak_kidneys(kidneys: list[Resource], named: str) -> None:
    assert judge(chart(CANCER, *kidneys), XRAY).change_to == named


@pytest.mark.parametrize(
    ("study", "answer"),
    [
        ("72100", (Decision.CHANGE, "mri-both")),
        ("72131", (Decision.CHANGE, "mri-both")),
        ("72148", (Decision.REVIEW, None)),
        ("72158", (Decision.SILENT, None)),
    ],
)
@pytest.mark.parametrize(
    "weakened", [condition("D84.821", onset=900), medicine("42316", days_ago=900)], ids=["a code", "a medicine"]
)
def test_a_weakened_immune_system_wants_mri(
    weakened: Resource, study: str, answer: tuple[str, str | None]
) -> None:
    found = judge(chart(weakened), imaging_order(study))

    assert (found.decision, found.change_to) == answer


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ([], "ct-without"),
        ([condition("Z3A.24", recorded=3)], "mri-without"),
        ([condition("Z34.90", recorded=900)], "mri-without"),
        ([condition("Z3A.24", recorded=3), condition("Z95.0", onset=900)], "ct-without"),
    ],
    ids=["not pregnant", "pregnant", "perhaps pregnant", "pregnant, with a pacemaker"],
)
def test_a_stiff_spine_after_a_fall_is_not_sent_to_ct_in_a_pregnancy(more: list[Resource], named: str) -> None:
    fall = [condition("M45.9", onset=900), condition("W18.30XA", recorded=1)]

    assert judge(chart(*fall, *more), XRAY).change_to == named


def _cancer_changes_to(study: str, flag: Flag) -> Flag:
    if flag.row.id != "cancer-active" or flag.row.study is None:
        return flag
    moved = msgspec.structs.replace(flag.row.study, appropriate=("mri", "ct-without"), change_to=study)
    return replace(flag, row=msgspec.structs.replace(flag.row, study=moved))


@pytest.mark.parametrize(
    ("change_to", "named"),
    [("mri-with", "mri-without"), ("mri-both", "mri-without"), ("ct-with", "ct-without"), ("xr", "xr")],
)
def test_whatever_study_with_contrast_a_row_names(change_to: str, named: str) -> None:
    known = knowledge()
    changed = replace(known, flags=tuple(_cancer_changes_to(change_to, flag) for flag in known.flags))

    assert judge(chart(CANCER), XRAY, known=changed).change_to == change_to
    assert judge(chart(CANCER, CONTRAST_ALLERGY), XRAY, known=changed).change_to == named
