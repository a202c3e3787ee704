"""Every card whose answer left the service is in the journal, also when the process is killed under load."""

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from watchful.chart.templates import TEMPLATES
from watchful.cli.client import request_of
from watchful.demo import fixtures

CLIENTS = 8
ANSWERS_BEFORE_THE_KILL = 200
START = "import sys; from watchful.cli import app; app(sys.argv[1:])"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(port: int, folder: Path) -> subprocess.Popen[bytes]:
    """The demo service as a user starts it, with its journal in `folder`."""
    arguments = ["demo", "--port", str(port), "--ehr-port", str(free_port()), "--database"]
    return subprocess.Popen(
        [sys.executable, "-c", START, *arguments, f"sqlite:///{folder / 'journal.db'}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


async def until_ready(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await client.get("/readyz")).status_code == 200:
                    return
            except httpx2.TransportError:
                await asyncio.sleep(0.1)


async def fire_until_dead(
    client: httpx2.AsyncClient, body: dict[str, object], seen: list[str], enough: asyncio.Event
) -> None:
    while True:
        try:
            answer = await client.post("/cds-services/lumbar-imaging", json=body)
        except httpx2.HTTPError:
            return
        assert answer.status_code == 200
        seen.extend(card["uuid"] for card in answer.json()["cards"])
        if len(seen) >= ANSWERS_BEFORE_THE_KILL:
            enough.set()


async def load_and_kill(port: int, process: subprocess.Popen[bytes]) -> list[str]:
    """Card uuids of every answer that arrived before or while the process died."""
    folder = fixtures.folder() / "acute-mri"
    body, _ = request_of(folder, TEMPLATES, "order-select", datetime.now(UTC).date())
    seen: list[str] = []
    enough = asyncio.Event()
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
        await until_ready(client)
        clients = [asyncio.create_task(fire_until_dead(client, body, seen, enough)) for _ in range(CLIENTS)]
        async with asyncio.timeout(60):
            await enough.wait()
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.gather(*clients)
    return seen


def journalled(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "journal.db") as database:
        return {row[0] for row in database.execute("SELECT uuid FROM card")}


@pytest.mark.anyio
async def test_no_answered_card_is_lost_when_the_process_is_killed_under_load(tmp_path: Path) -> None:
    port = free_port()
    process = start(port, tmp_path)
    try:
        seen = await load_and_kill(port, process)
    finally:
        process.kill()
        process.wait()
    assert len(seen) >= ANSWERS_BEFORE_THE_KILL
    assert set(seen) <= journalled(tmp_path)


@pytest.mark.anyio
async def test_a_restart_on_the_same_journal_serves_again_and_keeps_what_was_there(tmp_path: Path) -> None:
    port = free_port()
    first = start(port, tmp_path)
    try:
        seen = await load_and_kill(port, first)
    finally:
        first.kill()
        first.wait()
    second = start(port, tmp_path)
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            await until_ready(client)
    finally:
        second.terminate()
        assert second.wait(timeout=30) == 0
    assert set(seen) <= journalled(tmp_path)
