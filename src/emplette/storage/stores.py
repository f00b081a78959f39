"""Where the bytes of files are kept, outside the database: in a folder, or in an S3 bucket.

A place is where a store keeps one copy of some bytes: their hash, and a random part. It is written once and never
again, even when the same bytes come back after they were removed. So nobody can remove what another is about to
refer to, and nothing has to be locked while bytes travel.
"""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from secrets import token_hex
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from emplette.storage.bucket import Bucket
from emplette.storage.folder import Folder
from emplette.storage.spool import Spool

FILES: Final = "files"
"""Above the places of what people upload."""

ORDERS: Final = "orders"
"""Above the places of the documents of orders."""


class Store(Protocol):
    """Keeps bytes, each company's apart.

    Raises:
        Unavailable: from every method, when the bytes can't be reached just now.
    """

    async def put(self, tenant: int, place: str, source: Path) -> None:
        """Keep what a local file holds, so that it is there after a crash; the file stays the caller's."""

    async def put_bytes(self, tenant: int, place: str, content: bytes) -> None:
        """Keep some bytes, so that they are there after a crash."""

    async def open(
        self, tenant: int, place: str, *, first: int = 0, last: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Begin to read bytes, from the first to the last one of them; the bytes come in pieces."""

    async def read(self, tenant: int, place: str) -> bytes:
        """Read all bytes at once."""

    def local(self, tenant: int, place: str) -> AbstractAsyncContextManager[Path]:
        """Lend the bytes as a local file, to be read only."""

    async def trouble(self) -> str | None:
        """Say why files can't be kept just now, or not for long; None when they can."""

    async def remove(self, tenant: int, place: str) -> None:
        """Remove what is kept at a place; nothing may be there any more."""

    async def is_empty(self) -> bool:
        """Tell whether nothing is kept."""


def new_place(sha256: bytes, *, above: str = FILES) -> str:
    """Find a new place for bytes with this hash."""
    name = sha256.hex()
    return f"{above}/{name[:2]}/{name[2]}/{name}.{token_hex(8)}"


def hash_in(place: str) -> bytes:
    """Read out of a place the hash of what it is for."""
    return bytes.fromhex(place.rpartition("/")[2].partition(".")[0])


def open_spool(data_dir: Path) -> Spool:
    """Find the folder of files that are on their way into a store: `uploads` in the data folder."""
    return Spool(data_dir / "uploads")


def open_store(url: str | None, *, endpoint: str | None, data_dir: Path) -> Store:
    """Find the store that the settings name: a bucket, a folder, or without a name the folder `files` of the data."""
    if url and url.startswith("s3:"):
        return Bucket(url, endpoint=endpoint, folder=open_spool(data_dir).folder)
    return Folder(Path(unquote(urlsplit(url).path)) if url else data_dir / "files")
