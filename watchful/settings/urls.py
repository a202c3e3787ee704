"""One spelling for every URL that is compared: bases of FHIR servers, our own address, origins.

Trust and the SSRF guard rest on comparing text exactly, so there is one normal form and one function
that makes it. What could be read in two ways (user names, `..`, backslashes) is refused, not repaired.
"""

import ipaddress
import re
from urllib.parse import urlsplit

_PRINTABLE = re.compile(r"[!-~]+")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
_DOT_SEGMENT = re.compile(r"/(\.|%2e){1,2}(/|$)", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def normal_base(url: str) -> str:
    """`url` with its host in lower case, no default port, no trailing slash. ValueError says what is wrong."""
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise ValueError("not a URL: only printable ASCII without spaces (write the host name in punycode)")
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.netloc:
        raise ValueError("not an absolute http or https URL")
    if "@" in parts.netloc:
        raise ValueError("a URL here holds no user name or password")
    if "?" in url or "#" in url:
        raise ValueError("a base URL has no query and no fragment")
    if _DOT_SEGMENT.search(parts.path) or "//" in parts.path:
        raise ValueError('a base URL has no "." or ".." or empty segments in its path')
    port = parts.port
    authority = _host(parts.hostname or "")
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        authority = f"{authority}:{port}"
    return f"{scheme}://{authority}{parts.path.rstrip('/')}"


def normal_origin(url: str) -> str:
    """`url` as a browser writes it in an `Origin` header; ValueError when it is more than an origin."""
    base = normal_base(url)
    if urlsplit(base).path or url.endswith("/"):
        raise ValueError("an origin is scheme://host[:port] without a path or trailing slash")
    return base


def is_loopback(url: str) -> bool:
    """Whether a normal base names this machine, by name or as an address in its usual spelling."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def secure_base(url: str) -> str:
    """A normal base over TLS; plain http only on loopback, where nothing leaves the machine."""
    base = normal_base(url)
    if base.startswith("http:") and not is_loopback(base):
        raise ValueError("plain http would show patient data to the network: use https")
    return base


def secure_url(url: str) -> str:
    """A URL over TLS (plain http on loopback only) as it was written: it may have a query, and no other doubt."""
    secure_base(url.partition("?")[0])
    if "#" in url:
        raise ValueError("a URL here has no fragment")
    if not _PRINTABLE.fullmatch(url):
        raise ValueError("not a URL: only printable ASCII without spaces")
    return url


def is_private(url: str) -> bool:
    """Whether a URL names an address, not a name, that is neither public nor this machine."""
    try:
        address = ipaddress.ip_address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    return not address.is_global and not address.is_loopback


def _host(host: str) -> str:
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host).compressed}]"
    if not _HOST.fullmatch(host):
        raise ValueError("the host name is not one")
    return host
