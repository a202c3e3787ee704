"""Door 2 of one site: launch, pages and keys, put together."""

from collections.abc import Sequence

from starlette.routing import Route

from smart_app.client_keys import keys_route
from smart_app.entry import launch_routes
from smart_app.routes import app_routes
from smart_app.sessions import Sessions
from watchful.parts import Parts


def smart_routes(parts: Parts) -> Sequence[Route]:
    """All of it, as paths below the site's own base."""
    sessions = Sessions(parts)
    return [*launch_routes(parts, sessions), *app_routes(parts, sessions), site_keys_route((parts,))]


def site_keys_route(sites: Sequence[Parts]) -> Route:
    """`/.well-known/jwks.json` for one site or for several: no keys, no harm, an empty set."""
    return keys_route(key for each in sites for key in each.client_keys)
