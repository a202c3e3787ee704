"""Property P6: the card of any chart, in every language of cards, keeps the rules of its words."""

import re

import pytest
from assessments import body_of
from builders import TODAY, knowledge
from card_rules import every_text, obeys_the_rules, opens_with_what_matters
from case_strategies import Case, any_cases, deferrable_cases
from flag_evidence import evidence_of
from hypothesis import HealthCheck, Phase, assume, find, given, settings
from hypothesis import strategies as st
from wording import FOUND_IN_RECORD

from watchful.clinical.assessment import Assessment, Decision
from watchful.content.cards import CardWords, card_words
from watchful.content.dates import short_day
from watchful.content.frames import FRAMES, USUAL, Frame
from watchful.content.load import card_languages, load
from watchful.content.plan import PlanDates, plan_dates

SPEAKING = [each for each in Decision if each is not Decision.SILENT]
LANGUAGES = sorted(card_languages())


def dates_of(found: Assessment) -> PlanDates:
    return plan_dates(found, today=TODAY, windows=knowledge().windows)


def words_of(found: Assessment, language: str, frame: Frame) -> CardWords:
    return card_words(found, load(language), dates_of(found), demo=True, frame=frame)


def keeps_every_rule(found: Assessment, language: str, frame: Frame) -> None:
    """Rules 1 to 5, 8 and 11 of clinical.md §1.5 (a); the door's tests hold the rest."""
    content = load(language)
    words = words_of(found, language, frame)
    body = body_of(words, language)
    obeys_the_rules(words, language, {each.text for flag in found.present() for each in flag.evidence})
    opens_with_what_matters(
        found.decision, body, language, short_day(dates_of(found).six_weeks, TODAY, content.locale)
    )
    assert len(re.findall("ACR", words.detail)) <= 1
    assert words.note in words.detail or found.decision is not Decision.DEFER
    assert "[x]" not in words.note.lower()
    if found.decision is Decision.DEFER:
        assert FOUND_IN_RECORD[language] in words.summary
        assert content.cards.note.heading in words.detail
    for kind in found.unknown:
        assert content.cards.gaps.by_class[kind.value] in words.note
    if found.first_visit is not True:
        assert content.cards.defer.first_visit not in words.detail


@st.composite
def flagged_cases(draw: st.DrawFn) -> Case:
    """Evidence of one or two flags in a chart that was deferrable: the cards that are rare among any charts."""
    case = draw(deferrable_cases())
    for flag in draw(st.lists(st.sampled_from(knowledge().flags), min_size=1, max_size=2, unique_by=id)):
        case = case.with_evidence(draw(evidence_of(flag)))
    return case


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@pytest.mark.parametrize(
    "cases", [any_cases(), deferrable_cases(), flagged_cases()], ids=["any", "plain", "flagged"]
)
@given(data=st.data())
def test_the_card_of_a_chart_keeps_every_rule(cases: st.SearchStrategy[Case], data: st.DataObject) -> None:
    found = data.draw(cases).judged()
    assume(found.decision is not Decision.SILENT)
    frame = data.draw(st.sampled_from(FRAMES)) if found.decision is Decision.DEFER else USUAL

    keeps_every_rule(found, data.draw(st.sampled_from(LANGUAGES)), frame)


@pytest.mark.parametrize("decision", SPEAKING)
def test_such_charts_reach_every_kind_of_card_so_the_property_can_fail(decision: Decision) -> None:
    looking = settings(phases=[Phase.generate], max_examples=2000, database=None)

    case = find(
        flagged_cases() | deferrable_cases(), lambda each: each.judged().decision is decision, settings=looking
    )

    assert every_text(words_of(case.judged(), "en", USUAL))
