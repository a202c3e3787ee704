"""What must hold of a site's outbound connections before any is made: addresses and certificate files."""

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from watchful.settings.problems import Location, Problem
from watchful.settings.urls import is_private


def check_connection(at: Location, site: Mapping[str, Any], folder: Path) -> Iterator[Problem]:
    """Private addresses only where the site says so; a `ca_bundle` that holds certificates."""
    if site.get("private_network") is not True:
        for here, url in _outbound(at, site):
            if isinstance(url, str) and _private(url):
                yield Problem(here, "a private address: add private_network = true to the site if it is meant")
    bundle = site.get("ca_bundle")
    if isinstance(bundle, str):
        try:
            ssl.create_default_context(cafile=str(folder / bundle))
        except OSError:  # also ssl.SSLError
            yield Problem((*at, "ca_bundle"), f"{folder / bundle} is not a readable PEM file of certificates")


def _outbound(at: Location, site: Mapping[str, Any]) -> Iterator[tuple[Location, object]]:
    yield (*at, "fhir"), site.get("fhir")
    issuers = site.get("issuer", [])
    for number, issuer in enumerate(issuers if isinstance(issuers, list) else []):
        if isinstance(issuer, dict):
            yield (*at, "issuer", number, "jku"), issuer.get("jku")
    smart = site.get("smart")
    hosts = smart.get("style_hosts") if isinstance(smart, dict) else None
    for host in hosts if isinstance(hosts, list) else []:
        yield (*at, "smart", "style_hosts"), host


def _private(url: str) -> bool:
    try:
        return is_private(url)
    except ValueError:  # the model says what is wrong with it
        return False
