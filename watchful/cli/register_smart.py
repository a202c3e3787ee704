"""The part of `watchful register` about the SMART app: what is typed into the EHR's screen for an app."""

from collections.abc import Iterator

from smart_app import client_keys
from smart_app.discovery import SmartServer
from smart_app.launch import LAUNCH
from smart_app.oauth import CALLBACK
from smart_app.scopes import scopes_for
from watchful.settings import Site, SmartClient, profile

_CLIENTS = {
    "public": "public (no secret; PKCE with S256 always)",
    "client-secret": "confidential, symmetric (secret by HTTP Basic; PKCE with S256 always)",
    "private-key": "confidential, asymmetric (private_key_jwt, ES384 or RS384; PKCE with S256 always)",
}
_KNOWS_USERS = frozenset({"sso-openid-connect", "permission-online"})


def smart_lines(site: Site, base: str) -> Iterator[str]:
    """Nothing for a site without the app."""
    smart = site.smart
    if smart is None:
        return
    yield "\n## SMART app\n"
    yield f"- launch URL: {base}{LAUNCH}"
    yield f"- redirect URL, letter by letter: {base}{CALLBACK}"
    yield f"- client id: `{smart.client_id}`"
    yield f"- client type: {_CLIENTS[smart.auth]}"
    if smart.auth == "private-key":
        yield f"- our public keys (JWKS URL): {base}{client_keys.PATH}"
    if smart.link:
        yield f"- link on cards (type `smart`), to be allowed: {base}{LAUNCH}"
    yield f"- windows that may frame it: {', '.join(site.frame_ancestors) or 'none (frame_ancestors is empty)'}"
    yield f"- it writes: {_writes(site, smart)}"
    yield "\n### Scopes of the app\n"
    yield from _scopes(site, smart)


def _writes(site: Site, smart: SmartClient) -> str:
    its = profile(site.profile)
    return ", ".join(f"{act} ({its.writes[act]})" for act in smart.writes) or "nothing"


def _scopes(site: Site, smart: SmartClient) -> Iterator[str]:
    if smart.scopes:
        yield "As the settings name them:\n"
        yield f"- `{' '.join(smart.scopes)}`"
        return
    yield "The app asks in the form that the EHR announces. `launch/patient` in place of `launch` where a user"
    yield "starts it outside a chart.\n"
    for version, form in (("permission-v2", "SMART 2"), ("permission-v1", "SMART 1")):
        asked = scopes_for(site, profile(site.profile), _server(site, version), standalone=False)
        yield f"- {form}: `{' '.join(asked)}`"


def _server(site: Site, version: str) -> SmartServer:
    """A server that announces all that the app can use."""
    return SmartServer(
        base=site.fhir,
        authorization_endpoint=site.fhir,
        token_endpoint=site.fhir,
        issuer=site.fhir,
        jwks_uri=site.fhir,
        capabilities=_KNOWS_USERS | {version},
    )
