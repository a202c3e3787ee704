"""The handout as a web page: one self-contained document, no script, nothing stored, nothing indexed.

The page carries its own style sheet, allowed by its hash, so that it prints and saves as a whole.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from watchful.content.handout import HandoutCase, handout_words
from watchful.content.load import Content

_HERE = Path(__file__).parent
_STYLE = (_HERE / "static" / "handout.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_PAGES = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, auto_reload=False
)
_HANDOUT = _PAGES.get_template("handout.html.j2")
_GONE = _PAGES.get_template("handout_gone.html.j2")
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}

ReadCase = Callable[[str, str], Awaitable[bytes | None]]
"""Site id and handle to the stored case; None when there is none, or it has expired."""


def handout_response(case: HandoutCase, content: Content) -> Response:
    """The patient's page."""
    words = handout_words(case, content)
    page = _HANDOUT.render(words=words, style=_STYLE)
    return HTMLResponse(page, headers={**_HEADERS, "Content-Language": words.language})


def handout_gone_response(content: Content) -> Response:
    """410, for a handle that has expired and for one that never was: the page does not tell which."""
    page = _GONE.render(words=content.handout.gone, language=content.language, style=_STYLE)
    return HTMLResponse(page, status_code=410, headers={**_HEADERS, "Content-Language": content.language})


def handout_routes(
    read_case: ReadCase, content_for: Callable[[str], Content], *, default_site: str | None
) -> list[Route]:
    """`/s/{site}/handout/{handle}`, and `/handout/{handle}` where one site owns the unprefixed routes.

    `content_for` gives the words for a language (`watchful.content.load.load`). Failures of the store
    pass through to the application's own handler.
    """

    async def show(site: str, handle: str) -> Response:
        stored = await read_case(site, handle)
        if stored is None:
            return handout_gone_response(content_for("en"))
        case = HandoutCase.from_json(stored)
        return handout_response(case, content_for(case.language))

    async def of_site(request: Request) -> Response:
        return await show(request.path_params["site"], request.path_params["handle"])

    routes = [Route("/s/{site}/handout/{handle}", of_site, methods=["GET"], name="site-handout")]
    if default_site is not None:
        owner = default_site

        async def unprefixed(request: Request) -> Response:
            return await show(owner, request.path_params["handle"])

        routes.append(Route("/handout/{handle}", unprefixed, methods=["GET"], name="handout"))
    return routes
