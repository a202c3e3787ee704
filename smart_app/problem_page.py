"""A refusal as a clinician sees it: what happened and what to do next, in our own words only.

Nothing of the request, the EHR's error text or a patient is ever on it.
"""

from starlette.responses import HTMLResponse

from smart_app.handout_page import PAGES
from smart_app.headers import page_headers
from smart_app.static_files import asset
from watchful.content.app_texts import app_texts
from watchful.content.problems import problem_words
from watchful.parts import Parts

_PAGE = PAGES.get_template("app_plain.html.j2")


def problem_page(problem: str, status: int, parts: Parts) -> HTMLResponse:
    """The page of one problem (`content/en/problems.toml`)."""
    words = problem_words(problem)
    html = _PAGE.render(words=words, name=app_texts().name, stylesheet=asset("app.css", parts))
    return HTMLResponse(html, status, headers={**page_headers(parts.site), "Content-Language": "en"})
