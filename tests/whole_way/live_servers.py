"""Serves applications on loopback ports that are known before they are built, plain or over TLS."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp


@contextmanager
def listening() -> Iterator[socket.socket]:
    """Connections made before a server is up wait here, so nobody has to poll."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield listener


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


@contextmanager
def serving(
    app: ASGIApp, listener: socket.socket, *, lifespan: bool = False, certificate: Path | None = None
) -> Iterator[None]:
    """`certificate`: a PEM file with the key in it. Configured as `watchful serve` configures its own."""
    config = uvicorn.Config(
        app,
        lifespan="on" if lifespan else "off",
        access_log=False,
        log_level="warning",
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=2,
        ssl_certfile=certificate,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
