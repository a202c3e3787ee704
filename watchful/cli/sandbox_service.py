"""A demo service for the length of one `watchful sandbox fire`: loopback, a fresh journal, gone afterwards."""

import contextlib
import socket
import tempfile
import threading
import time
from collections.abc import Iterator

import uvicorn

from watchful.sandbox.problems import Unreachable
from watchful.service import Service
from watchful.settings import demo_settings
from watchful.settings.urls import is_loopback
from watchful.telemetry import configure_logging

_START_SECONDS = 30.0


@contextlib.contextmanager
def local_service(fhir_base: str, deadline_ms: int) -> Iterator[str]:
    """The base URL of a service that may read `fhir_base`, under its own deadline."""
    configure_logging("error")
    with tempfile.TemporaryDirectory() as folder, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        allowed = () if is_loopback(fhir_base) else (fhir_base,)
        settings = demo_settings(listener.getsockname()[1], allowed, f"sqlite:///{folder}/sandbox.db")
        site = settings.site[0].model_copy(update={"fhir_deadline_ms": deadline_ms})
        settings = settings.model_copy(update={"site": (site,)})
        server = uvicorn.Server(
            uvicorn.Config(
                Service(settings).app, lifespan="on", access_log=False, log_level="error", server_header=False
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            _await_start(server, thread)
            yield settings.public_url
        finally:
            server.should_exit = True
            thread.join()


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    until = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise Unreachable("The demo service did not start.")
        time.sleep(0.02)
