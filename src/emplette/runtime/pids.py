"""What can be known of a process by its number alone."""

import os
from contextlib import suppress
from pathlib import Path


def lives(pid: int) -> bool:
    """Tell whether a process is there, and not only waiting for its parent to bury it."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(pid) != "Z"


def program(pid: int) -> str | None:
    """Name the program of a process; None where that can't be known."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()
    return None


def title(pid: int) -> str:
    """Say what a process calls itself, as PostgreSQL's do; nothing of one that has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    return ""


def _state(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""
