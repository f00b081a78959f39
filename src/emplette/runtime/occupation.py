"""Who runs in the data folder: one at a time, and everybody else can tell who and how to reach the database."""

import asyncio
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import msgspec

from emplette.runtime import pids
from emplette.runtime.exits import AlreadyRunning
from emplette.runtime.folders import DataFolder

_LOOK_EVERY = 0.1
_REMAINS_END_WITHIN = 10.0
_COMMANDS_END_WITHIN = 60.0


class Running(msgspec.Struct, kw_only=True):
    """What runs in a data folder, for other commands to read.

    Database addresses and programs are those of the embedded database, which hold no password; None when it is
    another one.
    """

    pid: int
    command: str
    started_at: str
    database_url: str | None = None
    owner_database_url: str | None = None
    programs: str | None = None
    url: str | None = None
    processes: dict[str, int] = msgspec.field(default_factory=dict)


class Holder(msgspec.Struct, frozen=True):
    """Who took the data folder last."""

    pid: int = 0
    command: str = "starting"
    lasting: bool = False

    @property
    def lives(self) -> bool:
        """Tell whether that process itself is still there, and not only what it started."""
        return pids.lives(self.pid)

    @property
    def name(self) -> str:
        """Name it for a person."""
        if self.lives:
            return f"process {self.pid} ({self.command})"
        return f"what process {self.pid} ({self.command}) left running"


class Occupation:
    """The right to run in a data folder, from the moment it is taken until all who hold the lock have ended.

    The lock is passed on to the processes that are started: as long as one of them lives, nobody else can start.
    """

    def __init__(self, folder: DataFolder, lock: int) -> None:
        self.folder = folder
        self.lock = lock

    def tell(self, running: Running) -> None:
        """Write down what runs now."""
        new = self.folder.running.with_suffix(".new")
        new.unlink(missing_ok=True)
        with open(new, "xb", opener=_private) as file:
            file.write(msgspec.json.format(msgspec.json.encode(running)))
        new.replace(self.folder.running)

    def end(self) -> None:
        """Leave the folder."""
        self.folder.running.unlink(missing_ok=True)
        os.close(self.lock)


def occupy(folder: DataFolder, command: str, *, lasting: bool, say: Callable[[str], None]) -> Occupation:
    """Take the data folder; wait for what ends soon by itself.

    Args:
        folder: the data folder.
        command: what is run, for others to read.
        lasting: whether it runs until it is stopped, so that nobody should wait for its end.
        say: told what is waited for.

    Raises:
        AlreadyRunning: somebody runs there, and it says who.
    """
    for _ in _obstacles(folder, say):
        occupation = try_to_occupy(folder, command, lasting=lasting)
        if occupation is not None:
            return occupation
        time.sleep(_LOOK_EVERY)
    raise AssertionError


async def occupy_meanwhile(
    folder: DataFolder, command: str, *, lasting: bool, say: Callable[[str], None]
) -> Occupation:
    """Take the data folder as ``occupy`` does, and leave the thread to others while waiting."""
    for _ in _obstacles(folder, say):
        occupation = try_to_occupy(folder, command, lasting=lasting)
        if occupation is not None:
            return occupation
        await asyncio.sleep(_LOOK_EVERY)
    raise AssertionError


def _obstacles(folder: DataFolder, say: Callable[[str], None]) -> Iterator[None]:
    """Name who is in the way, as often as it is worth trying; refuse when it is no longer."""
    began = time.monotonic()
    waited_for = 0
    yield
    while True:
        holder = holder_of(folder)
        if time.monotonic() - began > _patience_with(holder):
            raise AlreadyRunning(_who(folder, holder))
        if holder.pid != waited_for:
            waited_for = holder.pid
            say(f"waiting for {holder.name} in {folder.path} to end")
        yield


def try_to_occupy(folder: DataFolder, command: str, *, lasting: bool) -> Occupation | None:
    """Take the data folder; None when somebody runs there."""
    lock = os.open(folder.lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    os.ftruncate(lock, 0)
    os.pwrite(lock, msgspec.json.encode(Holder(os.getpid(), command, lasting)), 0)
    folder.running.unlink(missing_ok=True)
    return Occupation(folder, lock)


def holder_of(folder: DataFolder) -> Holder:
    """Read who took the data folder last."""
    with suppress(msgspec.DecodeError):
        return msgspec.json.decode(folder.lock.read_bytes(), type=Holder)
    return Holder()


def read_running(folder: DataFolder) -> Running | None:
    """Read what runs; None when nothing does, or it has not written it down yet."""
    with suppress(FileNotFoundError):
        return msgspec.json.decode(folder.running.read_bytes(), type=Running)
    return None


def is_occupied(folder: DataFolder) -> bool:
    """Tell whether somebody runs in the data folder, without disturbing."""
    lock = os.open(folder.lock, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _patience_with(holder: Holder) -> float:
    if not holder.lives:
        return _REMAINS_END_WITHIN
    return 0.0 if holder.lasting else _COMMANDS_END_WITHIN


def _who(folder: DataFolder, holder: Holder) -> str:
    if holder.lasting and holder.lives:
        return (
            f"already running, process {holder.pid} ({holder.command}): "
            "stop it first, or set EMPLETTE_DATA_DIR to another folder"
        )
    return f"{holder.name} uses {folder.path}: wait until it ends, or stop it"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
