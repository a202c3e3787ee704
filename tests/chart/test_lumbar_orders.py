"""Which drafted orders are imaging of the lumbar spine (§4.2)."""

from typing import Any

import msgspec
import pytest
from builders import ZONE, concept, drafted, imaging_order, knowledge

from watchful.chart.orders import DraftBundle, imaging_orders

CPT, LOINC, SNOMED = "http://www.ama-assn.org/go/cpt", "http://loinc.org", "http://snomed.info/sct"


def _study(order: dict[str, Any]) -> str | None:
    found = drafted(order)
    return found[0].order.study if found else None


@pytest.mark.parametrize(
    ("code", "study"),
    [
        ("72100", "xr"),
        ("72110", "xr"),
        ("72131", "ct-without"),
        ("72148", "mri-without"),
        ("72149", "mri-with"),
        ("72158", "mri-both"),
        ("30679-5", "mri-without"),
        ("24967-2", "mri-both"),
        ("24968-0", "mri-unspecified"),
        ("30620-9", "ct-without"),
        ("24972-2", "xr"),
        ("394451000119106", "mri-without"),
        ("41333006", "mri-with"),
        ("572091000119106", "ct-without"),
        ("840361000", "xr"),
    ],
)
def test_lumbar_imaging_by_cpt_loinc_and_snomed(code: str, study: str) -> None:
    assert _study(imaging_order(code)) == study


@pytest.mark.parametrize("system", ["http://www.ama-assn.org/go/cpt", "urn:oid:2.16.840.1.113883.6.12"])
def test_a_code_is_read_under_both_names_of_its_system(system: str) -> None:
    assert _study(imaging_order(code=concept("72148", system=system))) == "mri-without"


@pytest.mark.parametrize(
    "code",
    [
        "87088-1",
        "35905-9",
        "24965-6",
        "241592002",
        "1251643002",
        "24966-4",
        "38267-1",
        "77080",
        "708690003",
        "62323",
        "64483",
        "62270",
        "72265",
        "30866-8",
        "37502-2",
        "35934-9",
        "24930-0",
        "72141",
        "571891000119109",
        "712970008",
        "72146",
        "396171000119100",
        "73562",
        "no-such-code",
    ],
)
def test_guidance_myelograms_bone_density_neck_and_chest_are_never_lumbar_imaging(code: str) -> None:
    site = [concept("122496007", text="lumbar spine")]

    assert _study(imaging_order(code)) is None
    assert _study(imaging_order(code, bodySite=site)) is None


def test_an_excluded_code_wins_over_a_lumbar_one() -> None:
    codings = [{"system": CPT, "code": "72131"}, {"system": LOINC, "code": "24965-6"}]

    assert _study(imaging_order(code={"coding": codings})) is None
    assert _study(imaging_order(code={"coding": codings[::-1]})) is None


@pytest.mark.parametrize("code", ["36067-7", "36531-2", "28566-8", "28613-8", "241645008", "72020", "72220"])
@pytest.mark.parametrize(
    "said",
    [
        {"bodySite": [concept("122496007")]},
        {"bodySite": [concept(text="Lumbar spine")]},
        {"bodySite": [concept(text="neck"), concept(text="LUMBOSACRAL")]},
        {"text": "MR L-spine wo contrast"},
        {"text": "XR LS spine"},
        {"text": "thoracolumbar junction"},
    ],
    ids=["site code", "site text", "second site", "order text", "abbreviation", "junction"],
)
def test_a_generic_spine_study_counts_when_it_says_lumbar(code: str, said: dict[str, Any]) -> None:
    assert _study(imaging_order(code, **said)) is not None


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"bodySite": [concept(text="cervical spine")]},
        {"bodySite": [concept(text="Cervical and dorsal spine")]},
        {"text": "MRI spine"},
    ],
    ids=["says nothing", "neck", "neck and chest", "spine"],
)
def test_a_generic_spine_study_of_another_level_does_not(said: dict[str, Any]) -> None:
    assert _study(imaging_order("36067-7", **said)) is None


def test_words_alone_are_no_order() -> None:
    assert _study(imaging_order(None, text="MRI lumbar spine")) is None


def test_the_coding_that_says_most_about_contrast_decides() -> None:
    codings = [{"system": LOINC, "code": "24968-0"}, {"system": CPT, "code": "72158"}]

    assert _study(imaging_order(code={"coding": codings})) == "mri-both"


@pytest.mark.parametrize("status", ["draft", "active", "on-hold", None])
def test_an_order_that_may_still_be_signed_counts(status: str | None) -> None:
    assert _study(imaging_order(status=status)) is not None


@pytest.mark.parametrize(
    "elements",
    [
        {"status": "revoked"},
        {"status": "completed"},
        {"status": "entered-in-error"},
        {"doNotPerform": True},
        {"intent": "option"},
        {"resourceType": "MedicationRequest"},
        {"id": None},
        {"code": {"coding": "72148"}},
    ],
    ids=["revoked", "completed", "error", "must not", "option", "another type", "no id", "unreadable"],
)
def test_an_order_that_is_none_does_not(elements: dict[str, Any]) -> None:
    assert _study({**imaging_order(), **elements}) is None


@pytest.mark.parametrize("priority", ["routine", "urgent", "asap", "stat"])
def test_the_priority_is_read(priority: str) -> None:
    assert drafted(imaging_order(priority=priority))[0].order.priority == priority


def test_a_missing_or_strange_priority_is_not_routine() -> None:
    assert drafted(imaging_order(priority=None))[0].order.priority is None
    assert drafted(imaging_order(priority="whenever"))[0].order.priority is None


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        ("ServiceRequest/b", ["b"]),
        ("b", ["b"]),
        ("https://ehr.example.org/r4/ServiceRequest/b", ["b"]),
        ("ServiceRequest/b/_history/2", ["b"]),
        ("urn:uuid:b", ["b"]),
        ("ServiceRequest/c", []),
        ("MedicationRequest/b", []),
    ],
)
def test_only_the_selected_orders_are_judged(selection: str, chosen: list[str]) -> None:
    entries = [
        {"fullUrl": f"urn:uuid:{name}", "resource": msgspec.Raw(msgspec.json.encode(imaging_order(id=name)))}
        for name in ("a", "b")
    ]
    basket = msgspec.convert({"entry": entries}, DraftBundle)

    found = imaging_orders(basket, [selection], knowledge(), ZONE)

    assert [each.order.reference for each in found] == [f"ServiceRequest/{name}" for name in chosen]
    assert len(imaging_orders(basket, None, knowledge(), ZONE)) == 2


def test_the_order_is_kept_as_it_was_received() -> None:
    order = imaging_order(note=[{"text": "kept"}])

    assert msgspec.json.decode(drafted(order)[0].raw) == order
