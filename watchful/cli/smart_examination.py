"""What `watchful doctor` looks at for a site with the SMART app: what the EHR announces, our keys, framing.

The EHR is asked for its public `.well-known/smart-configuration` alone.
"""

import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Literal

import httpx2

from smart_app.discovery import SmartServer, discover
from watchful.cli.finding import Finding
from watchful.errors import EhrFailed
from watchful.settings import Site, SmartClient
from watchful.settings.client_keys import signing_keys
from watchful.settings.keys import KeyFileError
from watchful.settings.smart import ClientAuth

_METHODS: dict[ClientAuth, tuple[str, str]] = {
    "public": ("client-public", "none"),
    "client-secret": ("client-confidential-symmetric", "client_secret_basic"),
    "private-key": ("client-confidential-asymmetric", "private_key_jwt"),
}
"""The capability and the method of the token endpoint that each form of ours needs (SMART 2.2 §2.2, RFC 8414)."""

_WANTED = {
    "launch-ehr": "it may not open the app from a chart",
    "context-ehr-patient": "a launch may come without its patient: none is opened then",
    "sso-openid-connect": "nobody vouches for the user: what is written names none",
}
_WHY = {
    "discovery-transport": "does not answer: can it be reached from here, directly?",
    "discovery-status": "is not there (no HTTP 200): is SMART switched on for this server?",
    "discovery-document": "is not a SMART configuration that can be read",
    "discovery-grant": "announces no authorization codes: the app cannot be launched",
    "discovery-pkce": "announces PKCE without S256: the app cannot be launched",
    "discovery-endpoint": "names an address that is not over TLS, or lies on this machine",
}


async def smart_findings(place: str, site: Site, client: httpx2.AsyncClient) -> AsyncIterator[Finding]:
    """Every check of the app; none for a site without it."""
    if site.smart is None:
        return
    url = f"{site.fhir}/.well-known/smart-configuration"
    try:
        server = await discover(client, site.fhir)
    except EhrFailed as failed:
        yield Finding(place, "fail", "SMART", f"{url} {_WHY.get(failed.reason, failed.reason)}")
    else:
        yield Finding(place, "ok", "SMART", f"{url}: users sign in at {server.authorization_endpoint}")
        for finding in (_pkce(place, server), *_capabilities(place, server), _method(place, server, site.smart)):
            yield finding
    for finding in (*_keys(place, site.smart), _frames(place, site)):
        yield finding


def _pkce(place: str, server: SmartServer) -> Finding:
    if "S256" in server.code_challenges:
        return Finding(place, "ok", "PKCE", "S256")
    return Finding(place, "warn", "PKCE", "not announced; S256 is sent all the same: ask whether it is checked")


def _capabilities(place: str, server: SmartServer) -> Iterator[Finding]:
    what = "SMART capabilities"
    missing = [name for name in _WANTED if name not in server.capabilities]
    for name in missing:
        yield Finding(place, "warn", what, f"{name} is not announced: {_WANTED[name]}")
    if "sso-openid-connect" not in missing and not server.knows_users:
        text = "sso-openid-connect without issuer and jwks_uri: no user can be checked"
        yield Finding(place, "warn", what, text)
    versions = sorted(server.capabilities & {"permission-v1", "permission-v2"})
    spoken = " and ".join(versions) or "no version of scopes is announced: those of v1 are asked for"
    if not missing:
        yield Finding(place, "ok" if versions else "warn", what, f"all that the app needs; {spoken}")


def _method(place: str, server: SmartServer, smart: SmartClient) -> Finding:
    """Whether the EHR takes our form of client. A server that says nothing may still."""
    capability, method = _METHODS[smart.auth]
    what = "client authentication"
    if capability in server.capabilities or method in server.auth_methods:
        return Finding(place, "ok", what, f"{smart.auth}, which the EHR takes")
    named = ", ".join(sorted(server.auth_methods)) or "nothing"
    text = f'auth = "{smart.auth}" needs {capability} ({method}); the EHR announces {named}'
    return Finding(place, "warn", what, text)


def _keys(place: str, smart: SmartClient) -> Iterator[Finding]:
    if smart.keys is None:
        return
    try:
        signs, *others = signing_keys(smart.keys)
    except KeyFileError as error:  # changed since the settings were read
        yield Finding(place, "fail", "app keys", str(error))
        return
    beside = f"; {', '.join(each.kid for each in others)} published beside it" if others else ""
    open_to = _open_to(smart.keys)
    level: Literal["ok", "warn"] = "warn" if open_to else "ok"
    text = f"{signs.kid} signs ({signs.algorithm}){beside}"
    yield Finding(place, level, "app keys", f"{text}{open_to}")


def _open_to(path: Path) -> str:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        return f"; every user of this machine can open {path} (mode {mode:o}): chmod 600"
    return ""


def _frames(place: str, site: Site) -> Finding:
    if site.frame_ancestors:
        return Finding(place, "ok", "frame_ancestors", ", ".join(site.frame_ancestors))
    text = "empty: the app opens in a window of its own only, an EHR that shows it inside a frame gets a blank one"
    return Finding(place, "warn", "frame_ancestors", text)
