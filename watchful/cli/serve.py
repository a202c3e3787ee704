"""`watchful serve` and `watchful demo`: the service on its two addresses, and the demo EHR beside it."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from watchful.cli.workers import Workers, bind
from watchful.clinical.knowledge import KnowledgeError
from watchful.demo.app import demo_app
from watchful.errors import StoreUnavailable
from watchful.service import Service, utc_now
from watchful.settings import Settings, SettingsError, demo_settings, load
from watchful.telemetry import configure_logging

DEMO_PORT = 8042
EHR_PORT = 8043


def serve(
    config: Annotated[
        Path | None, typer.Option(help="watchful.toml. Default: WATCHFUL_CONFIG; without either, the demo mode.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = DEMO_PORT,
    allow_fhir: Annotated[
        list[str] | None, typer.Option(help="Demo mode: a FHIR base beside loopback that may be read.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes on the port; worker N serves metrics on admin_port + N.")
    ] = 1,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Run the service. Without a configuration file: demo mode, this machine only, callers not checked."""
    configure_logging(log_level)
    settings = _settings(config, host, port, tuple(allow_fhir or ()))
    if settings.demo:
        typer.echo(
            f"Demo mode on {settings.public_url}: loopback only, callers are not authenticated, "
            "every card says that it is a demonstration.",
            err=True,
        )
    if workers == 1:
        _serve(settings, host, port)
        return
    try:
        listening = bind(host, port)
    except OSError as error:
        typer.echo(f"{host}:{port}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
    with listening:
        code = Workers(workers, lambda number: _worker(settings, host, port, listening, number)).run()
    raise typer.Exit(code)


def _worker(settings: Settings, host: str, port: int, listening: socket.socket, number: int) -> int:
    try:
        _serve(settings, host, port, listening, number)
    except typer.Exit as ended:
        return ended.exit_code
    return 0


def _serve(
    settings: Settings, host: str, port: int, listening: socket.socket | None = None, number: int = 0
) -> None:
    """One process: the service, and its admin address beside it."""
    service = _service(settings)
    admin_port = settings.admin_port + number if settings.admin_port else 0
    _run(
        [
            _server(service.app, host, port, lifespan=True, connections=settings.max_connections),
            _server(service.admin, settings.admin_host, admin_port),
        ],
        listening,
    )


def demo(
    port: Annotated[int, typer.Option(help="Port of the service.")] = DEMO_PORT,
    ehr_port: Annotated[int, typer.Option(help="Port of the demo EHR, the address to open.")] = EHR_PORT,
    database: Annotated[
        str, typer.Option(help="Where the demo's journal is kept.")
    ] = "sqlite:///watchful-demo.db",
) -> None:
    """Start the service and a demo EHR with synthetic patients, and print one address to open."""
    configure_logging("warning")
    settings = _demo(port, fhir=f"http://127.0.0.1:{ehr_port}/fhir", database=database)
    service = _service(settings)
    typer.echo(f"Open http://127.0.0.1:{ehr_port}/ (stop with Ctrl-C)")
    _run(
        [
            _server(service.app, "127.0.0.1", port, lifespan=True),
            _server(demo_ehr(settings), "127.0.0.1", ehr_port),
        ]
    )


def demo_ehr(settings: Settings) -> ASGIApp:
    """The EHR beside the service of these settings."""
    app = demo_app(
        settings.public_url, lambda: utc_now().date(), f"{settings.public_url}/demo/journal", now=utc_now
    )
    return TrustedHostMiddleware(app, allowed_hosts=["127.0.0.1", "localhost"])  # no name that a page could rebind


def _settings(config: Path | None, host: str, port: int, allow_fhir: tuple[str, ...]) -> Settings:
    path = config or (Path(os.environ["WATCHFUL_CONFIG"]) if os.environ.get("WATCHFUL_CONFIG") else None)
    try:
        if path is not None:
            if allow_fhir:
                raise SettingsError(["--allow-fhir is for the demo mode: name the site's `fhir` in the file"])
            return load(path, os.environ)
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise SettingsError(
                [f"{host}: the demo mode listens on loopback only; give a --config to listen here"]
            )
        return demo_settings(port, allow_fhir)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _demo(port: int, *, fhir: str, database: str) -> Settings:
    try:
        return demo_settings(port, database=database, fhir=fhir, smart=True)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _service(settings: Settings) -> Service:
    try:
        return Service(settings)
    except (KnowledgeError, StoreUnavailable, ValueError) as error:
        typer.echo(f"watchful: {error}", err=True)
        raise typer.Exit(2) from None


class _Server(uvicorn.Server):
    """Several run in one loop, so signals are taken once, in `_serve_all`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _server(
    app: ASGIApp, host: str, port: int, *, lifespan: bool = False, connections: int | None = None
) -> uvicorn.Server:
    """A server that keeps no client waiting for ever: quiet connections are closed, too many are refused."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        lifespan="on" if lifespan else "off",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=20,  # longer than `request_deadline_ms`: what was taken is finished
        timeout_keep_alive=30,
        limit_concurrency=connections,
        backlog=2048,
    )
    return _Server(config)


def _run(servers: Sequence[uvicorn.Server], listening: socket.socket | None = None) -> None:
    """All servers in one loop, the first on `listening` if given; the first to end, or a signal, ends all."""
    with asyncio.Runner(loop_factory=servers[0].config.get_loop_factory()) as runner:
        runner.run(_serve_all(servers, listening))
    if not all(server.started for server in servers):
        raise typer.Exit(1)


async def _serve_all(servers: Sequence[uvicorn.Server], listening: socket.socket | None) -> None:
    def stop() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for received in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(received, stop)
    sockets = [[listening] if listening is not None else None, *([None] * (len(servers) - 1))]
    tasks = [asyncio.create_task(server.serve(sockets=its)) for server, its in zip(servers, sockets, strict=True)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    stop()
    await asyncio.gather(*tasks)
