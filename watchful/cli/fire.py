"""`watchful fire`: play the EHR once and show the cards."""

import asyncio
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import httpx2
import msgspec
import typer
from rich.console import Console

from watchful.cli.client import Fired, Signer, fire
from watchful.cli.drawing import draw_answer
from watchful.service import Service, utc_now
from watchful.settings import demo_settings
from watchful.telemetry import configure_logging


def command(
    request: Annotated[
        Path, typer.Argument(help="A fixture folder (fixtures/acute-mri) or a file with one hook request.")
    ],
    hook: Annotated[str, typer.Option(help="order-select or order-sign.")] = "order-select",
    service: Annotated[
        str | None,
        typer.Option(help="Base URL of a running service. Default: one in this process, gone afterwards."),
    ] = None,
    sign: Annotated[Path | None, typer.Option(help="Private key (JWK or PEM) of the caller to play.")] = None,
    issuer: Annotated[str, typer.Option(help="`iss` of the signed token.")] = "https://ehr.example.org/r4",
    kid: Annotated[str | None, typer.Option(help="Key id, when the key file names none.")] = None,
    today: Annotated[str | None, typer.Option(help="Day to which the fixture's dates are moved.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Send a hook request as an EHR would, and show the cards.

    Example: watchful fire fixtures/acute-mri
    """
    configure_logging("warning")  # on stderr: stdout is the answer's
    signer = Signer(sign, issuer, kid) if sign else None
    try:
        day = date.fromisoformat(today) if today else utc_now().date()
        fired = asyncio.run(_fire(request, hook, service, signer, day))
    except httpx2.HTTPError as error:
        typer.echo(f"watchful fire: no answer from {service}: {type(error).__name__}", err=True)
        raise typer.Exit(1) from None
    except (OSError, ValueError, KeyError) as error:
        typer.echo(f"watchful fire: {error}", err=True)
        raise typer.Exit(2) from None
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(fired.answer)).decode())
    else:
        console = Console()
        draw_answer(console, fired.status, fired.answer)
        if fired.expected:
            console.print(f"[dim]The fixture expects: {fired.expected}[/]")
    raise typer.Exit(0 if fired.status == 200 else 1)


async def _fire(path: Path, hook: str, service: str | None, signer: Signer | None, day: date) -> Fired:
    now = utc_now().timestamp()
    if service is not None:
        async with httpx2.AsyncClient(trust_env=False, timeout=30) as client:
            return await fire(client, service.rstrip("/"), path, hook=hook, today=day, now=now, signer=signer)
    with TemporaryDirectory() as folder:
        local = Service(demo_settings(8042, database=f"sqlite:///{folder}/fire.db"))
        await local.start()
        try:
            base = local.settings.public_url
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=local.app)) as client:
                return await fire(client, base, path, hook=hook, today=day, now=now, signer=None)
        finally:
            await local.stop()
