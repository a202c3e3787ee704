"""One order of judgement: emergencies before scope, hard flags before timing, gaps before deferral (§0.1)."""

from typing import Any

import pytest
from builders import (
    Resource,
    ago,
    back_pain,
    chart,
    concept,
    condition,
    encounter,
    imaging_order,
    judge,
    medicine,
    observation,
    patient,
    procedure,
    report,
    unreadable,
)

from watchful.clinical.assessment import Assessment, Decision

CAUDA_EQUINA = condition("G83.4", onset=0, here=True)
CANCER = condition("C50.911", onset=300)
HOSPICE = condition("Z51.5", onset=30)


def _answer(found: Assessment) -> tuple[str, str]:
    return found.decision, found.reason


@pytest.mark.parametrize(
    "records",
    [
        chart(CAUDA_EQUINA),
        chart(CAUDA_EQUINA, HOSPICE),
        chart(CAUDA_EQUINA, who=patient(age=15)),
        chart(CAUDA_EQUINA, who=patient(birthDate=None)),
        chart(CAUDA_EQUINA, pain=back_pain(onset=300)),
        chart(CAUDA_EQUINA, report("30679-5")),
        chart(CAUDA_EQUINA, visit=encounter(setting=None)),
        chart(CAUDA_EQUINA, visit=encounter(setting="IMP")),
        chart(CAUDA_EQUINA, unreadable("Condition")),
        chart(CAUDA_EQUINA, unreadable("Patient")),
        [each for each in chart(CAUDA_EQUINA) if each["id"] != "pain"],
    ],
    ids=[
        "alone",
        "hospice",
        "a child",
        "no birth date",
        "chronic",
        "recent imaging",
        "unknown setting",
        "inpatient",
        "conditions in part",
        "patient in part",
        "no back pain code",
    ],
)
def test_nothing_silences_an_emergency(records: list[Resource]) -> None:
    assert _answer(judge(records)) == (Decision.URGENT, "emergency")


def test_an_order_for_six_weeks_from_now_does_not_silence_an_emergency() -> None:
    assert judge(chart(CAUDA_EQUINA), imaging_order(occurrenceDateTime=ago(-60))).decision is Decision.URGENT


@pytest.mark.parametrize(
    ("setting", "priority", "study", "signing", "decision"),
    [
        ("EMER", "stat", "72148", True, Decision.SILENT),
        ("EMER", "asap", "72148", True, Decision.SILENT),
        ("IMP", "stat", "72148", True, Decision.SILENT),
        ("OBSENC", "stat", "72148", True, Decision.SILENT),
        ("EMER", "urgent", "72148", True, Decision.URGENT),
        ("EMER", "routine", "72148", True, Decision.URGENT),
        ("EMER", None, "72148", True, Decision.URGENT),
        ("EMER", None, "72148", False, Decision.SILENT),
        ("EMER", "routine", "72148", False, Decision.SILENT),
        ("EMER", "stat", "72131", True, Decision.URGENT),
        ("EMER", "stat", "72100", True, Decision.URGENT),
        ("AMB", "stat", "72148", True, Decision.URGENT),
        ("VR", "stat", "72148", True, Decision.URGENT),
        (None, "stat", "72148", True, Decision.URGENT),
        ("AMB", "stat", "72148", False, Decision.URGENT),
    ],
)
def test_an_emergency_is_left_alone_only_with_a_prompt_mri_where_it_can_be_done(
    setting: str | None, priority: str | None, study: str, signing: bool, decision: Decision
) -> None:
    records = chart(CAUDA_EQUINA, visit=encounter(setting=setting))

    assert judge(records, imaging_order(study, priority=priority), signing=signing).decision is decision


def test_priority_does_not_matter_without_an_emergency() -> None:
    answers = {
        judge(chart(), imaging_order(priority=priority), signing=signing).decision
        for priority in ("routine", "urgent", "asap", "stat", None)
        for signing in (True, False)
    }
    assert answers == {Decision.DEFER}


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        (chart(who=patient(age=17)), "under-18"),
        (chart(HOSPICE), "hospice"),
        (chart(visit=encounter(setting="IMP")), "inpatient"),
        (chart(visit=encounter(setting="OBSENC")), "inpatient"),
        (chart(CANCER, who=patient(age=17)), "under-18"),
        (chart(CANCER, HOSPICE), "hospice"),
        (chart(CANCER, visit=encounter(setting="IMP")), "inpatient"),
    ],
)
def test_out_of_scope_is_silent_also_beside_a_hard_flag(records: list[Resource], reason: str) -> None:
    assert _answer(judge(records, imaging_order("72100"))) == (Decision.SILENT, reason)


@pytest.mark.parametrize("marker", [observation("1988-5", 30, "mg/L"), observation("6690-2", 14, "10*3/uL")])
def test_past_drug_use_beside_a_raised_marker_is_not_deferred(marker: Resource) -> None:
    """Row 9 of the reference: each alone changes the words only."""
    past = condition("F11.21", onset=900)

    assert judge(chart(past)).decision is judge(chart(marker)).decision is Decision.DEFER
    assert _answer(judge(chart(past, marker))) == (Decision.REVIEW, "weak-flags")


@pytest.mark.parametrize(
    ("record", "hospice"),
    [
        (encounter("palliative", days_ago=365, reasons=["Z51.5"]), True),
        (encounter("palliative", days_ago=366, reasons=["Z51.5"]), False),
        (encounter("palliative", days_ago=None, reasons=["Z51.5"]), False),
        (procedure("103735009", days_ago=365), True),
        (procedure("103735009", days_ago=1100), False),
        (condition("Z51.5", onset=1100), True),
        (condition("Z51.5"), True),
    ],
    ids=["a year", "longer", "undated", "procedure", "old procedure", "old problem", "undated problem"],
)
def test_palliative_care_of_long_ago_is_no_hospice(record: Resource, hospice: bool) -> None:
    found = judge(chart(CANCER, record), imaging_order("72100"))

    assert _answer(found) == ((Decision.SILENT, "hospice") if hospice else (Decision.CHANGE, "wrong-study"))


def test_hospice_in_the_past_is_no_hospice() -> None:
    assert judge(chart(condition("Z51.5", onset=900, clinical="resolved"))).decision is Decision.DEFER


@pytest.mark.parametrize(
    ("days", "decision"), [(41, Decision.DEFER), (42, Decision.SILENT), (90, Decision.SILENT)]
)
def test_an_order_dated_on_or_after_the_six_week_date_is_left_alone(days: int, decision: Decision) -> None:
    assert judge(chart(), imaging_order(occurrenceDateTime=ago(-days))).decision is decision
    period = imaging_order(occurrencePeriod={"start": ago(-days)})
    assert judge(chart(), period).decision is decision


def test_an_order_dated_by_a_month_counts_from_its_first_day() -> None:
    assert judge(chart(), imaging_order(occurrenceDateTime="2027-01")).decision is Decision.DEFER
    assert judge(chart(), imaging_order(occurrenceDateTime="2027-02")).reason == "already-dated"


@pytest.mark.parametrize("kind", ["Patient", "Condition"])
def test_without_patient_or_conditions_there_is_no_answer(kind: str) -> None:
    assert _answer(judge(chart(unreadable(kind)))) == (Decision.SILENT, "chart-unreadable")


@pytest.mark.parametrize("kind", ["Patient", "Condition"])
def test_a_hard_flag_found_elsewhere_is_told_all_the_same(kind: str) -> None:
    feverish = chart(unreadable(kind), observation("8310-5", 38.6, "Cel"))

    assert _answer(judge(feverish)) == (Decision.REVIEW, "hard-flag")
    assert judge(chart(unreadable(kind), CANCER), imaging_order("72100")).decision is Decision.CHANGE


def test_a_hard_flag_with_the_right_study_does_not_hide_that_the_chart_is_unreadable() -> None:
    assert judge(chart(unreadable("Condition"), CANCER)).reason == "chart-unreadable"


def test_unknown_medicines_are_a_gap() -> None:
    assert _answer(judge(chart(unreadable("MedicationRequest")))) == (Decision.REVIEW, "data-gap")
    assert _answer(judge(chart(medicine(None)))) == (Decision.REVIEW, "data-gap")


def test_an_unknown_age_is_a_gap() -> None:
    assert _answer(judge(chart(who=patient(birthDate=None)))) == (Decision.REVIEW, "data-gap")


@pytest.mark.parametrize("kind", ["Observation", "Procedure", "DiagnosticReport", "ServiceRequest"])
def test_other_gaps_are_named_beside_the_answer(kind: str) -> None:
    found = judge(chart(unreadable(kind)))

    assert _answer(found) == (Decision.DEFER, "acute-no-flag")
    assert found.unknown == (kind,)


def test_an_unreadable_visit_leads_to_no_conclusion() -> None:
    records = [each for each in chart(unreadable("Encounter")) if each["id"] not in ("pain", "visit")]

    assert _answer(judge(records)) == (Decision.SILENT, "visit-unreadable")
    assert judge([*records, CANCER], imaging_order("72100")).decision is Decision.CHANGE


@pytest.mark.parametrize("code", [None, "FLD", "local"])
def test_an_unknown_setting_is_never_deferred(code: str | None) -> None:
    assert _answer(judge(chart(visit=encounter(setting=code)))) == (Decision.REVIEW, "setting-unknown")


def test_the_emergency_department_defers_only_without_a_flag_of_any_tier() -> None:
    emergency = encounter(setting="EMER")

    assert judge(chart(visit=emergency)).decision is Decision.DEFER
    flagged = judge(chart(visit=emergency, who=patient(age=55)))
    assert _answer(flagged) == (Decision.REVIEW, "emergency-department-flag")


def test_the_severest_flag_speaks_and_all_of_its_weight_are_named() -> None:
    found = judge(chart(CANCER, condition("M46.46", onset=5), condition("M81.0")), imaging_order("72100"))

    assert found.decision is Decision.CHANGE
    assert found.deciding == ("cancer-active", "spinal-infection")


def test_a_right_study_for_one_flag_does_not_hide_another() -> None:
    found = judge(chart(CANCER, observation("8310-5", 38.6, "Cel")))

    assert (found.decision, found.deciding) == (Decision.REVIEW, ("fever",))


@pytest.mark.parametrize("onset", [9, 60, 300])
def test_hard_flags_come_before_the_duration(onset: int) -> None:
    found = judge(chart(CANCER, pain=back_pain(onset=onset)), imaging_order("72100"))

    assert found.decision is Decision.CHANGE


def test_a_suspicion_in_the_words_of_the_order_is_a_review() -> None:
    said = imaging_order("72100", reasonCode=[concept(text="LBP, r/o mets")])

    assert _answer(judge(chart(), said)) == (Decision.REVIEW, "suspicion-in-order-text")
    assert judge(chart(), imaging_order(reasonCode=[concept(text="no sign of cancer")])).decision is Decision.DEFER


@pytest.mark.parametrize("code", ["30679-5", "30620-9", "24972-2", "72100"])
@pytest.mark.parametrize(
    ("days", "reason"), [(0, "recent-imaging"), (90, "recent-imaging"), (91, "acute-no-flag")]
)
def test_recent_imaging_in_any_modality_is_a_review(code: str, days: int, reason: str) -> None:
    assert judge(chart(report(code, days_ago=days))).reason == reason
    assert judge(chart(procedure(code, days_ago=days))).reason == reason


def test_preliminary_imaging_counts_and_imaging_of_an_unknown_day_does_not() -> None:
    found = judge(chart(report("30679-5", status="preliminary")))

    assert found.reason == "recent-imaging"
    assert found.recent_imaging is not None
    assert found.recent_imaging.reference == "DiagnosticReport/r-30679-5"
    assert judge(chart(report("30679-5", days_ago=None))).decision is Decision.DEFER


@pytest.mark.parametrize(
    ("more", "order", "answer"),
    [
        ([], {}, (Decision.REVIEW, "subacute")),
        ([procedure("97161", days_ago=42)], {}, (Decision.SILENT, "conservative-care-tried")),
        ([procedure("97161", days_ago=41)], {}, (Decision.REVIEW, "subacute")),
        ([procedure("97161", days_ago=42, status="not-done")], {}, (Decision.REVIEW, "subacute")),
        ([procedure("97161", days_ago=42)], {"code": "72100"}, (Decision.REVIEW, "subacute")),
        ([procedure("97161", days_ago=None)], {}, (Decision.REVIEW, "subacute")),
    ],
    ids=["no care", "6 weeks of care", "a day less", "not done", "an X-ray", "undated"],
)
def test_subacute_pain_with_and_without_care(
    more: list[Resource], order: dict[str, Any], answer: tuple[Decision, str]
) -> None:
    assert _answer(judge(chart(*more, pain=back_pain(onset=50)), imaging_order(**_code(order)))) == answer


def test_a_suppressing_flag_alone_is_a_review_and_speaks_in_chronic_pain() -> None:
    assert judge(chart(who=patient(age=70))).reason == "suppress-flag"
    chronic = judge(chart(who=patient(age=70), pain=back_pain(onset=300)))
    assert _answer(chronic) == (Decision.REVIEW, "chronic-with-weak-flag")


def test_two_text_flags_of_one_family_are_a_review_and_of_two_families_are_not() -> None:
    crp, white_cells = observation("1988-5", 12, "mg/L"), observation("6690-2", 13, "10*9/L")

    assert judge(chart(crp)).decision is Decision.DEFER
    assert judge(chart(crp, who=patient(age=55))).decision is Decision.DEFER
    assert judge(chart(crp, white_cells)).reason == "weak-flags"


def _code(order: dict[str, Any]) -> dict[str, Any]:
    return {"code": concept(order["code"])} if order else {}
