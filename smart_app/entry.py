"""The two doors of the app, launch and callback, as routes of one site."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smart_app.callback import end_launch
from smart_app.error_page import guarded
from smart_app.identity import Identity
from smart_app.launch import LAUNCH, begin_launch
from smart_app.launches import Launches
from smart_app.oauth import CALLBACK
from smart_app.sessions import Sessions
from watchful.parts import Parts


def launch_routes(parts: Parts, sessions: Sessions) -> list[Route]:
    """`/smart/launch` and `/smart/callback`; both run in the EHR's frame and end in redirects."""
    identity, launches = Identity(parts), Launches(parts)

    async def launch(request: Request) -> Response:
        return await begin_launch(request, parts, sessions.discovery, launches)

    async def callback(request: Request) -> Response:
        return await end_launch(request, parts, sessions, identity, launches)

    return [
        Route(LAUNCH, guarded(launch, parts), methods=["GET"]),
        Route(CALLBACK, guarded(callback, parts), methods=["GET"]),
    ]
