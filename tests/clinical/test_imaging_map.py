"""Which order codes are lumbar imaging, and what each one asks for."""

import pytest
from builders import CPT, LOINC, SNOMED

from watchful.clinical.knowledge import Knowledge


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
