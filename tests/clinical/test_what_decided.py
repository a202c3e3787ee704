"""Which flags a verdict names, and when contrast is not named: gaps that mutation testing found."""

import pytest
from builders import chart, condition, encounter, imaging_order, judge, observation, patient

CANCER = condition("C50.911", onset=300)
XRAY = imaging_order("72100")


@pytest.mark.parametrize(
    ("records", "order", "reason", "deciding"),
    [
        (chart(CANCER), None, "right-study", ("cancer-active",)),
        (chart(CANCER), XRAY, "wrong-study", ("cancer-active",)),
        (chart(CANCER, condition("Z95.0", onset=900)), XRAY, "mri-unsafe-device", ("cancer-active",)),
        (chart(observation("8310-5", 38.5, "Cel")), None, "hard-flag", ("fever",)),
        (chart(who=patient(age=72)), None, "suppress-flag", ("age-70-or-over",)),
        (
            chart(who=patient(age=66), visit=encounter(setting="EMER")),
            None,
            "emergency-department-flag",
            ("age-65-69",),
        ),
    ],
)  # fmt: skip
def test_a_verdict_names_the_flags_that_decided(
    records: list[dict[str, object]], order: dict[str, object] | None, reason: str, deciding: tuple[str, ...]
) -> None:
    found = judge(records, order)

    assert (found.reason, found.deciding) == (reason, deciding)


@pytest.mark.parametrize(
    ("rates", "study"),
    [
        ([], "mri-both"),
        ([(25, 900)], "mri-without"),  # the latest counts, whatever its date
        ([(30, 10)], "mri-both"),
        ([(29, 10)], "mri-without"),
        ([(25, 400), (80, 10)], "mri-both"),
        ([(80, 400), (25, 10)], "mri-without"),
    ],
)
def test_contrast_is_not_named_where_the_latest_filtration_rate_is_low(
    rates: list[tuple[float, int]], study: str
) -> None:
    readings = [
        observation("98979-8", rate, "mL/min/{1.73_m2}", id=f"rate-{days}", days_ago=days) for rate, days in rates
    ]

    assert judge(chart(CANCER, *readings), XRAY).change_to == study


def test_another_low_reading_is_no_filtration_rate() -> None:
    assert judge(chart(CANCER, observation("8310-5", 20, "Cel")), XRAY).change_to == "mri-both"
