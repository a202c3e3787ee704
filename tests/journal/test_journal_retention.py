"""What is past its time goes, the rest stays, and a purge may be repeated."""

from datetime import timedelta

import pytest
from journal_builders import KEYS, NOW, a_case, a_shown_card, a_token, an_evaluation, an_override, row_counts
from sqlalchemy import Engine

from watchful.journal import FeedbackCounts, Journal, PurgeCounts, Submission, retention


async def test_each_site_keeps_its_own_time(journal: Journal, engine: Engine) -> None:
    old, kept = a_shown_card(at=NOW - timedelta(days=31)), a_shown_card(at=NOW - timedelta(days=29))
    elsewhere = a_shown_card("county", at=NOW - timedelta(days=31))
    for submission in (old, kept, elsewhere):
        await journal.submit(submission)
        site = submission.cards[0].site
        await journal.feedback(site, [an_override(submission.cards[0].uuid)])
    purged = await journal.purge(NOW, {"general": 30, "county": 60})
    assert purged == PurgeCounts(evaluations=1, cards=1, feedback=1)
    assert row_counts(engine) == {"evaluation": 2, "card": 2, "feedback": 2, "answered": 2}
    assert await journal.purge(NOW, {"general": 30, "county": 60}) == PurgeCounts()
    late = [an_override(old.cards[0].uuid)]
    assert await journal.feedback("general", late) == FeedbackCounts(orphans=1)


async def test_a_card_stays_while_an_evaluation_needs_it(journal: Journal, engine: Engine) -> None:
    old = a_shown_card(at=NOW - timedelta(days=31))
    await journal.submit(old)
    await journal.submit(Submission(evaluations=(an_evaluation(card_uuid=old.cards[0].uuid),)))
    assert await journal.purge(NOW, {"general": 30}) == PurgeCounts(evaluations=1)
    assert row_counts(engine) == {"evaluation": 1, "card": 1}


async def test_expired_cases_go_and_tokens_a_while_after(journal: Journal, engine: Engine) -> None:
    soon = NOW + timedelta(minutes=5)
    await journal.submit(
        Submission(
            token_use=a_token(expires_at=soon),
            cases=(a_case(KEYS.new_handle(), expires_at=soon), a_case(KEYS.new_handle())),
        )
    )
    assert await journal.purge(NOW, {}) == PurgeCounts()
    later = soon + timedelta(minutes=1)
    assert await journal.purge(later, {}) == PurgeCounts(cases=1)
    assert await journal.purge(later + retention.TOKEN_MARGIN, {}) == PurgeCounts(token_uses=1)
    assert row_counts(engine) == {"case": 1}


async def test_a_purge_of_many_rows_takes_several_slices(
    journal: Journal, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SLICE", 7)
    for _ in range(20):
        await journal.submit(a_shown_card(at=NOW - timedelta(days=40)))
    assert await journal.purge(NOW, {"general": 30}) == PurgeCounts(evaluations=20, cards=20)
    assert row_counts(engine) == {}


async def test_a_site_without_a_period_is_named_and_kept(journal: Journal, engine: Engine) -> None:
    await journal.submit(a_shown_card("closed-clinic", at=NOW - timedelta(days=4000)))
    purged = await journal.purge(NOW, {"general": 30})
    assert purged == PurgeCounts(unlisted_sites=("closed-clinic",))
    assert row_counts(engine) == {"evaluation": 1, "card": 1}
