"""`watchful register`: the sheet that an administrator pastes into the EHR's set-up screen, one for each site.

Everything on it comes from the settings and the profile, so that what is typed in and what is checked at
run time are the same words. It holds no secret.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cds_hooks.discovery import HOOKS, SERVICE_ID
from cds_hooks.endpoint import DISCOVERY, FEEDBACK, SERVICE
from watchful.chart.templates import KEYS, Key, keys_for, templates_hash
from watchful.cli.register_smart import smart_lines
from watchful.clinical.assessment import Decision
from watchful.content.load import OverrideReason
from watchful.content.load import load as load_content
from watchful.parts import site_base
from watchful.settings import Profile, Settings, SettingsError, Site, demo_settings, load, profile
from watchful.settings.profiles import profile_names

_PLACEHOLDER = "https://watchful.example.org"


def command(
    config: Annotated[
        Path | None,
        typer.Option(
            help="watchful.toml; without it, a sheet with a placeholder address.", envvar="WATCHFUL_CONFIG"
        ),
    ] = None,
    site: Annotated[str | None, typer.Option(help="One site of the file. Default: all.")] = None,
    profile_name: Annotated[
        str | None, typer.Option("--profile", help="Print for this profile: generic, epic, oracle or sandbox.")
    ] = None,
) -> None:
    """Print the sheet to paste into the EHR's set-up: URLs, templates, scopes, codes, links.

    Example: watchful register --profile epic
    """
    if profile_name is not None and profile_name not in profile_names():
        typer.echo(f"{profile_name}: no such profile; there are {', '.join(profile_names())}", err=True)
        raise typer.Exit(2)
    settings = _settings(config)
    sites = [each for each in settings.site if site in (None, each.id)]
    if not sites:
        typer.echo(f"{site}: no such site in {config}", err=True)
        raise typer.Exit(2)
    for each in sites:
        shaped = each.model_copy(update={"profile": profile_name}) if profile_name else each
        typer.echo("\n".join(sheet(settings, shaped)))


def sheet(settings: Settings, site: Site) -> Iterator[str]:
    """The lines of one site's sheet, in Markdown."""
    its = profile(site.profile)
    base = site_base(settings, site)
    keys = keys_for(its.prefetch)
    yield f"# {site.id}: {its.title}\n"
    yield f"What is known of this EHR: {its.verified}.\n"
    yield from (f"- {note}" for note in its.notes)
    yield "\n## Addresses\n"
    yield f"- discovery: {base}{DISCOVERY}"
    yield f"- service: {base}{SERVICE} (id `{SERVICE_ID}`)"
    yield f"- feedback: {base}{FEEDBACK}"
    yield f"- hooks: {', '.join(HOOKS)}"
    yield "- `aud` of the caller's tokens: the address that is called, exactly; for feedback also the service's"
    yield f"- hosts of links on cards: {urlsplit(base).netloc}"
    yield f"- FHIR server that is read: {site.fhir}"
    if site.smart is None:
        yield "- our public key: none. Without `[site.smart]` Watchful signs nothing and is no OAuth client"
    yield f"\n## Prefetch templates (hash `{templates_hash(keys)}`)\n"
    yield f'Set `templates_confirmed = "{templates_hash(keys)}"` in the site once the EHR has exactly these:\n'
    yield "```"
    yield from (f"{key.name}: {key.template}" for key in keys)
    yield "```"
    yield "\n## Scopes\n"
    yield from (f"- `{scope}`" for scope in scopes(its, keys))
    yield from smart_lines(site, base)
    yield "\n## Topic codes\n"
    yield f"System `{settings.topic_system}`.\n"
    yield from (f"- `{decision}`" for decision in Decision if decision is not Decision.SILENT)
    yield "\n## Override reasons\n"
    yield from _reason_lines(site)
    if its.actions:
        yield "\n## What a suggestion may do\n"
        yield f"- actions: {', '.join(sorted(its.actions))} on ServiceRequest"
        yield from (f"- order item for {item.purpose}: `{item.system}` `{item.code}`" for item in site.order_items)
    yield ""


def scopes(its: Profile, keys: tuple[Key, ...] = KEYS) -> tuple[str, ...]:
    """What to grant: the EHR's own words, else SMART scopes of every type that is read."""
    return its.scopes or tuple(f"user/{kind}.rs" for kind in dict.fromkeys(str(key.data) for key in keys))


def _reason_lines(site: Site) -> Iterator[str]:
    theirs = {str(each.reason): each for each in site.override_reasons}
    reasons: dict[str, OverrideReason] = {
        each.code: each
        for decision in Decision
        for each in load_content(site.card_language).overrides.get(decision, ())
    }
    for code, ours in reasons.items():
        mapped = theirs.get(code)
        if mapped is None:
            yield f"- `{ours.system}` `{code}`: {ours.display}"
        else:
            yield f"- `{mapped.system}` `{mapped.code}`: {mapped.display or ours.display} (ours: `{code}`)"


def _settings(config: Path | None) -> Settings:
    try:
        if config is not None:
            return load(config, os.environ)
        demo = demo_settings(0)
        site = demo.site[0].model_copy(update={"id": "your-site", "fhir": "https://ehr.example.org/r4"})
        return demo.model_copy(update={"public_url": _PLACEHOLDER, "site": (site,)})
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
