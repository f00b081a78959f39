"""What pages are made of beside themselves: styles, scripts and pictures, under names that change with their bytes."""

import gzip
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from emplette.http.contract.replies import EVERYWHERE, RawHeaders, Response
from emplette.http.contract.statuses import OK

ROOT: Final = "/assets/"

_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}
_FOR_EVER: Final = b"public, max-age=31536000, immutable"
_COMPRESSION: Final = 9


@dataclass(frozen=True)
class Asset:
    """One file, and the address at which exactly these bytes are."""

    name: str
    content: bytes

    @cached_property
    def address(self) -> str:
        """Where it is: other bytes have another address, so that it may be kept for ever."""
        stem, _, kind = self.name.rpartition(".")
        return f"{ROOT}{stem}.{sha256(self.content).hexdigest()[:12]}.{kind}"

    @cached_property
    def compressed(self) -> bytes:
        """The same bytes as they go over the wire, to whoever takes them so."""
        return gzip.compress(self.content, _COMPRESSION, mtime=0)

    def response(self, *, takes_gzip: bool) -> Response:
        """Answer with it."""
        headers: RawHeaders = [
            *EVERYWHERE,
            (b"content-type", _TYPES[self.name.rpartition(".")[2]].encode()),
            (b"cache-control", _FOR_EVER),
            (b"vary", b"accept-encoding"),
            (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; sandbox"),
        ]
        if takes_gzip:
            return Response(OK, self.compressed, [*headers, (b"content-encoding", b"gzip")])
        return Response(OK, self.content, headers)


@cache
def assets() -> dict[str, Asset]:
    """Read all of them, by name."""
    root = resources.files("emplette.http.pages") / "static"
    return {
        each.name: Asset(each.name, each.read_bytes())
        for folder in (root / "own", root / "vendored")
        for each in _files(folder)
    }


@cache
def by_address() -> dict[str, Asset]:
    """List all of them by the address that they have."""
    return {asset.address: asset for asset in assets().values()}


def address_of(name: str) -> str:
    """Find the address of one, for the page that needs it."""
    return assets()[name].address


def _files(folder: Traversable) -> list[Traversable]:
    kept = [each for each in folder.iterdir() if each.name.rpartition(".")[2] in _TYPES]
    return sorted(kept, key=lambda each: each.name)
