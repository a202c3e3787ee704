"""The HTTP client of the sandbox: gentle by default.

One request at a time with a pause between them, answers of bounded size, no redirect, nothing from the
environment (proxy, `.netrc`), and a name that says who we are. A server that asks for patience gets it.
"""

import email.utils
import json
import time
from collections.abc import Mapping
from typing import Any

import requests
from msgspec import Struct

from watchful import __version__
from watchful.sandbox.problems import Refused, Unreachable, Unsure
from watchful.settings.urls import is_loopback, normal_base

Json = dict[str, Any]

USER_AGENT = f"watchful-sandbox/{__version__} (synthetic test patients)"
MAX_BYTES = 20_000_000
MAX_TRIES = 5
MAX_WAIT = 60.0
"""Seconds; a server that wants us to wait longer is left alone."""
PUBLIC_PAUSE = 0.25
"""Seconds between two requests to a host that is not this machine."""

_BUSY = frozenset({429, 503})
"""The request was not carried out: asking again is safe."""
_GATEWAY = frozenset({502, 504})
"""It may have been carried out: asking again is safe only where twice is the same as once."""
_WRITES = frozenset({"POST", "PUT", "DELETE"})


def rest(seconds: float) -> None:
    """Wait, before the next request or the next try."""
    time.sleep(seconds)


class Reply(Struct, frozen=True):
    """A status, the JSON body if there was one, and where the new resource is."""

    status: int
    body: Any
    location: str


class Client:
    """Requests below one base URL. Raises Unreachable, Unsure; statuses are the caller's to judge."""

    def __init__(
        self,
        base: str,
        *,
        accept: str = "application/fhir+json",
        pause: float | None = None,
        timeout: float = 60.0,
    ) -> None:
        self.base = normal_base(base)
        self._pause = (0.0 if is_loopback(self.base) else PUBLIC_PAUSE) if pause is None else pause
        self._timeout = (10.0, timeout)
        self._next_at = 0.0
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept": accept, "Cache-Control": "no-cache"})
        self._content_type = accept

    def get(self, relative: str) -> Reply:
        return self.send("GET", relative)

    def send(self, method: str, relative: str, body: Json | None = None) -> Reply:
        """One request, repeated while the server is busy and repeating is safe."""
        url = f"{self.base}/{relative}" if relative else self.base
        again = _BUSY | (_GATEWAY if method != "POST" else frozenset())
        for attempt in range(1, MAX_TRIES + 1):
            reply, headers = self._once(method, url, body)
            if reply.status not in again or attempt == MAX_TRIES:
                break
            wait = _wait(headers, attempt)
            if wait > MAX_WAIT:
                raise Unreachable(f"{self.base} asks to wait {wait:.0f} seconds before the next request.")
            rest(wait)
        if reply.status in _BUSY:
            raise Unreachable(f"{self.base} is still too busy after {MAX_TRIES} tries (HTTP {reply.status}).")
        if reply.status in _GATEWAY and method in _WRITES:
            raise Unsure(f"The gateway of {self.base} gave up (HTTP {reply.status}) while something was written.")
        return reply

    def _once(self, method: str, url: str, body: Json | None) -> tuple[Reply, Mapping[str, str]]:
        now = time.monotonic()
        if now < self._next_at:
            rest(self._next_at - now)
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": self._content_type}
        try:
            with self._session.request(
                method, url, data=content, headers=headers, timeout=self._timeout, stream=True,
                allow_redirects=False,
            ) as answer:  # fmt: skip
                found = self._bounded(answer)
        except requests.exceptions.ConnectTimeout:
            raise Unreachable(f"{self.base} does not answer: no connection within 10 seconds.") from None
        except requests.RequestException as error:
            if _never_connected(error):
                raise Unreachable(f"Nothing answers at {self.base}: is the server running?") from None
            how = self._how(error)
            if method in _WRITES:
                text = f"{self.base} {how} while something was written: it may or may not have been stored."
                raise Unsure(text) from None
            raise Unreachable(f"{self.base} {how}.") from None
        finally:
            self._next_at = time.monotonic() + self._pause
        return Reply(answer.status_code, found, answer.headers.get("Location", "")), answer.headers

    def _how(self, error: requests.RequestException) -> str:
        slow = isinstance(error, requests.exceptions.Timeout) or "Read timed out" in str(error)
        return f"did not answer within {self._timeout[1]:.0f} seconds" if slow else "broke off its answer"

    def _bounded(self, answer: requests.Response) -> Any:
        content = bytearray()
        for chunk in answer.iter_content(65_536):
            content += chunk
            if len(content) > MAX_BYTES:
                raise Unreachable(f"{self.base} answers with more than {MAX_BYTES // 1_000_000} MB.")
        try:
            return json.loads(content) if content else None
        except (ValueError, RecursionError):
            return None


def refusal(reply: Reply, doing: str) -> Refused:
    """The server's own reason, cut short, behind what was being done."""
    return Refused(f"{doing} was refused: HTTP {reply.status}{_reason(reply.body)}", reply.status)


def _reason(body: Any) -> str:
    if not isinstance(body, dict) or body.get("resourceType") != "OperationOutcome":
        return "."
    texts = [
        str(issue.get("diagnostics") or (issue.get("details") or {}).get("text") or issue.get("code") or "")
        for issue in body.get("issue", [])
        if isinstance(issue, dict)
    ]
    said = "; ".join(text for text in texts if text)
    return f" ({said[:300]})" if said else "."


def _wait(headers: Mapping[str, str], attempt: int) -> float:
    """Seconds to wait: `Retry-After` as seconds or as a date (RFC 9110 §10.2.3), else longer each time."""
    asked = headers.get("Retry-After", "").strip()
    if asked.isdigit():
        return float(asked)
    if asked:
        try:
            return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - time.time())
        except ValueError:
            pass
    return float(2 ** (attempt - 1))


def _never_connected(error: requests.RequestException) -> bool:
    return isinstance(error, requests.ConnectionError) and any(
        name in str(error) for name in ("NewConnectionError", "NameResolutionError", "Failed to resolve")
    )
