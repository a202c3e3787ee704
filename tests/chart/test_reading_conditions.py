"""What a Condition says: verification, clinical status, abatement, dates, this visit, words (§3.1)."""

from typing import Any

import pytest
from builders import TODAY, ago, chart, condition, encounter, facts_of, imaging_order, judge

from watchful.clinical.assessment import MedicineStatus
from watchful.clinical.dates import day
from watchful.clinical.facts import Finding

CANCER = "C50.911"


def _read(*conditions: dict[str, Any], **how: Any) -> list[Finding]:
    """The findings about cancer."""
    return [each for each in facts_of(chart(*conditions), **how).findings if "cancer" in each.concepts]


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
def test_what_was_never_true_is_dropped(verification: str) -> None:
    assert _read(condition(CANCER, verification=verification)) == []


@pytest.mark.parametrize("verification", ["unconfirmed", "provisional", "differential"])
def test_a_suspicion_is_kept_as_one(verification: str) -> None:
    assert [each.certainty for each in _read(condition(CANCER, verification=verification))] == ["suspected"]


@pytest.mark.parametrize("verification", [None, "confirmed"])
def test_confirmed_or_unsaid_is_a_fact(verification: str | None) -> None:
    assert [each.certainty for each in _read(condition(CANCER, verification=verification))] == ["confirmed"]


@pytest.mark.parametrize("clinical", [None, "active", "recurrence", "relapse"])
def test_active_or_unsaid_is_current(clinical: str | None) -> None:
    assert [each.current for each in _read(condition(CANCER, clinical=clinical))] == [True]


@pytest.mark.parametrize("clinical", ["inactive", "remission", "resolved"])
def test_a_resolved_problem_is_past(clinical: str) -> None:
    assert [each.current for each in _read(condition(CANCER, clinical=clinical))] == [False]


@pytest.mark.parametrize(
    "abatement",
    [
        {"abatementDateTime": "2007"},
        {"abatementPeriod": {"start": "2007-01"}},
        {"abatementPeriod": {"end": "2007-01"}},
        {"abatementString": "years ago"},
        {"abatementAge": {"value": 33, "code": "a"}},
        {"abatementRange": {"low": {"value": 33}}},
    ],
    ids=lambda abatement: next(iter(abatement)),
)
def test_any_form_of_abatement_makes_an_active_problem_past(abatement: dict[str, Any]) -> None:
    assert [each.as_of(TODAY).current for each in _read(condition(CANCER, **abatement))] == [False]


STILL_TO_COME = [
    {"abatementDateTime": ago(-90)},
    {"abatementDateTime": "2031"},
    {"abatementPeriod": {"end": ago(-90)}},
    {"abatementPeriod": {"start": ago(20), "end": ago(-90)}},
]


@pytest.mark.parametrize("abatement", STILL_TO_COME, ids=str)
def test_a_problem_is_current_until_the_day_of_its_end(abatement: dict[str, Any]) -> None:
    assert [each.as_of(TODAY).current for each in _read(condition(CANCER, **abatement))] == [True]
    assert not any(
        each.as_of(TODAY).current for each in _read(condition(CANCER, clinical="resolved", **abatement))
    )


@pytest.mark.parametrize("abatement", STILL_TO_COME, ids=str)
def test_a_pregnancy_with_its_end_still_to_come_is_one(abatement: dict[str, Any]) -> None:
    found = judge(chart(condition("Z34.90", recorded=60, **abatement))).pain_plan

    assert judge(chart()).pain_plan.medicine("nsaid-oral").status is MedicineStatus.CLEAR
    assert found.medicine("nsaid-oral").status is not MedicineStatus.CLEAR


@pytest.mark.parametrize(
    "code",
    ["Z80.3", "Z12.31", "Z03.89", "Z11.4", "C44.91", "D05.10", "429740004", "413096007", "275919002", "Z85.828"],
)
def test_family_screening_ruled_out_and_negated_concepts_are_no_red_flag(code: str) -> None:
    before, after = facts_of(chart()), facts_of(chart(condition(code)))

    assert after.findings == before.findings


def test_a_family_history_resource_is_never_read() -> None:
    mother = {"resourceType": "FamilyMemberHistory", "id": "mother", "condition": [{"code": {"text": "cancer"}}]}

    assert facts_of(chart(mother)) == facts_of(chart())


def test_onset_comes_before_the_recorded_date() -> None:
    (both,) = _read(condition(CANCER, onset=100, recorded=3))
    (recorded,) = _read(condition(CANCER, recorded=3))
    (period,) = _read(condition(CANCER, onsetPeriod={"start": "2026-03"}))

    assert str(both.event) == ago(100)
    assert str(recorded.event) == ago(3)
    assert str(period.event) == "2026-03"


@pytest.mark.parametrize("written", ["yesterday", "2026-13", "2026-02-30", "11/24/2026", ""])
def test_a_date_that_is_none_leaves_the_finding_undated(written: str) -> None:
    assert [each.event for each in _read(condition(CANCER, onsetDateTime=written))] == [None]


@pytest.mark.parametrize(
    ("visit", "order"),
    [
        ({}, {"reasonReference": [{"reference": "Condition/here"}]}),
        ({}, {"reasonReference": [{"reference": "https://ehr.example.org/r4/Condition/here/_history/2"}]}),
        ({"reasonReference": [{"reference": "Condition/here"}]}, {}),
        ({"diagnosis": [{"condition": {"reference": "Condition/here"}}]}, {}),
    ],
    ids=["order reason", "order reason, absolute and versioned", "visit reason", "visit diagnosis"],
)
def test_what_order_or_visit_name_belongs_to_this_visit(visit: dict[str, Any], order: dict[str, Any]) -> None:
    facts = facts_of(chart(condition(CANCER, id="here"), visit=encounter(**visit)), imaging_order(**order))

    assert [each.this_visit for each in facts.findings if "cancer" in each.concepts] == [True]


def test_a_condition_linked_to_the_encounter_belongs_to_this_visit() -> None:
    assert [each.this_visit for each in _read(condition(CANCER, here=True))] == [True]
    assert [each.this_visit for each in _read(condition(CANCER))] == [False]


def test_uncoded_problems_are_counted_each_once() -> None:
    uncoded = condition("x", system="urn:local", id="uncoded", text="knee trouble")

    assert facts_of(chart(uncoded, uncoded)).uncoded_problems == 1
    assert facts_of(chart(condition("I10"))).uncoded_problems == 0


def test_a_code_that_nobody_knows_and_no_name_is_an_uncoded_problem() -> None:
    bare = condition({"coding": _coded("999999999999")}, id="bare")
    named = condition({"coding": [_coded("999999999999")[0] | {"display": "Ingrown toenail"}]}, id="named")
    written = condition({"coding": _coded("999999999999"), "text": "Ingrown toenail"}, id="written")

    assert facts_of(chart(bare)).uncoded_problems == 1
    assert judge(chart(bare)).pain_plan.medicine("nsaid-oral").status is not MedicineStatus.CLEAR
    assert facts_of(chart(named, written)).uncoded_problems == 0


@pytest.mark.parametrize("system", ["urn:oid:2.16.840.1.113883.6.90", "http://hl7.org/fhir/sid/icd-10-cm"])
@pytest.mark.parametrize("code", ["C50911", "c50.911", "C50.911", "C50.9", "C50"])
def test_icd_codes_are_read_in_every_spelling(system: str, code: str) -> None:
    assert len(_read(condition(code, system=system))) == 1


def test_one_known_coding_among_others_is_enough() -> None:
    concept = {"coding": [{"system": "urn:local", "code": "1"}, {"code": "C50.911"}, *_coded("254837009")]}

    assert len(_read(condition(concept, id="mixed"))) == 1


def _coded(code: str) -> list[dict[str, str]]:
    return [{"system": "http://snomed.info/sct", "code": code}]


def test_alarming_words_of_a_back_pain_condition_are_read() -> None:
    said = condition("M54.50", id="said", here=True, text="back pain, possible cauda equina")

    assert any("alarming-text" in each.concepts for each in facts_of(chart(said)).findings)
    assert not any("alarming-text" in each.concepts for each in facts_of(chart()).findings)


def test_today_is_a_day_of_the_chart() -> None:
    assert [each.event for each in _read(condition(CANCER, onset=0))] == [day(TODAY)]
