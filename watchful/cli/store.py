"""`watchful migrate` and `watchful purge`: the journal's housekeeping."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from watchful.errors import StoreUnavailable
from watchful.journal.database import open_engine
from watchful.journal.keys import Keys
from watchful.journal.records import PurgeCounts
from watchful.journal.schema import migrate as migrate_schema
from watchful.journal.store import Journal
from watchful.service import utc_now
from watchful.settings import Settings, SettingsError, load

Config = Annotated[Path, typer.Option(help="watchful.toml.", envvar="WATCHFUL_CONFIG")]


def migrate(config: Config) -> None:
    """Bring the journal's tables to this version. SQLite does so by itself; PostgreSQL only when asked."""
    settings = _load(config)
    try:
        migrate_schema(open_engine(settings.database))
    except SQLAlchemyError as error:
        typer.echo(f"watchful migrate: the database did not answer: {type(error).__name__}", err=True)
        raise typer.Exit(1) from None
    typer.echo("The journal's tables are up to date.")


def purge(config: Config) -> None:
    """Delete journal rows past each site's retention, and expired links and sessions. Safe to repeat."""
    settings = _load(config)
    try:
        counts = asyncio.run(_purge(settings))
    except StoreUnavailable as error:
        typer.echo(f"watchful purge: {error}", err=True)
        raise typer.Exit(1) from None
    for name in (name for name in counts.__struct_fields__ if name != "unlisted_sites"):
        typer.echo(f"{getattr(counts, name)} {name.replace('_', ' ')} deleted")
    if counts.unlisted_sites:
        typer.echo(
            f"Nothing deleted for sites that are no longer configured: {', '.join(counts.unlisted_sites)}",
            err=True,
        )


async def _purge(settings: Settings) -> PurgeCounts:
    journal = Journal.open(settings.database, Keys(settings.secret.get_secret_value()), clock=utc_now)
    await journal.start()
    try:
        return await journal.purge(utc_now(), {site.id: site.retention_days for site in settings.site})
    finally:
        await journal.close()


def _load(config: Path) -> Settings:
    try:
        return load(config, os.environ)
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
