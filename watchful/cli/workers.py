"""Several processes on one port: `watchful serve --workers N`.

The parent binds the port, forks and watches; it never opens the journal or a connection. Each worker is
the whole service on the shared socket. What must hold for all of them lies in the database: token replays,
feedback, cases. Metrics are each worker's own, on the admin port plus the worker's number.

A worker that dies is replaced; one that dies right after its start ends the service, for the next would too.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import NoReturn

import structlog

_TOO_SOON = 5.0
"""Seconds: a worker that lived less was not killed but could not start."""
_log = structlog.get_logger(__name__)


def bind(host: str, port: int) -> socket.socket:
    """The listening socket that all workers share. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(2048)
    listening.set_inheritable(True)
    return listening


class Workers:
    """The parent of `count` processes that each run `work(number)` to its end."""

    def __init__(self, count: int, work: Callable[[int], int]) -> None:
        self._count = count
        self._work = work
        self._running: dict[int, tuple[int, float]] = {}
        self._stopping = False

    def run(self) -> int:
        """Fork, watch, and return the exit code when all are gone."""
        for received in (signal.SIGINT, signal.SIGTERM):
            signal.signal(received, self._stop)
        for number in range(self._count):
            self._fork(number)
        code = 0
        while self._running:
            try:
                pid, status = os.wait()
            except InterruptedError:
                continue
            number, started = self._running.pop(pid, (-1, 0.0))
            if number < 0 or self._stopping:
                continue
            _log.error("worker_ended", count=number, status=os.waitstatus_to_exitcode(status))
            if time.monotonic() - started < _TOO_SOON:
                code = 1
                self._stop()
            else:
                self._fork(number)
        return code

    def _fork(self, number: int) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._be_a_worker(number)
        self._running[pid] = (number, time.monotonic())

    def _be_a_worker(self, number: int) -> NoReturn:
        for received in (signal.SIGINT, signal.SIGTERM):
            signal.signal(received, signal.SIG_DFL)
        code = 1
        try:
            code = self._work(number)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _stop(self, *_: object) -> None:
        self._stopping = True
        for pid in self._running:
            os.kill(pid, signal.SIGTERM)
