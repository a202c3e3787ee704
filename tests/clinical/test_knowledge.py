"""The shipped knowledge loads and means what it should; a broken file is named with its reason."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from watchful.clinical.assessment import Tier
from watchful.clinical.facts import Contrast
from watchful.clinical.knowledge import Knowledge, KnowledgeError, load
from watchful.clinical.knowledge.files import EvidenceFile
from watchful.clinical.knowledge.load import DATA

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
CPT = "http://www.ama-assn.org/go/cpt"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"

STUDIES = {"xr", *(f"{modality}-{contrast}" for modality in ("ct", "mri") for contrast in get_args(Contrast))}
FAMILIES = {
    "cauda-equina", "nerve", "cancer", "infection", "drug-use", "immune", "bone", "trauma", "inflammatory",
    "surgery", "vascular", "procedure", "visceral", "blood", "age", "text",
}  # fmt: skip


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load()


def concepts(knowledge: Knowledge, system: str, code: str) -> frozenset[str]:
    match = knowledge.tables[system].get(code)
    return match.concepts if match else frozenset()


# ---- what the codes mean ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "set_id"),
    [
        ("M54.50", "low-back-pain"),
        ("M54.5", "low-back-pain"),
        ("M5451", "chronic-back-pain"),
        ("M54.41", "leg-pain"),
        ("M54.41", "sciatica-right"),
        ("M54.42", "sciatica-left"),
        ("M51.360", "low-back-pain"),
        ("M51.361", "leg-pain"),
        ("S39.012A", "low-back-pain"),
        ("M48.062", "disc-or-stenosis"),
        ("G83.4", "cauda-equina-syndrome"),
        ("R33.9", "urinary-retention"),
        ("R33.0", "drug-retention"),
        ("R15.9", "bowel-incontinence"),
        ("R20.2", "unspecified-numbness"),
        ("M21.371", "foot-drop"),
        ("G83.11", "leg-weakness"),
        ("R26.2", "leg-weakness"),
        ("C50.911", "cancer"),
        ("C43.9", "cancer"),
        ("C4A.9", "cancer"),
        ("C79.51", "cancer"),
        ("C90.00", "cancer"),
        ("Z85.820", "cancer-history"),
        ("D47.2", "monoclonal-gammopathy"),
        ("D47.1", "spine-neoplasm-uncertain"),
        ("R50.81", "fever"),
        ("M46.46", "spinal-infection"),
        ("F11.20", "drug-use-disorder"),
        ("F11.90", "drug-use-disorder"),
        ("F11.21", "drug-use-remission"),
        ("D84.821", "immunosuppression"),
        ("Z94.0", "immunosuppression"),
        ("Z79.620", "immunosuppression"),
        ("B20", "hiv"),
        ("M81.0", "osteoporosis"),
        ("M80.08XA", "fragility-fracture"),
        ("S32.010A", "spine-fracture-recent"),
        ("V43.52XA", "high-energy-trauma"),
        ("W11.XXXA", "high-energy-trauma"),
        ("W18.30XA", "minor-fall"),
        ("M45.9", "axial-spondyloarthritis"),
        ("M45.A0", "axial-spondyloarthritis"),
        ("Z98.1", "prior-lumbar-surgery"),
        ("I71.40", "aortic-aneurysm"),
        ("N20.0", "visceral-mimic"),
        ("Z99.2", "bleeding-or-line-risk"),
        ("Z3A.24", "pregnancy"),
        ("Z51.5", "hospice"),
    ],
)
def test_an_icd_code_belongs_to_its_set(knowledge: Knowledge, code: str, set_id: str) -> None:
    assert set_id in concepts(knowledge, ICD, code)
    assert concepts(knowledge, "urn:oid:2.16.840.1.113883.6.90", code.lower()) == concepts(knowledge, ICD, code)


@pytest.mark.parametrize(
    ("code", "set_id"),
    [
        ("C44.91", "cancer"),
        ("C44.91", "cancer-history"),
        ("D05.10", "cancer"),
        ("D12.6", "cancer"),
        ("D12.6", "spine-neoplasm-uncertain"),
        ("D47.2", "spine-neoplasm-uncertain"),
        ("Z80.3", "cancer-history"),
        ("Z12.11", "cancer-history"),
        ("Z85.828", "cancer-history"),
        ("F11.21", "drug-use-disorder"),
        ("F10.20", "drug-use-disorder"),
        ("M54.2", "low-back-pain"),
        ("M54.6", "low-back-pain"),
        ("M54.12", "low-back-pain"),
        ("M54.12", "leg-pain"),
        ("M51.24", "low-back-pain"),
        ("R39.81", "urinary-incontinence"),
        ("R33.0", "urinary-retention"),
        ("R50.2", "fever"),
        ("M85.80", "osteoporosis"),
        ("Z13.820", "osteoporosis"),
        ("Z82.62", "osteoporosis"),
        ("Z11.4", "hiv"),
        ("Z94.7", "immunosuppression"),
        ("S39.012A", "significant-trauma"),
        ("I71.40", "visceral-mimic"),
        ("D57.3", "bleeding-or-line-risk"),
        ("O85", "pregnancy"),
        ("Z03.89", "cancer"),
    ],
)
def test_an_icd_code_stays_out_of_a_set(knowledge: Knowledge, code: str, set_id: str) -> None:
    assert set_id not in concepts(knowledge, ICD, code)


@pytest.mark.parametrize(
    "code",
    [
        "413096007",  # never injecting drug user
        "275919002",  # weight loss advised
        "12245681000119103",  # retention after an operation
        "192029008",  # psychogenic backache
        "300960003",
    ],
)
def test_negations_and_traps_are_in_no_set(knowledge: Knowledge, code: str) -> None:
    assert concepts(knowledge, SNOMED, code) == frozenset()


@pytest.mark.parametrize(
    ("system", "code", "set_id"),
    [
        (SNOMED, "279039007", "low-back-pain"),
        (SNOMED, "278862001", "acute-back-pain"),
        (SNOMED, "278860009", "chronic-back-pain"),
        (SNOMED, "449813001", "saddle-numbness"),
        (SNOMED, "267064002", "urinary-retention"),
        (SNOMED, "228388006", "injection-drug-use"),
        (SNOMED, "416479009", "drug-use-remission"),
        (SNOMED, "266987004", "cancer-history"),
        (SNOMED, "254837009", "cancer"),
        (SNOMED, "64859006", "osteoporosis"),
        (SNOMED, "306170007", "conservative-care"),
        (SNOMED, "122496007", "lumbar-site"),
        (LOINC, "8310-5", "body-temperature"),
        (LOINC, "38267-1", "t-score-spine"),
        (LOINC, "4537-7", "sedimentation-rate"),
        (LOINC, "1988-5", "c-reactive-protein"),
        (LOINC, "6690-2", "white-cells"),
        (RXNORM, "42316", "immunosuppressive-medicine"),
        (RXNORM, "1364430", "anticoagulant"),
        (RXNORM, "8640", "systemic-steroid"),
        (CPT, "97161", "conservative-care"),
        (CPT, "62323", "recent-spinal-procedure"),
        (CPT, "63047", "prior-lumbar-surgery"),
        (LOINC, "30679-5", "lumbar-imaging"),
        (CPT, "72148", "lumbar-imaging"),
    ],
)
def test_a_code_of_another_system_belongs_to_its_set(
    knowledge: Knowledge, system: str, code: str, set_id: str
) -> None:
    assert set_id in concepts(knowledge, system, code)


@pytest.mark.parametrize(("system", "code"), [(LOINC, "85394-5"), (LOINC, "3142-7"), (LOINC, "60830-7")])
def test_z_scores_stated_weights_and_skin_temperatures_are_not_read(
    knowledge: Knowledge, system: str, code: str
) -> None:
    assert concepts(knowledge, system, code) == frozenset()


def test_measurements_name_their_unit(knowledge: Knowledge) -> None:
    units = {name: entry.unit for name, entry in knowledge.value_sets.items() if entry.unit}

    assert units == {
        "body-temperature": "Cel",
        "body-weight": "kg",
        "t-score-spine": "{T-score}",
        "t-score-hip": "{T-score}",
        "t-score-forearm": "{T-score}",
        "sedimentation-rate": "mm/h",
        "c-reactive-protein": "mg/L",
        "white-cells": "10*3/uL",
        "inr": "{INR}",
        "glomerular-filtration": "mL/min/{1.73_m2}",
        "platelets": "10*3/uL",
        "gestational-age": "wk",
        "chorionic-gonadotropin": "[IU]/L",
        "body-mass-index": "kg/m2",
    }


@pytest.mark.parametrize(
    ("text", "set_id"),
    [
        ("Alendronic acid 10 MG Oral Tablet", "osteoporosis-medicine"),
        ("alendronate sodium 70 MG Oral Tablet", "osteoporosis-medicine"),
        (
            "24 HR tacrolimus 1 MG Extended Release Oral Tablet [Envarsus]",
            "immunosuppressive-medicine calcineurin-inhibitor",
        ),
        ("Eliquis 5 mg", "anticoagulant"),
        ("predniSONE 5 MG Oral Tablet", "systemic-steroid"),
        ("fluticasone inhaler", None),
        ("raloxifene 60 MG", "raloxifene"),
        ("ibuprofen 400 MG", "nsaid"),
    ],
)
def test_medicines_are_known_by_name(knowledge: Knowledge, text: str, set_id: str | None) -> None:
    match = knowledge.medicine(text)

    assert (match.concepts if match else None) == (frozenset(set_id.split()) if set_id else None)


def test_a_medicine_name_means_the_same_in_every_set(knowledge: Knowledge) -> None:
    named = {
        (name, label) for entry in knowledge.value_sets.values() for name, label in entry.medicine_names.items()
    }

    assert len(named) == len({name for name, _ in named})
    assert all(name == name.lower() for name, _ in named)


@pytest.mark.parametrize(
    ("text", "sets"),
    [
        ("Acetaminophen 325 MG / Oxycodone Hydrochloride 5 MG Oral Tablet", {"acetaminophen", "opioid"}),
        ("lisinopril 10 MG / hydrochlorothiazide 12.5 MG", {"renin-angiotensin-blocker", "diuretic"}),
        ("Percocet 5-325", {"acetaminophen", "opioid"}),
        ("methylprednisolone 4 MG", {"systemic-steroid"}),
    ],
)
def test_a_combination_belongs_to_the_sets_of_each_ingredient(
    knowledge: Knowledge, text: str, sets: set[str]
) -> None:
    match = knowledge.medicine(text)

    assert match is not None
    assert match.concepts == sets


# ---- the catalogue ----------------------------------------------------------------------------------------


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
    assert windows.source


# ---- the imaging map --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("study", "codes"),
    [
        ("mri-without", [(CPT, "72148"), (LOINC, "30679-5"), (LOINC, "36111-3"), (SNOMED, "394451000119106")]),
        ("mri-with", [(CPT, "72149"), (LOINC, "30678-7"), (LOINC, "36100-6"), (SNOMED, "41333006")]),
        ("mri-both", [(CPT, "72158"), (LOINC, "24967-2"), (LOINC, "91716-1"), (LOINC, "30855-1")]),
        ("mri-unspecified", [(LOINC, "24968-0"), (LOINC, "24977-1"), (SNOMED, "433141005")]),
        ("ct-without", [(CPT, "72131"), (LOINC, "30620-9"), (LOINC, "82697-4"), (SNOMED, "572091000119106")]),
        ("ct-with", [(CPT, "72132"), (LOINC, "24964-9"), (LOINC, "82696-6"), (SNOMED, "90523008")]),
        ("ct-both", [(CPT, "72133"), (LOINC, "36402-6"), (LOINC, "89827-0")]),
        ("ct-unspecified", [(LOINC, "24963-1"), (LOINC, "36110-5"), (LOINC, "37232-6"), (SNOMED, "711224009")]),
        ("xr", [(CPT, "72100"), (CPT, "72110"), (CPT, "72114"), (CPT, "72120"), (SNOMED, "840361000")]),
    ],
)
def test_order_codes_name_their_study(knowledge: Knowledge, study: str, codes: list[tuple[str, str]]) -> None:
    assert {code: knowledge.studies[code].id for code in codes} == dict.fromkeys(codes, study)


_MRI = "24968-0 30679-5 30678-7 24967-2 36111-3 36100-6 24977-1 91717-9 91715-3 91716-1 30854-4 30855-1 91561-1"
_CT = "24963-1 30620-9 24964-9 36402-6 36110-5 82697-4 82696-6 89827-0 37232-6 37288-8 83310-3 83294-9 86974-3"
_XR = """
24972-2 24970-6 36670-8 30775-1 36332-5 30797-5 36681-5 48469-1 47382-7 30773-6 30777-7 24969-8 36735-9 37101-3
37105-4 24971-4 37132-8 39063-3 42413-5 37208-6 36946-2 36949-6 37073-4 37003-1 39333-0 39340-5 36990-0 30774-4
30776-9 36674-0 37078-3 37172-4 36992-6 37340-7 37355-5 37259-9 48473-3 79349-7 79371-1 79372-9 37341-5 37356-3
37260-7 46340-6 37515-4 37516-2 37300-1 24975-5 37257-3 37353-0 37256-5 37351-4 47984-0 24984-7 38123-6 42692-4
37975-0 37974-3 69273-1
"""


@pytest.mark.parametrize(
    ("modality", "codes"),
    [
        ("mri", f"{_MRI} 42698-1 94088-2"),
        ("ct", f"{_CT} 79080-8 79081-6 87867-8 87868-6"),
        ("xr", _XR),
    ],
)
def test_every_loinc_code_of_the_reference_is_in_scope(knowledge: Knowledge, modality: str, codes: str) -> None:
    found = {code: knowledge.studies.get((LOINC, code)) for code in codes.split()}

    assert {code for code, study in found.items() if study is None or study.modality != modality} == set()


@pytest.mark.parametrize(
    ("modality", "codes"),
    [
        (
            "mri",
            "433141005 433140006 726546000 709653005 411571000119106 448641007 411611000119102 495741000119105",
        ),
        ("ct", "572091000119106 90523008 711224009 723646000 702523007 709698004 702487007 702488002"),
        ("xr", "840361000 22791004 444634007 13661000087100"),
    ],
)
def test_every_snomed_code_of_the_reference_is_in_scope(knowledge: Knowledge, modality: str, codes: str) -> None:
    assert {knowledge.studies[SNOMED, code].modality for code in codes.split()} == {modality}


@pytest.mark.parametrize(
    ("system", "codes"),
    [
        (LOINC, "36067-7 36531-2 28566-8 28613-8"),
        (SNOMED, "241645008 241577003 1290640000 429875006 429859008"),
        (CPT, "72020 72080 72081 72084 72200 72202 72220"),
    ],
)
def test_spine_imaging_of_no_level_is_generic(knowledge: Knowledge, system: str, codes: str) -> None:
    for code in codes.split():
        assert (system, code) in knowledge.generic_studies, code
        assert (system, code) not in knowledge.studies, code


@pytest.mark.parametrize(
    ("system", "codes"),
    [
        (LOINC, "35905-9 35932-3 30817-1 70919-6 87088-1 92928-1"),  # guidance
        (LOINC, "24965-6 24974-8 48436-0 44114-7 37193-0 37509-7"),  # myelogram, discogram
        (LOINC, "24966-4 38267-1 24930-0 30715-7 69393-7 37502-2 37507-1 37994-1 30866-8 83037-2 35934-9"),
        (SNOMED, "241592002 1251643002 708690003 443078008 432651001"),
        (CPT, "62270 62328 62321 62323 64483 77080 72240 72270"),
    ],
)
def test_lumbar_codes_that_are_not_spine_imaging_are_excluded(
    knowledge: Knowledge, system: str, codes: str
) -> None:
    for code in codes.split():
        assert (system, code) in knowledge.excluded_orders, code
        assert (system, code) not in knowledge.studies, code
        assert (system, code) not in knowledge.generic_studies, code


@pytest.mark.parametrize(
    ("system", "codes"),
    [
        (SNOMED, "571891000119109 712970008 396171000119100"),  # cervical, thoracic
        (LOINC, "30667-0 36532-0 30592-0 30597-9 30752-0"),
        (CPT, "72141 72146 72125 72128 72040 72070 73721"),
    ],
)
def test_neck_and_chest_spine_is_out_of_scope(knowledge: Knowledge, system: str, codes: str) -> None:
    for code in codes.split():
        assert (system, code) not in knowledge.studies, code
        assert (system, code) not in knowledge.generic_studies, code


def test_vendors_may_write_the_system_as_an_oid(knowledge: Knowledge) -> None:
    assert knowledge.studies["urn:oid:2.16.840.1.113883.6.12", "72148"].id == "mri-without"
    assert knowledge.studies["urn:oid:2.16.840.1.113883.6.1", "30679-5"].id == "mri-without"


# ---- the lexicon ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("r/o malignancy", "malignancy"),
        ("R/O MALIGNANCY", "malignancy"),
        ("eval for mets", "metastasis"),
        ("h/o breast ca, new back pain", "cancer"),
        ("no fever, r/o discitis", "spine-infection"),
        ("?fracture", "fracture"),
        ("LBP after fall", "fall"),
        ("saddle anesthesia", "saddle-numbness"),
        ("denies saddle anesthesia, new urinary retention", "retention"),
        ("concern for cauda equina", "cauda-equina"),
        ("new foot drop", "weakness"),
        ("hx IVDU", "injection-drugs"),
        ("family history of cancer; low back pain", "cancer"),
        ("cancer unlikely", "cancer"),
    ],
)
def test_the_lexicon_hears_suspicion(knowledge: Knowledge, text: str, entry: str) -> None:
    assert entry in {met.id for met in knowledge.lexicon.in_text(text)}


@pytest.mark.parametrize(
    "text",
    [
        "no sign of malignancy",
        "No evidence of fracture or fever",
        "Malignancy ruled out",
        "denies trauma",
        "acute LBP, atraumatic",
        "low back pain, no red flags",
        "negative for infection",
        "without weakness",
        "lumbar radiculopathy, failed massage therapy",
        "low back pain x 9 days, seen by fellow",
        "body mass index 32",
        "",
    ],
)
def test_the_lexicon_keeps_still(knowledge: Knowledge, text: str) -> None:
    found = {met.id for met in knowledge.lexicon.in_text(text)} - ({"fever"} if "or fever" in text else set())

    assert found == set()


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("no fracture on x-ray, r/o occult fracture", "fracture"),
        ("no cancer in the family; patient had cancer in 2001", "cancer"),
        ("no improvement, r/o malignancy", "malignancy"),
        ("no relief cancer patient", "cancer"),
    ],
)
def test_a_negation_takes_back_only_the_word_that_follows_it(knowledge: Knowledge, text: str, entry: str) -> None:
    assert entry in {met.id for met in knowledge.lexicon.in_text(text)}


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("Malignant neoplasm of parathyroid gland", "malignancy"),
        ("Acute myeloid leukemia in remission", "blood-cancer"),
        ("Human immunodeficiency virus infection", "hiv"),
        ("Discitis of lumbar region", "spine-infection"),
        ("Liver transplant recipient", "immune-system"),
    ],
)
def test_a_problem_that_no_value_set_knows_is_read_by_its_name(
    knowledge: Knowledge, name: str, entry: str
) -> None:
    assert entry in {met.id for met in knowledge.lexicon.in_problem(name)}


@pytest.mark.parametrize(
    "name",
    [
        "Family history of malignant neoplasm of breast",
        "Screening for malignant neoplasm of colon",
        "Benign neoplasm of skin",
        "At risk of osteoporosis",
        "Fracture of ankle",
        "Closed fracture of hip",
        "Viral infection",
        "No history of cancer",
    ],
)
def test_the_name_of_a_harmless_problem_raises_nothing(knowledge: Knowledge, name: str) -> None:
    assert knowledge.lexicon.in_problem(name) == ()


# ---- broken files -----------------------------------------------------------------------------------------


def _edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(data: Path) -> None:
        path = data / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def _append(name: str, text: str) -> Callable[[Path], None]:
    def edit(data: Path) -> None:
        with (data / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


_ROW = '\n[[flag]]\nid = "new"\nrow = 1\nfamily = "text"\ntier = "{tier}"\ntitle = "t"\ncitation = "c"\n{more}'


def _row(more: str, tier: str = "hard") -> Callable[[Path], None]:
    return _append("red_flags.toml", _ROW.format(tier=tier, more=more))


def _evidence(*lines: str) -> str:
    return "\n[[flag.evidence]]\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("breaks", "where", "reason"),
    [
        (_append("windows.toml", "acute_days = ["), "windows.toml", "Invalid"),
        (_append("windows.toml", "speed = 3\n"), "windows.toml", "unknown field `speed`"),
        (_edit("windows.toml", "acute_days = 42", 'acute_days = "six"'), "windows.toml", "acute_days"),
        (_edit("windows.toml", "acute_days = 42\n", ""), "windows.toml", "missing required field `acute_days`"),
        (_append("lexicon.toml", "speed = 3\n"), "lexicon.toml", "unknown field `speed`"),
        (_edit("imaging.toml", "label =", "labell ="), "imaging.toml", "labell"),
        (
            _edit("imaging.toml", 'modality = "mri"', 'modality = "us"'),
            "imaging.toml",
            "Invalid enum value 'us'",
        ),
        (_edit("imaging.toml", '"72149" =', '"72148" ='), "imaging.toml", "CPT 72148 stands twice"),
        (_edit("red_flags.toml", "within_days = 30", "within_dais = 30"), "red_flags.toml", "within_dais"),
        (_edit("red_flags.toml", '"saddle-numbness"', '"no-such-set"'), "red_flags.toml", "'no-such-set'"),
        (
            _edit("red_flags.toml", 'with_flag = ["motor-deficit"]', 'with_flag = ["fever"]'),
            "red_flags.toml",
            "'fever' must stand earlier",
        ),
        (_edit("red_flags.toml", "distinct = 2", "distinct = 9"), "red_flags.toml", "asks for 9 of 4"),
        (_edit("red_flags.toml", 'tier = "emergency"', 'tier = "urgent"'), "red_flags.toml", "urgent"),
        (_edit("red_flags.toml", 'id = "fever"', 'id = "cancer-history"'), "red_flags.toml", "stands twice"),
        (_row("evidence = []\n"), "red_flags.toml", "has no evidence"),
        (_row(_evidence("within_days = 3")), "red_flags.toml", "asks for nothing"),
        (_row(_evidence('measured = "body-temperature"')), "red_flags.toml", "`measured` goes with"),
        (_row(_evidence('any_of = ["cancer"]', "at_least = 3")), "red_flags.toml", "`measured` goes with"),
        (_row(_evidence('measured = "cancer"', "at_least = 3")), "red_flags.toml", "names no unit"),
        (
            _row(_evidence('any_of = ["cancer"]') + '\n[flag.study]\nappropriate = ["mri"]\n', tier="text"),
            "red_flags.toml",
            "only hard and emergency flags name a study",
        ),
        (
            _row(_evidence('any_of = ["cancer"]') + '\n[flag.study]\nappropriate = ["mri"]\nwrong = ["xr"]\n'),
            "red_flags.toml",
            "`change_to`",
        ),
        (
            _edit("value_sets/fever.toml", 'id = "fever"', 'id = "fervor"'),
            "fever.toml",
            "must be the name of the file",
        ),
        (
            _edit("value_sets/fever.toml", "verified = ", 'unverified = "x"\nverified = '),
            "fever.toml",
            "either `verified` or `unverified`",
        ),
        (
            _append("value_sets/fever.toml", '\n[[group]]\nsystem = "LOINC"\nsource = "s"\n'),
            "fever.toml",
            "either `verified` or `unverified`",
        ),
        (
            _append("value_sets/fever.toml", '\n[[group]]\nsystem = "LOINC"\nsource = "s"\nverified = "v"\n'),
            "fever.toml",
            "an empty LOINC group",
        ),
        (
            _append(
                "value_sets/fever.toml",
                '\n[[group]]\nsystem = "LOINC"\nsource = "s"\nverified = "v"\n[group.prefixes]\n"83" = "x"\n',
            ),
            "fever.toml",
            "prefixes are for ICD-10-CM only",
        ),
        (
            _append("value_sets/fever.toml", '\n[[group]]\nsystem = "ICD-9"\nsource = "s"\nverified = "v"\n'),
            "fever.toml",
            "ICD-9",
        ),
        (_row(_evidence('computed = "no-such-function"')), "red_flags.toml", "no computed function"),
        (
            _row(_evidence('measured = "platelets"', "below = 3", "missing_within_days = 9")),
            "red_flags.toml",
            "cannot be missing and have a bound",
        ),
        (_row(_evidence('any_of = ["cancer"]', 'interpreted = ["high"]')), "red_flags.toml", "`interpreted`"),
        (
            _edit("medicines.toml", 'block = ["nsaid-oral"', 'block = ["opium"'),
            "medicines.toml",
            "'opium' to block",
        ),
        (_edit("medicines.toml", 'caution = ["heat"]', 'caution = ["ice"]'), "medicines.toml", "step 'ice'"),
        (_edit("medicines.toml", 'caution = ["heat"]\n', ""), "medicines.toml", "speaks of no medicine"),
        (
            _edit("medicines.toml", 'id = "lithium"', 'id = "pregnancy"'),
            "medicines.toml",
            "'pregnancy' stands twice",
        ),
        (_edit("medicines.toml", 'id = "keep-moving"', 'id = "heat"'), "medicines.toml", "'heat' stands twice"),
        (_edit("medicines.toml", '["lithium"]', '["lithum"]'), "medicines.toml", "'lithum'"),
        (_append("medicines.toml", "speed = 3\n"), "medicines.toml", "unknown field `speed`"),
        (
            _append(
                "medicines.toml",
                '\n[[medicine]]\nid = "tea"\ntitle = "t"\ngroup = "g"\nneeds = []\n',
            ),
            "medicines.toml",
            "nothing could ever block 'tea'",
        ),
        (
            _edit("spoken.toml", '"motor-deficit"', '"motor"'),
            "spoken.toml",
            "'told-weakness': there is no flag 'motor'",
        ),
        (_edit("spoken.toml", '"motor-deficit"', '"weight-loss"'), "spoken.toml", "could then be deferred"),
        (
            _edit("spoken.toml", '"told-weakness"', '"told-saddle"'),
            "spoken.toml",
            "'told-saddle': this id stands twice",
        ),
        (_edit("spoken.toml", '"told-weakness"', '"fever"'), "spoken.toml", "'fever': this id stands twice"),
        (_edit("spoken.toml", '"told-weakness"', '"Told Weakness"'), "spoken.toml", "lower-case"),
        (_edit("spoken.toml", '"New leg weakness?"', '" "'), "spoken.toml", "`ask` is empty"),
        (_edit("spoken.toml", 'ask = "New leg', 'aks = "New leg'), "spoken.toml", "unknown field `aks`"),
        (_append("spoken.toml", "[[question\n"), "spoken.toml", "line"),
        (lambda data: (data / "spoken.toml").write_text("question = []"), "spoken.toml", "asks nothing"),
        (lambda data: (data / "spoken.toml").unlink(), "spoken.toml", "No such file"),
        (_edit("results.toml", '"positive-result"', '"no-such-set"'), "results.toml", "'no-such-set'"),
        (_edit("computed.toml", "gap_days = 7\n", ""), "computed.toml", "gap_days"),
        (
            _edit("value_sets/lithium.toml", '"lithium" = "lithium"\n', '"warfarin" = "lithium"\n'),
            "lithium.toml",
            "'warfarin' is 'lithium' here",
        ),
        (
            _append("value_sets/fever.toml", '\n[group.values]\n"R50.9" = 3\n'),
            "fever.toml",
            "states a number",
        ),
        (lambda data: (data / "windows.toml").unlink(), "windows.toml", "No such file"),
        (lambda data: shutil.rmtree(data / "value_sets"), "value_sets", "no value sets found"),
        (lambda data: (data / "value_sets/cancer.toml").unlink(), "red_flags.toml", "no value set 'cancer'"),
        (
            lambda data: (data / "windows.toml").write_bytes(b"\xff\xfe"),
            "windows.toml",
            "",
        ),
    ],
)
def test_a_broken_file_stops_the_start_and_is_named(
    tmp_path: Path, breaks: Callable[[Path], object], where: str, reason: str
) -> None:
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    breaks(data)

    with pytest.raises(KnowledgeError) as caught:
        load(data)

    assert where in str(caught.value)
    assert reason in str(caught.value)


def test_an_edited_file_has_another_version(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(DATA, data)
    assert load(data).version == load().version

    _edit("windows.toml", "acute_days = 42", "acute_days = 41")(data)

    assert load(data).version != load().version
