"""Processes as the system lists them in /proc: who began whom, what they are, who has something open in a folder."""

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def name_of(pid: int) -> str:
    """What a process calls itself: its command line, where PostgreSQL's processes say what they do."""
    with suppress(OSError):
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def children_of(pid: int) -> list[int]:
    """List the processes that one began and that live."""
    return [child for child, parent in _parents() if parent == pid]


def family_of(pid: int) -> list[int]:
    """List a process and all that descend from it."""
    parents = dict(_parents())
    found, before = {pid}, set[int]()
    while found != before:
        before = found
        found = found | {child for child, parent in parents.items() if parent in found}
    return sorted(found & parents.keys())


def backends_of(postmaster: int) -> list[int]:
    """List the processes of a database that serve connections, save the torture's own."""
    return [pid for pid in children_of(postmaster) if name_of(pid).startswith("postgres: emplette")]


def daemons_of(postmaster: int) -> list[int]:
    """List what a database runs for itself: checkpointer, writers, launchers, what recovers it after a crash."""
    names = {pid: name_of(pid).removeprefix("postgres: ") for pid in children_of(postmaster)}
    return [pid for pid, name in names.items() if not name.startswith(("emplette", "postgres", "/"))]


def users_of(folder: Path) -> list[int]:
    """List the processes that have something open in a folder, or are in it."""
    inside = f"{folder}/"
    return [pid for pid, _ in _parents() if any(place.startswith(inside) for place in _open(pid))]


def kill(processes: Iterable[int]) -> None:
    """Kill processes, as far as they are still there."""
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _open(pid: int) -> Iterator[str]:
    process = _PROC / str(pid)
    with suppress(OSError):
        yield f"{(process / 'cwd').readlink()}/"
    with suppress(OSError):
        for entry in (process / "fd").iterdir():
            with suppress(OSError):
                yield str(entry.readlink())


def _parents() -> Iterator[tuple[int, int]]:
    """Walk what lives, each with its parent; what only waits to be buried does not live."""
    for process in _PROC.iterdir():
        if process.name.isdigit():
            with suppress(OSError):
                state, parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
                if state not in "ZX":
                    yield int(process.name), int(parent)
