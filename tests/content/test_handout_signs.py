"""A paper that sends its reader to the emergency room for what is known of them already contradicts the plan."""

import msgspec
import pytest
from app_words import page
from assessments import a_flag, an_assessment, words_of
from builders import chart, judge, knowledge, observation

from watchful.clinical.assessment import Decision, Status, Tier
from watchful.content.handout_signs import SIGNS, may_give_handout, unsettled
from watchful.content.load import card_languages, languages, load

FEVER = an_assessment(Decision.REVIEW, "hard-flag", flags=(a_flag("fever"),))
OSTEOPOROSIS = an_assessment(Decision.REVIEW, "hard-flag", flags=(a_flag("osteoporosis"),))


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_handout_names_every_sign(language: str) -> None:
    signs = msgspec.structs.asdict(load(language).handout.emergency.signs)
    assert set(SIGNS) <= set(signs)
    assert len({*signs.values()}) == len(signs)


def test_every_flag_of_a_sign_is_one_that_never_defers() -> None:
    """So a deferral always has its handout."""
    tiers = {flag.row.id: flag.row.tier for flag in knowledge().flags} | {
        question.id: question.row.tier for question in knowledge().questions
    }
    for flag_id in (each for flags in SIGNS.values() for each in flags):
        assert tiers[flag_id] in (Tier.EMERGENCY, Tier.HARD, Tier.SUPPRESS), flag_id


def test_a_question_is_a_sign_where_the_row_it_is_like_is_one() -> None:
    listed = {each for flags in SIGNS.values() for each in flags}
    for question in knowledge().questions:
        assert (question.id in listed) is (question.like in listed), question.id


@pytest.mark.parametrize("decision", Decision)
def test_a_handout_may_be_given_where_the_order_may_wait_and_no_such_sign_is_open(decision: Decision) -> None:
    calm = an_assessment(decision, flags=(a_flag("osteoporosis"),))
    assert may_give_handout(calm) is (decision in (Decision.DEFER, Decision.REVIEW))
    assert not may_give_handout(an_assessment(decision, flags=(a_flag("osteoporosis"), a_flag("fever"))))


def test_only_what_is_present_is_open() -> None:
    absent = msgspec.structs.replace(a_flag("fever"), status=Status.ABSENT)
    assert unsettled(an_assessment(Decision.REVIEW, flags=(absent,))) == ()
    told = judge(chart(), spoken={"told-weakness": "yes"})
    assert [flag.id for flag in unsettled(told)] == ["told-weakness"]
    measured = judge(chart(observation("8310-5", 38.6, "Cel")))
    assert [flag.id for flag in unsettled(measured)] == ["fever"]


@pytest.mark.parametrize("language", sorted(card_languages()))
def test_the_card_says_to_settle_it_first_and_promises_no_handout(language: str) -> None:
    texts = load(language).cards
    open_, calm = words_of(FEVER, language=language), words_of(OSTEOPOROSIS, language=language)
    promises = (texts.review.plan, texts.review.ready)
    for promise in promises:
        assert promise not in open_.summary + open_.detail
        assert promise in calm.summary + calm.detail
    assert texts.review.settle in open_.detail
    assert open_.app_link == texts.app_link_no_handout
    assert calm.app_link == texts.app_link["ReviewImaging"]


def test_the_review_page_says_so_too() -> None:
    for words in (page(observation("8310-5", 38.6, "Cel")), page(answers={"told-weakness": "yes"})):
        assert words.next[-1].endswith("No handout yet: it would send this patient to the emergency room.")
