"""The red-flag catalogue and the windows: every row can be met, and weighs what it should."""

from typing import get_args

import pytest

from watchful.clinical.assessment import Tier
from watchful.clinical.facts import Contrast
from watchful.clinical.knowledge import Knowledge
from watchful.clinical.knowledge.files import EvidenceFile

STUDIES = {"xr", *(f"{modality}-{contrast}" for modality in ("ct", "mri") for contrast in get_args(Contrast))}
FAMILIES = {
    "cauda-equina", "nerve", "cancer", "infection", "drug-use", "immune", "bone", "trauma", "inflammatory",
    "surgery", "vascular", "procedure", "visceral", "blood", "age", "text",
}  # fmt: skip


def test_the_catalogue_has_the_rows_the_rules_speak_of(knowledge: Knowledge) -> None:
    tiers = {flag.row.id: flag.row.tier for flag in knowledge.flags}

    by_tier = {tier: {name for name, of in tiers.items() if of is tier} for tier in Tier}
    assert by_tier[Tier.EMERGENCY] == {"cauda-equina", "bilateral-leg-weakness", "aortic-aneurysm"}
    assert by_tier[Tier.SUPPRESS] == {
        "cauda-equina-possible", "monoclonal-gammopathy", "weight-loss", "measured-weight-loss", "visceral-mimic",
        "bleeding-or-line-risk", "age-70-or-over",
    }  # fmt: skip
    assert by_tier[Tier.TEXT] == {
        "drug-use-remission", "back-contusion", "raised-inflammation", "raised-white-cells",
        "earlier-spinal-procedure", "age-65-69", "age-50-64",
    }  # fmt: skip
    assert by_tier[Tier.HARD] == {
        "bilateral-sciatica", "motor-deficit", "spinal-cord-signs", "cancer-active", "cancer-history", "fever",
        "spinal-infection", "injection-drug-use", "drug-use-disorder", "immunosuppression", "hiv",
        "long-term-steroids", "osteoporosis", "low-t-score", "osteoporosis-medicine", "fragility-fracture",
        "significant-trauma", "minor-trauma-older", "axial-spondyloarthritis", "spondylitis-with-trauma",
        "prior-lumbar-surgery", "aortic-aneurysm-on-record", "marked-inflammation", "recent-spinal-procedure",
        "suspicion-in-text",
    }  # fmt: skip


def test_every_row_names_family_citation_and_title(knowledge: Knowledge) -> None:
    for flag in knowledge.flags:
        assert flag.row.family in FAMILIES, flag.row.id
        assert 1 <= flag.row.row <= 29, flag.row.id
        assert len(flag.row.citation) > 15, flag.row.id
        assert not flag.row.title.endswith("."), flag.row.id


def _can_be_met(item: EvidenceFile, knowledge: Knowledge) -> bool:
    """Some chart could satisfy this evidence: its sets hold codes, and its limits leave room."""
    sets = [knowledge.value_sets[name] for name in (*item.any_of, item.measured) if name in knowledge.value_sets]
    full = all(any(group.codes or group.prefixes for group in entry.group) for entry in sets)
    lowest, highest = item.age_at_least or 0, item.age_below or 150
    return full and lowest < highest and bool(item.kinds) and (item.within_days or 1) > 0


def test_every_flag_has_evidence_that_a_chart_can_show(knowledge: Knowledge) -> None:
    for flag in knowledge.flags:
        assert flag.evidence, flag.row.id
        assert all(_can_be_met(item, knowledge) for item in flag.evidence), flag.row.id
        assert flag.concepts or flag.always, flag.row.id


def test_medicine_sets_are_read_as_medicines(knowledge: Knowledge) -> None:
    """RxNorm stands in MedicationRequest: an evidence item that forgets the kind could never be met."""
    for flag in knowledge.flags:
        for item in flag.evidence:
            for name in item.any_of:
                if name not in knowledge.value_sets:
                    continue  # made by the loader
                systems = {group.system for group in knowledge.value_sets[name].group}
                if "RxNorm" in systems:
                    assert "medication" in item.kinds, (flag.row.id, name)
                if systems == {"CPT"} or ("CPT" in systems and "SNOMED CT" in systems):
                    assert "procedure" in item.kinds or name == "prior-lumbar-surgery", (flag.row.id, name)


def test_studies_are_written_as_the_imaging_map_writes_them(knowledge: Knowledge) -> None:
    for flag in knowledge.flags:
        if (study := flag.row.study) is not None:
            assert {*study.appropriate, *study.wrong} <= STUDIES | {"mri", "ct"}, flag.row.id
            assert not set(study.appropriate) & set(study.wrong), flag.row.id
            assert study.change_to == "" or study.change_to in STUDIES, flag.row.id


def test_a_study_to_change_to_is_itself_left_alone(knowledge: Knowledge) -> None:
    """The advice must not contradict itself when it is followed; marked inflammation stays a judgement."""
    for flag in knowledge.flags:
        study = flag.row.study
        if study is not None and study.change_to and flag.row.id != "marked-inflammation":
            modality = study.change_to.partition("-")[0]
            assert {study.change_to, modality} & set(study.appropriate), flag.row.id


@pytest.mark.parametrize("flag_id", ["cauda-equina", "cauda-equina-possible"])
def test_bladder_and_bowel_signs_need_back_pain_and_are_new(knowledge: Knowledge, flag_id: str) -> None:
    flag = next(flag for flag in knowledge.flags if flag.row.id == flag_id)

    for item in flag.evidence:
        if "urinary-incontinence" in item.any_of or "urinary-retention" in item.any_of:
            assert item.with_back_pain
            assert item.within_days == 30


def test_windows(knowledge: Knowledge) -> None:
    windows = knowledge.windows

    assert (windows.acute_days, windows.chronic_days, windows.history_days) == (42, 84, 180)
    assert (windows.this_visit_days, windows.repeat_visit_days) == (7, 28)
    assert (windows.recent_imaging_days, windows.conservative_care_days) == (90, 42)
    assert (windows.redate_days, windows.follow_up_days, windows.pregnancy_days) == (42, 21, 300)
    assert (windows.post_operative_days, windows.booked_surgery_days) == (90, 90)
    assert (windows.hospice_days, windows.trauma_activation_days) == (365, 1)
    assert windows.source
