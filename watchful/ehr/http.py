"""The one HTTP client of the service: made once, shared, closed at the end (making one costs 20 ms).

It takes nothing from the environment (no proxy, no `.netrc`) and follows no redirect, so a request goes
where the settings say or nowhere.
"""

import logging
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2

from watchful import __version__

LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=40, keepalive_expiry=30.0)
TIMEOUT = httpx2.Timeout(connect=2.0, read=10.0, write=5.0, pool=10.0)
"""The longest a single step may take. A hook's own deadline is shorter, set for each request, and what ends
its wait for a free connection."""

# The client logs every URL, and the transport every header: patient ids and tokens (safety rule 6).
for _chatty in ("httpx2", "httpcore2"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)


def http_client(transport: httpx2.AsyncBaseTransport | None = None) -> httpx2.AsyncClient:
    """The shared client. Tests pass a `transport`."""
    return httpx2.AsyncClient(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        limits=LIMITS,
        timeout=TIMEOUT,
        # No cookies: a session that one user's token opened must not carry into the next request.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": f"watchful/{__version__}"},
    )
