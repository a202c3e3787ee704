"""The patient's page in every language and variant: order, dates, required parts, forbidden words."""

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from assessments import SIX_WEEKS, TODAY, an_assessment, dates_of
from hypothesis import given
from hypothesis import strategies as st
from wording import EMERGENCY_NOW, OTHER_MEDICINES, PATIENT_FORBIDDEN, QUESTION_MARKS, medicines_named

from watchful.content.dates import spoken_day
from watchful.content.handout import HandoutCase, HandoutWords, handout_case, handout_words
from watchful.content.load import languages, load
from watchful.content.measure import count_words
from watchful.content.medicines import NOT_IF_PREGNANT, NOTHING_KNOWN, Medicine, SafeMedicines
from watchful.content.plain import handout_text

ORDER = ["pain", "why", "helps", "expect", "plan", "emergency", "scan"]
EVERY_MEDICINE = SafeMedicines(clear=tuple(Medicine))
LANGUAGES = sorted(languages())


def a_case(**changes: Any) -> HandoutCase:
    values: dict[str, Any] = {
        "language": "en",
        "modality": "mri",
        "today": TODAY,
        "follow_up": TODAY + timedelta(weeks=3),
        "six_weeks": SIX_WEEKS,
        "contact": "Clinic, 555-0100",
    }
    return HandoutCase(**values | changes)


def every_case() -> Iterator[HandoutCase]:
    for modality, leg, pregnancy, older, medicines, (contact, demo, agreement) in itertools.product(
        ("xr", "ct", "mri"),
        (False, True),
        ("no", "yes", "possible"),
        (False, True),
        (NOTHING_KNOWN, EVERY_MEDICINE),
        (("", False, True), ("555-0100", True, True), ("555-0100", False, False)),
    ):
        yield a_case(
            modality=modality,
            leg_pain=leg,
            pregnancy=pregnancy,
            older=older,
            contact=contact,
            demo=demo,
            medicines=medicines,
            agreement=agreement,
        )


CASES = list(every_case())


def bullets(words: HandoutWords, section: str) -> tuple[str, ...]:
    return next(each.bullets for each in words.sections if each.id == section)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_keeps_order_and_rules(language: str) -> None:
    content = load(language)
    texts = content.handout
    opening, closing = QUESTION_MARKS[language]
    for case in CASES:
        words = handout_words(case, content)
        text = handout_text(words)
        assert [section.id for section in words.sections] == ORDER
        assert all(s.heading.startswith(opening) and s.heading.endswith(closing) for s in words.sections)
        assert not PATIENT_FORBIDDEN[language].search(text), PATIENT_FORBIDDEN[language].search(text)
        assert not OTHER_MEDICINES.search(text)
        assert count_words(text.replace("- ", ""), language) <= 600
        assert spoken_day(TODAY, content.locale) in words.dated
        plan = " ".join(bullets(words, "plan"))
        assert spoken_day(case.follow_up, content.locale) in plan
        assert spoken_day(SIX_WEEKS, content.locale) in plan
        assert texts.modality.of(case.modality) in plan
        assert case.contact or "______" in plan
        assert texts.plan.change in plan
        assert (texts.plan.sign in text) is case.agreement
        lead = next(s.paragraphs[0] for s in words.sections if s.id == "emergency")
        assert EMERGENCY_NOW[language] in lead.casefold()
        assert "911" in lead
        assert len(bullets(words, "emergency")) == 7 + (case.pregnancy != "no")
        assert (texts.expect.leg_pain in text) is case.leg_pain
        assert (texts.why.leg_pain in text) is case.leg_pain
        assert (texts.helps.pregnancy in text) is (case.pregnancy != "no")
        assert (texts.helps.sleep in text) is (case.pregnancy == "no")
        assert (texts.helps.older in text) is case.older
        assert (texts.medicine.open in text) is (case.medicines == NOTHING_KNOWN)
        assert bool(words.demo) is case.demo


def test_the_english_page_says_what_it_must() -> None:
    text = handout_text(handout_words(a_case(), load("en")))
    assert "Your pain medicine: ______" in text
    assert "We will check in with you on Monday, November 30, 2026." in text
    assert "not clearly better by Monday, December 21, 2026, we talk about a scan" in text
    assert "Go to the emergency room now, or dial 911" in text
    assert "This plan can change." in text
    assert "in 2 to 6 weeks" in text
    assert "Reach us here: Clinic, 555-0100" in text
    assert "an X-ray" in handout_text(handout_words(a_case(modality="xr"), load("en")))


@given(
    clear=st.lists(st.sampled_from([*Medicine, "aspirin", "opioid", "ibuprofen", "NSAID-ORAL", ""]), unique=True),
    notes=st.lists(st.sampled_from([NOT_IF_PREGNANT, "ibuprofen", "take aspirin"]), unique=True),
    pregnancy=st.sampled_from(["no", "yes", "possible"]),
    language=st.sampled_from(LANGUAGES),
    leg_pain=st.booleans(),
    older=st.booleans(),
    modality=st.sampled_from(["xr", "ct", "mri"]),
)
def test_no_blocked_or_unknown_medicine_is_ever_named(
    clear: list[str],
    notes: list[str],
    pregnancy: Any,
    language: str,
    leg_pain: bool,
    older: bool,
    modality: Any,
) -> None:
    """Whatever the pain plan hands over: the clear medicines that we have words for are named, and no other."""
    case = a_case(
        medicines=SafeMedicines(clear=tuple(clear), notes=tuple(notes)),
        pregnancy=pregnancy,
        leg_pain=leg_pain,
        older=older,
        modality=modality,
    )
    content = load(language)
    words = handout_words(case, content)
    text = handout_text(words)
    allowed = {str(each) for each in Medicine} & set(clear)
    if pregnancy == "yes":
        allowed &= {"acetaminophen"}
    assert medicines_named(text) == allowed
    assert not OTHER_MEDICINES.search(text)
    texts = content.handout.medicine
    assert (texts.open in text) is (not allowed)
    assert (texts.label in text) is bool(allowed)
    assert (texts.not_both in text) is ({"nsaid-oral", "nsaid-topical"} <= allowed)
    nsaids = allowed - {"acetaminophen"}
    warned = pregnancy == "possible" or NOT_IF_PREGNANT in notes
    assert text.count(texts.not_if_pregnant) == (len(nsaids) if warned else 0)


def test_one_date_where_both_visits_fall_together() -> None:
    text = handout_text(handout_words(a_case(follow_up=SIX_WEEKS), load("en")))
    assert text.count("December 21") == 1
    assert "not clearly better then" in text


def test_a_page_reveals_nothing_of_the_record() -> None:
    """A pregnancy, on record or only possible, is spoken of in the same "if"."""
    recorded = handout_text(handout_words(a_case(pregnancy="yes"), load("en")))
    possible = handout_text(handout_words(a_case(pregnancy="possible"), load("en")))
    assert recorded == possible
    assert "If you are pregnant or may be" in recorded


def test_a_case_survives_the_store_and_holds_no_more_than_the_page_needs() -> None:
    assessment = an_assessment(leg_pain=True, age=67, language="es")
    case = handout_case(
        assessment,
        dates_of(assessment),
        contact="x",
        demo=True,
        offered=("en", "es"),
        medicines=EVERY_MEDICINE,
        large=True,
    )
    assert case.language == "es"
    assert case.follow_up == date(2026, 11, 23)
    assert case.older
    assert HandoutCase.from_json(case.to_json()) == case
    assert set(msgspec.json.decode(case.to_json())) == set(HandoutCase.__struct_fields__)


def test_a_case_of_the_version_before_still_opens() -> None:
    """Cases live for hours: a new version of the service meets those that the old one wrote."""
    old = (
        b'{"language":"en","modality":"mri","today":"2026-11-09","follow_up":"2026-11-30","six_weeks":"2026-12-21",'
        b'"contact":"","leg_pain":false,"pregnancy":"no","older":false,"demo":false}'
    )
    assert HandoutCase.from_json(old) == a_case(contact="")


@pytest.mark.parametrize("broken", [b"", b"{}", b"nonsense", b'{"language":1}'])
def test_a_broken_case_is_loud(broken: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        HandoutCase.from_json(broken)
