"""Where a message may be sent: an address that somebody else chose must not reach inside.

A merchant names the address, this process has the operator's network around it. So only http and
https, no password in the address, and no address of this machine, of a private or link-local
network, of a group of machines, or one that hides such an address in another notation (CWE-918).
What a name stands for is asked when the connection is made, and that very answer is connected to,
so that a second answer cannot lead elsewhere. The operator can open hosts and networks by name.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

from counterfoil.courier.errors import AddressForbidden, AddressInvalid
from counterfoil.kernel.i18n import _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

URL_LENGTH_MAX: Final = 1024
_LOCAL_NAMES: Final = ("localhost", ".localhost", ".local", ".internal")
_SIX_TO_FOUR: Final = ipaddress.ip_network("2002::/16")
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
"""RFC 6052: the last 32 bits are an IPv4 address that a translator will reach."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Which addresses may be sent to."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def opened(cls, names: Iterable[str]) -> Self:
        """Allow hosts by name and networks by their notation, besides the public ones."""
        hosts, networks = set(), []
        for name in names:
            try:
                networks.append(ipaddress.ip_network(name, strict=False))
            except ValueError:
                hosts.add(name.lower().rstrip("."))
        return cls(frozenset(hosts), tuple(networks))

    def check_url(self, url: str) -> str:
        """Tell an address's host, if something could be sent to it as far as its text says.

        Raises:
            AddressInvalid: it is no such address.
            AddressForbidden: it names this machine or a private network.

        """
        host = _host(url)
        try:
            literal = ipaddress.ip_address(host)
        except ValueError:
            local = host == _LOCAL_NAMES[0] or host.endswith(_LOCAL_NAMES[1:])
            if local and host not in self.hosts:
                raise _forbidden(host) from None
        else:
            self.check(host, [literal])
        return host

    def check(self, host: str, found: Sequence[Address]) -> Address:
        """Choose the address to connect to among those that a host's name stands for.

        Raises:
            AddressForbidden: none of them, or not all of them, may be reached.

        """
        # All of them: a name that stands for a public and a private address is a trick.
        if not found or not all(self._is_allowed(host, address) for address in found):
            raise _forbidden(host)
        return found[0]

    def _is_allowed(self, host: str, address: Address) -> bool:
        if host in self.hosts or any(
            address in network for network in self.networks if network.version == address.version
        ):
            return True
        return all(_is_public(one) for one in _spelled_out(address))


def _is_public(address: Address) -> bool:
    local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not local


def _spelled_out(address: Address) -> list[Address]:
    """List an address and the IPv4 address that it may carry inside."""
    spelled: list[Address] = [address]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            spelled = [address.ipv4_mapped]
        elif address in _SIX_TO_FOUR:
            spelled.append(ipaddress.IPv4Address(int(address) >> 80 & 0xFFFFFFFF))
        elif address in _TRANSLATED:
            spelled = [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
        elif address.teredo is not None:
            spelled += address.teredo
    return spelled


def _host(url: str) -> str:
    parts = _parts(url)
    if len(url) > URL_LENGTH_MAX or parts is None or not url.isascii() or not url.isprintable():
        raise AddressInvalid(
            _("This is no address that a message can be sent to. Give http://… or https://…"),
        )
    return str(parts.hostname).rstrip(".")


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable and " " not in url and "@" not in parts.netloc else None


def _forbidden(host: str) -> AddressForbidden:
    return AddressForbidden(
        _(
            "{host} leads to this machine or into a private network. "
            "Only the operator can allow that.",
            host=host,
        ),
        host=host,
    )
