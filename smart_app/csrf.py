"""Whether a form came from a page of ours: its session's token, and what the browser says of its origin.

The session cookie must travel in frames (`SameSite=None`), so it proves nothing about who sent a form.
"""

from hmac import compare_digest
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request

from smart_app.session import Session
from watchful.errors import NotOurForm
from watchful.parts import Parts
from watchful.settings.urls import normal_base

FIELD = "csrf"
_MOST_FIELDS = 100
_MOST_BYTES = 100_000


async def checked_form(request: Request, session: Session, parts: Parts) -> FormData:
    """The form of a POST. Raises NotOurForm unless one of this session's pages sent it."""
    check_origin(request, parts.settings.public_url)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _MOST_BYTES:
        raise NotOurForm("length")
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    sent = form.get(FIELD)
    if not isinstance(sent, str) or not session.csrf or not compare_digest(sent.encode(), session.csrf.encode()):
        raise NotOurForm("csrf-token")
    return form


def check_origin(request: Request, public_url: str) -> None:
    """Raises NotOurForm where the browser says that another site sent the request.

    `Origin: null` is what browsers write for forms of pages without a referrer, as ours are; a browser that
    writes it for a foreign page says so in `Sec-Fetch-Site`, and no foreign page knows the token.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise NotOurForm("sec-fetch-site")
    origin = request.headers.get("origin", "null")
    if origin not in ("null", _origin_of(public_url)):
        raise NotOurForm("origin")


def _origin_of(url: str) -> str:
    parts = urlsplit(normal_base(url))
    return f"{parts.scheme}://{parts.netloc}"
