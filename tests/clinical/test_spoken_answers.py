"""What a patient says today only ever adds to what the chart says, and a "yes" is never deferred."""

import pytest
from builders import (
    TODAY,
    back_pain,
    chart,
    condition,
    encounter,
    imaging_order,
    judge,
    knowledge,
    patient,
    report,
    unreadable,
)
from case_strategies import Case, any_cases
from hypothesis import given
from hypothesis import strategies as st

from watchful.clinical.assessment import Assessment, Decision, Evidence, Status, Tier
from watchful.clinical.dates import day
from watchful.clinical.spoken import Answer, UnknownQuestion

QUESTIONS = knowledge().questions
IDS = tuple(question.id for question in QUESTIONS)
LOUDNESS = (Decision.SILENT, Decision.DEFER, Decision.REVIEW, Decision.CHANGE, Decision.URGENT)
RIGHT_STUDY = {"right-study", "right-study-right-place"}
ANSWERS: st.SearchStrategy[dict[str, Answer]] = st.dictionaries(
    st.sampled_from(IDS), st.sampled_from(["yes", "no"])
)
CANCER = condition("C50.911", onset=300)
HOSPICE = condition("Z51.5", onset=30)


def told(question: str, *more: object, **how: object) -> Assessment:
    return judge(chart(*more), spoken={question: "yes"}, **how)  # type: ignore[arg-type]


def test_the_five_questions_and_what_a_yes_weighs() -> None:
    assert {question.id: (question.like, question.row.tier) for question in QUESTIONS} == {
        "told-saddle": ("cauda-equina", Tier.EMERGENCY),
        "told-weakness": ("motor-deficit", Tier.HARD),
        "told-infection": ("fever", Tier.HARD),
        "told-cancer": ("cancer-history", Tier.HARD),
        "told-injury": ("significant-trauma", Tier.HARD),
    }


@pytest.mark.parametrize(
    ("question", "order", "decision", "reason"),
    [
        ("told-saddle", "72148", Decision.URGENT, "emergency"),
        ("told-saddle", "72100", Decision.URGENT, "emergency"),
        ("told-weakness", "72148", Decision.REVIEW, "hard-flag"),
        ("told-weakness", "72100", Decision.REVIEW, "hard-flag"),
        ("told-infection", "72158", Decision.REVIEW, "hard-flag"),
        ("told-infection", "72100", Decision.REVIEW, "hard-flag"),
        ("told-cancer", "72148", Decision.SILENT, "right-study"),
        ("told-cancer", "72100", Decision.CHANGE, "wrong-study"),
        ("told-cancer", "72131", Decision.CHANGE, "wrong-study"),
        ("told-injury", "72131", Decision.SILENT, "right-study"),
        ("told-injury", "72100", Decision.REVIEW, "hard-flag"),
        ("told-injury", "72148", Decision.REVIEW, "hard-flag"),
    ],
)
def test_a_yes_decides_like_the_same_finding_in_the_record(
    question: str, order: str, decision: Decision, reason: str
) -> None:
    found = told(question, order=imaging_order(order))

    assert (found.decision, found.reason, found.deciding) == (decision, reason, (question,))


def test_a_yes_names_the_words_told_the_day_and_no_record() -> None:
    flag = told("told-weakness").flag("told-weakness")

    assert flag.status is Status.PRESENT
    assert flag.told
    assert flag.family == "nerve"
    assert flag.evidence == (Evidence("", day(TODAY), "new leg weakness"),)


def test_a_no_is_absent_and_what_was_not_asked_is_not_listed() -> None:
    found = judge(chart(), spoken={"told-saddle": "no"})

    assert found.flag("told-saddle").status is Status.ABSENT
    assert found.flag("told-saddle").evidence == ()
    assert [flag.id for flag in found.flags if flag.told] == ["told-saddle"]


def test_an_answer_to_no_question_is_never_dropped() -> None:
    with pytest.raises(UnknownQuestion, match="told-sadle"):
        judge(chart(), spoken={"told-sadle": "yes"})


@pytest.mark.parametrize(
    "records",
    [
        chart(HOSPICE),
        chart(who=patient(age=15)),
        chart(who=patient(birthDate=None)),
        chart(visit=encounter(setting="IMP")),
        chart(pain=back_pain(onset=300)),
        chart(report("30679-5")),
        chart(unreadable("Condition")),
        chart(unreadable("Encounter")),
        [each for each in chart() if each["id"] != "pain"],
    ],
    ids=["hospice", "child", "no age", "inpatient", "chronic", "recent", "conditions", "visit", "no back pain"],
)
def test_nothing_silences_a_spoken_emergency(records: list[dict[str, object]]) -> None:
    found = judge(records, spoken={"told-saddle": "yes"})

    assert (found.decision, found.deciding) == (Decision.URGENT, ("told-saddle",))


def test_in_an_emergency_department_a_prompt_mri_is_right() -> None:
    here = chart(visit=encounter(setting="EMER"))
    for priority, reason in (("stat", "right-study-right-place"), ("routine", "emergency")):
        assert judge(here, imaging_order(priority=priority), spoken={"told-saddle": "yes"}).reason == reason


@pytest.mark.parametrize("kind", ["Condition", "Patient"])
def test_a_yes_is_heard_where_the_chart_cannot_be_read(kind: str) -> None:
    unread = chart(unreadable(kind))

    assert judge(unread).reason == "chart-unreadable"
    assert judge(unread, spoken={"told-weakness": "yes"}).decision is Decision.REVIEW
    assert judge(unread, spoken={"told-weakness": "no"}).reason == "chart-unreadable"


def test_a_yes_is_heard_where_no_code_says_why_the_patient_came() -> None:
    uncoded = [each for each in chart() if each["id"] != "pain"]

    assert judge(uncoded).reason == "no-back-pain-this-visit"
    assert judge(uncoded, spoken={"told-weakness": "yes"}).decision is Decision.REVIEW
    assert judge(uncoded, spoken={"told-weakness": "no"}).reason == "no-back-pain-this-visit"


@pytest.mark.parametrize(
    "records", [chart(HOSPICE), chart(who=patient(age=15)), chart(visit=encounter(setting="IMP"))]
)
def test_a_spoken_hard_flag_stays_out_of_scope_like_one_in_the_record(records: list[dict[str, object]]) -> None:
    assert judge(records, spoken={"told-weakness": "yes"}).decision is Decision.SILENT


@pytest.mark.parametrize("onset", [9, 60, 300])
def test_a_spoken_hard_flag_comes_before_the_duration(onset: int) -> None:
    found = judge(chart(pain=back_pain(onset=onset)), spoken={"told-weakness": "yes"})

    assert (found.decision, found.reason) == (Decision.REVIEW, "hard-flag")


def test_weakness_that_is_told_beside_sciatica_on_both_sides_is_an_emergency() -> None:
    both = (condition("M54.41", id="right", onset=9), condition("M54.42", id="left", onset=9))

    assert judge(chart(*both)).decision is Decision.REVIEW
    found = judge(chart(*both), spoken={"told-weakness": "yes"})
    assert (found.decision, found.deciding) == (Decision.URGENT, ("bilateral-leg-weakness",))


def test_a_fall_that_is_told_is_named_beside_a_stiff_spine() -> None:
    found = judge(chart(condition("M45.9", onset=3000)), imaging_order("72100"), spoken={"told-injury": "yes"})

    assert (found.decision, found.deciding) == (Decision.REVIEW, ("axial-spondyloarthritis", "told-injury"))


def test_what_the_chart_says_stands_beside_a_no() -> None:
    order = imaging_order("72100")

    silent, said = judge(chart(CANCER), order), judge(chart(CANCER), order, spoken={"told-cancer": "no"})
    assert said.decision is silent.decision is Decision.CHANGE
    assert said.deciding == silent.deciding == ("cancer-active",)


@given(any_cases(), ANSWERS)
def test_no_answer_makes_a_decision_weaker_but_where_the_study_is_right(
    case: Case, answers: dict[str, Answer]
) -> None:
    before, after = case.judged(), case.judged(spoken=answers)

    assert LOUDNESS.index(after.decision) >= LOUDNESS.index(before.decision) or (
        after.decision is Decision.SILENT
        and after.reason in RIGHT_STUDY
        and before.decision is not Decision.URGENT
    )


@given(any_cases(), ANSWERS.filter(lambda answers: "yes" in answers.values()))
def test_a_yes_is_never_deferred(case: Case, answers: dict[str, Answer]) -> None:
    assert case.judged(spoken=answers).decision is not Decision.DEFER


@given(any_cases(), st.sets(st.sampled_from(IDS)))
def test_no_everywhere_is_the_same_as_not_asked(case: Case, asked: set[str]) -> None:
    before, after = case.judged(), case.judged(spoken=dict.fromkeys(asked, "no"))

    assert (after.decision, after.reason, after.deciding) == (before.decision, before.reason, before.deciding)
    assert tuple(flag for flag in after.flags if not flag.told) == before.flags
    assert after.pain_plan == before.pain_plan


@given(any_cases(), ANSWERS)
def test_no_answer_takes_a_finding_or_its_evidence_away(case: Case, answers: dict[str, Answer]) -> None:
    before, after = case.judged(), case.judged(spoken=answers)

    for flag in before.present():
        assert after.flag(flag.id).status is Status.PRESENT
        assert set(flag.evidence) <= set(after.flag(flag.id).evidence)
    assert {flag.id for flag in after.flags if flag.told} == set(answers)


@given(any_cases(), st.permutations(list(IDS)))
def test_the_order_of_the_answers_does_not_matter(case: Case, order: list[str]) -> None:
    answers: dict[str, Answer] = {question: "yes" for question in order}

    assert case.judged(spoken=answers) == case.judged(spoken=dict.fromkeys(IDS, "yes"))
