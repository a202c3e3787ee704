"""What a row of the catalogue or a group of codes must not be: each reason in full, beside a row that is fine."""

from typing import Any

import msgspec
import pytest
from builders import knowledge

from watchful.clinical.knowledge import KnowledgeError
from watchful.clinical.knowledge.checks import check_row
from watchful.clinical.knowledge.files import CodeGroup, FlagFile
from watchful.clinical.knowledge.read import _check_groups

CANCER = {"any_of": ["cancer"]}
COLD = {"measured": "body-temperature", "at_most": 35}


def _row(*evidence: dict[str, Any], **more: Any) -> FlagFile:
    row = {"id": "new", "row": 1, "family": "f", "tier": "hard", "title": "t", "citation": "c", **more}
    return msgspec.convert({**row, "evidence": evidence or [CANCER]}, FlagFile)


def _study(appropriate: tuple[str, ...] = ("mri",), wrong: tuple[str, ...] = (), to: str = "") -> dict[str, Any]:
    return {"appropriate": appropriate, "wrong": wrong, **({"change_to": to} if to else {})}


def _checked(row: FlagFile) -> None:
    check_row(row, knowledge().value_sets, {"earlier"})


@pytest.mark.parametrize(
    "row",
    [
        _row(),
        _row(CANCER, COLD, {"age_at_least": 70}, {"age_below": 3}, {"computed": "pregnancy"}),
        _row({"any_of": ["cancer", "fever"], "distinct": 2}),
        _row({"any_of": ["lumbar-imaging"]}, {"any_of": ["alarming-text"]}),
        _row({"any_of": ["cancer"], "with_flag": ["earlier"]}),
        _row(milder_form_of="earlier"),
        _row({"measured": "body-temperature", "below": 35, "interpreted": ["low"]}),
        _row({"measured": "body-temperature", "missing_within_days": 3}),
        _row(study=_study(), tier="emergency"),
        _row(study=_study(appropriate=("xr", "mri", "mri-with", "ct-unspecified"))),
        _row(study=_study(wrong=("xr", "ct"), to="mri-both")),
        _row(study=_study(wrong=("mri",), to="xr")),
    ],
)
def test_a_row_that_is_fine(row: FlagFile) -> None:
    _checked(row)


MEASURED = "`measured` goes with `at_least`, `at_most`, `below` or `missing_within_days`"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (_row(id="earlier"), "stands twice"),
        (_row(tier="suppress", study=_study()), "only hard and emergency flags name a study"),
        (
            _row(tier="emergency", study=_study(wrong=("xr",), to="mri-both")),
            "an emergency is urgent whatever was drafted; it names no wrong study",
        ),
        (_row(study=_study(wrong=("xr",))), "says which study is wrong but not which is right (`change_to`)"),
        (_row(study=_study(appropriate=("mri-sideways",))), "there is no study 'mri-sideways'"),
        (_row(study=_study(wrong=("us",), to="mri-both")), "there is no study 'us'"),
        (_row(study=_study(wrong=("xr",), to="pet")), "there is no study 'pet'"),
        (_row(study=_study(wrong=("xr",), to="mri")), "`change_to` names a study, not a modality"),
        (_row({"any_of": ["fever"], "with_flag": ["new"]}), "with_flag 'new' must stand earlier in the catalogue"),
        (_row(milder_form_of="new"), "milder_form_of 'new' must stand earlier in the catalogue"),
        (_row({"any_of": ["cancer", "nothing"]}), "there is no value set 'nothing'"),
        (_row({"measured": "nothing", "below": 3}), "there is no value set 'nothing'"),
        (_row({"any_of": ["cancer"], "distinct": 2}), "asks for 2 of 1 value sets"),
        (_row({"age_below": 3, "distinct": 2}), "asks for 2 of 0 value sets"),
        (_row({"measured": "body-temperature"}), MEASURED),
        (_row({"any_of": ["cancer"], "at_most": 3}), MEASURED),
        (_row({"any_of": ["cancer"], "missing_within_days": 3}), MEASURED),
        (
            _row({"measured": "body-temperature", "below": 3, "missing_within_days": 3}),
            "a measurement cannot be missing and have a bound",
        ),
        (
            _row({"measured": "body-temperature", "missing_within_days": 3, "interpreted": ["low"]}),
            "`interpreted` goes with a measured bound",
        ),
        (_row({"measured": "cancer", "below": 3}), "value set 'cancer' names no unit"),
        (_row({"computed": "guess"}), "there is no computed function 'guess'"),
        (_row({"within_days": 3}), "an evidence item that asks for nothing"),
        (_row(COLD, {"within_days": 3}), "an evidence item that asks for nothing"),
    ],
)
def test_a_row_that_makes_no_sense_is_named_with_its_reason(row: FlagFile, reason: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        _checked(row)

    assert str(caught.value) == f"red_flags.toml: flag {row.id!r}: {reason}"


def test_a_row_without_evidence_could_never_be_found() -> None:
    with pytest.raises(KnowledgeError, match=r"'new': has no evidence, so it could never be found$"):
        _checked(msgspec.structs.replace(_row(), evidence=()))


def _group(system: str, **more: Any) -> CodeGroup:
    return msgspec.convert({"system": system, "source": "s", "verified": "v", **more}, CodeGroup)


EITHER = "a LOINC group needs either `verified` or `unverified`"
FINE = _group("ICD-10-CM", prefixes={"C": "c"}, but_not=["C44"])


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        (_group("LOINC", codes={"1": "x"}, unverified="u"), EITHER),
        (_group("LOINC", codes={"1": "x"}, verified=""), EITHER),
        (_group("CPT", prefixes={"1": "x"}), "prefixes are for ICD-10-CM only, not CPT"),
        (_group("CPT", codes={"1": "x"}, but_not=["1"]), "prefixes are for ICD-10-CM only, not CPT"),
        (_group("SNOMED CT"), "an empty SNOMED CT group"),
    ],
)
def test_a_group_of_codes_that_makes_no_sense_is_named_with_its_reason(group: CodeGroup, reason: str) -> None:
    _check_groups("x.toml", [FINE, _group("LOINC", codes={"1": "x"}, verified="", unverified="u")])

    with pytest.raises(KnowledgeError) as caught:
        _check_groups("x.toml", [FINE, group])

    assert str(caught.value) == f"x.toml: {reason}"
