"""What a running server uses at a moment, read from the system and from its database."""

from collections import Counter
from pathlib import Path
from typing import Final

from bench.server import Server, connected
from emplette.runtime.folders import DataFolder
from emplette.runtime.occupation import Running, read_running
from soak.growth import Reading

_KILOBYTE: Final = 1024
_CONNECTIONS: Final = """
SELECT application_name AS name, count(*) AS count FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 1
"""


async def look_at(server: Server, folder: Path) -> Reading:
    """Read what the server's processes use, by their kinds, who is connected, and what lies about in its folder."""
    reading = Reading()
    running = read_running(DataFolder(folder)) or server.running
    for pid, kind in _family(running).items():
        try:
            status, descriptors = _status(pid), _open_files(pid)
        except (FileNotFoundError, ProcessLookupError):
            # It has just ended.
            continue
        # What is shared, like the database's buffers, is there once and fills up to its size; it is not counted.
        reading.add("memory", kind, int(status["RssAnon"].split()[0]) * _KILOBYTE)
        reading.add("threads", kind, int(status["Threads"]))
        reading.add("descriptors", kind, descriptors)
        reading.add("processes", kind, 1)
    async with connected(server.superuser_url) as connection:
        for row in await connection.fetch(_CONNECTIONS):
            reading.add("connections", row["name"], row["count"])
    for name, count in _left_lying(folder).items():
        reading.add("leftovers", name, count)
    return reading


def _family(running: Running) -> dict[int, str]:
    """Name each process of the server for what it does."""
    named = {pid: name.rstrip(" 0123456789") for name, pid in running.processes.items()}
    named[running.pid] = "supervisor"
    parents = _parents()
    kinds = {"worker": "child of a worker", "database": "process of the database"}
    for pid, parent in sorted(parents.items()):
        if pid not in named and parent in named:
            named[pid] = kinds.get(named[parent], named[parent])
    return named


def _parents() -> dict[int, int]:
    found: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found[int(folder.name)] = int(_status(int(folder.name))["PPid"])
        except (FileNotFoundError, ProcessLookupError, KeyError):
            continue
    return found


def _open_files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _left_lying(folder: Path) -> Counter[str]:
    """Count files on their way, and those that PostgreSQL puts aside."""
    counted = Counter({"uploads under way": len(list((folder / "uploads").glob("*")))})
    counted["set aside by PostgreSQL"] = len(list(folder.glob("postgres/*/data/base/pgsql_tmp/*")))
    counted["measures"] = len(list((folder / "measures").glob("*")))
    return counted
