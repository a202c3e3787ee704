"""The two doors of the app, launch and callback, as routes of one site; and how a refusal becomes a page."""

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smart_app.callback import end_launch
from smart_app.identity import Identity
from smart_app.launch import LAUNCH, begin_launch
from smart_app.oauth import CALLBACK
from smart_app.problem_page import problem_page
from smart_app.sessions import Sessions
from watchful.errors import AppStopped, StoreUnavailable
from watchful.parts import Parts

Handler = Callable[[Request], Awaitable[Response]]
_log = structlog.get_logger(__name__)


def launch_routes(parts: Parts, sessions: Sessions) -> list[Route]:
    """`/smart/launch` and `/smart/callback`; both run in the EHR's frame and end in redirects."""
    identity = Identity(parts)

    async def launch(request: Request) -> Response:
        return await begin_launch(request, parts, sessions.discovery)

    async def callback(request: Request) -> Response:
        return await end_launch(request, parts, sessions, identity)

    return [
        Route(LAUNCH, told(launch, parts), methods=["GET"]),
        Route(CALLBACK, told(callback, parts), methods=["GET"]),
    ]


def told(handler: Handler, parts: Parts) -> Handler:
    """The handler, with each refusal counted, logged by its reason alone, and shown as a page."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except AppStopped as stopped:
            parts.metrics.launched(parts.site.id, stopped.reason)
            _log.warning("app_stopped", site=parts.site.id, reason=stopped.reason, status=stopped.status)
            return problem_page(stopped.problem, stopped.status, parts)
        except StoreUnavailable as failure:
            return problem_page("store-down", failure.status, parts)

    return answered
