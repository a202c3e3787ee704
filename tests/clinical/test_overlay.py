"""A site's policy over the shipped knowledge: what it may move, and what it may never loosen in silence."""

import pytest
from builders import TODAY, chart, condition, drafted, facts_of, imaging_order, judge, knowledge, observation

from watchful.clinical.assess import assess
from watchful.clinical.assessment import Decision, Tier
from watchful.clinical.knowledge import KnowledgeError
from watchful.clinical.knowledge.compiled import Question
from watchful.clinical.knowledge.overlay import RISK_MARK, LocalConcept, Overlay, Threshold, lay_over

EMERGENCIES = {flag.row.family for flag in knowledge().flags if flag.row.tier is Tier.EMERGENCY}
GRAVE = [flag.row.id for flag in knowledge().flags if flag.row.tier is Tier.HARD or flag.row.family in EMERGENCIES]
LIGHT = [flag.row.id for flag in knowledge().flags if flag.row.id not in GRAVE]


def test_no_policy_is_the_shipped_knowledge() -> None:
    assert lay_over(knowledge(), Overlay()) is knowledge()


@pytest.mark.parametrize("flag", GRAVE)
def test_an_emergency_or_hard_flag_is_not_switched_off_without_an_accepted_risk(flag: str) -> None:
    with pytest.raises(KnowledgeError, match=f"loosens {flag}.*accept_risk"):
        lay_over(knowledge(), Overlay(disable=(flag,)))


@pytest.mark.parametrize("question", [question.id for question in knowledge().questions])
def test_what_a_spoken_answer_means_is_not_changed_at_all(question: str) -> None:
    with pytest.raises(KnowledgeError, match=f"spoken answer.*{question}"):
        lay_over(knowledge(), Overlay(disable=(question,), accept_risk="decided"))
    with pytest.raises(KnowledgeError, match=f"spoken answer.*{question}"):
        lay_over(
            knowledge(),
            Overlay(thresholds=(Threshold(flag=question, measured="fever", at_least=41),), accept_risk="decided"),
        )


@pytest.mark.parametrize("question", knowledge().questions, ids=lambda question: question.id)
def test_a_row_that_is_off_for_records_still_counts_when_told(question: Question) -> None:
    ours = lay_over(knowledge(), Overlay(disable=(question.like,), accept_risk="decided"))

    found = judge(chart(), known=ours, spoken={question.id: "yes"})

    assert found.decision is judge(chart(), spoken={question.id: "yes"}).decision
    assert found.deciding == ((question.id,) if found.decision is not Decision.DEFER else ())


@pytest.mark.parametrize("reason", ["", "   "])
def test_an_empty_reason_accepts_nothing(reason: str) -> None:
    with pytest.raises(KnowledgeError, match="accept_risk"):
        lay_over(knowledge(), Overlay(disable=("fever",), accept_risk=reason))


@pytest.mark.parametrize("flag", GRAVE)
def test_an_accepted_risk_stands_in_the_version_that_every_journal_row_carries(flag: str) -> None:
    ours = lay_over(knowledge(), Overlay(disable=(flag,), accept_risk="decided by the safety board"))

    assert flag not in {each.row.id for each in ours.flags}
    assert ours.version.startswith(knowledge().version)
    assert ours.version.endswith(RISK_MARK)


@pytest.mark.parametrize("flag", LIGHT)
def test_a_light_flag_may_be_switched_off(flag: str) -> None:
    ours = lay_over(knowledge(), Overlay(disable=(flag,)))

    assert flag not in {each.row.id for each in ours.flags}
    assert RISK_MARK not in ours.version


@pytest.mark.parametrize(
    "overlay",
    [
        Overlay(windows={"post_operative_days": 400}),
        Overlay(codes=(LocalConcept(value_set="hospice", system="urn:x", code="1", label="x"),)),
        Overlay(codes=(LocalConcept(value_set="prior-lumbar-surgery", system="urn:x", code="1", label="x"),)),
    ],
)
def test_what_would_silence_a_hard_flag_needs_an_accepted_risk_too(overlay: Overlay) -> None:
    with pytest.raises(KnowledgeError, match="accept_risk"):
        lay_over(knowledge(), overlay)


def test_a_shorter_silence_after_surgery_needs_none() -> None:
    assert RISK_MARK not in lay_over(knowledge(), Overlay(windows={"post_operative_days": 30})).version


def test_a_hard_threshold_may_be_tightened_but_not_loosened() -> None:
    tighter = Threshold(flag="fever", measured="body-temperature", at_least=37.5)
    looser = Threshold(flag="fever", measured="body-temperature", at_least=39.0)

    records = chart(observation("8310-5", 37.7, "Cel"))
    strict = lay_over(knowledge(), Overlay(thresholds=(tighter,)))

    assert judge(records).decision is Decision.DEFER
    assert judge(records, known=strict).decision is Decision.REVIEW
    with pytest.raises(KnowledgeError, match="loosens fever"):
        lay_over(knowledge(), Overlay(thresholds=(looser,)))


def test_a_low_limit_loosens_downwards() -> None:
    with pytest.raises(KnowledgeError, match="loosens low-t-score"):
        lay_over(
            knowledge(),
            Overlay(thresholds=(Threshold(flag="low-t-score", measured="t-score-spine", at_most=-3.0),)),
        )


@pytest.mark.parametrize(
    ("overlay", "reason"),
    [
        (Overlay(disable=("no-such-flag",)), "flag that does not exist"),
        (Overlay(windows={"no_such_window": 3}), "window that does not exist"),
        (Overlay(windows={"acute_days": 0}), "at least one day"),
        (Overlay(windows={"acute_days": 100}), "acute_days may not be longer"),
        (Overlay(thresholds=(Threshold(flag="fever", measured="white-cells", at_least=1),)), "does not measure"),
        (
            Overlay(thresholds=(Threshold(flag="fever", measured="body-temperature"),)),
            "either at_least or at_most",
        ),
        (
            Overlay(thresholds=(Threshold(flag="fever", measured="body-temperature", at_most=30),)),
            "points the other way",
        ),
        (
            Overlay(codes=(LocalConcept(value_set="no-such-set", system="urn:x", code="1", label="x"),)),
            "value set that does not exist",
        ),
        (Overlay(orders={"urn:x": {"1": "mri-sideways"}}), "there is no study"),
    ],
)
def test_what_does_not_fit_is_named(overlay: Overlay, reason: str) -> None:
    with pytest.raises(KnowledgeError, match=reason):
        lay_over(knowledge(), overlay)


def test_a_window_moves_the_decision() -> None:
    records = chart()  # pain for nine days
    ours = lay_over(knowledge(), Overlay(windows={"acute_days": 7}))

    assert judge(records).decision is Decision.DEFER
    assert judge(records, known=ours).reason == "subacute"


def test_a_local_code_joins_a_value_set() -> None:
    local = LocalConcept(value_set="cancer", system="urn:site:dx", code="CA-1", label="cancer (local code)")
    records = chart(condition("CA-1", system="urn:site:dx", onset=300))
    ours = lay_over(knowledge(), Overlay(codes=(local,)))

    assert judge(records).decision is Decision.DEFER
    assert judge(records, known=ours).decision is not Decision.DEFER


def test_a_local_order_code_is_recognised() -> None:
    ours = lay_over(knowledge(), Overlay(orders={"urn:site": {"XRLS": "xr"}}))

    assert ours.studies["urn:site", "XRLS"].id == "xr"
    assert ours.studies.keys() > knowledge().studies.keys()
    assert ours.version != knowledge().version


def test_a_flag_that_leaned_on_a_disabled_one_is_simply_not_met() -> None:
    ours = lay_over(knowledge(), Overlay(disable=("motor-deficit",), accept_risk="test"))
    facts = facts_of(chart(condition("M54.41", onset=3, here=True), condition("M54.42", onset=3, here=True)))

    found = assess(facts, drafted(imaging_order())[0].order, ours, TODAY)
    assert found.flag("bilateral-leg-weakness").status == "absent"
