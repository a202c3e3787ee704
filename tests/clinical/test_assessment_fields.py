"""What an assessment carries beside its decision: card, handout and journal rest on each of these."""

from typing import Any

import pytest
from builders import (
    TODAY,
    Resource,
    back_pain,
    chart,
    condition,
    drafted,
    encounter,
    facts_of,
    imaging_order,
    judge,
    knowledge,
    observation,
    patient,
    report,
)

from watchful.clinical.assess import assess
from watchful.clinical.assessment import Decision

XRAY = imaging_order("72100")
CES = condition("G83.4", onset=1)
CANCER = condition("C50.911", onset=300)
CLINIC = {"serviceProvider": {"reference": "Organization/clinic"}}


def test_patient_visit_order_and_version_are_carried_along() -> None:
    who = patient(age=45, gender="male", communication=[{"language": {"coding": [{"code": "es"}]}}])
    uncoded = condition("local", system="urn:local", text="knee trouble")

    found = judge(chart(uncoded, who=who, visit=encounter(**CLINIC)))

    assert (found.age, found.sex, found.language) == (45, "male", "es")
    assert (found.setting, found.first_visit, found.uncoded_problems) == ("ambulatory", True, 1)
    assert found.order == drafted(imaging_order())[0].order
    assert found.knowledge_version == knowledge().version


def test_a_child_of_today_is_no_year_old() -> None:
    assert judge(chart(who=patient(birthDate=TODAY.isoformat()))).age == 0


def test_the_priority_counts_unless_the_hook_says_that_nothing_is_signed_yet() -> None:
    order = drafted(imaging_order())[0].order
    facts = facts_of(chart(CES, visit=encounter(setting="EMER")))

    assert assess(facts, order, knowledge(), TODAY).decision is Decision.URGENT
    assert assess(facts, order, knowledge(), TODAY, signing=False).decision is Decision.SILENT


@pytest.mark.parametrize(
    ("records", "order", "fits"),
    [
        ([CES], None, True),
        ([CES], XRAY, False),
        ([CES, condition("Z95.0", onset=900)], None, False),
        ([condition("I71.40")], None, False),
        ([CANCER], None, False),
        ([], None, False),
    ],
)
def test_a_stat_order_fits_only_where_the_emergency_asks_for_the_drafted_study(
    records: list[Resource], order: Resource | None, fits: bool
) -> None:
    assert judge(chart(*records), order).stat_would_fit is fits


@pytest.mark.parametrize(
    ("records", "order", "answer"),
    [
        (chart(CES), None, (Decision.URGENT, "emergency", ("cauda-equina",))),
        (
            chart(CES, visit=encounter(setting="EMER")),
            imaging_order(priority="stat"),
            (Decision.SILENT, "right-study-right-place", ("cauda-equina",)),
        ),
        (
            chart(condition("D47.2"), pain=back_pain(onset=60)),
            None,
            (Decision.REVIEW, "subacute", ("monoclonal-gammopathy",)),
        ),
        (chart(pain=back_pain(onset=60)), None, (Decision.REVIEW, "subacute", ())),
        (
            chart(condition("D47.2"), pain=back_pain(onset=400)),
            None,
            (Decision.REVIEW, "chronic-with-weak-flag", ("monoclonal-gammopathy",)),
        ),
        (
            chart(condition("R70.0", onset=3), condition("D72.829", onset=3)),
            None,
            (Decision.REVIEW, "weak-flags", ("raised-inflammation", "raised-white-cells")),
        ),
        (
            chart(encounter("before", days_ago=40, reasons=["M54.50"]), pain=back_pain(onset=9)),
            None,
            (Decision.REVIEW, "repeat-visits", ()),
        ),
    ],
)  # fmt: skip
def test_the_flags_that_decided_are_named(records: list[Resource], order: Resource | None, answer: Any) -> None:
    found = judge(records, order)

    assert (found.decision, found.reason, found.deciding) == answer


@pytest.mark.parametrize(
    ("record", "gender", "said"),
    [
        (condition("Z34.90", onset=300), "female", "yes"),
        (condition("Z34.90", onset=301), "female", "possible"),
        (condition("Z34.90"), "female", "possible"),
        (condition("Z34.90", onset=30), "male", "no"),
        (condition("Z34.90", onset=30), None, "yes"),
        (observation("21198-7", 25, "m[IU]/mL", days_ago=30), "female", "yes"),
        (observation("21198-7", 24, "m[IU]/mL", days_ago=30), "female", "no"),
        (condition("I10"), "female", "no"),
    ],
)
def test_what_is_known_of_a_pregnancy(record: Resource, gender: str | None, said: str) -> None:
    found = judge(chart(record, who=patient(age=30, gender=gender)))

    assert found.pregnancy == said
    assert found.pain_plan.pregnancy_possible is (said == "no" and gender != "male")


def test_a_study_that_fits_only_with_contrast_is_not_named_in_pregnancy() -> None:
    """No plain study is usually appropriate here: the card says to ask radiology, and names no other study."""
    rate = observation("4537-7", 80, "mm/h")

    assert judge(chart(rate, condition("Z34.90", onset=30)), XRAY).change_to is None
    assert judge(chart(CANCER, condition("Z34.90", onset=30)), XRAY).change_to == "mri-without"


def test_the_newest_imaging_is_told_with_its_day_and_study() -> None:
    scans = [report("30679-5", days_ago=60, id="b"), report("72100", days_ago=20, id="a")]

    for given in (scans, scans[::-1]):
        imaging = judge(chart(*given)).recent_imaging
        assert imaging is not None
        assert (imaging.reference, str(imaging.date), imaging.text) == (
            "DiagnosticReport/a",
            "2026-11-04",
            "lumbar X-ray",
        )


def test_of_two_scans_of_one_day_always_the_same_is_told() -> None:
    scans = [report("30679-5", days_ago=20, id="b"), report("72100", days_ago=20, id="a")]

    for given in (scans, scans[::-1]):
        imaging = judge(chart(*given)).recent_imaging
        assert imaging is not None
        assert imaging.reference == "DiagnosticReport/b"
