"""Each thing a site's policy may change, and exactly what it changes; each refusal, in its words."""

import re

import pytest
from builders import ICD, back_pain, chart, condition, judge, knowledge

from watchful.clinical.assessment import Decision
from watchful.clinical.knowledge import Knowledge, KnowledgeError
from watchful.clinical.knowledge.compiled import Flag
from watchful.clinical.knowledge.overlay import RISK_MARK, LocalConcept, Overlay, Threshold, lay_over, loosens

REASON = "decided by the safety board"
LOCAL = "urn:site:dx"


def flag_of(known: Knowledge, flag_id: str) -> Flag:
    return next(flag for flag in known.flags if flag.row.id == flag_id)


def code(value_set: str, code: str = "1", *, system: str = LOCAL, label: str = "a local label") -> LocalConcept:
    return LocalConcept(value_set=value_set, system=system, code=code, label=label)


def refusal(overlay: Overlay) -> str:
    with pytest.raises(KnowledgeError) as refused:
        lay_over(knowledge(), overlay)
    return str(refused.value)


@pytest.mark.parametrize(
    ("overlay", "words"),
    [
        (
            Overlay(disable=("hiv", "fever")),
            "the policy loosens hiv, fever: such flags are never loosened without "
            'accept_risk = "the reason"',
        ),
        (Overlay(disable=("nothing",)), "the policy names a flag that does not exist: 'nothing'"),
        (
            Overlay(thresholds=(Threshold(flag="nothing", measured="inr", at_least=1),)),
            "the policy names a flag that does not exist: 'nothing'",
        ),
        (
            Overlay(thresholds=(Threshold(flag="fever", measured="inr", at_least=1),)),
            "flag 'fever' does not measure 'inr'",
        ),
        (
            Overlay(thresholds=(Threshold(flag="fever", measured="body-temperature"),)),
            "the threshold of 'fever' needs either at_least or at_most",
        ),
        (
            Overlay(thresholds=(Threshold(flag="fever", measured="body-temperature", at_least=1, at_most=2),)),
            "the threshold of 'fever' needs either at_least or at_most",
        ),
        (
            Overlay(thresholds=(Threshold(flag="fever", measured="body-temperature", at_most=38),)),
            "the threshold of 'fever' points the other way than the shipped one",
        ),
        (
            Overlay(thresholds=(Threshold(flag="low-t-score", measured="t-score-hip", at_least=-2),)),
            "the threshold of 'low-t-score' points the other way than the shipped one",
        ),
        (Overlay(windows={"nothing": 3}), "the policy names a window that does not exist: 'nothing'"),
        (Overlay(windows={"source": 3}), "the policy names a window that does not exist: 'source'"),
        (Overlay(windows={"follow_up_days": 0}), "window 'follow_up_days' must be at least one day"),
        (Overlay(windows={"acute_days": 85}), "acute_days may not be longer than chronic_days"),
        (Overlay(windows={"chronic_days": 41}), "acute_days may not be longer than chronic_days"),
        (
            Overlay(codes=(code("nothing"),)),
            "the policy adds a code to a value set that does not exist: 'nothing'",
        ),
        (
            Overlay(orders={LOCAL: {"MRLS": "mri-sideways"}}),
            "local order code 'MRLS': there is no study 'mri-sideways'",
        ),
    ],
)  # fmt: skip
def test_a_refusal_says_what_and_why(overlay: Overlay, words: str) -> None:
    assert refusal(overlay) == words


@pytest.mark.parametrize(
    ("overlay", "loosened"),
    [
        (Overlay(), ()),
        (Overlay(disable=("age-50-64",)), ()),
        (Overlay(disable=("cauda-equina-possible",)), ("cauda-equina-possible",)),
        (Overlay(thresholds=(Threshold(flag="fever", measured="body-temperature", at_least=38.1),)), ("fever",)),
        (Overlay(thresholds=(Threshold(flag="fever", measured="body-temperature", at_least=38.0),)), ()),
        (Overlay(thresholds=(Threshold(flag="fever", measured="body-temperature", at_least=37.9),)), ()),
        (
            Overlay(thresholds=(Threshold(flag="low-t-score", measured="t-score-hip", at_most=-2.6),)),
            ("low-t-score",),
        ),
        (Overlay(thresholds=(Threshold(flag="low-t-score", measured="t-score-hip", at_most=-2.5),)), ()),
        (Overlay(thresholds=(Threshold(flag="low-t-score", measured="t-score-hip", at_most=-2.4),)), ()),
        (Overlay(thresholds=(Threshold(flag="raised-white-cells", measured="white-cells", at_least=20),)), ()),
        (Overlay(windows={"post_operative_days": 91}), ("post_operative_days",)),
        (Overlay(windows={"post_operative_days": 90}), ()),
        (Overlay(windows={"post_operative_days": 89}), ()),
        (Overlay(windows={"redate_days": 41}), ("redate_days",)),
        (Overlay(windows={"redate_days": 42}), ()),
        (Overlay(windows={"redate_days": 43}), ()),
        (Overlay(windows={"follow_up_days": 1}), ()),
        (Overlay(windows={"this_visit_days": 6}), ("this_visit_days",)),
        (Overlay(windows={"this_visit_days": 8}), ()),
        (Overlay(windows={"acute_days": 60, "history_days": 400}), ()),
        (Overlay(codes=(code("hospice"),)), ("hospice",)),
        (Overlay(codes=(code("chronic-back-pain"),)), ("chronic-back-pain",)),
        (Overlay(codes=(code("chronic-pain"),)), ("chronic-pain",)),
        (Overlay(codes=(code("pre-operative-visit"),)), ("pre-operative-visit",)),
        (Overlay(codes=(code("prior-lumbar-surgery"),)), ("prior-lumbar-surgery",)),
        (Overlay(codes=(code("cancer"),)), ()),
        (
            Overlay(
                disable=("hiv", "age-50-64", "fever"),
                thresholds=(Threshold(flag="fever", measured="body-temperature", at_least=39),),
                windows={"acute_days": 40, "post_operative_days": 365},
                codes=(code("hospice", "1"), code("hospice", "2"), code("cancer", "3")),
            ),
            ("hiv", "fever", "post_operative_days", "hospice"),
        ),
    ],
)  # fmt: skip
def test_what_is_loosened_is_named_once_and_in_order(overlay: Overlay, loosened: tuple[str, ...]) -> None:
    assert loosens(knowledge(), overlay) == loosened
    accepted = lay_over(knowledge(), Overlay(**{**_fields(overlay), "accept_risk": REASON}))
    assert accepted.version.endswith(RISK_MARK) is bool(loosened)


def _fields(overlay: Overlay) -> dict[str, object]:
    return {name: getattr(overlay, name) for name in overlay.__struct_fields__}


def test_the_version_names_the_policy_by_its_content() -> None:
    policy = Overlay(windows={"acute_days": 30, "redate_days": 50})
    same = Overlay(windows={"redate_days": 50, "acute_days": 30})
    other = Overlay(windows={"acute_days": 30, "redate_days": 51})
    base = knowledge().version

    assert re.fullmatch(re.escape(base) + r"\+[0-9a-f]{8}", lay_over(knowledge(), policy).version)
    assert lay_over(knowledge(), policy).version == lay_over(knowledge(), same).version
    assert lay_over(knowledge(), policy).version != lay_over(knowledge(), other).version


def test_a_threshold_moves_one_measurement_of_one_flag() -> None:
    moved = Threshold(flag="marked-inflammation", measured="c-reactive-protein", at_least=80)

    ours = lay_over(knowledge(), Overlay(thresholds=(moved,)))

    rate, protein = flag_of(ours, "marked-inflammation").evidence
    assert (rate.at_least, protein.at_least) == (50, 80)
    assert (protein.at_most, protein.within_days, protein.interpreted) == (None, 30, ("very-high",))
    for before, after in zip(knowledge().flags, ours.flags, strict=True):
        assert (after is before) is (before.row.id != "marked-inflammation")


def test_two_thresholds_of_one_flag_are_both_moved() -> None:
    ours = lay_over(
        knowledge(),
        Overlay(
            thresholds=(
                Threshold(flag="low-t-score", measured="t-score-spine", at_most=-2.0),
                Threshold(flag="low-t-score", measured="t-score-hip", at_most=-2.2),
            )
        ),
    )

    evidence = flag_of(ours, "low-t-score").evidence
    assert [item.at_most for item in evidence] == [-2.0, -2.2, -2.5]
    assert [item.at_least for item in evidence] == [None, None, None]


def test_a_window_moves_alone() -> None:
    ours = lay_over(knowledge(), Overlay(windows={"redate_days": 50})).windows

    assert ours.redate_days == 50
    assert [
        name for name in ours.__struct_fields__ if getattr(ours, name) != getattr(knowledge().windows, name)
    ] == ["redate_days"]


@pytest.mark.parametrize("windows", [{"acute_days": 28}, {"acute_days": 28, "chronic_days": 29}])
def test_no_window_makes_an_aneurysm_with_new_pain_less_urgent(windows: dict[str, int]) -> None:
    ours = lay_over(knowledge(), Overlay(windows=windows))
    records = chart(condition("I71.40"), pain=back_pain(onset=41))

    assert judge(records, known=ours).decision is Decision.URGENT
    assert judge(chart(pain=back_pain(onset=41)), known=ours).decision is not Decision.DEFER


def test_acute_may_reach_as_far_as_chronic() -> None:
    assert lay_over(knowledge(), Overlay(windows={"acute_days": 84})).windows.acute_days == 84


def test_a_flag_that_is_off_takes_no_other_along() -> None:
    ours = lay_over(knowledge(), Overlay(disable=("age-50-64",)))

    assert [flag.row.id for flag in ours.flags] == [
        flag.row.id for flag in knowledge().flags if flag.row.id != "age-50-64"
    ]


def test_a_code_of_the_site_stands_beside_the_shipped_ones() -> None:
    own = (code("cancer", "CA", label="cancer here"), code("hiv", "HI", label="hiv here"))
    tables = lay_over(knowledge(), Overlay(codes=own)).tables

    assert tables[LOCAL].get("CA") == (frozenset({"cancer"}), "cancer here")
    assert tables[LOCAL].get("HI") == (frozenset({"hiv"}), "hiv here")
    assert tables[LOCAL].get("no") is None
    assert {system: table for system, table in tables.items() if system != LOCAL} == knowledge().tables


def test_one_code_may_join_several_sets_of_the_site() -> None:
    both = (code("cancer", "X", label="first"), code("hiv", "X", label="last"))

    assert lay_over(knowledge(), Overlay(codes=both)).tables[LOCAL].get("X") == (
        frozenset({"cancer", "hiv"}),
        "last",
    )


def test_a_shipped_code_keeps_its_sets_and_its_words() -> None:
    shipped = knowledge().tables[ICD].get("M81.0")
    table = lay_over(knowledge(), Overlay(codes=(code("hiv", "M81.0", system=ICD),))).tables[ICD]

    assert shipped is not None
    assert table.get("M81.0") == (shipped.concepts | {"hiv"}, shipped.label)
    assert table.get("C61") == knowledge().tables[ICD].get("C61")
    assert table.get("Q00.0") is None


def test_an_order_code_of_the_site_names_a_shipped_study() -> None:
    orders = {LOCAL: {"MRLS": "mri-without", "XRLS": "xr"}, "urn:other": {"MRLS": "ct-without"}}
    studies = lay_over(knowledge(), Overlay(orders=orders)).studies

    assert studies[LOCAL, "MRLS"].id == "mri-without"
    assert studies[LOCAL, "XRLS"].id == "xr"
    assert studies["urn:other", "MRLS"].id == "ct-without"
    assert len(studies) == len(knowledge().studies) + 3
