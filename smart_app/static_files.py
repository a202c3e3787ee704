"""The app's own style sheet and script: public, small, and kept for good under the hash of what they say."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from watchful.parts import Parts

_FOLDER = Path(__file__).parent / "static"
_KINDS = {"app.css": "text/css", "app.js": "text/javascript"}
_BYTES = {name: (_FOLDER / name).read_bytes() for name in _KINDS}
_HASHES = {name: hashlib.sha256(body).hexdigest()[:16] for name, body in _BYTES.items()}


def root(parts: Parts) -> str:
    """The path below which everything of the app lies, as a browser asks for it."""
    return f"{urlsplit(parts.base_url).path.rstrip('/')}/smart"


def asset(name: str, parts: Parts) -> str:
    """The address of a file; it changes with the file."""
    return f"{root(parts)}/static/{name}?v={_HASHES[name]}"


async def _file(request: Request) -> Response:
    name = request.path_params["file"]
    if name not in _BYTES:
        return PlainTextResponse("There is no such file.\n", 404)
    # an address without the hash, or with an older one, must not keep this version for a year
    current = request.query_params.get("v") == _HASHES[name]
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if current else "no-cache",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(_BYTES[name], media_type=_KINDS[name], headers=headers)


static_route = Route("/smart/static/{file}", _file, methods=["GET"])
