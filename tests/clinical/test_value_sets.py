"""What the codes and the names of medicines mean to the rules."""

import pytest
from builders import CPT, ICD, LOINC, RXNORM, SNOMED

from watchful.clinical.knowledge import Knowledge


def concepts(knowledge: Knowledge, system: str, code: str) -> frozenset[str]:
    match = knowledge.tables[system].get(code)
    return match.concepts if match else frozenset()


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
        ("urn:oid:2.16.840.1.113883.6.285", "G0390", "trauma-activation"),
        ("http://terminology.hl7.org/CodeSystem/service-type", "218", "orthopedic-surgery"),
        ("urn:oid:2.16.840.1.113883.6.101", "207T00000X", "neurosurgery"),
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
