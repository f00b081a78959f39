"""Where a data folder lies that will be full for a while: on a small file system of its own, where that is allowed.

Elsewhere the database's processes get a limit on the size of files, beyond which they can't write: nothing more fits,
as far as they can tell. The machine's own disk is never filled.
"""

import os
import resource
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

_MEGABYTES: Final = 384
_LARGEST_FILE: Final = 64 * 1024
_PIECE: Final = b"\0" * 1024 * 1024


class Disk(Protocol):
    """What a data folder lies on."""

    name: str

    def fill(self, processes: Iterable[int]) -> None:
        """Make sure that nothing more fits; to be said again and again while it shall be so."""
        ...

    def free(self, processes: Iterable[int]) -> None:
        """Let it all fit again."""
        ...


class SmallDisk:
    """A file system of its own, in memory."""

    def __init__(self, folder: Path) -> None:
        self.name = f"a tmpfs of {_MEGABYTES} MB"
        self._ballast = folder / "ballast"

    def fill(self, processes: Iterable[int]) -> None:
        """Write a file until it is full."""
        del processes
        with suppress(OSError), self._ballast.open("ab", buffering=0) as ballast:
            while ballast.write(_PIECE):
                pass

    def free(self, processes: Iterable[int]) -> None:
        """Remove the file."""
        del processes
        self._ballast.unlink(missing_ok=True)


class LimitedFiles:
    """The machine's disk, of which the processes of the database get only small files."""

    def __init__(self) -> None:
        self.name = f"a limit of {_LARGEST_FILE // 1024} kB a file for the database's processes"

    def fill(self, processes: Iterable[int]) -> None:
        """Set the limit for those who have none yet."""
        _limit(processes, lambda hard: _LARGEST_FILE if hard == resource.RLIM_INFINITY else min(hard, _LARGEST_FILE))

    def free(self, processes: Iterable[int]) -> None:
        """Lift it."""
        _limit(processes, lambda hard: hard)


def _limit(processes: Iterable[int], soft_of: Callable[[int], int]) -> None:
    for pid in processes:
        with suppress(OSError):
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft_of(hard), hard))


@contextmanager
def a_disk(folder: Path) -> Iterator[Disk]:
    """Lend something that a data folder can lie on and be full; the folder is there and empty."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={_MEGABYTES}m,mode=755", "emplette-torture", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        yield LimitedFiles()
        return
    try:
        yield SmallDisk(folder)
    finally:
        # Lazily: what is left running would keep it otherwise, and is told of elsewhere.
        subprocess.run(["umount", "--lazy", str(folder)], check=False)
