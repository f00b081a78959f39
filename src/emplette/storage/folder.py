"""Bytes kept in a folder: the store of one machine, or of several that share a file system.

::

    FOLDER/
      7/                                    the company
        files/3f/a/3fa2….9c1d8e0b5a7f4e21  what people uploaded, by its hash
"""

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import structlog

from emplette.domain.backups import is_inside
from emplette.domain.errors import Unavailable

PIECE: Final = 256 * 1024
"""Bytes that are read and sent at a time."""

LITTLE_ROOM: Final = 256 * 2**20
"""Bytes that should at least be free where files are kept."""

_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_NO_LINKS: Final = frozenset({errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS})

log = structlog.get_logger("emplette.storage")

P = ParamSpec("P")
T = TypeVar("T")


class Folder:
    """A store in a folder that is ours alone, made when it is first needed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def put(self, tenant: int, place: str, source: Path) -> None:
        """Keep what a local file holds; its bytes, its name and the folders above are on the disk then."""
        await _in_a_thread(_keep, self.path, self._at(tenant, place), source)

    async def put_bytes(self, tenant: int, place: str, content: bytes) -> None:
        """Keep some bytes, as durably."""
        await _in_a_thread(_keep_bytes, self.path, self._at(tenant, place), content)

    async def open(
        self, tenant: int, place: str, *, first: int = 0, last: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Begin to read bytes, from the first to the last one of them."""
        file = await _in_a_thread(FileIO, self._at(tenant, place))
        return _pieces(file, first, last)

    async def read(self, tenant: int, place: str) -> bytes:
        """Read all bytes at once."""
        return await _in_a_thread(self._at(tenant, place).read_bytes)

    @asynccontextmanager
    async def local(self, tenant: int, place: str) -> AsyncIterator[Path]:
        """Lend the file itself."""
        path = self._at(tenant, place)
        await _in_a_thread(path.stat)
        yield path

    async def remove(self, tenant: int, place: str) -> None:
        """Remove a file, and what somebody left who was killed while copying it; the folders above stay."""
        path = self._at(tenant, place)
        for each in (path, _unfinished(path)):
            await _in_a_thread(each.unlink, missing_ok=True)

    async def is_empty(self) -> bool:
        """Tell whether nothing is kept; folders may be there."""

        def look() -> bool:
            return not any(files for _, _, files in os.walk(self.path))

        return await _in_a_thread(look)

    async def trouble(self) -> str | None:
        """Say why files can't be kept there, or not for long."""
        return await _in_a_thread(lack_of_room, self.path)

    def _at(self, tenant: int, place: str) -> Path:
        return self.path / path_in_store(tenant, place)


def path_in_store(tenant: int, place: str) -> str:
    """Name where a store keeps what is at a company's place.

    Raises:
        Unavailable: the place leads elsewhere. Whoever can write to the database could read our own files with that.
    """
    if not is_inside(place):
        raise Unavailable(f"{place!r} leads out of the store of files.")
    return f"{tenant}/{place}"


def lack_of_room(folder: Path) -> str | None:
    """Say why little or nothing can be written to a folder, which need not exist yet; None when there is enough room.

    Raises:
        OSError: it can't even be looked at.
    """
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        return f"{folder} can't be written."
    free = shutil.disk_usage(folder).free
    return f"There are {free // 2**20} MB free in {folder}: make room." if free < LITTLE_ROOM else None


async def _in_a_thread(do: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Do what waits for the disk where nobody waits for it."""
    try:
        return await asyncio.to_thread(do, *arguments, **named)
    except OSError as error:
        log.warning("store.failed", error=str(error))
        raise Unavailable(f"The store of files can't be used just now: {error.strerror or error}.") from error


async def _pieces(file: FileIO, first: int, last: int | None) -> AsyncGenerator[bytes, None]:
    """Read an open file piece by piece, and close it; what nobody begins to read is closed when it is forgotten."""
    at = first
    with file:
        while last is None or at <= last:
            size = PIECE if last is None else min(PIECE, last + 1 - at)
            piece = await _in_a_thread(os.pread, file.fileno(), size, at)
            if not piece:
                return
            at += len(piece)
            yield piece


def _keep(root: Path, target: Path, source: Path) -> None:
    """Give a file a second name in the store; copy it where file systems don't allow that."""
    _make_folders(root, target.parent)
    try:
        with source.open("rb") as file:
            os.fchmod(file.fileno(), _PRIVATE_FILE)
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _write(target, lambda copy: shutil.copyfile(source, copy))
    _sync(target.parent)


def _keep_bytes(root: Path, target: Path, content: bytes) -> None:
    _make_folders(root, target.parent)
    _write(target, lambda copy: copy.write_bytes(content))
    _sync(target.parent)


def _write(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place, and give it its name once it is on the disk."""
    copy = _unfinished(target)
    try:
        copy.touch(mode=_PRIVATE_FILE)
        write(copy)
        _sync(copy)
        copy.rename(target)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def _unfinished(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _make_folders(root: Path, folder: Path) -> None:
    """Make a folder of the store and those above it; each is on the disk before something lies in it."""
    if folder.is_dir():
        return
    if folder == root:
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    else:
        _make_folders(root, folder.parent)
        folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    _sync(folder.parent)


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
