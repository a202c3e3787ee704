"""One press is one write: under a double click, a reload, two workers, a lost answer and a refusal."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from acts_visits import TOKEN, an_assessment, office, valid
from structlog.testing import capture_logs
from writable_ehr import CHART_TEXT, Ehr

from smart_app.acts import perform as performing
from smart_app.acts.perform import perform
from smart_app.acts.telling import LONGEST
from watchful.clinical.assessment import Decision


async def test_a_press_writes_what_was_shown(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        shown = (await here.offers())["handout"].resource
        act = await here.perform("handout")
        assert (act.state, act.written, act.button) == ("done", "DocumentReference/made-1", "")
        assert here.ehr.stored == [{**(shown or {}), "id": "made-1"}]
        assert here.ehr.tokens == {f"Bearer {TOKEN}"}
        assert here.metric("handout", "made") == 1
        valid(here.ehr.stored[0])
        offered = await here.offers()
        assert offered["handout"].state == "done"
        assert offered["referral"].state == "ready"


async def test_a_double_click_is_one_write(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await asyncio.gather(*(here.perform("referral") for _ in range(5)))
        assert (await here.perform("referral")).state == "done"
        assert here.ehr.posts() == 1


async def test_two_workers_are_one_write(tmp_path: Path) -> None:
    ehr = Ehr()
    async with office(tmp_path, ehr=ehr) as one, office(tmp_path, ehr=ehr) as other:
        await asyncio.gather(one.perform("follow-up"), other.perform("follow-up"))
        assert (await one.offers())["follow-up"].state == "done"
        assert (await other.offers())["follow-up"].state == "done"
    assert len(ehr.of("Task")) == 1
    assert ehr.posts() == 1


async def test_while_one_press_is_answered_another_waits(tmp_path: Path) -> None:
    ehr, going, gone = Ehr(), asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        going.set()
        await gone.wait()

    ehr.before = hold
    async with office(tmp_path, ehr=ehr) as here:
        first = asyncio.create_task(here.perform("referral"))
        await going.wait()
        second = await here.perform("referral")
        assert (second.state, second.button) == ("writing", "")
        gone.set()
        assert (await first).state == "done"
    assert ehr.posts() == 1


async def test_a_new_launch_for_the_same_order_writes_nothing_twice(tmp_path: Path) -> None:
    ehr = Ehr()
    async with office(tmp_path, ehr=ehr) as here:
        await here.perform("referral")
    async with office(tmp_path, ehr=ehr, id="s2", handle="k1.other", card="") as again:
        assert (await again.perform("referral")).state == "done"
    assert ehr.posts() == 1


@pytest.mark.parametrize("change", [{"patient": "p2"}, {"encounter": "e2"}])
async def test_another_patient_or_visit_is_another_write(tmp_path: Path, change: dict[str, Any]) -> None:
    ehr = Ehr()
    async with office(tmp_path, ehr=ehr) as here:
        await here.perform("referral")
    async with office(tmp_path, ehr=ehr, **change) as other:
        await other.perform("referral")
    assert len(ehr.of("ServiceRequest")) == 2


async def test_a_handout_in_another_language_is_another_document(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.perform("handout")
        await here.perform("handout", language="es")
        await here.perform("handout", language="es")
        assert len(here.ehr.of("DocumentReference")) == 2


async def test_a_lost_answer_is_told_and_the_second_press_finds_the_first(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        here.ehr.deaf = 1
        lost = await here.perform("referral")
        assert lost.state == "failed"
        assert "nobody knows" in lost.why
        assert "Look in the chart" in lost.why
        assert "by hand" in lost.why
        assert lost.button
        assert here.metric("referral", "unknown") == 1
        found = await here.perform("referral")
        assert (found.state, found.written) == ("done", "ServiceRequest/made-1")
        assert here.metric("referral", "existed") == 1
        assert [method for method, _ in here.ehr.asked] == ["POST", "GET"]
        assert len(here.ehr.of("ServiceRequest")) == 1


async def test_an_answer_lost_before_it_arrived_is_written_on_the_second_press(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        here.ehr.refuse = 503
        assert (await here.perform("referral")).state == "failed"
        here.ehr.refuse = 0
        assert (await here.perform("referral")).state == "done"
        assert [method for method, _ in here.ehr.asked] == ["POST", "GET", "POST"]


async def test_who_cannot_look_does_not_write_a_second_time(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        here.ehr.deaf, here.ehr.blind = 1, True
        await here.perform("referral")
        again = await here.perform("referral")
        assert again.state == "failed"
        assert here.ehr.posts() == 1


async def test_two_presses_after_a_lost_answer_are_still_one_write(tmp_path: Path) -> None:
    ehr = Ehr()
    async with office(tmp_path, ehr=ehr) as one, office(tmp_path, ehr=ehr) as other:
        ehr.refuse = 500
        await one.perform("referral")
        ehr.refuse = 0
        await asyncio.gather(one.perform("referral"), other.perform("referral"), one.perform("referral"))
        assert len(ehr.of("ServiceRequest")) == 1
        assert ehr.posts() == 2


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (400, "did not accept"), (401, "sign-in"), (403, "not permit"), (404, "not take"), (405, "not take"),
        (409, "conflict"), (412, "conflict"), (413, "too large"), (422, "did not accept"), (429, "busy"),
    ],
)  # fmt: skip
async def test_a_refusal_is_told_plainly_and_repeats_nothing(tmp_path: Path, status: int, word: str) -> None:
    async with office(tmp_path) as here:
        here.ehr.refuse = status
        with capture_logs() as logs:
            act = await here.perform("referral")
        assert act.state == "refused"
        assert word in act.why
        assert "nothing" in act.why
        assert act.instead == "note"
        assert act.button
        assert here.metric("referral", "refused") == 1
        assert "Maria" not in f"{act} {logs}"
        assert CHART_TEXT not in str(logs)
        assert logs[0]["status"] == status
        assert TOKEN not in str(logs)
        here.ehr.refuse = 0
        assert (await here.perform("referral")).state == "done"
        assert "GET" not in {method for method, _ in here.ehr.asked}


async def test_an_ehr_that_is_not_there_was_sent_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        for _ in range(20):
            here.parts.breaker.failed()
        act = await here.perform("referral")
        assert act.state == "refused"
        assert "could not be reached" in act.why
        assert here.ehr.asked == []


async def test_a_worker_that_died_leaves_a_write_that_the_next_press_looks_for(tmp_path: Path) -> None:
    ehr = Ehr()

    async def die() -> None:
        raise asyncio.CancelledError

    async with office(tmp_path, ehr=ehr) as here:
        ehr.before = die
        with pytest.raises(asyncio.CancelledError):
            await here.perform("referral")
        ehr.before = None
        assert (await here.offers())["referral"].state == "writing"
        here.later(minutes=1)
        assert (await here.offers())["referral"].state == "failed"
        assert (await here.perform("referral")).state == "done"
        assert [method for method, _ in ehr.asked] == ["POST", "GET", "POST"]


async def test_what_is_not_offered_is_not_performed(tmp_path: Path) -> None:
    async with office(tmp_path, assessment=an_assessment(Decision.URGENT)) as here:
        for kind in ("handout", "referral", "follow-up", "answers"):
            assert await perform(kind, here.session, here.parts, here.assessment) is None  # type: ignore[arg-type]
        assert here.ehr.asked == []


async def test_the_next_day_of_a_visit_without_encounter_is_another_visit(tmp_path: Path) -> None:
    ehr = Ehr()
    async with office(tmp_path, ehr=ehr, encounter=None) as here:
        await here.perform("referral")
        session = here.session
    async with office(tmp_path, ehr=ehr, encounter=None, opened_at=session.opened_at + timedelta(days=1)) as later:
        assert (await later.offers())["referral"].state == "ready"


async def test_one_press_ends_before_the_service_gives_up(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        assert here.parts.settings.request_deadline_ms / 1000 > performing.DEADLINE_SECONDS
        assert timedelta(seconds=performing.DEADLINE_SECONDS) < LONGEST
