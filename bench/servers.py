"""The servers under measurement: each its own process on core 0, with what it used of the machine."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

SERVER_CORE, CLIENT_CORE = 0, 1
_TICKS = os.sysconf("SC_CLK_TCK")
_ROOT = pathlib.Path(__file__).parent.parent
_START_SECONDS = 60


class Server(NamedTuple):
    """One running server."""

    name: str
    url: str
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """Time used so far by all its threads, the system's work for it included."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def megabytes(self) -> float:
        """Resident memory."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[21]) * os.sysconf("SC_PAGESIZE") / 2**20


@contextmanager
def running(
    name: str, arguments: Sequence[str], *, port: int, log: pathlib.Path, environ: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """`python ARGUMENTS` on its core, until the block ends. Leaves the program when it does not start."""
    command = ["taskset", "-c", str(SERVER_CORE), sys.executable, *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=_ROOT, env={**os.environ, **(environ or {})}, stdout=output, stderr=output
        )
        try:
            server = Server(name, f"http://127.0.0.1:{port}", process)
            _wait_for(server, log)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def busy_seconds(core: int) -> float:
    """What a core has spent so far on anything but waiting."""
    lines = pathlib.Path("/proc/stat").read_text().splitlines()
    user, nice, system, _idle, _wait, irq, softirq, steal = map(
        int, next(line for line in lines if line.startswith(f"cpu{core} ")).split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / _TICKS


def go_first() -> None:
    """Let this program and all it starts go before ordinary processes; needs root.

    Where the kernel groups processes by session, `nice` counts within the group only, so the group is moved too.
    """
    os.setpriority(os.PRIO_PROCESS, 0, -20)
    group = pathlib.Path("/proc/self/autogroup")
    if group.exists():
        group.write_text("-20")


def _wait_for(server: Server, log: pathlib.Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and server.process.poll() is None:
        try:
            urllib.request.urlopen(server.url, timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{server.name} did not start:\n{log.read_text()}")
