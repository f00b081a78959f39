"""How hosts are written where a setting names them: databases, proxies, pages that may call from a browser."""

import re
from collections.abc import Iterable
from ipaddress import ip_network
from typing import Final

_AFTER_USER: Final = re.compile(r"postgres(?:ql)?://(?:[^/?#]*@)?([^/?#]*)")
_PORT: Final = re.compile(r":([^:\]]*)\Z")
_LARGEST_PORT: Final = 65_535
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#@*\sA-Z]+")


def fault_of_database_url(url: str | None) -> str | None:
    """Say what is wrong with how a PostgreSQL is named, if one is; it may have several hosts, each with its port."""
    if url is None:
        return None
    hosts = _AFTER_USER.match(url)
    if hosts is None:
        return "expected an address that begins with postgresql://"
    for host in hosts[1].split(","):
        port = _PORT.search(host)
        if port is not None and not _is_port(port[1]):
            return f"expected a port from 1 to {_LARGEST_PORT} behind each host"
    return None


def fault_of_networks(texts: Iterable[str], *, exactly: bool = False) -> str | None:
    """Say which of them is neither an address nor a network; nor, ``exactly``, an address in a network, 10.1.2.3/16."""
    for text in texts:
        try:
            ip_network(text, strict=exactly)
        except ValueError as error:
            return f"expected addresses or networks, such as 10.1.0.0/16: {error}"
    return None


def fault_of_origins(texts: Iterable[str]) -> str | None:
    """Say which of them no browser would send as an origin: it could never be allowed anything."""
    for text in texts:
        if not _ORIGIN.fullmatch(text):
            return f"{text!r} is no origin; expected them as https://app.example.com, without a path, in small letters"
    return None


def _is_port(text: str) -> bool:
    return (
        text.isascii() and text.isdecimal() and len(text) <= len(str(_LARGEST_PORT)) and 0 < int(text) <= _LARGEST_PORT
    )
