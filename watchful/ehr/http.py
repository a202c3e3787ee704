"""The HTTP client of one site: made once, shared, closed at the end (making one costs 20 ms).

It takes nothing from the environment (no proxy, no `.netrc`) and follows no redirect, so a request goes
where the settings say or nowhere.
"""

import logging
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx2

from watchful import __version__
from watchful.ehr.guard import GuardedBackend

LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=40, keepalive_expiry=30.0)
TIMEOUT = httpx2.Timeout(connect=2.0, read=10.0, write=5.0, pool=10.0)
"""The longest a single step may take. A hook's own deadline is shorter, set for each request, and what ends
its wait for a free connection."""

# The client logs every URL, and the transport every header: patient ids and tokens (safety rule 6).
for _chatty in ("httpx2", "httpcore2"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)


def http_client(
    transport: httpx2.AsyncBaseTransport | None = None,
    *,
    proxy: str | None = None,
    ca_bundle: Path | None = None,
    private_network: bool = False,
) -> httpx2.AsyncClient:
    """A client for the connections of one site. Tests pass a `transport`.

    With a `proxy` it is the proxy that resolves names, and so the proxy that must guard addresses.
    """
    if transport is None:
        transport = _transport(proxy, ca_bundle, private_network)
    return httpx2.AsyncClient(
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=TIMEOUT,
        # No cookies: a session that one user's token opened must not carry into the next request.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": f"watchful/{__version__}"},
    )


def _transport(proxy: str | None, ca_bundle: Path | None, private_network: bool) -> httpx2.AsyncHTTPTransport:
    verify = ssl.create_default_context(cafile=str(ca_bundle)) if ca_bundle is not None else True
    transport = httpx2.AsyncHTTPTransport(verify=verify, trust_env=False, limits=LIMITS, proxy=proxy)
    if proxy is None:
        pool = transport._pool
        pool._network_backend = GuardedBackend(pool._network_backend, private_network=private_network)
    return transport
