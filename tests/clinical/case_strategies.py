"""Whole cases for the property tests: a chart, and the order drafted on it."""

from dataclasses import dataclass, replace

from builders import (
    ZONE,
    Resource,
    ago,
    back_pain,
    born,
    chart,
    concept,
    condition,
    encounter,
    imaging_order,
    judge,
    knowledge,
    medicine,
    observation,
    patient,
    procedure,
    report,
)
from flag_evidence import Evidence, evidence_of, fhir_dates
from hypothesis import strategies as st

from watchful.clinical.assessment import Assessment

STUDIES = ("72148", "72158", "72100", "72131", "24968-0")
HARMLESS: tuple[Resource, ...] = (
    condition("I10", id="hypertension", onset=2000),
    condition("C50.911", id="refuted", verification="refuted", onset=30),
    condition("G83.4", id="mistake", verification="entered-in-error", onset=0),
    condition("Z80.3", id="family"),
    condition("Z12.11", id="screening", recorded=3),
    condition("413096007", id="never-injected", recorded=50),
    condition("x-local", id="uncoded", system="urn:local", text="knee trouble"),
    observation("8310-5", 36.9, "Cel", id="temperature"),
    observation("8310-5", 39.5, "Cel", id="wrong-reading", status="entered-in-error"),
    observation("1988-5", 3, "mg/L", id="crp", days_ago=2),
    observation("38267-1", -1.1, "{T-score}", id="t-score", days_ago=7000),
    medicine("5640", id="ibuprofen"),
    medicine("8640", id="must-not", doNotPerform=True),
    procedure("63047", id="not-done", status="not-done"),
    report("30679-5", id="cancelled", status="cancelled", days_ago=5),
    encounter("another", days_ago=20, reasons=["Z00.00"]),
)


@dataclass(frozen=True)
class Case:
    """One chart and one drafted order."""

    resources: tuple[Resource, ...]
    order: Resource

    def judged(self, **how: object) -> Assessment:
        return judge(self.resources, self.order, **{"zone": ZONE, **how})  # type: ignore[arg-type]

    def with_resources(self, resources: list[Resource]) -> "Case":
        return replace(self, resources=tuple(resources))

    def with_evidence(self, evidence: Evidence) -> "Case":
        """The same case after the evidence was written into it."""
        order = dict(self.order)
        order["reasonCode"] = [*order.get("reasonCode", []), *evidence.order_reasons]
        whole: list[Resource] = []
        for each in self.resources:
            changed = dict(each)
            if each["resourceType"] == "Patient" and evidence.age is not None:
                changed["birthDate"] = born(evidence.age)
            if each["resourceType"] == "Patient" and evidence.sex is not None:
                changed["gender"] = evidence.sex
            if each["id"] == "visit" and evidence.visit_reasons:
                changed["reasonCode"] = [*each.get("reasonCode", []), *evidence.visit_reasons]
            whole.append(changed)
        return Case((*whole, *evidence.resources), order)


@st.composite
def deferrable_cases(draw: st.DrawFn) -> Case:
    """Acute low back pain with nothing against deferral, among records that must not count."""
    onset = draw(st.integers(0, 41))
    return Case(
        tuple(
            chart(
                *draw(st.lists(st.sampled_from(HARMLESS), unique_by=lambda each: each["id"], max_size=4)),
                who=patient(age=draw(st.integers(18, 69)), gender=draw(st.sampled_from(["female", "male"]))),
                visit=encounter(setting=draw(st.sampled_from(["AMB", "VR", "HH"]))),
                pain=back_pain(draw(st.sampled_from(["M54.50", "M54.59", "279039007", "M54.41"])), onset=onset),
                history=draw(st.none() | st.integers(1, 1000)),
            )
        ),
        imaging_order(
            draw(st.sampled_from(STUDIES)), priority=draw(st.sampled_from(["routine", "urgent", "stat"]))
        ),
    )


_RELATED: tuple[Resource, ...] = (
    encounter("back-pain-visit", days_ago=60, reasons=["M54.50"]),
    encounter("this-year", period={"start": ago(0)[:4]}),
    encounter("old-back-pain-visit", reasons=["M54.50"], period={"start": ago(900)[:4]}),
    condition("M54.5", id="old-problem", onset=900),
    condition("M51.26", id="disc", onset=300, clinical="resolved"),
    report("30679-5", id="recent-mri", days_ago=60),
    procedure("97161", id="physical-therapy", days_ago=50),
    condition("Z51.5", id="hospice", onset=20),
    condition("Z3A.24", id="pregnant", recorded=3),
)

_RECORDS = st.lists(st.sampled_from((*HARMLESS, *_RELATED)), unique_by=lambda each: each["id"], max_size=4)
_EVIDENCE = {flag.row.id: evidence_of(flag) for flag in knowledge().flags}
_HERE = {"reference": "Encounter/visit"}


@st.composite
def any_cases(draw: st.DrawFn) -> Case:
    """Anything: flags of every tier or none, any duration, any setting, partial dates, mixed resource types.

    The plain values stand more than once, so that about half of the cases are near a deferral.
    """
    pain = back_pain(
        draw(st.sampled_from(["M54.50", "M54.50", "M54.50", "M54.42", "278862001", "278860009"])),
        onsetDateTime=draw(fhir_dates(41) | st.none() | fhir_dates(400)),
        onset=None,
        recordedDate=draw(st.none() | fhir_dates(120)),
        encounter=draw(st.sampled_from([_HERE, _HERE, _HERE, None])),
        clinical=draw(st.sampled_from(["active", "active", None, "resolved"])),
    )
    case = Case(
        tuple(
            chart(
                *draw(_RECORDS),
                who=patient(age=draw(st.sampled_from([34, 41, 34, 45, 34, 55, 67, 72, 17]))),
                visit=encounter(setting=draw(st.sampled_from(["AMB", "VR", "AMB", "AMB", "EMER", "IMP", None]))),
                pain=pain,
                history=draw(st.integers(150, 1000) | st.integers(1, 200) | st.none()),
            )
        ),
        imaging_order(
            draw(st.sampled_from(STUDIES)),
            priority=draw(st.sampled_from(["routine", "stat"])),
            reasonCode=draw(st.sampled_from([None, [concept("M54.50")]])),
        ),
    )
    for number in range(draw(st.sampled_from([0, 0, 1, 0, 2]))):
        evidence = draw(_EVIDENCE[draw(st.sampled_from(sorted(_EVIDENCE)))])
        for each in evidence.resources:
            each["id"] += f"-{number}"  # a second piece of the same kind is another record
        case = case.with_evidence(evidence)
    return case
