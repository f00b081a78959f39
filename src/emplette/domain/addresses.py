"""Which addresses of a network may be called because somebody named them: those of the public internet, and no others.

Somebody who may name an address for the server to call must not reach by it what only the server can reach: its own
machine, its private network, the metadata of a cloud. What is refused is what IANA's registries of special-purpose
addresses list as not globally reachable, and multicast.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

_SPECIAL_4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by the customers of a carrier (CGNAT)
            "127.0.0.0/8",  # this machine
            "169.254.0.0/16",  # link-local: the metadata of clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
_PUBLIC_6: Final = IPv6Network("2000::/3")
_SPECIAL_6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: holds an IPv4 address
            "3fff::/20",  # documentation
        ),
    )
)
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
_LAST_32_BITS: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be called: public addresses, and the networks that an administrator allows besides."""

    allowed: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "Reach":
        """Read networks as they are written, `10.1.0.0/16` or a single address.

        Raises:
            ValueError: one of them is none; the text says which.
        """
        return cls(tuple(ip_network(text) for text in texts))

    def permits(self, text: str) -> bool:
        """Tell whether an address may be called."""
        address = _meant(text)
        return self._allows(address) or is_public(address)

    def permits_without_tls(self, text: str) -> bool:
        """Tell whether an address may be called without TLS: only where the administrator has said so of a network."""
        return self._allows(_meant(text))

    def _allows(self, address: Address) -> bool:
        return any(address in network for network in self.allowed)


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    return address in _PUBLIC_6 and not any(address in network for network in _SPECIAL_6)


def _meant(text: str) -> Address:
    """Find the address that is meant: an IPv4 address can be written as an IPv6 one, and then it counts itself."""
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _TRANSLATED:
            return IPv4Address(int(address) & _LAST_32_BITS)
    return address
