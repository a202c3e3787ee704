"""Visits of a specialist or a trauma team, and booked operations: silent, emergencies apart (§0.1 item 8).

Each stands present, absent, looking alike and unknown. Every one of them also silences a hard flag, so what
does not plainly say it must not.
"""

import pytest
from builders import (
    CPT,
    Resource,
    ago,
    chart,
    concept,
    condition,
    encounter,
    imaging_order,
    judge,
    knowledge,
    procedure,
    unreadable,
)

from watchful.clinical.assessment import Assessment, Decision
from watchful.clinical.knowledge import KnowledgeError
from watchful.clinical.knowledge.overlay import RISK_MARK, LocalConcept, Overlay, lay_over

CANCER = condition("C50.911", onset=300)
EMERGENCY = condition("G83.4", onset=0, here=True)
SERVICE_TYPE = "http://terminology.hl7.org/CodeSystem/service-type"
NUCC = "http://nucc.org/provider-taxonomy"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ACTIVATION = concept("G0390", system=HCPCS)
XRAY = imaging_order("72100")
"""Wrong for cancer: without a silence it is changed."""


def _answer(found: Assessment) -> tuple[str, str]:
    return found.decision, found.reason


def seen_by(code: str, system: str | None = None) -> Resource:
    return encounter(serviceType=concept(code, system=system))


def order(code: str, *, ordered: int | None = 10, **elements: object) -> Resource:
    """Another order on file."""
    whole = {"status": "active", "authoredOn": ago(ordered) if ordered is not None else None, **elements}
    return imaging_order(code, id=f"s-{code}", **whole)


@pytest.mark.parametrize(
    ("code", "system"),
    [
        ("394801008", None),
        ("394610002", None),
        ("394882004", None),
        ("394592004", None),
        ("394593009", None),
        ("394810000", None),
        ("394602003", None),
        ("218", SERVICE_TYPE),
        ("216", SERVICE_TYPE),
        ("164", SERVICE_TYPE),
        ("207XS0117X", NUCC),
        ("208VP0014X", NUCC),
        ("208100000X", NUCC),
    ],
)
def test_a_specialists_visit_is_left_alone_also_beside_a_hard_flag(code: str, system: str | None) -> None:
    visit = seen_by(code, system)

    assert _answer(judge(chart(visit=visit))) == ("Silent", "specialist-setting")
    assert _answer(judge(chart(CANCER, visit=visit), XRAY)) == ("Silent", "specialist-setting")
    assert judge(chart(EMERGENCY, visit=visit)).decision is Decision.URGENT


def test_the_type_of_a_visit_says_it_too() -> None:
    types = [concept("185349003"), concept("394610002")]

    assert judge(chart(visit=encounter(type=types))).reason == "specialist-setting"


@pytest.mark.parametrize(
    "visit",
    [
        encounter(),
        seen_by("394814009"),  # general practice
        seen_by("394802001"),  # general medicine
        seen_by("394591006"),  # neurology
        seen_by("394609007"),  # general surgery
        seen_by("416304004"),  # osteopathic manipulation
        seen_by("124", SERVICE_TYPE),  # general practice
        seen_by("119", SERVICE_TYPE),  # vocational rehabilitation
        seen_by("218", "http://example.org/services"),  # a number of another system
        encounter(serviceType={"text": "Neurosurgery"}),
        encounter(type=[{"text": "Spine clinic"}], serviceType={}),
    ],
)
def test_any_other_visit_is_judged(visit: Resource) -> None:
    assert judge(chart(visit=visit)).decision is Decision.DEFER
    assert judge(chart(CANCER, visit=visit), XRAY).decision is Decision.CHANGE


def test_an_earlier_visit_with_a_specialist_silences_nothing() -> None:
    earlier = encounter("surgeon", days_ago=20, serviceType=concept("394610002"))

    assert judge(chart(CANCER, earlier), XRAY).decision is Decision.CHANGE


def test_a_specialty_that_could_not_be_read_silences_nothing() -> None:
    assert (
        judge([*chart(CANCER)[:1], unreadable("Encounter"), *chart(CANCER)[2:]], XRAY).decision is Decision.CHANGE
    )


def test_a_site_shortens_the_list() -> None:
    fewer = lay_over(knowledge(), Overlay(specialties=("neurosurgery",)))

    assert judge(chart(visit=seen_by("394610002")), known=fewer).reason == "specialist-setting"
    assert judge(chart(visit=seen_by("394810000")), known=fewer).decision is Decision.DEFER
    assert RISK_MARK not in fewer.version
    assert fewer.version != knowledge().version


def test_a_site_leaves_no_specialty_alone() -> None:
    none = lay_over(knowledge(), Overlay(specialties=()))

    assert judge(chart(visit=seen_by("394610002")), known=none).decision is Decision.DEFER


def test_a_site_cannot_leave_alone_what_is_no_specialty() -> None:
    with pytest.raises(
        KnowledgeError, match=r"does not exist: 'cancer' \(there are neurosurgery, .*spine-surgery\)"
    ):
        lay_over(knowledge(), Overlay(specialties=("cancer",)))


@pytest.mark.parametrize(
    ("value_set", "reason"), [("pain-medicine", "specialist-setting"), ("trauma-activation", "trauma-activation")]
)
def test_a_sites_own_code_needs_an_accepted_risk(value_set: str, reason: str) -> None:
    local = LocalConcept(value_set=value_set, system="urn:site:department", code="77", label="our department")
    visit = seen_by("77", "urn:site:department")

    with pytest.raises(KnowledgeError, match=f"loosens {value_set}"):
        lay_over(knowledge(), Overlay(codes=(local,)))
    ours = lay_over(knowledge(), Overlay(codes=(local,), accept_risk="it is the pain clinic"))
    assert judge(chart(visit=visit)).decision is Decision.DEFER
    assert judge(chart(visit=visit), known=ours).reason == reason


@pytest.mark.parametrize("window", ["booked_surgery_days", "hospice_days", "trauma_activation_days"])
def test_a_longer_silence_needs_an_accepted_risk(window: str) -> None:
    with pytest.raises(KnowledgeError, match=f"loosens {window}"):
        lay_over(knowledge(), Overlay(windows={window: 400}))


@pytest.mark.parametrize(
    "records",
    [
        chart(procedure(ACTIVATION, id="t", days_ago=0)),
        chart(procedure(ACTIVATION, id="t", days_ago=1)),
        chart(condition(ACTIVATION, id="t", here=True)),
        chart(visit=encounter(setting="EMER", type=[ACTIVATION])),
        chart(visit=encounter(setting="EMER", reasonCode=[ACTIVATION])),
    ],
)
def test_a_trauma_teams_visit_is_left_alone_also_beside_a_hard_flag(records: list[Resource]) -> None:
    assert _answer(judge(records)) == ("Silent", "trauma-activation")
    assert _answer(judge([*records, CANCER], XRAY)) == ("Silent", "trauma-activation")
    assert judge([*records, EMERGENCY]).decision is Decision.URGENT


@pytest.mark.parametrize(
    "record",
    [
        procedure(ACTIVATION, id="t", days_ago=2),
        procedure(ACTIVATION, id="t", days_ago=None),
        procedure(ACTIVATION, id="t", days_ago=0, status="not-done"),
        condition(ACTIVATION, id="t", recorded=0),
        encounter("earlier-bay", days_ago=3, type=[ACTIVATION]),
        procedure(concept("G0391", system=HCPCS), id="t", days_ago=0),
        procedure(concept("G0390", system=CPT), id="t", days_ago=0),
    ],
)
def test_an_activation_of_another_visit_silences_nothing(record: Resource) -> None:
    assert judge(chart(record)).decision is Decision.DEFER


@pytest.mark.parametrize(
    ("records", "study"),
    [
        (chart(condition("V43.52XA", onset=0, here=True)), "72100"),  # a crash
        (chart(condition("S32.010A", onset=0, here=True)), "72149"),  # a fracture
        (chart(CANCER, visit=seen_by("81", SERVICE_TYPE)), "72100"),  # trauma counselling
    ],
)
def test_an_injury_or_a_word_alike_is_no_activation(records: list[Resource], study: str) -> None:
    assert judge(records, imaging_order(study)).decision in (Decision.REVIEW, Decision.CHANGE)


def test_an_activation_that_could_not_be_read_silences_nothing() -> None:
    assert judge(chart(CANCER, unreadable("Procedure")), XRAY).decision is Decision.CHANGE


@pytest.mark.parametrize(
    "booked",
    [
        order("63030"),
        order("63030", ordered=90),
        order("22612", ordered=200, occurrenceDateTime=ago(-30)),
        order("22612", ordered=200, occurrencePeriod={"start": ago(0)}),
        order("63047", ordered=None, occurrenceDateTime=ago(-1)),
        procedure("63030", status="preparation", days_ago=-14),
    ],
)
def test_a_booked_spine_operation_belongs_to_the_surgeon_also_beside_a_hard_flag(booked: Resource) -> None:
    assert _answer(judge(chart(booked))) == ("Silent", "pre-operative")
    assert _answer(judge(chart(booked, CANCER), XRAY)) == ("Silent", "pre-operative")
    assert judge(chart(booked, EMERGENCY)).decision is Decision.URGENT


@pytest.mark.parametrize(
    "other",
    [
        order("63030", ordered=91),
        order("63030", ordered=10, occurrenceDateTime=ago(91)),
        order("63030", ordered=None),
        order("63030", status="completed"),
        order("63030", status="revoked"),
        order("63030", status="draft"),
        order("63030", intent="proposal"),
        order("63030", intent="plan"),
        order("63030", doNotPerform=True),
        order("27447"),  # a knee
        order("97161"),  # physical therapy
        procedure("63030", status="not-done"),
        procedure("63030", status="preparation", days_ago=None),
        procedure("27447", status="preparation", days_ago=-14),
    ],
)
def test_what_is_not_a_booked_spine_operation_silences_nothing(other: Resource) -> None:
    assert judge(chart(other, CANCER), XRAY).decision is Decision.CHANGE


def test_orders_that_could_not_be_read_silence_nothing() -> None:
    assert judge(chart(CANCER, unreadable("ServiceRequest")), XRAY).decision is Decision.CHANGE


def test_an_operation_in_preparation_is_not_one_that_was_done() -> None:
    found = judge(chart(procedure("63030", status="preparation", days_ago=400)))

    assert found.flag("prior-lumbar-surgery").status == "absent"
