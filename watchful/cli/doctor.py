"""`watchful doctor`: whether this configuration is fit to go live, said line by line and by the exit code."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from watchful.cli.examination import examine
from watchful.cli.finding import Finding
from watchful.errors import StoreUnavailable
from watchful.journal.keys import Keys
from watchful.journal.store import Journal
from watchful.service import utc_now
from watchful.settings import Settings, SettingsError, load

_MARKS = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "fail": "[red]FAIL[/]"}


def command(
    config: Annotated[Path, typer.Option(help="watchful.toml.", envvar="WATCHFUL_CONFIG")],
    unmapped: Annotated[
        bool, typer.Option("--unmapped", help="Only list order codings that were seen and not recognised.")
    ] = False,
) -> None:
    """Check settings, callers' keys, EHR, database, clock and approval, and show what changed in the rules since
    the approved version. Exit code 0: fit to go live.

    Example: watchful doctor --config watchful.toml
    """
    try:
        settings = load(config, os.environ)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if unmapped:
        _list_unmapped(settings)
        return
    findings = asyncio.run(examine(settings))
    _print(findings)
    if any(each.level == "fail" for each in findings):
        raise typer.Exit(1)


def _print(findings: list[Finding]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    place = ""
    for each in findings:
        if each.place != place:
            place = each.place
            console.print(f"\n[bold]{escape(place)}[/]")
        console.print(f"  {_MARKS[each.level]}  {escape(each.what)}: {escape(each.text)}")
    failed = sum(each.level == "fail" for each in findings)
    warned = sum(each.level == "warn" for each in findings)
    verdict = f"not fit to go live: {failed} to mend" if failed else "fit to go live"
    console.print(f"\n{verdict}, {warned} to look at" if warned else f"\n{verdict}")


def _list_unmapped(settings: Settings) -> None:
    try:
        found = asyncio.run(_unmapped(settings))
    except StoreUnavailable as error:
        typer.echo(f"watchful doctor: {error}", err=True)
        raise typer.Exit(1) from None
    for site, codings in found.items():
        typer.echo(f"{site}: {len(codings)} order codings seen and not recognised")
        for system, code in codings:
            typer.echo(f"  {system or '(no system)'} {code}")


async def _unmapped(settings: Settings) -> dict[str, list[tuple[str, str]]]:
    journal = Journal.open(settings.database, Keys(settings.secret.get_secret_value()), clock=utc_now)
    await journal.start()
    try:
        return {site.id: await journal.unmapped(site.id) for site in settings.site}
    finally:
        await journal.close()
