"""Files on their way into a store: where they are received, and notes of what may be left when somebody is killed.

Whatever a store holds has a row in the database, or a file here whose name says where it lies. So nothing has to be
looked for in a store: what was left by a process that was killed is found here.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Final

from emplette.domain.errors import Unavailable
from emplette.storage.folder import lack_of_room

_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_TENANT: Final = "@"
_SLASH: Final = "~"


@dataclass(frozen=True, slots=True)
class Note:
    """A file of the spool: what it says may lie in the store, if it says anything."""

    path: Path
    tenant: int | None = None
    place: str | None = None

    def forget(self) -> None:
        """Remove the file: what it notes has come to its end."""
        self.path.unlink(missing_ok=True)


class Spool:
    """A folder of files that are on their way; it is ours alone, and made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new(self) -> Path:
        """Make an empty file to receive something in."""
        self.folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        path = self.folder / f"{token_hex(16)}.part"
        path.touch(mode=_PRIVATE_FILE, exist_ok=False)
        return path

    def note(self, tenant: int, place: str) -> Note:
        """Note that a place of the store is about to be filled, or emptied.

        It has to be noted before, and forgotten when the database says the same as the store.

        Raises:
            Unavailable: it can't be noted, so nothing may be done.
        """
        path = self.folder / f"{tenant}{_TENANT}{place.replace('/', _SLASH)}"
        try:
            self.folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
            path.touch(mode=_PRIVATE_FILE)
        except OSError as error:
            raise Unavailable(f"Files can't be received just now: {error.strerror or error}.") from error
        return Note(path, tenant, place)

    async def trouble(self) -> str | None:
        """Say why nothing can be received just now, or not for long; None when all is well."""
        return await asyncio.to_thread(lack_of_room, self.folder)

    def left(self, *, untouched_for: timedelta) -> Iterator[Note]:
        """Find what somebody must have left: what nobody has touched for longer than anything takes."""
        if not self.folder.is_dir():
            return
        before = time.time() - untouched_for.total_seconds()
        for path in self.folder.iterdir():
            try:
                if path.stat().st_mtime >= before:
                    continue
            except FileNotFoundError:
                continue
            tenant, told, place = path.name.partition(_TENANT)
            yield Note(path, int(tenant), place.replace(_SLASH, "/")) if told else Note(path)
