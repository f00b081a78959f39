"""Where a call came to, scheme and host as the caller saw them; and whether it came from this machine.

The server before us hands on one host: what the Host header says, else the `:authority` of HTTP/2. A target in absolute
form, or an `:authority` beside a Host header, is not shown to us.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from emplette.http.contract.headers import Headers, host_name


class Origins:
    """Reads scheme and host; forwarded headers count only when a trusted proxy sent them."""

    def __init__(self, trusted_proxies: Sequence[str] = ()) -> None:
        self._trusted: list[IPv4Network | IPv6Network] = [ip_network(each, strict=False) for each in trusted_proxies]

    def host(self, scope: Mapping[str, Any], headers: Headers) -> str:
        """The host name that was called: without port, in lower case; empty when none was said."""
        forwarded = self._forwarded(scope, headers, b"x-forwarded-host")
        return host_name(forwarded) if forwarded else headers.host

    def base_url(self, scope: Mapping[str, Any], headers: Headers) -> str:
        """The start of absolute links that lead back to where the call came to."""
        scheme = self._forwarded(scope, headers, b"x-forwarded-proto") or scope.get("scheme", "http")
        host = self._forwarded(scope, headers, b"x-forwarded-host") or headers.get(b"host") or "localhost"
        return f"{'https' if scheme == 'https' else 'http'}://{host}"

    def client(self, scope: Mapping[str, Any]) -> str:
        """The address of who calls, as the nearest proxy that is none of ours saw it; empty when nobody knows."""
        address = _address_of_peer(scope)
        if address is None or not self._trusted:
            return _written(address)
        said = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").decode("latin-1")
        for told in reversed([part.strip() for part in said.split(",") if part.strip()]):
            if address is None or not any(address in network for network in self._trusted):
                break
            with_port = _WITH_PORT.fullmatch(told)
            address = _address(with_port[1] or with_port[2] if with_port else told)
        return _written(address)

    def is_local(self, scope: Mapping[str, Any], headers: Headers) -> bool:
        """Tell whether a program on this machine calls, and not a proxy here for somebody elsewhere."""
        address = _address_of_peer(scope)
        if address is None or not address.is_loopback:
            return False
        return all(headers.get(name) is None for name in _OF_PROXIES)

    def _forwarded(self, scope: Mapping[str, Any], headers: Headers, name: bytes) -> str | None:
        """Read what the nearest proxy said, if it is one of ours."""
        if not self._trusted or not self._from_proxy(scope):
            return None
        value = headers.get(name)
        return value.rpartition(",")[2].strip() if value else None

    def _from_proxy(self, scope: Mapping[str, Any]) -> bool:
        address = _address_of_peer(scope)
        return address is not None and any(address in network for network in self._trusted)


# Some proxies say the port as well, and write IPv6 in brackets.
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|(\d+\.[\d.]+):\d+")
_OF_PROXIES = (b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip")


def _address_of_peer(scope: Mapping[str, Any]) -> IPv4Address | IPv6Address | None:
    """Read the address at the other end of the connection."""
    client = scope.get("client")
    return _address(client[0]) if client else None


@lru_cache(maxsize=1024)
def _written(address: IPv4Address | IPv6Address | None) -> str:
    return "" if address is None else str(address)


@lru_cache(maxsize=1024)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; one of IPv4 in IPv6's clothes is one of IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
