"""Made-up assessments that between them show every text: for reviewing the words, and for nothing else."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import msgspec

from watchful.clinical.assessment import Assessment, Decision, Duration, Evidence, FlagResult, Status, Tier
from watchful.clinical.dates import day
from watchful.clinical.facts import DataClass, ImagingOrder, Modality
from watchful.content.frames import FRAMES, USUAL, Frame
from watchful.content.load import Content
from watchful.content.medicines import NOT_IF_PREGNANT, NOTHING_KNOWN, Medicine, SafeMedicines

TODAY = date(2026, 11, 9)
CONTACT = "General Practice, (916) 555-0100"
EVERYTHING = SafeMedicines(clear=tuple(Medicine))


class Sample(NamedTuple):
    """One made-up visit, what it is called in the preview, and the medicines known to be safe."""

    name: str
    assessment: Assessment
    medicines: SafeMedicines = NOTHING_KNOWN
    frame: Frame = USUAL
    one_visit: bool = False


def sample(decision: Decision, reason: str, *, modality: Modality = "mri", **changes: Any) -> Assessment:
    """A 45-year-old with nine days of back pain."""
    order = ImagingOrder(
        reference="ServiceRequest/sample",
        system="http://www.ama-assn.org/go/cpt",
        code="72148",
        label=f"lumbar {modality}",
        modality=modality,
        contrast="unspecified" if modality == "xr" else "without",
    )
    usual = Assessment(
        decision=decision,
        reason=reason,
        order=order,
        flags=(),
        duration=Duration(days=9, source="Condition/1", confidence="explicit"),
        unknown=(),
        age=45,
        sex="female",
        first_visit=False,
        setting="ambulatory",
        knowledge_version="sample",
    )
    return msgspec.structs.replace(usual, **changes)


def visits() -> Iterator[Sample]:
    """Deferrals, for talk track and handout: every variant alone, and the fullest of all."""
    variants: Mapping[str, Any] = {
        "usual": {},
        "first-visit": {"first_visit": True},
        "leg-pain": {"leg_pain": True},
        "pregnancy-possible": {"pregnancy": "possible"},
        "pregnancy": {"pregnancy": "yes"},
        "65-and-over": {"age": 67},
        "x-ray": {"modality": "xr"},
        "ct": {"modality": "ct"},
    }
    for name, changes in variants.items():
        yield Sample(name, sample(Decision.DEFER, "acute-no-flag", **changes))
    usual = sample(Decision.DEFER, "acute-no-flag")
    for medicine in Medicine:
        yield Sample(f"medicine-{medicine}", usual, SafeMedicines(clear=(medicine,)))
    yield Sample("medicine-all", usual, EVERYTHING)
    yield Sample("medicine-all-noted", usual, SafeMedicines(clear=tuple(Medicine), notes=(NOT_IF_PREGNANT,)))
    yield Sample("one-visit", usual, one_visit=True)
    older = sample(Decision.DEFER, "acute-no-flag", leg_pain=True, first_visit=True, age=67)
    yield Sample("fullest-65-and-over", older, EVERYTHING)
    young = sample(Decision.DEFER, "acute-no-flag", leg_pain=True, first_visit=True, pregnancy="possible")
    yield Sample("fullest-pregnancy-possible", young, EVERYTHING)


def card_samples(content: Content) -> Iterator[Sample]:
    """Every kind of card: each frame of a deferral, each reason of a review, each finding that can be urgent."""
    every_line = sample(
        Decision.DEFER,
        "acute-no-flag",
        modality="xr",
        duration=Duration(days=None, source="history", confidence="assumed"),
        flags=(_flag("raised-inflammation", Tier.TEXT, "Observation/2"),),
        unknown=(DataClass.OBSERVATION,),
        uncoded_problems=3,
        leg_pain=True,
        first_visit=True,
        age=67,
    )
    for frame in FRAMES:
        yield Sample(f"defer, {frame}", sample(Decision.DEFER, "acute-no-flag"), frame=frame)
        yield Sample(f"defer, {frame}, every line", every_line, frame=frame)
    yield Sample("defer, pregnancy", sample(Decision.DEFER, "acute-no-flag", pregnancy="yes"))
    yield Sample("defer, pregnancy possible", sample(Decision.DEFER, "acute-no-flag", pregnancy="possible"))
    flag = _flag("osteoporosis", Tier.HARD)
    behind: Mapping[str, dict[str, Any]] = {
        "recent-imaging": {"recent_imaging": _imaging()},
        "data-gap": {"unknown": (DataClass.MEDICATION, DataClass.PROCEDURE)},
        "subacute": {"duration": Duration(days=60, source="Condition/1", confidence="explicit")},
        "duration-not-in-chart": {"duration": Duration(days=None, source="none", confidence="unknown")},
    }
    for reason in content.cards.review.fact:
        yield Sample(f"review, {reason}", sample(Decision.REVIEW, reason, **behind.get(reason, {})))
    for reason in ("hard-flag", "suppress-flag", "weak-flags", "emergency-department-flag"):
        flags = (flag, _flag("raised-inflammation", Tier.TEXT)) if reason == "weak-flags" else (flag,)
        changes: dict[str, Any] = {"flags": flags, "deciding": tuple(each.id for each in flags)}
        yield Sample(f"review, {reason}", sample(Decision.REVIEW, reason, **changes))
    fever = _flag("fever", Tier.HARD)
    yield Sample("review, fever", sample(Decision.REVIEW, "hard-flag", flags=(fever,), deciding=(fever.id,)))
    for study in content.cards.study:
        cancer = _flag("cancer-active", Tier.HARD)
        change = sample(
            Decision.CHANGE, "wrong-study", modality="xr", flags=(cancer,), deciding=(cancer.id,), change_to=study
        )
        yield Sample(f"change, {study}", change)
    yield Sample("change, ask radiology", sample(Decision.CHANGE, "wrong-study", pregnancy="yes", modality="ct"))
    for flag_id, texts in content.flags.items():
        if texts.now:
            urgent = _flag(flag_id, Tier.EMERGENCY, "Encounter/3")
            changes = {"flags": (urgent,), "deciding": (flag_id,)}
            yield Sample(f"urgent, {flag_id}", sample(Decision.URGENT, "emergency", **changes))
    here = _flag("cauda-equina", Tier.EMERGENCY, "Encounter/3")
    inside = sample(Decision.URGENT, "emergency", flags=(here,), deciding=(here.id,), setting="emergency")
    yield Sample("urgent, in an emergency department", inside)


def _flag(flag_id: str, tier: Tier, reference: str = "Condition/7") -> FlagResult:
    evidence = Evidence(reference, day(date(2026, 10, 5)), "")
    return FlagResult(id=flag_id, family="any", tier=tier, status=Status.PRESENT, evidence=(evidence,))


def _imaging() -> Evidence:
    return Evidence("DiagnosticReport/9", day(date(2026, 9, 3)), "lumbar MRI")
