"""Every failure behind an address of the app as a page: what happened and what to do next, and nothing else.

Counted and logged by its class or its one-word reason: what an exception says may quote the chart (safety rules 5
and 6).
"""

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from smart_app.handout_page import PAGES
from smart_app.headers import page_headers
from smart_app.problem_page import problem_page
from smart_app.static_files import asset
from watchful.content.app_texts import app_texts
from watchful.errors import AppStopped, StoreUnavailable
from watchful.parts import Parts

Handler = Callable[[Request], Awaitable[Response]]
_PLAIN = PAGES.get_template("app_plain.html.j2")
_log = structlog.get_logger(__name__)


def guarded(handler: Handler, parts: Parts) -> Handler:
    """The handler, with each failure counted, logged and shown: the known in their words, others as a 500."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except AppStopped as stopped:
            _note(stopped.reason, stopped.status, parts)
            return problem_page(stopped.problem, stopped.status, parts)
        except StoreUnavailable as failure:
            _note("store-down", failure.status, parts)
            return problem_page("store-down", failure.status, parts)
        except Exception as error:
            parts.metrics.failed(parts.site.id, type(error).__name__)
            _log.error("unforeseen", site=parts.site.id, error=type(error).__name__)
            return problem_page("unexpected", 500, parts)

    return answered


def _note(reason: str, status: int, parts: Parts) -> None:
    parts.metrics.launched(parts.site.id, reason)
    _log.warning("app_stopped", site=parts.site.id, reason=reason, status=status)


def closed_page(parts: Parts) -> HTMLResponse:
    """The session was ended by its user."""
    texts = app_texts()
    html = _PLAIN.render(words=texts.closed, name=texts.name, stylesheet=asset("app.css", parts))
    return HTMLResponse(html, headers={**page_headers(parts.site), "Content-Language": "en"})
