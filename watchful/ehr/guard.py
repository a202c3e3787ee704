"""Where a connection may go once a name has become an address: the last guard against being sent inside.

The settings name every host that is ever called. What they cannot say is where DNS points today: a public
name that resolves to this machine, to the hospital's inner network or to a cloud's metadata address is
refused here, at the moment of connecting, and the connection goes to the very address that was checked.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable

import httpcore2

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
_CARRIER_GRADE = ipaddress.ip_network("100.64.0.0/10")


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects as `inner` does, but only to addresses that the site may reach."""

    def __init__(self, inner: httpcore2.AsyncNetworkBackend, *, private_network: bool) -> None:
        self._inner = inner
        self._private_network = private_network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await _resolved(host, port)
        named_loopback = _is_loopback_name(host)
        for address in addresses:
            if not reachable(address, private_network=self._private_network, loopback=named_loopback):
                raise httpcore2.ConnectError("the host lies at an address that this site may not reach")
        error: Exception = httpcore2.ConnectError("the host has no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as failed:
                error = failed
        raise error

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[SocketOption] | None = None
    ) -> httpcore2.AsyncNetworkStream:
        raise httpcore2.ConnectError("no service of ours is on a socket file")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


def reachable(address: str, *, private_network: bool, loopback: bool) -> bool:
    """Whether a resolved address may be connected to. Link-local and multicast never are."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if parsed.is_loopback:
        return loopback
    if parsed.is_link_local or parsed.is_multicast or parsed.is_unspecified:
        return False
    if parsed.is_global:
        return True
    return private_network and (parsed.is_private or parsed in _CARRIER_GRADE)


def _is_loopback_name(host: str) -> bool:
    """Whether the settings themselves say that it is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


async def _resolved(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # the second: a label that is empty or too long to be asked for
        raise httpcore2.ConnectError("the host name does not resolve") from None
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
