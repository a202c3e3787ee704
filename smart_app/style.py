"""The EHR's colours (`smart_style_url`, SMART 2.2 §8): taste, never trust.

Fetched without any token, only from where the EHR itself is or the site says so, and only colours are kept.
Whatever goes wrong means our own colours, and never an error.
"""

import asyncio
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx2
import msgspec

from smart_app.discovery import SmartServer
from watchful.settings import Site
from watchful.settings.urls import normal_base, secure_url

MAX_BYTES = 10_000
SECONDS = 1.0
KEYS = frozenset(
    {"color_background", "color_error", "color_highlight", "color_modal_backdrop", "color_success", "color_text"}
)
_COLOUR = re.compile(
    r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})"
    r"|rgba?\( ?\d{1,3}%?(?:, ?\d{1,3}%?){2}(?:, ?(?:0|1|0?\.\d{1,3}))? ?\)"
)
_decode = msgspec.json.Decoder(dict[str, object]).decode


async def ehr_style(http: httpx2.AsyncClient, url: str, server: SmartServer, site: Site) -> Mapping[str, str]:
    """The colours by their documented names; empty where there is no style that we may use."""
    if not url or not _allowed(url, server, site):
        return {}
    try:
        async with asyncio.timeout(SECONDS):
            body = await _body(http, url)
        found = _decode(body)
    except (
        TimeoutError,
        httpx2.HTTPError,
        httpx2.InvalidURL,
        msgspec.DecodeError,
        UnicodeDecodeError,
        RecursionError,
    ):
        return {}
    return colours(found)


def colours(style: Mapping[str, object]) -> dict[str, str]:
    """What may stand in a style sheet."""
    return {
        name: value
        for name, value in style.items()
        if name in KEYS and isinstance(value, str) and _COLOUR.fullmatch(value)
    }


def _allowed(url: str, server: SmartServer, site: Site) -> bool:
    assert site.smart is not None  # noqa: S101  (no launch without it)
    try:
        secure_url(url)
        origin = _origin(url)
    except ValueError:
        return False
    return origin in {_origin(server.base), _origin(server.authorization_endpoint), *site.smart.style_hosts}


def _origin(url: str) -> str:
    parts = urlsplit(normal_base(url.partition("?")[0]))
    return f"{parts.scheme}://{parts.netloc}"


async def _body(http: httpx2.AsyncClient, url: str) -> bytes:
    headers = {"Accept": "application/json"}
    async with http.stream("GET", url, headers=headers, follow_redirects=False) as response:
        if response.status_code != 200:
            return b"{}"
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_BYTES:
                return b"{}"
    return bytes(body)
