"""What a file must satisfy beyond each setting's own type: rules that join several settings.

They read the TOML document as it was written, not the model, so that one wrong setting does not hide
the next: all problems are reported at once. Whatever has the wrong type here is the model's to report.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from watchful.settings.connection import check_connection
from watchful.settings.keys import KeyFileError, read_keys
from watchful.settings.model import Algorithm, Issuer
from watchful.settings.problems import Location, Problem
from watchful.settings.profiles import check_profile
from watchful.settings.smart_checks import check_smart
from watchful.settings.tenancy import one_home_each

NOT_IN_A_FILE = {
    "secret": "secrets are not kept in files: set the environment variable WATCHFUL_SECRET",
    "allow_fhir": "for demo mode only: use --allow-fhir, or give the site its own fhir",
    "site.smart.client_secret": "secrets are not kept in files: set the environment variable "
    "WATCHFUL_SMART_SECRET_ with the site's id in capitals (- as _)",
    "site.demo": "set by demo mode only, never by a file: start without --config for the demo",
}


def check(document: Mapping[str, Any], folder: Path) -> Iterator[Problem]:
    """Problems that join several settings of one document; relative paths start at `folder`."""
    sites = document.get("site")
    if not isinstance(sites, list):
        return
    if not sites:
        yield Problem(("site",), "at least one [[site]] is needed")
    yield from one_home_each(sites)
    for number, site in enumerate(sites):
        if isinstance(site, dict):
            at = ("site", number)
            yield from _approval(at, site)
            yield from _issuers(at, site, folder)
            yield from check_connection(at, site, folder)
            yield from check_profile(at, site)
            yield from check_smart(at, site, folder)


def _approval(at: Location, site: Mapping[str, Any]) -> Iterator[Problem]:
    """Safety rule 9: a site is live only with a knowledge version that a named clinician approved."""
    missing = [name for name in ("knowledge", "approved_by", "approved_on") if not site.get(name)]
    if site.get("mode") == "live" and missing:
        needs = ", ".join(missing)
        text = f'"live" also needs {needs} (a clinician approves a knowledge version); until then use "silent"'
        yield Problem((*at, "mode"), text)


def _issuers(at: Location, site: Mapping[str, Any], folder: Path) -> Iterator[Problem]:
    issuers = site.get("issuer", [])
    if not isinstance(issuers, list):
        return
    if not issuers:
        yield Problem(at, "at least one [[site.issuer]] is needed: without one no caller could be trusted")
    seen: set[str] = set()
    for number, issuer in enumerate(issuers):
        if not isinstance(issuer, dict):
            continue
        here = (*at, "issuer", number)
        iss = issuer.get("iss")
        if isinstance(iss, str) and iss in seen:
            yield Problem(
                (*here, "iss"), "this issuer is listed already: merge the two, an issuer has one key set"
            )
        elif isinstance(iss, str):
            seen.add(iss)
        if ("jwks" in issuer) == ("jku" in issuer):
            both = "both are given" if "jku" in issuer else "neither is given"
            text = f"pin the caller's keys with jwks, or name where it publishes them with jku; {both}"
            yield Problem((*here, "jku") if "jku" in issuer else here, text)
        if isinstance(issuer.get("jwks"), str):
            try:
                read_keys(folder / issuer["jwks"], _algorithms(issuer))
            except KeyFileError as error:
                yield from (Problem((*here, "jwks"), problem) for problem in error.problems)


def _algorithms(issuer: Mapping[str, Any]) -> list[str]:
    named = issuer.get("algorithms", Issuer.model_fields["algorithms"].default)
    known = [name for name in get_args(Algorithm) if isinstance(named, list | tuple) and name in named]
    return known or list(get_args(Algorithm))
