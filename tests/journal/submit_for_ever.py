"""Run by the kill test: submits without end and prints each id once `submit` has returned."""

import asyncio
import sys

from journal_builders import KEYS, NOW, a_shown_card, a_token
from msgspec.structs import replace

from watchful.journal import Journal


async def main(database_url: str) -> None:
    journal = Journal.open(database_url, KEYS, clock=lambda: NOW)
    await journal.start()

    async def client(number: int) -> None:
        count = 0
        while True:
            count += 1
            submission = replace(a_shown_card(), token_use=a_token(f"{number}-{count}"))
            await journal.submit(submission)
            sys.stdout.write(f"{submission.evaluations[0].id}\n")
            sys.stdout.flush()

    await asyncio.gather(*[client(number) for number in range(16)])


asyncio.run(main(sys.argv[1]))
