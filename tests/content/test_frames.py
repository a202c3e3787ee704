"""Three wordings of one deferral: the same facts, and each clinician keeps the one that was drawn."""

from collections import Counter

import pytest
from assessments import an_assessment, body_of, words_of

from watchful.clinical.assessment import Decision
from watchful.content.frames import FRAMES, USUAL, Frame, choose_frame
from watchful.content.load import load
from watchful.journal.keys import Keys

KEYS = Keys("a secret of a test, long enough")


def user_hash(user: str) -> str:
    return KEYS.hash("general", "frame", user)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_site_can_fix_one(frame: Frame) -> None:
    assert choose_frame(frame, user_hash("Practitioner/1")) == frame
    assert choose_frame(frame, None) == frame


def test_a_clinician_always_gets_the_same_and_each_frame_about_as_often() -> None:
    drawn = [choose_frame("random", user_hash(f"Practitioner/{number}")) for number in range(900)]
    assert drawn == [choose_frame("random", user_hash(f"Practitioner/{number}")) for number in range(900)]
    counts = Counter(drawn)
    assert set(counts) == set(FRAMES)
    assert min(counts.values()) > 240


def test_another_site_draws_anew() -> None:
    here = [choose_frame("random", KEYS.hash("general", "frame", f"P/{number}")) for number in range(60)]
    there = [choose_frame("random", KEYS.hash("other", "frame", f"P/{number}")) for number in range(60)]
    assert here != there


def test_a_call_without_a_user_gets_the_usual_frame() -> None:
    assert choose_frame("random", None) == USUAL == "reason-first"


def test_frames_differ_in_order_and_not_in_facts() -> None:
    texts = load("en").cards
    bodies = {frame: body_of(words_of(an_assessment(), frame=frame)) for frame in FRAMES}
    assert bodies["reason-first"].startswith("**Why:**")
    assert bodies["plan-first"].startswith("**Plan:**")
    assert bodies["trust-first"].startswith("**Worry first; ask:**")
    for frame, body in bodies.items():
        assert "9 days (onset recorded Oct 31); no red flag found in the record." in body
        assert texts.check in body
        assert texts.ask.partition(":** ")[2] in body
        assert "follow-up Nov 30, MRI if not clearly better by Dec 21" in body
        assert texts.defer.say.of(frame) in body
    assert len({words_of(an_assessment(), frame=frame).summary for frame in FRAMES}) == 3


@pytest.mark.parametrize("decision", [Decision.REVIEW, Decision.URGENT])
def test_only_a_deferral_has_frames(decision: Decision) -> None:
    assert len({words_of(an_assessment(decision, "any"), frame=frame).detail for frame in FRAMES}) == 1
