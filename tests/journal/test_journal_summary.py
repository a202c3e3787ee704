"""What the journal keeps of an assessment and of a chart: states, bands and fingerprints."""

from datetime import date, timedelta
from uuid import RFC_4122, UUID

import pytest
from journal_builders import KEYS, NOW
from msgspec.structs import replace

from watchful.clinical.assessment import Assessment, Decision, Duration, FlagResult, Status, Tier
from watchful.clinical.dates import day
from watchful.clinical.facts import Availability, ChartFacts, DataClass, Finding, ImagingOrder, State
from watchful.journal.records import new_id
from watchful.journal.summary import age_band, class_states, facts_fingerprint, flag_states

FACTS = ChartFacts(
    known={kind: Availability(State.KNOWN, "prefetch") for kind in DataClass},
    findings=(
        Finding(kind="condition", reference="Condition/1", concepts=frozenset("abcdefgh"), label="low back pain"),
    ),
)


def test_flags_that_are_absent_are_left_out() -> None:
    flags = tuple(FlagResult(id=status.value, family="f", tier=Tier.HARD, status=status) for status in Status)
    order = ImagingOrder(reference="ServiceRequest/9", system="s", code="c", label="l", modality="mri")
    assessment = Assessment(
        decision=Decision.REVIEW,
        reason="data-gap",
        order=order,
        flags=flags,
        duration=Duration(days=None, source="none", confidence="unknown"),
        unknown=(),
        knowledge_version="1",
    )
    assert flag_states(assessment) == {"present": "present", "unknown": "unknown"}


def test_each_data_class_has_its_state_and_source() -> None:
    unread = replace(FACTS, known={**FACTS.known, DataClass.CONDITION: Availability(State.UNKNOWN, "fhir", "403")})
    states = class_states(unread)
    assert states["Condition"] == "unknown fhir"
    assert states["Patient"] == "known prefetch"
    assert len(states) == len(DataClass)


@pytest.mark.parametrize(
    ("age", "band"),
    [(None, None), (0, "under 18"), (17, "under 18"), (18, "18-19"), (19, "18-19"), (20, "20-29"), (49, "40-49"),
     (79, "70-79"), (80, "80 and over"), (101, "80 and over")],
)  # fmt: skip
def test_ages_are_kept_as_bands(age: int | None, band: str | None) -> None:
    assert age_band(age) == band


def test_a_fingerprint_follows_what_the_chart_says_not_where_it_was_read() -> None:
    fingerprint = facts_fingerprint(KEYS, "general", FACTS)
    fetched = replace(FACTS, known={kind: Availability(State.KNOWN, "fhir") for kind in DataClass})
    assert facts_fingerprint(KEYS, "general", fetched) == fingerprint
    for changed in (
        replace(FACTS, known={**FACTS.known, DataClass.CONDITION: Availability(State.UNKNOWN, "none")}),
        replace(FACTS, findings=()),
        replace(FACTS, birth_date=day(date(1961, 2, 3))),
    ):
        assert facts_fingerprint(KEYS, "general", changed) != fingerprint
    assert facts_fingerprint(KEYS, "county", FACTS) != fingerprint


def test_ids_are_uuids_that_grow_with_time() -> None:
    ids = [new_id(NOW + timedelta(milliseconds=at)) for at in range(50)]
    assert ids == sorted(ids)
    assert len({new_id(NOW) for _ in range(1000)}) == 1000
    assert all((UUID(each).version, UUID(each).variant) == (7, RFC_4122) for each in ids)
    assert UUID(ids[0]).int >> 80 == int(NOW.timestamp() * 1000)
