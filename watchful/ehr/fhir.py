"""Reading from an EHR's FHIR server: bodies as they came, and an honest word on what was not read.

The reader never raises for what a server does. An answer is `found`, `empty` (the server said that there
is none) or `failed`; whoever reads on must take `failed` as unknown, never as none (safety rule 1).
It sends the token to one origin only, and never logs it, nor a URL. What is inside the bodies is read by
`watchful.chart`; here only what paging needs is decoded.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Literal, TypeVar

import httpx2
import msgspec

from watchful.ehr.bearer import bearer
from watchful.ehr.breaker import Breaker
from watchful.ehr.patience import seconds_asked
from watchful.settings.urls import normal_base

MAX_PAGES = 20
MAX_BYTES = 20_000_000
"""Decoded bytes of one answer, all pages together."""

_READ = re.compile(r"[A-Za-z]+/(?!\.{1,2}$)[A-Za-z0-9._~-]+")
_METADATA = re.compile(r"metadata")
_SEARCH = re.compile(r"[A-Za-z]+\?[!\"$-~]+")  # printable, without "#"
_ENDED = frozenset({404, 410})
_MOST_RETRIES = 2


class Answer(msgspec.Struct, frozen=True):
    """What became of one read or search.

    `pages` are the JSON bodies, also of an empty search (its `self` link tells what was searched) and of
    a search that failed on a later page: what was read may hold an emergency. `why` is one word.
    """

    state: Literal["found", "empty", "failed"]
    pages: tuple[bytes, ...] = ()
    why: str = ""


class _Resource(msgspec.Struct):
    """What tells one body from another. Decoding it also proves that the rest is well-formed JSON."""

    resourceType: str = ""


class _Link(msgspec.Struct):
    relation: str = ""
    url: str = ""


class _Page(_Resource):
    type: str | None = None
    link: list[_Link] | None = None
    entry: list[msgspec.Raw] | None = None


Decoded = TypeVar("Decoded", bound=_Resource)


class _Failed(Exception):
    """Ends a read inside this module; the text is the answer's `why`."""


_resource_decoder = msgspec.json.Decoder(_Resource)
_page_decoder = msgspec.json.Decoder(_Page)


class FhirReader:
    """Reads for one hook request. `deadline` is a time of the running loop (`loop.time()`), one for all reads.

        reader = FhirReader(client, base, aliases, token, deadline=loop.time() + 2.0)
        answers = await reader.read_all({"patient": "Patient/1", "conditions": "Condition?patient=1"})

    `base` comes from `allowed_base`; `aliases` are other names of the same server, by which it may write
    its next-page links. Those are read at `base` all the same.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        base: str,
        aliases: tuple[str, ...],
        token: str | None,
        *,
        deadline: float,
        max_pages: int = MAX_PAGES,
        max_bytes: int = MAX_BYTES,
        breaker: Breaker | None = None,
    ) -> None:
        self._client = client
        self._breaker = breaker or Breaker()
        self._base = normal_base(base)
        self._names = (self._base, *(normal_base(alias) for alias in aliases))
        self._deadline = deadline
        self._max_pages = max_pages
        self._max_bytes = max_bytes
        authorization = bearer(token)
        self._usable = authorization is not None
        self._headers = {"Accept": "application/fhir+json", **(authorization or {})}

    async def read_all(self, relatives: Mapping[str, str]) -> dict[str, Answer]:
        """All at once, by the caller's keys. A relative URL with a query is a search, one without a read."""
        async with asyncio.TaskGroup() as group:
            tasks = {
                key: group.create_task(self.search(relative) if "?" in relative else self.read(relative))
                for key, relative in relatives.items()
            }
        return {key: task.result() for key, task in tasks.items()}

    async def read(self, relative: str) -> Answer:
        """One resource, `Type/id`."""
        return await self._one(relative, _READ, relative.partition("/")[0])

    async def metadata(self) -> Answer:
        """The server's CapabilityStatement."""
        return await self._one("metadata", _METADATA, "CapabilityStatement")

    async def _one(self, relative: str, form: re.Pattern[str], kind: str) -> Answer:
        try:
            url = self._url(relative, form)
            async with self._limited():
                body = await self._body(url, self._max_bytes)
                if body is None:
                    return Answer("empty", why="not-found")
                _expect(_decoded(body, _resource_decoder), kind)
        except (_Failed, TimeoutError, httpx2.HTTPError) as error:
            return Answer("failed", why=_why(error))
        return Answer("found", (body,))

    async def search(self, relative: str) -> Answer:
        """A search `Type?query` with all its pages."""
        pages: list[bytes] = []
        entries = False
        try:
            url: httpx2.URL | None = self._url(relative, _SEARCH)
            async with self._limited():
                visited: set[str] = set()
                room = self._max_bytes
                while url is not None:
                    if len(pages) == self._max_pages or str(url) in visited:
                        raise _Failed("paging")
                    visited.add(str(url))
                    body = await self._body(url, room)
                    if body is None:
                        raise _Failed("http-404")
                    page = _decoded(body, _page_decoder)
                    _expect(page, "Bundle")
                    room -= len(body)
                    pages.append(body)
                    entries = entries or bool(page.entry)
                    url = self._next(url, page)
        except (_Failed, TimeoutError, httpx2.HTTPError) as error:
            return Answer("failed", tuple(pages), _why(error))
        return Answer("found" if entries else "empty", tuple(pages))

    def _limited(self) -> asyncio.Timeout:
        if not self._usable:
            raise _Failed("token")
        if asyncio.get_running_loop().time() >= self._deadline:
            raise _Failed("deadline")
        return asyncio.timeout_at(self._deadline)

    def _url(self, relative: str, form: re.Pattern[str]) -> httpx2.URL:
        if not form.fullmatch(relative):  # an id comes from the hook: it must not lead out of the base
            raise _Failed("url")
        return httpx2.URL(f"{self._base}/{relative}")

    async def _body(self, url: httpx2.URL, room: int) -> bytes | None:
        """The body of a 200; None when the server says that there is nothing here. The breaker learns of it."""
        if not self._breaker.allows():
            raise _Failed("breaker")
        try:
            body = await self._patiently(url, room)
        except _Failed as error:
            # a refusal is an answer too
            self._breaker.failed() if str(error).startswith("http-5") else self._breaker.succeeded()
            raise
        except (TimeoutError, httpx2.HTTPError):
            self._breaker.failed()
            raise
        except asyncio.CancelledError:
            # the deadline, seen from inside: the server did not answer in time. Else the caller went away
            overdue = asyncio.get_running_loop().time() >= self._deadline
            self._breaker.failed() if overdue else self._breaker.abandoned()
            raise
        self._breaker.succeeded()
        return body

    async def _patiently(self, url: httpx2.URL, room: int) -> bytes | None:
        """Ask again where the server says when, and that is before the deadline (429, RFC 6585 §4)."""
        for _ in range(_MOST_RETRIES):
            body, pause = await self._once(url, room)
            if pause is None:
                return body
            if asyncio.get_running_loop().time() + pause >= self._deadline:
                raise _Failed("http-429")
            await asyncio.sleep(pause)
        body, pause = await self._once(url, room)
        if pause is not None:
            raise _Failed("http-429")
        return body

    async def _once(self, url: httpx2.URL, room: int) -> tuple[bytes | None, float | None]:
        """The body, and for how long the server asks us to wait before we try again."""
        async with self._client.stream("GET", url, headers=self._headers, follow_redirects=False) as response:
            if response.status_code in _ENDED:
                return None, None
            pause = seconds_asked(response.headers) if response.status_code == 429 else None
            if pause is not None:
                return None, pause
            if response.status_code != 200:
                raise _Failed(f"http-{response.status_code}")
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > room:
                    raise _Failed("too-large")
        return bytes(body), None

    def _next(self, current: httpx2.URL, page: _Page) -> httpx2.URL | None:
        """Where the next page is, on our own base; _Failed when it is anywhere else."""
        target = next((link.url for link in page.link or () if link.relation == "next"), None)
        if target is None:
            return None
        try:
            address, question, query = str(current.join(target)).partition("?")
            address = normal_base(address)
            for name in self._names:
                if address == name or address.startswith(f"{name}/"):
                    return httpx2.URL(f"{self._base}{address.removeprefix(name)}{question}{query}")
        except (ValueError, httpx2.InvalidURL) as error:
            raise _Failed("paging") from error
        raise _Failed("paging")


def _decoded(body: bytes, decoder: msgspec.json.Decoder[Decoded]) -> Decoded:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _Failed("other-type") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _Failed("not-json") from error


def _expect(resource: _Resource, kind: str) -> None:
    if resource.resourceType == "OperationOutcome":
        raise _Failed("outcome")
    if resource.resourceType != kind or (isinstance(resource, _Page) and resource.type != "searchset"):
        raise _Failed("other-type")


def _why(error: Exception) -> str:
    """One word for the journal. Messages of the HTTP client hold URLs, so they stay behind."""
    match error:
        case _Failed():
            return str(error)
        case TimeoutError():
            return "deadline"
        case httpx2.TimeoutException():
            return "timeout"
        case _:
            return "transport"
