"""How long a handout takes: page, plain text and PDF, and what the PDF costs the event loop.

    python -m bench.handout [rounds]

Prints medians and the 99th percentile in milliseconds; targets are 5 ms for the page and 20 ms for the PDF. Every
round has another date, so that nothing is answered from a cache.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from statistics import median, quantiles

from smart_app.handout import PRINTERS
from smart_app.handout_page import handout_html, page_choices
from watchful.content.handout import HandoutCase, handout_words
from watchful.content.load import languages, load
from watchful.content.medicines import Medicine, SafeMedicines
from watchful.content.pdf import handout_pdf
from watchful.content.plain import handout_text

TODAY = date(2026, 11, 9)


def a_case(language: str, number: int) -> HandoutCase:
    """The fullest page, on another day each time."""
    today = TODAY + timedelta(days=number % 300)
    return HandoutCase(
        language=language,
        languages=tuple(sorted(languages())),
        modality="mri",
        today=today,
        follow_up=today + timedelta(days=21),
        six_weeks=today + timedelta(days=42),
        contact="General Practice, (916) 555-0100",
        leg_pain=True,
        pregnancy="possible",
        older=True,
        medicines=SafeMedicines(clear=tuple(Medicine)),
    )


def as_page(language: str, number: int) -> None:
    content = load(language)
    choices = page_choices(content, [load(each) for each in languages()], handle="k.h", large=False)
    handout_html(a_case(language, number), content, large=False, choices=choices)


def as_text(language: str, number: int) -> None:
    handout_text(handout_words(a_case(language, number), load(language)))


def as_pdf(language: str, number: int) -> None:
    handout_pdf(handout_words(a_case(language, number), load(language)))


def timed(work: Callable[[int], None], rounds: int) -> tuple[list[float], list[float]]:
    """Wall and CPU milliseconds of each round; on a busy machine the CPU time is the one that compares."""
    work(-1)  # fonts, templates and locale data are read once
    wall, cpu = [], []
    for number in range(rounds):
        started, worked = time.perf_counter(), time.process_time()
        work(number)
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    return wall, cpu


async def loop_delay(rounds: int) -> tuple[float, float]:
    """How late the event loop wakes from 1 ms of sleep while PDFs are made: median and worst."""
    loop = asyncio.get_running_loop()
    printing = [loop.run_in_executor(PRINTERS, as_pdf, "en", number) for number in range(rounds)]
    late = []
    while not all(task.done() for task in printing):
        started = time.perf_counter()
        await asyncio.sleep(0.001)
        late.append((time.perf_counter() - started - 0.001) * 1000)
    return median(late), max(late)


def main(rounds: int) -> None:
    print(f"{'':16}{'wall p50':>10}{'wall p99':>10}{'cpu p50':>10}   ms, {rounds} rounds")
    for name, work in (("page", as_page), ("text", as_text), ("pdf", as_pdf)):
        for language in sorted(languages()):
            wall, cpu = timed(partial(work, language), rounds)
            last = quantiles(wall, n=100)[98]
            print(f"{name + ' ' + language:16}{median(wall):10.2f}{last:10.2f}{median(cpu):10.2f}")
    usual, worst = asyncio.run(loop_delay(rounds))
    print(f"event loop while PDFs are made: late by {usual:.2f} ms (median), {worst:.2f} ms (worst)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
