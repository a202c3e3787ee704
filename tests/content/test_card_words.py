"""Every card, for every decision, reason, modality and variant, keeps the rules of its words."""

import itertools
import re
from datetime import date, timedelta
from typing import Any

import pytest
from assessments import SIX_WEEKS, TODAY, a_flag, an_assessment, an_order, body_of, words_of
from card_rules import MEDICINES, every_text, obeys_the_rules, opens_with_what_matters
from hypothesis import given
from hypothesis import strategies as st
from wording import CARD_FORBIDDEN, FOUND_IN_RECORD

from watchful.clinical.assessment import Decision, Duration, Evidence, Tier
from watchful.clinical.dates import PartialDate, day
from watchful.clinical.facts import DataClass
from watchful.clinical.knowledge.units import with_unit
from watchful.content.dates import short_day
from watchful.content.frames import FRAMES, USUAL, Frame
from watchful.content.load import card_languages, load

REASONS = {
    Decision.DEFER: ["acute-no-flag", "something-new"],
    Decision.REVIEW: [
        "hard-flag",
        "suppress-flag",
        "weak-flags",
        "subacute",
        "recent-imaging",
        "duration-not-in-chart",
        "data-gap",
        "setting-unknown",
        "emergency-department-flag",
        "acute-on-chronic",
        "suspicion-in-order-text",
        "chronic-with-weak-flag",
        "repeat-visits",
        "something-new",
        "summary",
    ],
    Decision.CHANGE: ["wrong-study", "something-new"],
    Decision.URGENT: ["emergency", "something-new"],
}
FLAGS: dict[str, tuple[Any, ...]] = {
    "none": (),
    "one": (a_flag("osteoporosis", text="osteoporosis"),),
    "many": (
        a_flag("spondylitis-with-trauma", Tier.EMERGENCY, suspected=True, text="long label " * 9),
        a_flag("drug-use-remission", Tier.TEXT, reference="Encounter/2", when=None),
        a_flag(
            "unheard-of", Tier.SUPPRESS, reference="Weird/2", when=PartialDate(date(2026, 1, 1), date(2026, 1, 31))
        ),
    ),
}
VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "assumed": {"duration": Duration(days=None, source="history", confidence="assumed")},
    "at-least": {"duration": Duration(days=400, source="Condition/1", confidence="inferred")},
    "no-duration": {"duration": Duration(days=None, source="none", confidence="unknown")},
    "leg-pain-new-patient": {"leg_pain": True, "first_visit": True},
    "pregnant": {"pregnancy": "yes"},
    "perhaps-pregnant": {"pregnancy": "possible"},
    "older": {"age": 67},
    "gaps": {"unknown": tuple(DataClass), "age": None, "uncoded_problems": 12},
    "emergency-department": {"setting": "emergency"},
    "imaging": {"recent_imaging": Evidence("DiagnosticReport/1", day(date(2026, 9, 3)), "lumbar MRI")},
}
CASES = [(decision, reason) for decision, reasons in REASONS.items() for reason in reasons]


@pytest.mark.parametrize("language", sorted(card_languages()))
@pytest.mark.parametrize(("decision", "reason"), CASES)
def test_every_card_renders_and_obeys_the_rules(decision: Decision, reason: str, language: str) -> None:
    frames = FRAMES if decision is Decision.DEFER else (USUAL,)
    content = load(language)
    demonstration = content.cards.demo
    shown = short_day(SIX_WEEKS, TODAY, content.locale)
    for modality, flags, variant in itertools.product(("xr", "ct", "mri"), FLAGS, VARIANTS):
        demo = variant != "plain"  # the longer card, but for one
        if decision is Decision.DEFER and variant == "at-least":
            continue  # a duration that is only a lower bound is never short enough
        for change_to in (None, "mri-both", "xr", "ct-angiography") if decision is Decision.CHANGE else (None,):
            assessment = an_assessment(
                decision, reason, modality=modality, flags=FLAGS[flags], change_to=change_to, **VARIANTS[variant]
            )
            for frame in frames:
                words = words_of(assessment, demo=demo, frame=frame, language=language)
                obeys_the_rules(words, language)
                opens_with_what_matters(decision, body_of(words, language), language, shown)
                assert words.detail.endswith(demonstration) is demo


@given(
    decision=st.sampled_from([each for each in Decision if each is not Decision.SILENT]),
    reason=st.sampled_from(sorted({reason for reasons in REASONS.values() for reason in reasons})),
    modality=st.sampled_from(["xr", "ct", "mri"]),
    ids=st.lists(st.sampled_from(sorted(load("en").flags)), max_size=5, unique=True),
    label=st.text(max_size=80).filter(
        lambda text: not any(words.search(text) for words in (MEDICINES, *CARD_FORBIDDEN.values()))
    ),
    frame=st.sampled_from(FRAMES),
    language=st.sampled_from(sorted(card_languages())),
    suspected=st.booleans(),
    when=st.none() | st.dates(date(1990, 1, 1), TODAY).map(day),
    days=st.none() | st.integers(0, 20_000),
    confidence=st.sampled_from(["explicit", "inferred", "assumed", "unknown"]),
    source=st.sampled_from(["Condition/1", "Encounter/2", "ServiceRequest/3", "history", "none"]),
    unknown=st.lists(st.sampled_from(list(DataClass)), unique=True),
    age=st.none() | st.integers(18, 110),
    leg_pain=st.booleans(),
    first_visit=st.none() | st.booleans(),
    pregnancy=st.sampled_from(["no", "yes", "possible"]),
    uncoded=st.integers(0, 40),
    change_to=st.none() | st.sampled_from(sorted(load("en").cards.study)),
    setting=st.sampled_from([None, "ambulatory", "emergency", "inpatient"]),
    wait=st.integers(1, 42),
)
def test_any_assessment_makes_a_card_that_obeys_the_rules(
    decision: Decision,
    reason: str,
    modality: Any,
    ids: list[str],
    label: str,
    suspected: bool,
    when: PartialDate | None,
    days: int | None,
    confidence: Any,
    source: str,
    unknown: list[DataClass],
    age: int | None,
    leg_pain: bool,
    first_visit: bool | None,
    pregnancy: Any,
    uncoded: int,
    change_to: str | None,
    setting: str | None,
    wait: int,
    frame: Frame,
    language: str,
) -> None:
    if pregnancy == "yes" and (age or 0) >= 65:
        pregnancy = "no"
    assessment = an_assessment(
        decision,
        reason,
        modality=modality,
        flags=tuple(a_flag(each, text=label, suspected=suspected, when=when) for each in ids),
        duration=Duration(days=days, source=source, confidence=confidence),
        unknown=tuple(unknown),
        age=age,
        leg_pain=leg_pain,
        first_visit=first_visit,
        pregnancy=pregnancy,
        uncoded_problems=uncoded,
        change_to=change_to,
        setting=setting,
    )
    six_weeks = TODAY + timedelta(days=wait)
    obeys_the_rules(words_of(assessment, six_weeks=six_weeks, frame=frame, language=language), language)


@pytest.mark.parametrize("language", sorted(card_languages()))
@pytest.mark.parametrize("frame", FRAMES)
def test_no_summary_of_a_deferral_is_cut(frame: Frame, language: str) -> None:
    """A cut summary would lose "can wait", or the condition it hangs on."""
    for modality, flags, days in itertools.product(("xr", "ct", "mri"), ("none", "one"), (None, 0, 1, 41)):
        confidence: Any = "assumed" if days is None else "explicit"
        duration = Duration(days=days, source="history" if days is None else "Condition/1", confidence=confidence)
        assessment = an_assessment(modality=modality, flags=FLAGS[flags], duration=duration)
        summary = words_of(assessment, frame=frame, language=language).summary
        assert summary.endswith("."), summary
        assert FOUND_IN_RECORD[language] in summary


def test_a_silent_decision_has_no_words() -> None:
    with pytest.raises(ValueError, match="silent"):
        words_of(an_assessment(Decision.SILENT, "chronic"))


@pytest.mark.parametrize(
    ("modality", "order", "short"),
    [("xr", "lumbar X-ray", "X-ray"), ("ct", "lumbar CT", "CT"), ("mri", "lumbar MRI", "MRI")],
)
def test_a_deferral_speaks_of_the_study_that_was_drafted(modality: str, order: str, short: str) -> None:
    words = words_of(an_assessment(modality=modality))
    assert words.summary == (
        f"Back pain 9 days, no red flag found in the record: {order} can wait. Plan and handout ready."
    )
    assert f"{short} if not clearly better by Dec 21." in words.detail
    assert words.suggestions.remove.label == f"Remove the {order} draft"


def test_a_deferral_names_duration_source_dates_and_one_guideline_with_its_year() -> None:
    detail = words_of(an_assessment()).detail
    assert "9 days (onset recorded Oct 31)" in detail
    assert "follow-up Nov 30" in detail
    assert len(re.findall("ACR", detail)) == 1
    assert "2021, variant 1" in detail


def test_an_assumed_duration_says_when_the_card_applies() -> None:
    words = words_of(an_assessment(**VARIANTS["assumed"]))
    assert "duration unrecorded (applies under 6 weeks)" in words.detail
    assert "if under 6 weeks" in words.summary


def test_unknown_is_named_and_never_called_none() -> None:
    words = words_of(an_assessment(unknown=(DataClass.PROCEDURE, DataClass.OBSERVATION), uncoded_problems=1))
    assert "**Gaps:** procedures and results could not be read; 1 uncoded problem unchecked." in words.detail
    assert "Gaps: procedures and results could not be read" in words.note


def test_a_weak_sign_is_not_hidden_by_a_deferral() -> None:
    words = words_of(an_assessment(flags=(a_flag("raised-inflammation", Tier.TEXT, reference="Observation/3"),)))
    assert "no strong red flag found in the record" in words.summary
    assert "**Weak sign:** Raised inflammation tests (results, Mar 4, 2021)." in words.detail


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"first_visit": True}, "**New patient:** naming their worry first helps."),
        ({"leg_pain": True}, "**Leg pain:**"),
        ({"pregnancy": "yes"}, "**Pregnancy recorded:**"),
        ({"pregnancy": "possible"}, "**Pregnancy possible:**"),
        ({"age": 66}, "**Age 66:**"),
    ],
)
def test_a_deferral_carries_the_line_of_its_variant_only_then(changes: dict[str, Any], line: str) -> None:
    assert line in words_of(an_assessment(**changes)).detail
    assert line not in words_of(an_assessment()).detail
    assert "New patient" not in words_of(an_assessment(first_visit=None)).detail


def test_the_note_separates_the_chart_from_the_person_and_fills_in_neither() -> None:
    words = words_of(an_assessment())
    screen, asked, plan = words.note.split("\n\n")
    assert screen.startswith("Chart screen (Nov 9, 2026):")
    assert asked.startswith("Asked / examined:")
    assert asked.count("[ ]") >= 10
    assert "[x]" not in words.note.lower()
    assert "Nov 30" in plan
    assert words.detail.endswith(f"**Note text to copy**\n\n{words.note}")


def test_a_review_pushes_neither_way() -> None:
    for reason, modality, flags in itertools.product(REASONS[Decision.REVIEW], ("xr", "ct", "mri"), FLAGS):
        words = words_of(an_assessment(Decision.REVIEW, reason, modality=modality, flags=FLAGS[flags]))
        assert not re.search(
            r"can wait|should|recommend|fits|instead|not clearly better", words.detail + words.summary
        )
        assert ("one click away" in words.detail) is (flags != "many")  # an injury: no handout yet
        assert ("No handout until settled" in words.detail) is (flags == "many")
        assert "**If you go ahead, say:**" in words.detail


@pytest.mark.parametrize("language", sorted(card_languages()))
@pytest.mark.parametrize("pregnancy", ["no", "yes", "possible"])
def test_a_review_mentions_a_pregnancy_as_a_deferral_does(pregnancy: Any, language: str) -> None:
    texts = load(language).cards.pregnancy
    for decision, reason in ((Decision.DEFER, "acute-no-flag"), (Decision.REVIEW, "hard-flag")):
        flags = () if decision is Decision.DEFER else (a_flag("osteoporosis"),)
        assessment = an_assessment(decision, reason, flags=flags, pregnancy=pregnancy)
        detail = words_of(assessment, language=language, demo=True).detail
        assert (texts.yes in detail) is (pregnancy == "yes")
        assert (texts.possible in detail) is (pregnancy == "possible")


def test_a_review_says_where_each_flag_was_read() -> None:
    words = words_of(an_assessment(Decision.REVIEW, "hard-flag", flags=(a_flag("osteoporosis"), a_flag("fever"))))
    assert "**In the record:** Osteoporosis (problem list, Mar 4, 2021)." in words.detail
    assert "**Also:** Recent fever (problem list, Mar 4, 2021)." in words.detail
    assert words.summary.startswith("Osteoporosis in the record:")


def test_age_never_shows_a_birth_date() -> None:
    flag = a_flag("age-70-or-over", Tier.SUPPRESS, reference="Patient/1", when=day(date(1950, 2, 3)))
    words = words_of(an_assessment(Decision.REVIEW, "suppress-flag", flags=(flag,), age=76))
    assert "1950" not in "".join(every_text(words))


def test_a_change_names_finding_place_and_study() -> None:
    words = words_of(
        an_assessment(
            Decision.CHANGE, "wrong-study", modality="xr", change_to="mri-both", flags=(a_flag("cancer-active"),)
        )
    )
    assert "MRI without and with contrast" in words.summary
    assert "Active cancer (problem list" in words.detail
    assert "**Why it fits:**" in words.detail
    assert words.suggestions.change is not None
    assert words.suggestions.change.label == "Change to MRI without and with contrast"


def test_a_change_for_pregnancy_says_so() -> None:
    words = words_of(
        an_assessment(Decision.CHANGE, "wrong-study", modality="ct", change_to="mri-without", pregnancy="yes")
    )
    assert words.summary.startswith("Pregnancy: MRI without contrast")


@pytest.mark.parametrize("flag_id", sorted(flag_id for flag_id, flag in load("en").flags.items() if flag.now))
def test_an_urgent_card_says_what_where_and_now(flag_id: str) -> None:
    flag = a_flag(flag_id, Tier.EMERGENCY, reference="Encounter/3", when=day(TODAY))
    words = words_of(an_assessment(Decision.URGENT, "emergency", flags=(flag,)))
    assert words.summary.endswith("to an emergency department today.")
    assert "(visit diagnosis, Nov 9)" in words.detail
    assert "**Now:** to an emergency department today" in words.detail
    assert "go to the emergency room now" in words.detail
    assert not re.search(r"\bmay\b|\bconsider\b|\bmight\b|\bcall\b", words.detail, re.IGNORECASE)


@pytest.mark.parametrize(
    ("language", "found"), [("en", "I found a problem with"), ("es", "Encontré un problema en")]
)
def test_a_finding_told_to_the_patient_is_a_trouble_and_not_an_organ(language: str, found: str) -> None:
    flag = a_flag("aortic-aneurysm", Tier.EMERGENCY)
    assert found in words_of(an_assessment(Decision.URGENT, "emergency", flags=(flag,)), language=language).detail


def test_signs_on_record_are_not_called_a_diagnosis() -> None:
    """The row is met by a diagnosis and by urinary retention with saddle numbness alike."""
    flag = a_flag("cauda-equina", Tier.EMERGENCY, when=day(TODAY), text="Urinary retention")
    words = words_of(an_assessment(Decision.URGENT, "emergency", flags=(flag,)))
    assert words.summary.startswith("Cauda equina signs in the record (problem list)")
    assert "cauda equina syndrome" not in "".join((words.summary, words.detail, words.note)).lower()


def test_in_an_emergency_department_the_card_says_to_act_there() -> None:
    flag = a_flag("cauda-equina", Tier.EMERGENCY)
    words = words_of(an_assessment(Decision.URGENT, "emergency", flags=(flag,), setting="emergency"))
    assert "act now, in this department" in words.summary


@pytest.mark.parametrize(
    ("decision", "label"),
    [
        (Decision.DEFER, "Review, words to say and handout"),
        (Decision.REVIEW, "Review, note text and handout"),
        (Decision.CHANGE, "Review and note text"),
        (Decision.URGENT, "Review and note text"),
    ],
)
def test_the_link_to_the_app_promises_only_what_the_app_has_for_it(decision: Decision, label: str) -> None:
    assert words_of(an_assessment(decision, "something-new")).app_link == label


def test_record_labels_cannot_smuggle_markup_in() -> None:
    flag = a_flag("fever", text="<img src=x> [a](b) `c`")
    detail = words_of(an_assessment(Decision.REVIEW, "hard-flag", flags=(flag,))).detail
    assert not re.search(r"[<>`]|\]\(", detail)


def test_both_visits_become_one_where_they_fall_together() -> None:
    assert "not clearly better then" in words_of(an_assessment(), six_weeks=TODAY + timedelta(days=5)).detail
    assert "not clearly better then" not in words_of(an_assessment()).detail


def test_a_postponed_order_says_cancel_if_better() -> None:
    postpone = words_of(an_assessment()).suggestions.postpone
    assert "Dec 21" in postpone.label
    assert "cancel if better" in postpone.label
    assert postpone.description.endswith("dated Dec 21, 2026. Cancel if better.")


def test_no_word_of_an_order_label_is_needed() -> None:
    order = an_order("mri", label="LOCAL 4711 MRI LSPINE WO")
    assert "4711" not in words_of(an_assessment(order=order)).detail


@pytest.mark.parametrize("language", sorted(card_languages()))
def test_a_reading_is_shown_whole_with_both_units(language: str) -> None:
    told = with_unit(38.5, "Cel")
    flag = a_flag("fever", reference="Observation/1", text=f"body temperature {told}")
    words = words_of(an_assessment(Decision.REVIEW, "hard-flag", flags=(flag,)), language=language)
    assert "body temperature 38.5\u00a0°C, 101.3\u00a0°F (" in words.detail
    long = a_flag("fever", reference="Observation/1", text=f"temporal artery temperature {told}")
    cut = words_of(an_assessment(Decision.REVIEW, "hard-flag", flags=(long,)), language=language)
    assert "temporal artery temperature 38.5\u00a0°C… (" in cut.detail


@pytest.mark.parametrize(
    ("comparator", "said"), [("<", "under"), ("<=", "at most"), (">=", "at least"), (">", "over")]
)
def test_a_reading_over_or_under_a_number_is_shown_so(comparator: str, said: str) -> None:
    """A card drops the signs, as they could be markup: without the words the number would stand alone."""
    told = with_unit(100, "mg/L", comparator)
    flag = a_flag("marked-inflammation", reference="Observation/1", text=f"C-reactive protein {told}")
    detail = words_of(an_assessment(Decision.REVIEW, "hard-flag", flags=(flag,))).detail
    assert f"C-reactive protein {said} 100 mg/L (" in detail.replace("\u00a0", " ")
