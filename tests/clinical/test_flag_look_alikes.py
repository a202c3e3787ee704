"""Every row of the catalogue has look-alikes that leave it alone, each a small step from one that sets it off."""

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from builders import ICD, chart, condition, judge, knowledge, observation
from look_alikes import Pair
from look_alikes_bone_trauma import BONE, TRAUMA
from look_alikes_infection_immune import INFECTION
from look_alikes_nerves_cancer import CANCER, NERVES
from look_alikes_other import OTHER

from watchful.clinical.assessment import Status

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it reads its list in a way that Python has deprecated
    import simple_icd_10_cm as icd  # type: ignore[import-untyped]

TABLES = (NERVES, CANCER, INFECTION, BONE, TRAUMA, OTHER)
LOOK_ALIKES = {flag_id: pairs for table in TABLES for flag_id, pairs in table.items()}
every_pair = pytest.mark.parametrize(
    ("flag_id", "pair"),
    [
        pytest.param(flag_id, pair, id=f"{flag_id}: {pair.what}")
        for flag_id, pairs in LOOK_ALIKES.items()
        for pair in pairs
    ],
)


def test_every_flag_has_a_look_alike_and_stands_in_one_table() -> None:
    assert sorted(flag_id for table in TABLES for flag_id in table) == sorted(
        flag.row.id for flag in knowledge().flags
    )
    assert all(LOOK_ALIKES.values())


@every_pair
def test_a_look_alike_does_not_set_the_flag_off(flag_id: str, pair: Pair) -> None:
    assert pair.alike.flag(flag_id).status is Status.ABSENT


@every_pair
def test_the_real_thing_beside_it_does(flag_id: str, pair: Pair) -> None:
    assert pair.real.flag(flag_id).status is Status.PRESENT


@every_pair
def test_the_step_between_them_is_small(flag_id: str, pair: Pair) -> None:
    """One record, one age, one complaint or one reason: else the pair would not show what makes the difference."""
    alike, real = pair.alike, pair.real
    steps = [
        alike.age != real.age,
        alike.pain != real.pain,
        alike.reason != real.reason,
        [each for each in alike.records if each not in real.records]
        != [each for each in real.records if each not in alike.records],
    ]
    assert sum(steps) == 1
    assert len(alike.records) == len(real.records)


def test_a_record_of_next_month_hides_no_record_of_today() -> None:
    ahead = [condition("C61", id="ahead", onset=-30), observation("8310-5", 36.6, "Cel", id="ahead", days_ago=-30)]
    now = [condition("G83.4", onset=0), observation("8310-5", 39, "Cel")]

    found = judge(chart(*ahead, *now))

    assert {"cauda-equina", "fever"} <= {flag.id for flag in found.present()}


def test_every_icd_code_of_the_tables_is_in_the_official_list() -> None:
    unknown = {code for code in _icd_codes(LOOK_ALIKES) if not icd.is_valid_item(code)}

    assert unknown == set()


def _icd_codes(within: Any) -> Iterator[str]:
    if isinstance(within, dict):
        if within.get("system") == ICD:
            yield within["code"]
        for each in within.values():
            yield from _icd_codes(each)
    elif isinstance(within, list | tuple):
        for each in within:
            yield from _icd_codes(each)
