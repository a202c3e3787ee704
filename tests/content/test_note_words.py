"""The note keeps what the chart says apart from what was asked, and fills in nothing that was not answered."""

import re

import pytest
from app_words import ALL_NO, CONTENT, QUESTIONS, note
from builders import back_pain, condition, encounter, imaging_order, knowledge, patient, unreadable
from hypothesis import given
from hypothesis import strategies as st
from wording import BARE_RED_FLAG, CARD_FORBIDDEN

from watchful.clinical.spoken import Answer
from watchful.content.measure import count_words

ANSWERS: st.SearchStrategy[dict[str, Answer]] = st.dictionaries(
    st.sampled_from(QUESTIONS), st.sampled_from(["yes", "no"])
)
TOLD = {question.id: question.told for question in knowledge().questions}
CASES = {
    "defer": note(),
    "defer, all no": note(answers=ALL_NO),
    "told weakness": note(answers={"told-weakness": "yes"}),
    "subacute": note(pain=back_pain(onset=50)),
    "change": note(condition("C50.911", onset=300), order=imaging_order("72100")),
    "urgent": note(condition("G83.4", onset=0)),
    "urgent, told": note(answers={"told-saddle": "yes"}),
    "urgent, here": note(condition("G83.4", onset=0), visit=encounter(setting="EMER")),
    "silent": note(condition("C50.911", onset=300)),
    "unreadable": note(unreadable("Condition")),
}


def parts(text: str) -> tuple[str, str, str]:
    screen, asked, plan = text.rstrip("\n").split("\n\n")
    return screen, asked, plan


@pytest.mark.parametrize("case", CASES)
def test_every_note_keeps_the_rules_of_its_words(case: str) -> None:
    text = CASES[case]
    screen, asked, plan = parts(text)

    assert screen.startswith("Chart screen (Nov 24, 2026):")
    assert asked.startswith("Asked / examined:")
    assert plan.startswith("Plan:")
    assert not CARD_FORBIDDEN["en"].search(text)
    assert not BARE_RED_FLAG["en"].search(text)
    assert not re.search(r"told-|\(\)|  |\bNone\b(?! found)|\.\.(?!\.)", text)
    assert f"knowledge {knowledge().version}" in screen
    assert count_words(text) <= 180


@given(ANSWERS)
def test_only_what_was_answered_is_filled_in(answers: dict[str, Answer]) -> None:
    screen, asked, _ = parts(note(answers=answers))

    for question, told in TOLD.items():
        line = {"yes": f"Asked, yes: {told}.", "no": f"Asked, no: {told}.", None: f"[ ] {told}"}
        assert line[answers.get(question)] in asked.splitlines()
        assert told not in screen
    for examined in CONTENT.note.asked.examined:
        assert examined.startswith("[ ] ")
        assert examined in asked.splitlines()
    assert "[x]" not in asked.lower()


@given(ANSWERS)
def test_answers_never_change_what_the_screen_says_was_found(answers: dict[str, Answer]) -> None:
    found = [line for line in parts(note())[0].splitlines() if "found in the record" in line]

    assert found == ["No red flag found in the record."]
    assert found[0] in parts(note(answers=answers))[0].splitlines()


def test_what_was_found_is_named_with_its_record_and_date() -> None:
    screen, _, _ = parts(CASES["change"])
    assert "Found in the record: active cancer: breast cancer (problem list, Jan 28, 2026)." in screen


def test_a_decision_that_rests_on_answers_says_so() -> None:
    assert "This rests on the answers below." in parts(CASES["told weakness"])[0]
    assert "This rests on the answers below." not in CASES["change"]
    assert "This rests on the answers below." not in CASES["defer, all no"]


def test_gaps_are_named_and_an_unreadable_chart_is_no_screen() -> None:
    screen, _, _ = parts(CASES["unreadable"])
    assert "None found in the parts of the record that could be read." in screen
    assert "No red flag found in the record" not in screen
    assert "Gaps: problems could not be read." in screen


@pytest.mark.parametrize(
    ("case", "lines"),
    [
        ("defer", ["Offered: heat", "Follow-up Dec 15, 2026", "by Jan 5, 2027", "Return precautions given [ ]"]),
        ("told weakness", ["Plan: ____", "If waiting: Follow-up Dec 15, 2026", "Return precautions given [ ]"]),
        ("change", ["Order MRI without and with contrast.", "Return precautions given [ ]"]),
        ("urgent", ["Emergency department today for: emergency MRI", "Handover given [ ]"]),
        ("urgent, told", ["Emergency department today for: emergency MRI", "Handover given [ ]"]),
        ("urgent, here", ["In this department now: emergency MRI", "Handover given [ ]"]),
        ("silent", ["Plan: ____", "Return precautions given [ ]"]),
    ],
)
def test_the_plan_of_each_decision(case: str, lines: list[str]) -> None:
    plan = parts(CASES[case])[2]
    assert [line for line in lines if line not in plan] == []


def test_no_name_of_the_patient_is_in_it() -> None:
    who = patient(name=[{"family": "Quillfeather", "given": ["Zenobia"]}])
    text = note(who=who)
    assert "Quillfeather" not in text
    assert "Zenobia" not in text
    assert who["birthDate"] not in text


def test_a_sooner_follow_up_is_the_same_as_on_the_card() -> None:
    older = note(who=patient(age=67))
    assert "Follow-up Dec 8, 2026" in older
