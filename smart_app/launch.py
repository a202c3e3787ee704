"""The start of a launch: from the EHR's link to its own authorization page, and nowhere else.

`iss` is only a claim until it equals a base of the site's settings; before that nothing is sent anywhere. Nothing
else of the query decides where the browser goes.
"""

from secrets import token_urlsafe

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from smart_app.cookies import kept, launch_cookie
from smart_app.discovery import Discovery
from smart_app.headers import page_headers
from smart_app.launches import LASTS, Launches
from smart_app.oauth import Asked, OAuth
from smart_app.queries import single
from smart_app.scopes import scopes_for
from watchful.ehr.address import allowed_base
from watchful.errors import LaunchRefused
from watchful.parts import Parts

LAUNCH = "/smart/launch"


def browser_proof(parts: Parts, state: str) -> str:
    """What the cookie of a launch holds: only we can make it, and only the browser of the launch was given it."""
    return parts.keys.hash(parts.site.id, "launch-browser", state)


async def begin_launch(request: Request, parts: Parts, discovery: Discovery, launches: Launches) -> Response:
    """GET /smart/launch. Without `launch` it is a standalone launch, without `iss` at the site's own server.

    Raises LaunchRefused and EhrFailed.
    """
    asked = await _asked(request, parts, discovery)
    url = OAuth(parts, asked.server).authorization_url(asked)
    await launches.keep(asked)
    response = RedirectResponse(url, 303, headers=page_headers(parts.site))
    proof = browser_proof(parts, asked.state)
    response.headers.append("Set-Cookie", kept(launch_cookie(asked.state), proof, int(LASTS.total_seconds())))
    return response


async def _asked(request: Request, parts: Parts, discovery: Discovery) -> Asked:
    site = parts.site
    if site.smart is None:
        raise LaunchRefused("no-app", "no-client")
    iss, launch = single(request, "iss"), single(request, "launch")
    if launch and not iss:
        raise LaunchRefused("bad-launch", "launch-without-iss")
    aud = iss or site.fhir
    base = allowed_base(site, aud, parts.settings.allow_fhir)
    if base is None:
        raise LaunchRefused("unknown-ehr", "iss")
    server = await discovery.server(base)
    return Asked(
        server=server,
        aud=aud,
        launch=launch or "",
        scopes=scopes_for(site, parts.profile, server, standalone=not launch),
        state=token_urlsafe(24),
        verifier=token_urlsafe(48),  # 64 characters; RFC 7636 §4.1 wants 43 to 128
        nonce=token_urlsafe(24),
    )
