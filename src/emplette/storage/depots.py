"""Where back-ups are kept: a folder, or a bucket that speaks S3.

::

    DEPOT/
      20261121T140000Z/        one back-up; whole when it has a manifest.json, which is written last
        manifest.json
        installation           whose it is, which is written first
        database/...
      files/7/files/3f/a/...   the files of all back-ups, each once: they never change
      log/HISTORY/...          the database's own log, when it is archived, and beside each piece what vouches for it
"""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, ParamSpec, TypeVar
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store

from emplette.domain.errors import Refusal
from emplette.storage.bucket import open_bucket
from emplette.storage.folder import PIECE

MANIFEST: Final = "manifest.json"
MARK: Final = "installation"
LIST: Final = "files.txt"
FILES: Final = "files"
LOG: Final = "log"
SIGNED: Final = ".signed"
"""Ends the name of what vouches for a piece of the log."""

_NAME: Final = re.compile(r"\d{8}T\d{6}Z")
_KNOWN: Final = re.compile(r"s3://[^/]|file:///")
_PART: Final = 8 * 2**20
_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700

P = ParamSpec("P")
T = TypeVar("T")


class DepotFailed(Refusal):
    """Where back-ups are kept can't be used just now."""

    code = "backup.depot_failed"


class Depot:
    """A folder or a bucket of back-ups; paths have slashes, on every system.

    Raises:
        DepotFailed: from every method, when it can't be reached or written.
    """

    def __init__(self, url: str, *, endpoint: str | None = None) -> None:
        self.url = url
        self.folder: Path | None = None
        self._opened: LocalStore | S3Store | None = None
        if "://" in url and not _KNOWN.match(url):
            detail = f"Back-ups are kept in a folder or in s3://BUCKET/PREFIX, not in {url.partition('://')[0]}://."
            raise DepotFailed(detail)
        if url.startswith("s3:"):
            self._opened = open_bucket(url, endpoint=endpoint)
        else:
            path = Path(unquote(urlsplit(url).path)) if url.startswith("file:///") else Path(url).expanduser()
            self.folder = path.absolute()

    @property
    def _store(self) -> LocalStore | S3Store:
        if self._opened is None:
            # A folder is only opened once it is there; reading from one that is not finds nothing.
            self._opened = LocalStore(self.folder)
        return self._opened

    @property
    def _is_missing(self) -> bool:
        return self.folder is not None and not self.folder.is_dir()

    async def names(self) -> list[str]:
        """List what is or was begun as a back-up, the oldest first."""
        if self._is_missing:
            return []
        found = await _reach(obstore.list_with_delimiter, self._store)
        return sorted(path for path in found["common_prefixes"] if _NAME.fullmatch(path))

    async def size(self, path: str) -> int | None:
        """Find how many bytes are at a path; None when there is nothing."""
        if self._is_missing:
            return None
        try:
            return (await _reach(obstore.head, self._store, path))["size"]
        except FileNotFoundError:
            return None

    async def sizes(self, above: str) -> dict[str, int]:
        """Find how many bytes are at each path below one."""

        def look() -> dict[str, int]:
            return {one["path"]: one["size"] for page in obstore.list(self._store, above) for one in page}

        return {} if self._is_missing else await _reach(look)

    async def put(self, path: str, source: Path) -> None:
        """Keep what a local file holds, safely: it is there as a whole or not at all."""
        await self._make_folder(path)
        await _reach(partial(obstore.put, chunk_size=_PART, max_concurrency=2), self._store, path, source)
        await self._settle(path)

    async def put_bytes(self, path: str, content: bytes) -> None:
        """Keep some bytes, as safely."""
        await self._make_folder(path)
        await _reach(partial(obstore.put, use_multipart=False), self._store, path, content)
        await self._settle(path)

    async def put_new(self, path: str, content: bytes) -> bool:
        """Keep some bytes where nothing is; False when somebody else was quicker."""
        await self._make_folder(path)
        try:
            await _reach(partial(obstore.put, use_multipart=False, mode="create"), self._store, path, content)
        except AlreadyExistsError:
            return False
        await self._settle(path)
        return True

    async def read(self, path: str) -> bytes:
        """Read all bytes at once.

        Raises:
            FileNotFoundError: there is nothing.
        """
        return b"".join([piece async for piece in self.pieces(path)])

    async def pieces(self, path: str) -> AsyncIterator[bytes]:
        """Read bytes piece by piece.

        Raises:
            FileNotFoundError: there is nothing.
        """
        if self._is_missing:
            raise FileNotFoundError(path)
        found = await _reach(obstore.get, self._store, path)
        stream = iter(found.stream(min_chunk_size=PIECE))
        while (piece := await _reach(next, stream, None)) is not None:
            yield bytes(piece)

    async def keep(self, path: str, source: Path) -> None:
        """Keep what a local file holds; one that was written at its path already is only seen on the disk."""
        if self.folder is not None and source == self.folder / path:
            await self._settle(path)
        else:
            await self.put(path, source)

    async def make_folder(self, name: str) -> Path:
        """Make a folder of a depot that is one."""
        if self.folder is None:
            raise ValueError(self.url)
        await self._make_folder(f"{name}/x")
        return self.folder / name

    async def remove_all(self, above: str) -> None:
        """Remove everything below a path."""
        if self.folder is not None:
            await asyncio.to_thread(shutil.rmtree, self.folder / above, ignore_errors=True)
            return
        for path in await self.sizes(above):
            await _reach(obstore.delete, self._store, path)

    async def remove_bare(self, name: str) -> bool:
        """Remove the folder of a back-up in which nothing was kept yet, not even whose it is; False when something is.

        Only for one whose maker is long gone: what is being written there goes with it. A bucket has no empty folders.
        """
        return self.folder is not None and await asyncio.to_thread(_remove_bare, self.folder / name)

    async def remove(self, path: str) -> None:
        """Remove what is at a path; what is not there is as good."""
        with suppress(FileNotFoundError):
            await _reach(obstore.delete, self._store, path)

    async def _make_folder(self, path: str) -> None:
        """Make the folders above a path ourselves, closed to others."""
        if self.folder is not None:
            await asyncio.to_thread(_make_private, self.folder, (self.folder / path).parent)

    async def _settle(self, path: str) -> None:
        """Close a file to others, and see it on the disk."""
        if self.folder is not None:
            await asyncio.to_thread(_settle, self.folder / path)


def _make_private(root: Path, folder: Path) -> None:
    if folder.is_dir():
        return
    try:
        if folder == root:
            folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        else:
            _make_private(root, folder.parent)
            folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    except OSError as error:
        raise DepotFailed(f"{folder} cannot be made: {error.strerror}.") from None


def _remove_bare(folder: Path) -> bool:
    # A file that is being put has its name and a number until it is whole.
    begun = [one for one in folder.iterdir() if one.name.startswith(f"{MARK}#")]
    try:
        for one in begun:
            one.unlink(missing_ok=True)
        folder.rmdir()
    except OSError:
        return False
    return True


def _settle(path: Path) -> None:
    for each, how in ((path, os.O_RDONLY), (path.parent, os.O_RDONLY | os.O_DIRECTORY)):
        opened = os.open(each, how)
        try:
            if each is path:
                os.fchmod(opened, _PRIVATE_FILE)
            os.fsync(opened)
        finally:
            os.close(opened)


async def _reach(do: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Ask the store, in a thread; what is not there is told apart from what can't be reached.

    A thread rather than the store's own way of waiting: that one may still call back when a short command ends.
    """
    try:
        return await asyncio.to_thread(do, *arguments, **named)
    except (FileNotFoundError, AlreadyExistsError):
        raise
    except (BaseError, OSError) as error:
        raise DepotFailed(f"The back-ups can't be reached: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]
