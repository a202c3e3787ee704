"""Every ICD-10-CM code we ship stands in the official list, and means what its label says.

The other code systems cannot be checked here: their files say group by group how they were verified.
"""

import warnings
from collections.abc import Iterator

import msgspec
import pytest

from watchful.clinical.knowledge import load
from watchful.clinical.knowledge.files import CodeGroup, ImagingFile, ValueSetFile
from watchful.clinical.knowledge.read import DATA

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it reads its list in a way that Python has deprecated
    import simple_icd_10_cm as icd  # type: ignore[import-untyped]

LEGACY: dict[str, str] = {}
"""Codes kept for old records although the list has dropped them -> why. M54.5 is still its category."""


def _read_sets() -> dict[str, ValueSetFile]:
    files = sorted((DATA / "value_sets").glob("*.toml"))
    return {file.stem: msgspec.toml.decode(file.read_bytes(), type=ValueSetFile) for file in files}


SETS = _read_sets()
IMAGING = msgspec.toml.decode((DATA / "imaging.toml").read_bytes(), type=ImagingFile)


def _groups() -> Iterator[tuple[str, CodeGroup]]:
    for entry in SETS.values():
        for group in entry.group:
            yield entry.id, group
    for study in (*IMAGING.study, *IMAGING.generic):
        for group in study.group:
            yield f"imaging: {study.label}", group
    for group in IMAGING.excluded:
        yield "imaging: excluded", group


def _icd_codes(set_id: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in SETS[set_id].group:
        if group.system == "ICD-10-CM":
            found |= {**group.prefixes, **group.codes}
    return found


@pytest.mark.parametrize("set_id", sorted(SETS))
def test_every_icd_code_is_in_the_official_list(set_id: str) -> None:
    named = [*_icd_codes(set_id), *(code for group in SETS[set_id].group for code in group.but_not)]

    unknown = [code for code in named if not icd.is_valid_item(code) and code not in LEGACY]

    assert unknown == []


def test_what_is_taken_out_belongs_to_what_is_put_in() -> None:
    for set_id, group in _groups():
        for code in group.but_not:
            assert any(code.startswith(prefix) for prefix in group.prefixes), f"{set_id}: {code}"


@pytest.mark.parametrize(
    ("set_id", "code", "official"),
    [
        ("cauda-equina-syndrome", "G83.4", "cauda equina"),
        ("urinary-retention", "R33.9", "retention of urine"),
        ("bowel-incontinence", "R15.9", "incontinence of feces"),
        ("neurogenic-bladder", "N31.9", "dysfunction of bladder"),
        ("cancer", "C50", "neoplasm of breast"),
        ("cancer", "C61", "neoplasm of prostate"),
        ("cancer", "C79.51", "neoplasm of bone"),
        ("cancer-history", "Z85.3", "neoplasm of breast"),
        ("monoclonal-gammopathy", "D47.2", "gammopathy"),
        ("cancer-treatment", "Z51.0", "radiation"),
        ("weight-loss", "R63.4", "weight loss"),
        ("spinal-infection", "M46.4", "discitis"),
        ("bloodstream-infection", "R78.81", "bacteremia"),
        ("drug-use-disorder", "F11", "opioid"),
        ("drug-use-remission", "F11.21", "in remission"),
        ("immunosuppression", "Z79.6", "immunosuppressants"),
        ("hiv", "Z21", "immunodeficiency virus"),
        ("long-term-steroids", "Z79.52", "systemic steroids"),
        ("osteoporosis", "M81", "osteoporosis"),
        ("osteoporosis-medicine", "Z79.83", "bisphosphonates"),
        ("fragility-fracture", "Z87.310", "osteoporosis fracture"),
        ("spine-fracture-recent", "S32.0", "lumbar vertebra"),
        ("minor-fall", "W18", "falls"),
        ("axial-spondyloarthritis", "M45.A", "axial spondyloarthritis"),
        ("prior-lumbar-surgery", "Z98.1", "arthrodesis"),
        ("aortic-aneurysm", "I71.4", "abdominal aortic aneurysm"),
        ("bleeding-or-line-risk", "Z79.01", "anticoagulants"),
        ("hospice", "Z51.5", "palliative"),
        ("mri-unsafe-device", "Z95.0", "pacemaker"),
        ("disc-or-stenosis", "M48.061", "without neurogenic claudication"),
        ("leg-pain", "M51.361", "lower extremity pain only"),
        ("low-back-pain", "M51.36", "lumbar region"),
    ],
)
def test_the_official_text_fits_the_set(set_id: str, code: str, official: str) -> None:
    assert code in _icd_codes(set_id)
    assert official in icd.get_description(code).lower()


def test_sides_fit_the_official_text() -> None:
    for side in ("right", "left"):
        for set_id in (f"sciatica-{side}", f"foot-drop-{side}"):
            assert all(side in icd.get_description(code).lower() for code in _icd_codes(set_id)), set_id


def test_traffic_codes_fit_the_official_text() -> None:
    crashes = [code for code in _icd_codes("high-energy-trauma") if code.startswith("V")]

    assert len(crashes) > 80
    for code in crashes:
        text = icd.get_description(code).lower()
        assert "accident" in text or "injured" in text, code


def test_every_cancer_chapter_category_is_covered() -> None:
    """C00 to C96 but for C44: a category that a new list adds must be looked at."""
    categories = {
        code
        for code in icd.get_all_codes(with_dots=True)
        if code.startswith("C") and len(code) == 3 and icd.is_category(code)
    }

    assert categories - set(_icd_codes("cancer")) == {"C44"}


def test_one_code_has_one_label() -> None:
    """A code in two sets must not change its name with the order of the files."""
    labels: dict[tuple[str, str], tuple[str, str]] = {}
    for set_id, group in _groups():
        if set_id.startswith("imaging"):
            continue
        for code, label in (*group.codes.items(), *group.prefixes.items()):
            first, where = labels.setdefault((group.system, code), (label, set_id))
            assert first == label, f"{group.system} {code}: {where} and {set_id} differ"


def test_labels_read_well_after_on_record() -> None:
    for set_id, group in _groups():
        for code, label in (*group.codes.items(), *group.prefixes.items()):
            assert label, f"{set_id} {code}"
            assert len(label.split()) <= 8, f"{set_id} {code}: {label!r} is too long for a card"
            assert label == label.strip().rstrip("."), f"{set_id} {code}: {label!r}"


def test_labels_are_lower_case_but_for_names() -> None:
    names = {"AIDS", "C-reactive", "CT", "HIV", "HIV-2", "Hodgkin", "INR", "Kaposi", "MRI", "Merkel", "X-ray"}

    for set_id, group in _groups():
        for code, label in (*group.codes.items(), *group.prefixes.items()):
            word = label.split()[0].rstrip(",")
            assert word.islower() or word in names or word[0].islower(), f"{set_id} {code}: {label!r}"


def test_official_back_pain_texts_raise_no_alarm() -> None:
    """Records often carry the official text; "without myelopathy" must not read as a suspicion."""
    knowledge = load()
    codes = knowledge.tables["http://hl7.org/fhir/sid/icd-10-cm"]
    raised = {}
    for code in icd.get_all_codes(with_dots=True):
        match = codes.get(code)
        if match is not None and "low-back-pain" in match.concepts:
            raised[code] = knowledge.lexicon.in_text(icd.get_description(code))

    assert len(raised) > 50
    assert {code: found for code, found in raised.items() if found} == {}


def test_cpt_codes_carry_no_descriptors() -> None:
    """CPT text belongs to the AMA: one neutral label for many codes, never a text for one code."""
    for set_id, group in _groups():
        if group.system == "CPT":
            assert len(set(group.codes.values())) == 1 or len(group.codes) > 4, set_id
            assert all(label.endswith("code)") for label in group.codes.values()), set_id


def test_an_unverified_group_is_the_exception() -> None:
    for system in ("ICD-10-CM", "SNOMED CT", "LOINC", "RxNorm", "CPT"):
        groups = [group for _, group in _groups() if group.system == system]
        codes = sum(len(group.codes) + len(group.prefixes) for group in groups)
        unverified = sum(len(group.codes) + len(group.prefixes) for group in groups if group.unverified)
        assert unverified <= codes / 2, system
        if system == "ICD-10-CM":
            assert unverified == 0
