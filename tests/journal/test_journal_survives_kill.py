"""What `submit` answered for is in the database, even if the process dies at once."""

import subprocess
import sys
from pathlib import Path

from sqlalchemy import Engine, select

from watchful.journal.tables import card, evaluation, token_use

PROGRAM = Path(__file__).with_name("submit_for_ever.py")


def test_every_acknowledged_row_outlives_a_kill_under_load(database_url: str, engine: Engine) -> None:
    with subprocess.Popen([sys.executable, PROGRAM, database_url], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline().strip() for _ in range(500)]
        process.kill()
        *rest, _perhaps_cut = process.stdout.read().split("\n")
    printed += rest
    assert "" not in printed
    with engine.connect() as connection:
        stored = set(connection.scalars(select(evaluation.c.id)))
        named = set(connection.scalars(select(evaluation.c.card_uuid)))
        cards = set(connection.scalars(select(card.c.uuid)))
        tokens = len(connection.scalars(select(token_use.c.token_hash)).all())
    assert set(printed) <= stored
    assert named == cards
    assert tokens == len(stored)
