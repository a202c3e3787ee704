"""The HTTP side of door 1, as plain ASGI: no framework stands on the hot path.

Routes below one base (`/` or `/s/{site}/`): discovery, the hook, its feedback. Every failure becomes the
one error shape; whatever is not foreseen becomes a counted 500 without a word of the chart.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

from cds_hooks.discovery import SERVICE_ID, discovery
from cds_hooks.evaluate import evaluate
from cds_hooks.feedback import read_feedback, reasons_of_the_site
from cds_hooks.limits import RateLimit
from cds_hooks.record import token_use
from cds_hooks.request import read_request
from cds_hooks.trust import Caller, Trust
from watchful.errors import (
    BadRequest,
    OutOfTime,
    RuleFailure,
    TooLarge,
    TooSlow,
    UnknownService,
    Untrusted,
    WatchfulError,
    WrongMediaType,
    WrongMethod,
    operation_outcome,
)
from watchful.journal.records import Submission
from watchful.parts import Parts

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

DISCOVERY = "/cds-services"
SERVICE = f"{DISCOVERY}/{SERVICE_ID}"
FEEDBACK = f"{SERVICE}/feedback"

_log = structlog.get_logger(__name__)
_JSON = (b"content-type", b"application/json")


class CdsHooks:
    """Door 1 of one site, under one or more path prefixes."""

    def __init__(self, parts: Parts, trust: Trust | None, limit: RateLimit | None = None) -> None:
        self._parts = parts
        self._limit = limit
        self._deadline = parts.settings.request_deadline_ms / 1000
        self._body_deadline = parts.settings.body_deadline_ms / 1000
        self._reasons = reasons_of_the_site(parts.site)
        self._trust = trust
        """None in demo mode only: nobody is authenticated there."""
        self._discovery = discovery(parts.prefetch, parts.site.cds_hooks)

    def handles(self, path: str) -> bool:
        """Whether a path, without its prefix, belongs to this door."""
        return path == DISCOVERY or path.startswith(DISCOVERY + "/")

    async def __call__(self, prefix: str, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for `prefix + path`, e.g. `/s/general` and `/cds-services`."""
        try:
            status, body = await self._in_time(self._route(prefix, path, scope, receive))
            await _respond(send, status, body)
        except WatchfulError as error:
            await self._refuse(send, error)
        except Exception as error:
            _log.error("unforeseen", site=self._parts.site.id, error=type(error).__name__)
            self._parts.metrics.failed(self._parts.site.id, type(error).__name__)
            await self._refuse(send, RuleFailure("The service failed; nothing was concluded."))

    async def _in_time(self, answer: Awaitable[tuple[int, bytes]]) -> tuple[int, bytes]:
        """The answer before the deadline of every request. Raises OutOfTime."""
        try:
            async with asyncio.timeout(self._deadline) as limit:
                return await answer
        except TimeoutError:
            if limit.expired():
                raise OutOfTime("The answer took too long; nothing was concluded.") from None
            raise

    async def _route(self, prefix: str, path: str, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        method = scope["method"]
        if path == DISCOVERY:
            _allow(method, "GET", "HEAD")
            return 200, self._discovery
        if path == SERVICE:
            _allow(method, "POST")
            caller = await self._verify(scope, prefix + SERVICE)
            request = read_request(await self._body(scope, receive))
            return 200, await evaluate(request, caller, self._parts)
        if path == FEEDBACK:
            _allow(method, "POST")
            caller = await self._verify(scope, prefix + FEEDBACK, prefix + SERVICE)
            return 200, await self._feedback(await self._body(scope, receive), caller)
        raise UnknownService("There is no such service.")

    async def _verify(self, scope: Scope, *paths: str) -> Caller | None:
        if self._trust is None:
            return None
        caller = await self._trust.authenticate(_header(scope, b"authorization") or None, paths)
        if self._limit is not None:
            self._limit.take(caller.issuer)
        return caller

    async def _feedback(self, body: bytes, caller: Caller | None) -> bytes:
        parts = self._parts
        items = read_feedback(body, self._reasons)
        if caller is not None:
            await parts.journal.submit(Submission(token_use=token_use(caller, parts.site.id)))
        counts = await parts.journal.feedback(parts.site.id, items)
        for kind in ("stored", "duplicates", "orphans"):
            parts.metrics.fed_back(parts.site.id, kind, getattr(counts, kind))
        return b"{}"

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body. Raises WrongMediaType, TooLarge, TooSlow; stops reading as soon as it is too large."""
        media = _header(scope, b"content-type").partition(";")[0].strip().lower()
        if media not in ("application/json", "application/fhir+json", "application/json+fhir"):
            raise WrongMediaType("Send the request as application/json.", member="Content-Type")
        limit = self._parts.settings.max_body_bytes
        length = _header(scope, b"content-length")
        if length.isdigit() and int(length) > limit:
            raise TooLarge(f"The body is larger than {limit} bytes.")
        try:
            async with asyncio.timeout(self._body_deadline) as patience:
                return await _read_body(receive, limit)
        except TimeoutError:
            if patience.expired():
                raise TooSlow("The body did not arrive in time.") from None
            raise

    async def _refuse(self, send: Send, error: WatchfulError) -> None:
        reason = error.reason if isinstance(error, Untrusted) else error.issue_type
        self._parts.metrics.answered_error(self._parts.site.id, error.status, reason)
        if isinstance(error, Untrusted):
            _log.warning("untrusted", site=self._parts.site.id, reason=error.reason)
        headers = [(name.lower().encode(), value.encode()) for name, value in error.headers().items()]
        await _respond(send, error.status, operation_outcome(error), headers)


async def _read_body(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The request ended before its body did.")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"The body is larger than {limit} bytes.")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _allow(method: str, *allowed: str) -> None:
    if method not in allowed:
        raise WrongMethod(allowed)


def _header(scope: Scope, name: bytes) -> str:
    """One request header; empty when absent. Sent twice, it is taken as malformed: joined, never chosen from."""
    values = [value for key, value in scope["headers"] if key == name]
    return b", ".join(values).decode("latin-1")


async def _respond(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [_JSON, (b"content-length", str(len(body)).encode()), *(headers or ())],
        }
    )
    await send({"type": "http.response.body", "body": body})
