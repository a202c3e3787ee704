"""Reads the parameters of an OAuth request: each one once (RFC 6749 §3.1, §3.2)."""

from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from starlette.requests import Request

FORM = "application/x-www-form-urlencoded"


async def parameters_of(request: Request) -> dict[str, str]:
    """Of the query for GET, of the form for POST. Raises InvalidRequestError."""
    if request.method == "GET":
        return _once(request.url.query)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise InvalidRequestError(f"the body must be {FORM}")
    return _once((await request.body()).decode("utf-8", "replace"))


def _once(encoded: str) -> dict[str, str]:
    pairs = parse_qsl(encoded)  # an empty value counts as left out
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidRequestError("a parameter is given twice")
    return found


def required(parameters: dict[str, str], name: str) -> str:
    """Raises InvalidRequestError."""
    if name not in parameters:
        raise InvalidRequestError(f"{name} is missing")
    return parameters[name]
