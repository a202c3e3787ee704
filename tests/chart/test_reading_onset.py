"""The five forms in which a Condition says when it began (§3.3 step 3)."""

from typing import Any

import pytest
from builders import ago, back_pain, chart, condition, facts_of, judge, patient

from watchful.clinical.assessment import Status
from watchful.clinical.facts import Finding

BORN = {"birthDate": "1992-08-16"}
LONG_AGO = {"low": {"value": 20, "code": "a"}, "high": {"value": 24, "code": "a"}}


def _read(*, who: dict[str, Any] = BORN, **onset: Any) -> Finding:
    pain = back_pain(onset=None, **onset)
    (finding,) = [
        each
        for each in facts_of(chart(pain=pain, who=patient(**who))).findings
        if each.reference == "Condition/pain"
    ]
    return finding


@pytest.mark.parametrize(
    ("onset", "first", "last"),
    [
        ({"onsetAge": {"value": 24, "code": "a"}}, "2016-08-16", "2017-08-15"),
        ({"onsetAge": {"value": 24.5, "code": "a"}}, "2016-08-16", "2017-08-15"),
        ({"onsetAge": {"value": 408, "code": "mo"}}, "2026-08-16", "2026-09-15"),
        ({"onsetAge": {"value": 6, "code": "wk"}}, "1992-09-27", "1992-10-03"),
        ({"onsetAge": {"value": 6, "code": "d"}}, "1992-08-22", "1992-08-22"),
        ({"onsetRange": LONG_AGO}, "2012-08-16", "2017-08-15"),
        ({"onsetRange": {"high": {"value": 24, "code": "a"}}}, "1992-08-16", "2017-08-15"),
    ],
    ids=str,
)
def test_an_age_is_a_span_of_days_from_the_birth_date(onset: Any, first: str, last: str) -> None:
    finding = _read(**onset)

    assert finding.onset is not None
    assert (str(finding.onset.earliest), str(finding.onset.latest)) == (first, last)
    assert finding.vague_onset


def test_an_age_and_a_vague_birth_date_are_a_longer_span() -> None:
    finding = _read(who={"birthDate": "1992"}, onsetAge={"value": 24, "code": "a"})

    assert finding.onset is not None
    assert (str(finding.onset.earliest), str(finding.onset.latest)) == ("2016-01-01", "2017-12-30")


def test_who_was_born_on_a_leap_day_turns_older_on_the_last_of_february() -> None:
    finding = _read(who={"birthDate": "1992-02-29"}, onsetAge={"value": 21, "code": "a"})

    assert finding.onset is not None
    assert (str(finding.onset.earliest), str(finding.onset.latest)) == ("2013-02-28", "2014-02-27")


@pytest.mark.parametrize(
    "onset",
    [
        {"onsetString": "since last winter"},
        {"onsetDateTime": "yesterday"},
        {"onsetPeriod": {}},
        {"onsetAge": {"value": 24}},
        {"onsetAge": {"value": 24, "unit": "years", "code": "years"}},
        {"onsetAge": {"value": 24, "code": "a", "comparator": ">"}},
        {"onsetAge": {"value": -1, "code": "a"}},
        {"onsetAge": {"value": 99999, "code": "a"}},
        {"onsetAge": {"value": 1e300, "code": "d"}},
        {"onsetAge": {"code": "a"}},
        {"onsetRange": {"low": {"value": 24, "code": "a"}}},
        {"onsetRange": {"low": {"value": 30, "code": "a"}, "high": {"value": 20, "code": "a"}}},
        {"who": {"birthDate": None}, "onsetAge": {"value": 24, "code": "a"}},
    ],
    ids=str,
)
def test_an_onset_that_cannot_be_read_is_said_to_be_there(onset: Any) -> None:
    finding = _read(**onset)

    assert (finding.onset, finding.vague_onset) == (None, True)


def test_none_is_none() -> None:
    finding = _read()

    assert (finding.onset, finding.vague_onset) == (None, False)


@pytest.mark.parametrize(
    ("period", "when", "vague"),
    [
        ({"start": "2026-03"}, "2026-03", False),
        ({"start": "2026-03", "end": "2026-04"}, "2026-03", False),
        ({"end": "2026-04"}, "2026-04", True),
    ],
)
def test_a_period_counts_from_its_start_and_else_at_least_from_its_end(
    period: dict[str, str], when: str, vague: bool
) -> None:
    finding = _read(onsetPeriod=period)

    assert (str(finding.onset), finding.vague_onset) == (when, vague)


@pytest.mark.parametrize(
    ("onset", "reason", "days"),
    [
        ({"onsetAge": {"value": 24, "code": "a"}}, "chronic", 3388),
        ({"onsetAge": {"value": 34, "code": "a"}}, "duration-not-in-chart", None),
        ({"onsetRange": LONG_AGO}, "chronic", 3388),
        ({"onsetPeriod": {"end": ago(100)}}, "chronic", 100),
        ({"onsetPeriod": {"end": ago(50)}}, "subacute", 50),
        ({"onsetPeriod": {"end": ago(10)}}, "duration-not-in-chart", None),
        ({"onsetPeriod": {"start": ago(10), "end": ago(5)}}, "acute-no-flag", 10),
        ({"onsetString": "for a week"}, "duration-not-in-chart", None),
        ({"onsetString": "for years", "recorded": 50}, "subacute", 50),
        ({"onsetDateTime": "11/20/2026"}, "duration-not-in-chart", None),
    ],
    ids=str,
)
def test_a_vague_onset_may_lengthen_the_pain_but_never_proves_it_short(
    onset: dict[str, Any], reason: str, days: int | None
) -> None:
    found = judge(chart(pain=back_pain(onset=None, **onset), who=patient(**BORN)))

    assert (found.reason, found.duration.days) == (reason, days)


def test_a_vague_onset_beside_a_short_one_leaves_the_duration_unknown() -> None:
    beside = back_pain(id="beside", onset=None, onsetString="for years")

    assert judge(chart(beside)).reason == "duration-not-in-chart"
    assert judge(chart(beside, pain=back_pain(onset=50))).duration.days == 50


def test_a_problem_with_an_onset_still_to_come_counts_by_its_recorded_date() -> None:
    found = judge(chart(condition("C50.911", onset=-36500, recorded=100))).flag("cancer-active")

    assert found.status is Status.PRESENT
    assert [str(each.date) for each in found.evidence] == [ago(100)]
