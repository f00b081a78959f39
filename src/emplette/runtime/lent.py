"""Folders for the time being that hold what a company has: gone when they are given back, or else by the next command.

Who is killed gives nothing back, and the system's own folder for such things may keep it for ever. So each is locked by
who works in it, which ends with them however they end; what nobody has locked was left, and is removed.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

PREFIX: Final = "emplette-lent-"


@asynccontextmanager
async def lend_folder() -> AsyncIterator[Path]:
    """Lend an empty folder below TMPDIR, closed to others; what is in it goes when it is given back."""
    folder, lock = _make()
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        os.close(lock)


def clear_lent(*, say: Callable[[str], None]) -> None:
    """Remove what one's own killed commands have left below TMPDIR.

    Args:
        say: told what is removed.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # What is somebody else's, or gone by now, can't be opened or isn't ours to remove.
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(lock).st_uid == os.getuid():
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    say(f"removing {folder}, which a command that was killed has left")
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _make() -> tuple[Path, int]:
    """Make a folder and lock it; another one when it was taken for left in between, and is gone."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(FileNotFoundError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)
