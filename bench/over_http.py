"""Watchful over loopback HTTP beside the canned-card ceiling, in the same run; prints Markdown.

    python -m bench.over_http [--quick] [--priority] [--algorithm ES384]

Both servers stand on one core and take turns, repeat by repeat, so that a slow spell of a shared machine falls
on both; wrk loads from another core. Every request carries a token and a hookInstance of its own. Before the
load each body must be answered with exactly one card, and afterwards no answer may have been an error.

Named so, and not `http`, because a module of that name beside a script hides Python's own.
"""

import argparse
import datetime as dt
import itertools
import json
import os
import pathlib
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from typing import NamedTuple

from bench.bodies import PLACEHOLDER, encoded, hook_body
from bench.callers import SERVICE, Caller, caller, write_site
from bench.servers import CLIENT_CORE, SERVER_CORE, Server, busy_seconds, go_first, running

PORT, CEILING_PORT = 8051, 8052
SIZES, CONNECTIONS = (60, 600), (1, 16)
CEILING = "Ceiling"
_FASTEST = 5_000.0
"""Requests a second that no run reaches."""
_SERVE = "from watchful.cli import app; app()"
_LUA = pathlib.Path(__file__).with_name("post.lua")
_instances = itertools.count(1 << 24, 1 << 24)
"""Where the hookInstances of each load begin."""


class Run(NamedTuple):
    """What one spell of load came to."""

    rate: float
    p50: float
    p99: float
    """Milliseconds."""
    cpu: float
    """Milliseconds of the server for each request."""
    foreign: float
    """Share of the server's core that something else used meanwhile."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure Watchful over HTTP beside a canned-card ceiling.")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--warmup", type=int, default=2, help="seconds")
    parser.add_argument("--quick", action="store_true", help="two repeats of two seconds, to see that it works")
    parser.add_argument("--algorithm", choices=["RS384", "ES384"], default="RS384")
    parser.add_argument("--database", help="URL of the journal; default: a SQLite file in a temporary folder")
    parser.add_argument("--folder", help="where that temporary folder is made")
    parser.add_argument("--priority", action="store_true", help="go before ordinary processes; needs root")
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.repeats, options.warmup = 2, 2, 1
    if options.priority:
        go_first()
    public_url = f"http://127.0.0.1:{PORT}"
    with (
        tempfile.TemporaryDirectory(dir=options.folder) as made,
        caller(options.algorithm, public_url) as known,
    ):
        folder = pathlib.Path(made)
        settings = write_site(folder, known, public_url=public_url, database=options.database)
        with (
            running(
                "Watchful",
                ["-c", _SERVE, "serve", "--config", str(settings), "--port", str(PORT)],
                port=PORT,
                log=folder / "watchful.log",
                environ={"WATCHFUL_SECRET": secrets.token_hex(20)},
            ) as watchful,
            running(
                CEILING,
                ["-m", "uvicorn", "bench.ceiling:app", "--port", str(CEILING_PORT), "--no-access-log"],
                port=CEILING_PORT,
                log=folder / "ceiling.log",
            ) as ceiling,
        ):
            print(_heading(options, sync_milliseconds(folder)))
            load = Load(known, folder)
            for size, connections in itertools.product(SIZES, CONNECTIONS):
                _measure((watchful, ceiling), load, size, connections, options)
            print(f"\nMemory after it all: Watchful {watchful.megabytes():.0f} MiB. Errors: none.")


def _heading(options: argparse.Namespace, sync: float) -> str:
    return (
        f"{options.algorithm} callers, journal row committed before each answer; medians of {options.repeats} × "
        f"{options.seconds} s, the lowest and highest rate in brackets. A sync of the journal's disk takes "
        f"{sync:.2f} ms; {os.cpu_count()} cores, Python {sys.version.split()[0]}.\n\n"
        "| resources | clients | server | requests/s | p50 ms | p99 ms | CPU ms | foreign | of the ceiling |\n"
        "|---|---|---|---:|---:|---:|---:|---:|---:|"
    )


def _measure(
    servers: tuple[Server, Server], load: "Load", size: int, connections: int, options: argparse.Namespace
) -> None:
    """All repeats of one body at one number of clients, the servers taking turns."""
    body = load.write(size)
    rates = []
    for server in servers:
        load.check(server, body)
        rates.append(load.warm(server, body, connections, options.warmup))
    runs: dict[str, list[Run]] = {server.name: [] for server in servers}
    for _ in range(options.repeats):
        for server, rate in zip(servers, rates, strict=True):
            runs[server.name].append(load.run(server, body, connections, options.seconds, rate))
    ours, theirs = runs.values()
    shares = [mine.rate / canned.rate for mine, canned in zip(ours, theirs, strict=True)]
    for name, found in runs.items():
        share = f"**{statistics.median(shares):.0%}**" if found is ours else ""
        print(f"| {size} | {connections} | {name} | {_row(found)} | {share} |", flush=True)


def _row(runs: Sequence[Run]) -> str:
    middle = Run(*(statistics.median(figures) for figures in zip(*runs, strict=True)))
    rates = [run.rate for run in runs]
    return (
        f"{middle.rate:,.0f} ({min(rates):,.0f}–{max(rates):,.0f}) | {middle.p50:.2f} | {middle.p99:.2f} | "
        f"{middle.cpu:.3f} | {middle.foreign:.0%}"
    )


class Load:
    """Sends requests; to Watchful never the same token or hookInstance twice."""

    def __init__(self, known: Caller, folder: pathlib.Path) -> None:
        self._caller, self._folder = known, folder
        self._unused: list[str] = []

    def write(self, size: int) -> pathlib.Path:
        """The body of today, in a file."""
        path = self._folder / f"{size}.json"
        path.write_bytes(encoded(hook_body(size, dt.datetime.now(dt.UTC).date())))
        return path

    def check(self, server: Server, body: pathlib.Path) -> None:
        """The body is answered, with one card."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._caller.tokens(1)[0]}"}
        request = urllib.request.Request(server.url + SERVICE, body.read_bytes(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            cards = json.load(answer)["cards"]
        topic = cards[0]["source"].get("topic", {"code": "DeferImaging"})["code"] if cards else None
        if answer.status != 200 or len(cards) != 1 or topic != "DeferImaging":
            sys.exit(f"{server.name} answered {answer.status} with {len(cards)} cards: {topic}")

    def warm(self, server: Server, body: pathlib.Path, connections: int, seconds: int) -> float:
        """A short spell to learn the rate, then the warm-up. Requests a second, roughly."""
        rate = self.run(server, body, connections, 1, _FASTEST).rate
        return self.run(server, body, connections, seconds, rate).rate

    def run(self, server: Server, body: pathlib.Path, connections: int, seconds: int, rate: float) -> Run:
        """One spell of load, with tokens for half again as many requests as `rate` makes expect."""
        single_use = server.name != CEILING  # which reads no token: any will do
        needed = int(rate * seconds * 1.5) + 100 if single_use else 100
        self._unused += self._caller.tokens(max(0, needed - len(self._unused)))
        tokens = self._folder / "tokens"
        tokens.write_text("\n".join(self._unused))
        time.sleep(0.5)
        cpu, busy = server.cpu_seconds(), busy_seconds(SERVER_CORE)
        found = _wrk(server, body, tokens, connections, seconds)
        cpu, busy = server.cpu_seconds() - cpu, busy_seconds(SERVER_CORE) - busy
        if single_use:
            del self._unused[: found["requests"] + 2 * connections]  # the last ones were sent but not counted
        if found["refused"] or found["broken"] or not found["requests"]:
            sys.exit(f"{server.name}: {found['refused']} errors, {found['broken']} broken connections")
        length = found["microseconds"] / 1e6
        return Run(
            rate=found["requests"] / length,
            p50=found["p50"] / 1000,
            p99=found["p99"] / 1000,
            cpu=1000 * cpu / found["requests"],
            foreign=max(0.0, busy - cpu) / length,
        )


def _wrk(
    server: Server, body: pathlib.Path, tokens: pathlib.Path, connections: int, seconds: int
) -> dict[str, int]:
    """What post.lua reports. Tokens begin anew when they are used up, which Watchful answers with 401."""
    command = ["taskset", "-c", str(CLIENT_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    environ = {"BODY": str(body), "PLACEHOLDER": PLACEHOLDER, "TOKENS": str(tokens)}
    done = subprocess.run(
        [*command, "--timeout", "30s", "-s", str(_LUA), server.url + SERVICE],
        env={**os.environ, **environ, "FIRST": str(next(_instances))},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return found


def sync_milliseconds(folder: pathlib.Path) -> float:
    """What one small write and sync takes where the journal lies: the median of two hundred."""
    taken = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(200):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - started)
    return 1000 * statistics.median(taken)


if __name__ == "__main__":
    main()
