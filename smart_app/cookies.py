"""The two cookies of a launch: one binds it to the browser it began in, one opens the session that came of it.

Each launch has its own pair of names, so that several charts in one browser never meet. Built by hand: the app
lives in the EHR's frame, where only `SameSite=None; Partitioned` cookies arrive, and Starlette's `set_cookie`
writes `Partitioned` from Python 3.14 on.
"""

import hashlib

_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
_PREFIX = "__Host-watchful"
"""`__Host-`: taken over TLS (or loopback) from this very host alone, so no neighbour can plant one."""


def session_cookie(session_id: str) -> str:
    """The name of the cookie that opens one session."""
    return f"{_PREFIX}-{session_id}"


def launch_cookie(state: str) -> str:
    """The name of the cookie that binds one launch; it says nothing of the state."""
    return f"{_PREFIX}-launch-{hashlib.sha256(state.encode()).hexdigest()[:16]}"


def kept(name: str, value: str, seconds: int) -> str:
    """A `Set-Cookie` header."""
    return f"{name}={value}; Max-Age={max(seconds, 0)}; {_ATTRIBUTES}"


def forgotten(name: str) -> str:
    """The `Set-Cookie` header that takes it back."""
    return kept(name, "", 0)
