"""The handout behind a card's link, as page, PDF and plain text.

The link carries an opaque handle and no patient data; what it opens is gone after the site's `case_ttl_hours`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from smart_app.handout_page import PAGE_HEADERS, PRIVATE, gone_html, handout_html, page_choices
from watchful.content.card_case import handout_behind
from watchful.content.handout import HandoutCase, handout_words
from watchful.content.languages import DEFAULT, folder_of
from watchful.content.load import Content, languages, offered_languages
from watchful.content.pdf import handout_pdf
from watchful.content.plain import handout_text

ReadCase = Callable[[str, str], Awaitable[bytes | None]]
"""Site id and handle to the stored case; None when there is none, or it has expired."""
Form = Literal["html", "pdf", "text"]
ENDINGS: dict[str, Form] = {".pdf": "pdf", ".txt": "text", "": "html"}
PRINTERS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="handout-pdf")
"""Typst takes milliseconds of CPU and one compiler for each thread: off the event loop, and never many."""


class Reading(Struct, frozen=True):
    """How the reader wants it: the language and print size of the link, else those of the case."""

    content: Content
    large: bool


async def handout_response(
    case: HandoutCase, reading: Reading, form: Form, *, handle: str, content_for: Callable[[str], Content]
) -> Response:
    """The patient's handout in one form."""
    content, large = reading.content, reading.large
    headers = {"Content-Language": content.language}
    if form == "html":
        offered = [content_for(language) for language in case.languages]
        choices = page_choices(content, offered, handle=handle, large=large)
        return HTMLResponse(
            handout_html(case, content, large=large, choices=choices), headers={**PAGE_HEADERS, **headers}
        )
    words = handout_words(case, content)
    if form == "text":
        return PlainTextResponse(handout_text(words), headers={**PRIVATE, **headers})
    pdf = await asyncio.get_running_loop().run_in_executor(PRINTERS, lambda: handout_pdf(words, large=large))
    named = {"Content-Disposition": 'inline; filename="back-pain-plan.pdf"'}
    return Response(pdf, media_type="application/pdf", headers={**PRIVATE, **headers, **named})


def handout_gone_response(content: Content) -> Response:
    """410, in every form."""
    headers = {**PAGE_HEADERS, "Content-Language": content.language}
    return HTMLResponse(gone_html(content), status_code=410, headers=headers)


def reading_of(request: Request, case: HandoutCase, content_for: Callable[[str], Content]) -> Reading:
    """`?lang=` and `?large=`, where they ask for something that the case offers."""
    asked = folder_of(request.query_params.get("lang"), case.languages)
    large = request.query_params.get("large", str(int(case.large)))
    return Reading(content_for(asked or case.language), large == "1")


def handout_routes(
    read_case: ReadCase, content_for: Callable[[str], Content], *, default_site: str | None
) -> list[Route]:
    """`/s/{site}/handout/{handle}` with `.pdf`, `.txt` or nothing after it, and the same without prefix where one
    site owns the unprefixed routes.

    `content_for` gives the words for a language (`watchful.content.load.load`). Every language is read here, so
    that a broken file stops the start. Failures of the store pass through to the application's own handler.
    """
    for language in languages():
        content_for(language)

    def page(form: Form) -> Callable[[Request], Awaitable[Response]]:
        async def show(request: Request) -> Response:
            site: str = request.path_params.get("site") or default_site or ""
            handle: str = request.path_params["handle"]
            stored = await read_case(site, handle)
            case = None if stored is None else handout_behind(stored)
            if case is None:
                asked = folder_of(request.query_params.get("lang"), offered_languages())
                return handout_gone_response(content_for(asked or DEFAULT))
            reading = reading_of(request, case, content_for)
            return await handout_response(case, reading, form, handle=handle, content_for=content_for)

        return show

    prefixes = {"site-handout": "/s/{site}/handout/{handle}"}
    if default_site is not None:
        prefixes["handout"] = "/handout/{handle}"
    # the endings first: a bare handle would match them too
    return [
        Route(path + ending, page(form), methods=["GET"], name=f"{name}-{form}")
        for name, path in prefixes.items()
        for ending, form in ENDINGS.items()
    ]
