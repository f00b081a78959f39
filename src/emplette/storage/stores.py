"""Where the bytes of files are kept, outside the database: in a folder, or in an S3 bucket.

A place is where a store keeps one copy of some bytes: their hash, and a random part. It is written once and never
again, even when the same bytes come back after they were removed. So nobody can remove what another is about to
refer to, and nothing has to be locked while bytes travel.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from secrets import token_hex
from typing import Final, Protocol

FILES: Final = "files"
"""Above the places of what people upload."""

PIECE: Final = 256 * 1024
"""Bytes that are read and sent at a time."""


class Store(Protocol):
    """Keeps bytes, each company's apart.

    Raises:
        Unavailable: from every method, when the bytes can't be reached just now.
    """

    async def put(self, tenant: int, place: str, source: Path) -> None:
        """Keep what a local file holds, so that it is there after a crash; the file stays the caller's."""

    async def put_bytes(self, tenant: int, place: str, content: bytes) -> None:
        """Keep some bytes, so that they are there after a crash."""

    async def open(self, tenant: int, place: str, *, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """Begin to read bytes, from the first to the last one of them; the bytes come in pieces."""

    async def read(self, tenant: int, place: str) -> bytes:
        """Read all bytes at once."""

    def local(self, tenant: int, place: str) -> AbstractAsyncContextManager[Path]:
        """Lend the bytes as a local file, to be read only."""

    async def remove(self, tenant: int, place: str) -> None:
        """Remove what is kept at a place; nothing may be there any more."""


def new_place(sha256: bytes, *, above: str = FILES) -> str:
    """Find a new place for bytes with this hash."""
    name = sha256.hex()
    return f"{above}/{name[:2]}/{name[2:4]}/{name}.{token_hex(8)}"
