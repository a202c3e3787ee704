"""Writing to an EHR's FHIR server: one resource, made at most once, and an honest word on what became of it.

A create is conditional on our own identifier (`If-None-Exist`, R4 http.html §3.1.0.8.1), which the resource
carries too: whoever lost the answer can look for it (`looking`) and ask again. The writer never raises for what
a server does, sends the token to one base only, follows no redirect, and passes on nothing that a server wrote.
"""

import asyncio
import re
from collections.abc import Iterable
from typing import Literal

import httpx2
import msgspec

from watchful.ehr.bearer import bearer
from watchful.ehr.breaker import Breaker
from watchful.ehr.patience import seconds_asked
from watchful.settings.urls import normal_base

MAX_ANSWER_BYTES = 1_000_000
_TYPE = re.compile(r"[A-Z][A-Za-z]+")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_TOKEN_PART = re.compile(r"[A-Za-z0-9._:-]+")  # what a search value may hold without any escape
_MOST_RETRIES = 2
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
_ISSUES = frozenset(
    {"invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired"}
    | {"forbidden", "suppressed", "processing", "not-supported", "duplicate", "multiple-matches", "not-found"}
    | {"deleted", "too-long", "code-invalid", "extension", "too-costly", "business-rule", "conflict"}
    | {"transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled", "informational"}
)
"""`OperationOutcome.issue.code` is a closed list (R4): nothing of a chart can stand in it."""


class Identifier(msgspec.Struct, frozen=True):
    """Ours, for one act on one chart."""

    system: str
    value: str

    @property
    def search(self) -> str:
        """As a search parameter. Raises ValueError for one that would need escapes."""
        if not (_TOKEN_PART.fullmatch(self.system) and _TOKEN_PART.fullmatch(self.value)):
            raise ValueError("an identifier of ours needs no escapes")
        return f"identifier={self.system}|{self.value}"


class Written(msgspec.Struct, frozen=True):
    """What became of one create.

    `made`: it is new. `existed`: it was there already, as we wrote it earlier. `refused`: nothing was written;
    without a status nothing was even sent. `unknown`: sent and never heard of again, or answered without proof.
    """

    outcome: Literal["made", "existed", "refused", "unknown"]
    status: int | None = None
    id: str = ""
    """As the server named it; empty where it did not."""
    why: str = ""
    """One word for the log: an issue code of R4, or ours."""


class Issue(msgspec.Struct, frozen=True):
    severity: str = ""
    code: str = ""


class _Body(msgspec.Struct, frozen=True):
    resourceType: str = ""
    id: str = ""
    issue: tuple[Issue, ...] = ()


_body = msgspec.json.Decoder(_Body).decode


class FhirWriter:
    """Writes for one press of a button. `base` comes from `allowed_base`, `deadline` is a time of the loop."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        base: str,
        token: str | None,
        *,
        deadline: float,
        breaker: Breaker | None = None,
    ) -> None:
        self._client = client
        self._base = normal_base(base)
        self._deadline = deadline
        self._breaker = breaker or Breaker()
        self._authorization = bearer(token)

    async def create(self, kind: str, resource: bytes, identifier: Identifier) -> Written:
        """Post one resource of type `kind`, unless one with this identifier is there."""
        if self._authorization is None or not _TYPE.fullmatch(kind):
            return Written("refused", why="unsendable")
        if asyncio.get_running_loop().time() >= self._deadline:
            return Written("refused", why="deadline")
        headers = {
            **self._authorization,
            "Accept": "application/fhir+json",
            "Content-Type": "application/fhir+json",
            "If-None-Exist": identifier.search,
            "Prefer": "return=minimal",
        }
        if not self._breaker.allows():
            return Written("refused", why="breaker")
        try:
            async with asyncio.timeout_at(self._deadline):
                written = await self._patiently(kind, resource, headers)
        except _NEVER_SENT:
            self._breaker.failed()
            return Written("refused", why="unreachable")
        except (TimeoutError, httpx2.HTTPError) as error:
            self._breaker.failed()
            late = isinstance(error, TimeoutError | httpx2.TimeoutException)
            return Written("unknown", why="deadline" if late else "transport")
        except BaseException:  # the caller went away: no verdict on the server
            self._breaker.abandoned()
            raise
        self._breaker.failed() if (written.status or 0) >= 500 else self._breaker.succeeded()
        return written

    async def _patiently(self, kind: str, resource: bytes, headers: dict[str, str]) -> Written:
        """Ask again where the server says when, and that is before the deadline: a 429 wrote nothing."""
        written, pause = await self._once(kind, resource, headers)
        for _ in range(_MOST_RETRIES):
            if pause is None or asyncio.get_running_loop().time() + pause >= self._deadline:
                break
            await asyncio.sleep(pause)
            written, pause = await self._once(kind, resource, headers)
        return written

    async def _once(self, kind: str, resource: bytes, headers: dict[str, str]) -> tuple[Written, float | None]:
        """What the server answered, and for how long it asks us to wait before we try again."""
        async with self._client.stream(
            "POST", f"{self._base}/{kind}", content=resource, headers=headers, follow_redirects=False
        ) as response:
            status = response.status_code
            body = await _read(response)
            pause = seconds_asked(response.headers) if status == 429 else None
            return _judged(status, kind, response.headers.get("location", ""), body), pause


async def _read(response: httpx2.Response) -> bytes:
    """The body, or nothing of one that is longer than any answer to a create has reason to be."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            return b""
    return bytes(body)


def _judged(status: int, kind: str, location: str, body: bytes) -> Written:
    try:
        told = _body(body) if body.strip() else _Body()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # a gateway's page: the status alone speaks
        told = _Body()
    why = next((issue.code for issue in told.issue if issue.code in _ISSUES), "")
    if 200 <= status < 300:
        if refusing(told.resourceType, told.issue):
            return Written("refused", status, why=why)
        named = told.id if told.resourceType == kind else ""
        return Written("made" if status == 201 else "existed", status, _id_of(location, kind) or checked_id(named))
    if status >= 500 and status != 501:
        return Written("unknown", status, why=why)
    return Written("refused", status, why=why)


def refusing(kind: str, issues: Iterable[Issue]) -> bool:
    """Whether a resource is an OperationOutcome that tells of an error, under whatever status it came."""
    return kind == "OperationOutcome" and any(issue.severity in ("error", "fatal") for issue in issues)


def _id_of(location: str, kind: str) -> str:
    """The id in `[base]/Type/id/_history/version` (R4 http.html §3.1.0.8)."""
    path = location.partition("?")[0].partition("/_history/")[0]
    before, _, named = path.rpartition("/")
    return checked_id(named) if before.rpartition("/")[2] == kind else ""


def checked_id(named: str) -> str:
    """An id as R4 allows it; empty for anything else."""
    return named if _ID.fullmatch(named) else ""
