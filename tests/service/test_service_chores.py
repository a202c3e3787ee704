"""What a running service does by itself: no token of the app stays longer than its session."""

from datetime import timedelta

from hook_door import Door
from sqlalchemy import func, select

from watchful.journal.database import open_engine
from watchful.journal.tables import smart_launch, smart_session


async def test_sessions_and_launches_are_deleted_when_their_time_is_over(door: Door) -> None:
    service = door.service
    end = door.clock() + timedelta(minutes=5)
    await service.journal.keep_launch("demo", "state", b"verifier", end)
    await service.journal.keep_session("demo", "session", b"tokens", end)
    engine = open_engine(service.settings.database)

    def rows() -> list[int | None]:
        with engine.connect() as connection:
            tables = (smart_launch, smart_session)
            return [connection.scalar(select(func.count()).select_from(table)) for table in tables]

    await service.tidy()
    before = rows()
    door.clock.forward(minutes=5, seconds=1)
    await service.tidy()

    assert before == [1, 1]
    assert rows() == [0, 0]
    engine.dispose()


async def test_a_journal_that_is_gone_stops_nothing(door: Door) -> None:
    await door.service.journal.close()

    await door.service.tidy()
