"""Property P5, safety rule 4: no text names an NSAID when a rule speaks against one, or its data are unknown."""

import re
from datetime import timedelta

import pytest
from builders import TODAY, chart, condition, judge, knowledge, medicine, patient, unreadable
from case_strategies import any_cases, deferrable_cases
from flag_evidence import evidence_of
from hypothesis import given, settings
from hypothesis import strategies as st

from watchful.clinical.assessment import Assessment, Decision, MedicineStatus, PainPlan
from watchful.clinical.knowledge.compiled import Rule
from watchful.content.cards import card_words
from watchful.content.handout import handout_case, handout_words
from watchful.content.load import card_languages, languages, load
from watchful.content.medicines import safe_medicines
from watchful.content.plan import PlanDates
from watchful.content.talk import talk_words

NSAIDS = ("nsaid-oral", "nsaid-topical")
RULES = [rule for rule in knowledge().rules if set(NSAIDS) & {*rule.row.block, *rule.row.caution}]
NEEDED = (
    "Patient",
    "AllergyIntolerance",
    "Condition",
    "MedicationRequest",
    "Observation",
    "Encounter",
    "Procedure",
)
NAMES = re.compile(
    r"ibuprof|naprox|diclofen|nsaid|anti-inflam|antiinflam|advil|aleve|motrin|"
    r"إيبوبروفين|نابروكسين|ديكلوفيناك|布洛芬|萘普生|双氯芬酸",
    re.IGNORECASE,
)


def every_text(found: Assessment) -> str:
    """All that card, talk track and handout say, in every language that is shipped."""
    dates = PlanDates(TODAY, TODAY + timedelta(days=21), TODAY + timedelta(days=42))
    medicines = safe_medicines(found.pain_plan)
    said: list[str] = []
    for language in sorted(languages()):
        content = load(language)
        case = handout_case(found, dates, contact="", demo=True, offered=(language,), medicines=medicines)
        said.append(repr(handout_words(case, content)))
        said.append(talk_words(found, content, dates, medicines=medicines).text)
    if found.decision is not Decision.SILENT:
        said += [repr(card_words(found, load(name), dates, demo=True)) for name in sorted(card_languages())]
    return "\n".join(said)


def test_a_clear_chart_names_one_so_the_property_can_fail() -> None:
    text = every_text(judge(chart(who=patient(gender="male"))))

    assert len(NAMES.findall(text)) >= 2 * len(languages())


A_TENTH = settings(max_examples=settings.default.max_examples // 10)
"""For tests that run once a rule or a type: together they look at as many charts as the others, and at more."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.row.id)
@A_TENTH
@given(data=st.data())
def test_no_nsaid_where_a_rule_is_met(rule: Rule, data: st.DataObject) -> None:
    found = data.draw(deferrable_cases()).with_evidence(data.draw(evidence_of(rule))).judged()

    assert not NAMES.search(every_text(found))


@pytest.mark.parametrize("kind", NEEDED)
@A_TENTH
@given(data=st.data())
def test_no_nsaid_where_its_data_are_unknown(kind: str, data: st.DataObject) -> None:
    case = data.draw(deferrable_cases())
    found = case.with_resources([*case.resources, unreadable(kind)]).judged()

    assert not NAMES.search(every_text(found))


@given(any_cases())
def test_what_is_named_is_clear(case) -> None:  # type: ignore[no-untyped-def]
    found = case.judged()
    plan = found.pain_plan

    clear = all(plan.medicine(name).status is MedicineStatus.CLEAR for name in NSAIDS)
    assert clear or not NAMES.search(every_text(found))


def test_an_assessment_without_a_plan_names_nothing() -> None:
    assert safe_medicines(PainPlan()).clear == ()


def test_a_medicine_on_file_is_not_repeated_to_the_patient() -> None:
    found = judge(chart(medicine("5640"), condition("K25.4", onset=30)))

    assert not NAMES.search(every_text(found))
