"""Which scopes the app asks for, and what the granted ones allow: no more than the visit needs.

The chart of one patient to read, and of what may be written only what the site switched on.
"""

from collections.abc import Iterable

from msgspec import Struct

from smart_app.discovery import SmartServer
from watchful.chart.scopes import covers, creatable_types, granted_types
from watchful.chart.templates import KEYS
from watchful.settings import Profile, Site

READ = tuple(dict.fromkeys(str(key.data) for key in KEYS))
"""The types that a chart is read from, in the order of the prefetch keys."""


class Granted(Struct, frozen=True):
    """What a token may do, as far as its scopes say. None: they say nothing of types (vendors' own words)."""

    read: frozenset[str] | None
    create: frozenset[str] | None

    def may_read(self, kind: str) -> bool:
        return covers(self.read, kind)

    def may_create(self, kind: str) -> bool:
        return covers(self.create, kind)


def scopes_for(site: Site, profile: Profile, server: SmartServer, *, standalone: bool) -> tuple[str, ...]:
    """What to ask for, in the syntax that the server announces: v2 where it knows it, else v1."""
    assert site.smart is not None  # noqa: S101  (no launch without it)
    if site.smart.scopes:
        return site.smart.scopes
    read, write = ("rs", "c") if "permission-v2" in server.capabilities else ("read", "write")
    creates = dict.fromkeys(profile.writes[act] for act in site.smart.writes if act in profile.writes)
    return (
        "launch/patient" if standalone else "launch",
        *(("openid", "fhirUser") if server.knows_users else ()),
        *_staying(server),
        *(f"patient/{kind}.{read}" for kind in READ),
        *(f"patient/{kind}.{write}" for kind in creates),
    )


def granted(scopes: Iterable[str]) -> Granted:
    """What the scopes of a token allow."""
    text = " ".join(scopes)
    return Granted(granted_types(text), creatable_types(text))


def _staying(server: SmartServer) -> tuple[str, ...]:
    """A refresh token, where announced; preferably one that ends with the user's own session."""
    for scope, capability in (("online_access", "permission-online"), ("offline_access", "permission-offline")):
        if scope in server.scopes_supported or capability in server.capabilities:
            return (scope,)
    return ()
