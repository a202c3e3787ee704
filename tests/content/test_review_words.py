"""The review page: the decision first, every flag once, and never unknown or told passed for recorded."""

import re
import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest
from app_words import ALL_NO, CONTENT, QUESTIONS, every_line, page, page_of
from assessments import a_flag, an_assessment
from builders import (
    ago,
    back_pain,
    chart,
    condition,
    encounter,
    imaging_order,
    judge,
    knowledge,
    medicine,
    observation,
    patient,
    report,
    unreadable,
)
from wording import BARE_RED_FLAG, CARD_FORBIDDEN

from watchful.clinical.assessment import Decision, Status, Tier
from watchful.clinical.facts import DataClass
from watchful.clinical.spoken import Answer
from watchful.content.explain import reason_words
from watchful.content.load import HERE, card_languages, load
from watchful.content.measure import count_words
from watchful.content.review import read_notice

CANCER = condition("C50.911", onset=300)
CAUDA_EQUINA = condition("G83.4", onset=0)
CASES = {
    "defer": page(),
    "defer, weak": page(who=patient(age=67)),
    "defer, all no": page(answers=ALL_NO),
    "defer, length unknown": page(pain=back_pain(onset=None)),
    "told weakness": page(answers={"told-weakness": "yes"}),
    "told everything": page(answers=dict.fromkeys(QUESTIONS, "yes")),
    "told injury, many found": page(
        condition("M81.0"), CANCER, who=patient(age=72), answers={"told-injury": "yes"}
    ),
    "recent imaging": page(report("30679-5")),
    "subacute": page(pain=back_pain(onset=50), who=patient(age=72)),
    "data gap": page(unreadable("MedicationRequest")),
    "setting": page(visit=encounter(setting=None)),
    "duration": page(pain=back_pain(onset=None), history=None),  # type: ignore[arg-type]
    "change": page(CANCER, order=imaging_order("72100")),
    "change, told": page(order=imaging_order("72131"), answers={"told-cancer": "yes"}),
    "urgent": page(CAUDA_EQUINA),
    "urgent, here": page(CAUDA_EQUINA, visit=encounter(setting="EMER")),
    "urgent, told": page(answers={"told-saddle": "yes"}),
    "urgent, told, here": page(answers={"told-saddle": "yes"}, visit=encounter(setting="EMER")),
    "silent, fits": page(CANCER),
    "silent, unreadable": page(unreadable("Condition")),
    "silent, child": page(CANCER, who=patient(age=15)),
    "silent, chronic": page(pain=back_pain(onset=300)),
}


@pytest.mark.parametrize("case", CASES)
def test_every_page_keeps_the_rules_of_its_words(case: str) -> None:
    words = CASES[case]

    assert 0 < len(words.headline) <= 160
    assert words.headline.endswith(".")
    assert 1 <= len(words.next) <= 5
    assert count_words(" ".join((words.headline, *words.next))) <= 90
    for line in every_line(words):
        assert not CARD_FORBIDDEN["en"].search(line), line
        assert not BARE_RED_FLAG["en"].search(line), line
        assert not re.search(r"told-|\(\)|  |\bNone\b(?! found)|;\.|\.\.", line), line
    for line in words.next:
        assert len(line.split()) <= 30
        assert line[-1] in ".”"


@pytest.mark.parametrize("line", re.findall(r'= "((?:[^"\\]|\\.)+)"', (HERE / "en/review.toml").read_text()))
def test_no_line_of_the_file_breaks_them_either(line: str) -> None:
    plain = re.sub(r"\{\w+\}", "x", line)
    assert not CARD_FORBIDDEN["en"].search(plain)
    assert not BARE_RED_FLAG["en"].search(plain)
    assert len(plain.split()) <= 25


@pytest.mark.parametrize(
    ("case", "headline"),
    [
        ("defer", "Back pain 9 days, no red flag found in the record: the lumbar MRI can wait."),
        ("told weakness", "New leg weakness (told today): weigh this before the lumbar MRI."),
        ("recent imaging", "Lumbar imaging within 90 days is already on file: weigh this before the lumbar MRI."),
        ("data gap", "The chart could not be screened in full: weigh this before the lumbar MRI."),
        (
            "change",
            "Active cancer in the record: "
            "MRI without and with contrast fits better than the drafted lumbar X-ray.",
        ),
        (
            "urgent, told",
            "Bladder or bowel change, or saddle numbness (told today): to an emergency department today.",
        ),
        (
            "silent, fits",
            "Active cancer in the record: the drafted lumbar MRI fits it, so there is nothing to add.",
        ),
        ("silent, unreadable", "The chart could not be read, so nothing can be said about the lumbar MRI."),
    ],
)
def test_the_decision_in_one_sentence(case: str, headline: str) -> None:
    assert CASES[case].headline == headline


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({"pregnancy": "yes"}, ["Pregnancy is on record: heat, movement and physical therapy still fit."]),
        ({"pregnancy": "possible"}, ["Pregnancy is possible: settle that first."]),
        (
            {"leg_pain": True, "age": 67},
            ["Leg pain: same plan; recheck leg strength each visit.", "Age 67: ask twice about falls."],
        ),
        ({"age": 64}, []),
    ],
)
def test_what_bends_the_plan_stands_under_it_as_on_the_card(changes: dict[str, Any], lines: list[str]) -> None:
    _ask, _examine, plan, *bent = page_of(an_assessment(**changes)).next
    assert plan.startswith("Treat the pain")
    assert bent == lines


def test_every_reason_for_silence_has_its_sentence() -> None:
    silent = CONTENT.review.headline.silent
    by_flag = {"right-study", "right-study-right-place"}
    spoken_for = set(silent) - {"other"} | by_flag
    decided_aloud = {
        "emergency", "wrong-study", "mri-unsafe-device", "hard-flag", "suspicion-in-order-text", "recent-imaging",
        "chronic-with-weak-flag", "acute-on-chronic", "subacute", "repeat-visits", "data-gap", "setting-unknown",
        "suppress-flag", "emergency-department-flag", "weak-flags", "duration-not-in-chart", "acute-no-flag",
        "not-in-scope", "orders-not-sent", "off",
    }  # fmt: skip
    assert set(reason_words()) - decided_aloud - spoken_for == set()


def test_a_finding_that_asks_for_a_study_is_not_left_to_judgement_in_the_next_line() -> None:
    told, plain = CASES["told weakness"].next, CASES["recent imaging"].next
    assert "What it asks for: full neurological examination and urgent MRI." in told
    assert told[-1].startswith("If you confirm it, act on that; if not, order or wait, as you judge.")
    assert plain[-1] == "Order or wait, as you judge. If you wait, plan and handout are ready."


def test_a_silence_beside_a_strong_flag_says_so() -> None:
    assert CONTENT.review.next.found_anyway in CASES["silent, child"].next
    assert CONTENT.review.next.found_anyway not in CASES["silent, fits"].next


def test_a_deferral_begins_with_what_a_chart_cannot_tell() -> None:
    texts = CONTENT.review.next
    assert page().next[0] == texts.ask_all
    assert page(answers={"told-saddle": "no"}).next[0] == "Ask the 4 questions still open below."
    assert page(answers={**ALL_NO, "told-saddle": "no"}).next[0] == texts.all_no
    left_one: dict[str, Answer] = {each: "no" for each in QUESTIONS[1:]}
    assert page(answers=left_one).next[0] == "Ask the 1 question still open below."
    assert page().next[-1].endswith("follow-up Dec 15, MRI if not clearly better by Jan 5.")


def test_an_emergency_says_go_now_and_in_the_department_says_act() -> None:
    office, here = CASES["urgent, told"].next, CASES["urgent, told, here"].next
    assert "What you told me can be" in office[-1]
    assert "please go to the emergency room now" in office[-1]
    assert "emergency room" not in " ".join(here)
    assert "I found" in CASES["urgent"].next[-1]


def test_what_was_told_is_marked_and_is_no_record() -> None:
    first = CASES["told weakness"].board.present[0]
    assert first.name == "New leg weakness"
    assert (first.tier, first.marks) == ("strong sign", ("decided", "told today"))
    assert [(each.kind, each.reference, each.date) for each in first.evidence] == [
        ("Told today", "", "Nov 24, 2026")
    ]
    assert "found in the record" not in first.why


def test_what_was_found_shows_its_records_newest_first() -> None:
    words = page(
        observation("8310-5", 38.4, "Cel", id="older", days_ago=3),
        observation("8310-5", 38.9, "Cel", id="newer", days_ago=1),
    )
    (fever,) = words.board.present
    assert [(each.kind, each.reference, each.date) for each in fever.evidence] == [
        ("Result", "Observation/newer", "Nov 23, 2026"),
        ("Result", "Observation/older", "Nov 21, 2026"),
    ]
    assert fever.group == "Infection and immune defence"


def test_a_partial_date_stays_partial_and_no_birth_date_is_shown() -> None:
    words = page(condition("M81.0", onset=None, onsetDateTime=ago(900)[:4]), who=patient(age=72))
    evidence = {each.kind: each.date for flag in words.board.present for each in flag.evidence}
    assert evidence == {"Problem list entry": ago(900)[:4], "Patient details": ""}


def test_the_flag_that_decided_comes_first_then_the_weightier() -> None:
    words = page(
        condition("M81.0"),
        observation("8310-5", 38.6, "Cel"),
        who=patient(age=72),
        answers={"told-weakness": "yes"},
    )
    decided = [flag.id for flag in words.board.present if "decided" in flag.marks]
    assert [flag.id for flag in words.board.present][: len(decided)] == decided
    assert [flag.id for flag in words.board.present] == [
        "fever",
        "told-weakness",
        "osteoporosis",
        "age-70-or-over",
    ]


@pytest.mark.parametrize(
    "records",
    [
        chart(),
        chart(CANCER, condition("I71.40"), who=patient(age=72)),
        chart(unreadable("Condition"), condition("I71.40")),
        chart(unreadable("MedicationRequest"), medicine("8640")),
    ],
)
def test_every_flag_stands_on_the_board_and_no_name_stands_twice(records: list[dict[str, object]]) -> None:
    found = judge(records)
    board = page_of(found).board
    present = [flag.name.casefold() for flag in board.present]
    unknown = [name.casefold() for group in board.unknown for name in group.flags]
    absent = [name.casefold() for group in board.absent for name in group.flags]

    assert not set(present) & set(unknown)
    assert not (set(present) | set(unknown)) & set(absent)
    assert len(absent) == len(set(absent))
    names = {CONTENT.flags[flag.id].name.casefold(): flag.status for flag in found.flags}
    assert set(names) == {*present, *unknown, *absent}
    for flag in found.flags:
        if flag.status is Status.UNKNOWN:
            assert CONTENT.flags[flag.id].name.casefold() in {*present, *unknown}


@pytest.mark.parametrize(
    ("records", "told"),
    [
        ([condition("G83.4", onset=0)], ["cauda-equina"]),
        ([condition("G83.4", onset=0), condition("R32", onset=2)], ["cauda-equina", "cauda-equina-possible"]),
        ([condition("I71.40")], ["aortic-aneurysm"]),
    ],
)
def test_a_flag_that_another_covers_is_told_once(records: list[dict[str, object]], told: list[str]) -> None:
    assert [flag.id for flag in page(*records).board.present] == told


def test_nothing_found_is_said_only_where_everything_was_looked_for() -> None:
    assert page().board.nothing == "No red flag found in the record"
    assert page(unreadable("MedicationRequest")).board.nothing == ""
    assert page(CANCER).board.nothing == ""


def test_every_family_of_the_catalogue_has_its_group() -> None:
    grouped = [family for group in CONTENT.review.board.group for family in group.families]
    assert {flag.row.family for flag in knowledge().flags} == set(grouped)


def test_the_groups_are_few_enough_to_read() -> None:
    board = page().board
    assert len(board.absent) <= 7
    assert all(count_words(group.line) <= 40 for group in board.absent)


def test_a_flag_without_words_is_called_by_its_title() -> None:
    odd = an_assessment(Decision.REVIEW, "hard-flag", flags=(a_flag("fever", Tier.HARD),))
    bare = page_of(odd)
    assert bare.board.present[0].group == CONTENT.review.board.other_group


def test_the_duration_names_its_record() -> None:
    words = page()
    assert words.duration == "Low back pain for 9 days (onset recorded Nov 15)."
    assert words.duration_source == "Read from Condition/pain."
    unknown = page(pain=back_pain(onset=None))
    assert (unknown.duration, unknown.duration_source) == (
        "Low back pain: duration unrecorded (applies under 6 weeks).", ""
    )  # fmt: skip


def test_gaps_are_unknown_and_never_absent() -> None:
    words = page(unreadable("MedicationRequest"))
    assert words.unread == "Gaps: medicines could not be read. What stands there is unknown, not absent."
    assert not words.whole
    assert page().whole


def test_a_question_is_never_answered_for_the_clinician() -> None:
    words = page(answers={"told-saddle": "no", "told-weakness": "yes"})
    assert [(each.field, each.answer) for each in words.questions][:3] == [
        ("q.told-saddle", "no"),
        ("q.told-weakness", "yes"),
        ("q.told-infection", None),
    ]
    assert [each.id for each in words.questions] == list(QUESTIONS)


def test_the_notice_tells_when_the_chart_was_read() -> None:
    at = datetime(2026, 11, 9, 17, 5, tzinfo=UTC)
    assert read_notice("card", at, CONTENT) == "The chart as it was read at 5:05\u202fPM for the card."
    assert read_notice("again", at, CONTENT) == "The chart was read again, at 5:05\u202fPM."


@pytest.mark.parametrize("language", sorted(card_languages()))
def test_another_language_without_these_files_has_the_english_ones(language: str) -> None:
    assert load(language).review.headline.defer
    assert load(language).note.asked.examined


def test_the_file_covers_every_kind_of_record() -> None:
    kinds = tomllib.loads((HERE / "en/review.toml").read_text())["board"]["kind"]
    assert {each.value for each in DataClass} <= set(kinds)
