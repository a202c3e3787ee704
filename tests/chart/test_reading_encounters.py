"""What an Encounter says: reasons as suspicion, the setting, the history (§3.1, §0.1 items 6 and 8)."""

import pytest
from builders import ago, chart, encounter, facts_of

from watchful.clinical.facts import Finding


def _reasons(*encounters: dict[str, object]) -> list[Finding]:
    return [each for each in facts_of(chart(*encounters)).findings if "cancer" in each.concepts]


def test_a_reason_is_a_suspicion_dated_by_the_encounter() -> None:
    (found,) = _reasons(encounter("before", days_ago=40, reasons=["C50.911"]))

    assert (found.kind, found.certainty, str(found.event)) == ("visit", "suspected", ago(40))
    assert not found.this_visit


def test_the_reason_of_this_visit_belongs_to_it() -> None:
    facts = facts_of(chart(visit=encounter(reasons=["M54.50", "C50.911"])))

    assert [each.this_visit for each in facts.findings if each.kind == "visit"] == [True, True]


@pytest.mark.parametrize("status", ["planned", "cancelled", "entered-in-error"])
def test_encounters_that_did_not_happen_say_nothing(status: str) -> None:
    assert _reasons(encounter("before", days_ago=40, reasons=["C50.911"], status=status)) == []
    start = facts_of(chart(encounter("long-ago", days_ago=2000, status=status))).history_start
    assert str(start) == ago(400)


def test_the_history_begins_with_the_first_encounter() -> None:
    assert str(facts_of(chart(encounter("long-ago", days_ago=2000))).history_start) == ago(2000)
    assert str(facts_of(chart(history=None)).history_start) == ago(0)


def test_a_vague_date_never_shortens_a_history_that_is_dated_by_the_day() -> None:
    this_year = encounter("some-time-this-year", period={"start": ago(0)[:4]})

    assert str(facts_of(chart(this_year, history=300)).history_start) == ago(300)


@pytest.mark.parametrize(
    ("code", "setting"),
    [
        ("AMB", "ambulatory"),
        ("VR", "virtual"),
        ("HH", "home"),
        ("EMER", "emergency"),
        ("IMP", "inpatient"),
        ("ACUTE", "inpatient"),
        ("NONAC", "inpatient"),
        ("OBSENC", "observation"),
        ("SS", "inpatient"),
        ("FLD", None),
        ("PRENC", None),
        ("local", None),
        (None, None),
    ],
)
def test_the_setting_is_read_from_the_class(code: str | None, setting: str | None) -> None:
    visit = facts_of(chart(visit=encounter(setting=code))).visit

    assert visit is not None
    assert visit.setting == setting
