"""Connections to addresses that were checked, and to no others.

The name is resolved here, every answer is checked, and the connection is made to the number that was
checked. The certificate is still checked against the name.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from typing import Final

import httpcore2

from counterfoil.courier.address import Address, Guard

_CONNECTIONS_MAX: Final = 128
_KEPT_ALIVE_MAX: Final = 32
_KEPT_ALIVE_S: Final = 5


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Makes the connections of an HTTP client."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the client's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to what a name stands for, if that may be reached."""
        address = self._guard.check(host, await _resolved(host, port))
        return await self._inner.connect_tcp(
            str(address), port, timeout, local_address, socket_options
        )

    async def sleep(self, seconds: float) -> None:
        """Wait, as the client asks between its own attempts."""
        await self._inner.sleep(seconds)


def guarded_pool(
    guard: Guard, trust: ssl.SSLContext | None = None
) -> httpcore2.AsyncConnectionPool:
    """Make the connections that messages are sent on; none is ever redirected."""
    return httpcore2.AsyncConnectionPool(
        ssl_context=trust or ssl.create_default_context(),
        max_connections=_CONNECTIONS_MAX,
        max_keepalive_connections=_KEPT_ALIVE_MAX,
        keepalive_expiry=_KEPT_ALIVE_S,
        network_backend=GuardedBackend(guard),
    )


async def _resolved(host: str, port: int) -> list[Address]:
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # A scope (fe80::1%eth0) is no part of the address.
        return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
