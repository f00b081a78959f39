"""The embedded PostgreSQL: ours to start, to wait for and to stop, and closed to everybody else.

It listens on a socket in a private folder and on no network; the kernel vouches for who connects.
"""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from emplette.parentage import KERNEL_TELLS
from emplette.runtime import pids
from emplette.runtime.accounts import postgres_account
from emplette.runtime.binaries import find_binaries
from emplette.runtime.cluster import (
    CLEAN_ENVIRONMENT,
    DATABASE,
    OWNER_ROLE,
    SERVING_ROLE,
    SUPERUSER,
    Cluster,
    make_cluster,
    write_configuration,
)
from emplette.runtime.exits import DatabaseFailed
from emplette.runtime.folders import open_data_folder, open_to, remove_socket_folder, socket_folder
from emplette.runtime.lifeline import die_with_parent
from emplette.runtime.log_archive import LogArchive
from emplette.runtime.threads import to_its_end

_LOOK_EVERY = 0.02
_SAY_EVERY = 5.0
_FAST_STOP = 30.0
_HARD_STOP = 6.0

# The line of postmaster.pid on which the server says how it is.
_STATUS_LINE = 7


class EmbeddedPostgres:
    """One embedded PostgreSQL; a context manager, with ``async`` or without.

    Args:
        data_dir: the data folder; made when missing. As root, others must be able to pass through the folders above.
        own_binaries: a folder of PostgreSQL's programs to use instead of the wheel's.
        connections: how many may be open at once.
        durable: False makes tests faster, and loses data when the machine stops.
        archives: whether the database's own log is archived.
        say: told what takes long, a sentence at a time.
        keep_open: file descriptors that the server holds as long as it lives (the lock of the data folder).
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        own_binaries: Path | None = None,
        connections: int = 100,
        durable: bool = True,
        archives: bool = False,
        say: Callable[[str], None] = lambda _: None,
        keep_open: tuple[int, ...] = (),
    ) -> None:
        self._data_dir = data_dir
        self._own_binaries = own_binaries
        self._connections = connections
        self._durable = durable
        self._archives = archives
        self._say = say
        self._keep_open = keep_open
        self._cluster: Cluster | None = None
        self._socket: Path | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's own process, None when it does not run."""
        return self._server.pid if self._server is not None and self._server.poll() is None else None

    @property
    def socket(self) -> Path:
        """The private folder of the socket."""
        if self._socket is None:
            raise RuntimeError("the database was not prepared")
        return self._socket

    @property
    def url(self) -> str:
        """The database as the serving role sees it."""
        return self.url_of(SERVING_ROLE)

    @property
    def owner_url(self) -> str:
        """The database as its owner sees it, who migrates."""
        return self.url_of(OWNER_ROLE)

    def url_of(self, role: str = SUPERUSER, database: str = DATABASE) -> str:
        """Write an address that asyncpg and PostgreSQL's own programs understand; there is no password in it."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket))}&port=5432"

    @property
    def programs(self) -> str:
        """The folder of PostgreSQL's programs."""
        return str(self._prepared().binaries.folder)

    def program(self, name: str) -> str:
        """Name one of PostgreSQL's programs (``pg_dump``, ``pgbench``) by its whole path."""
        return self._prepared().binaries.program(name)

    def prepare(self) -> None:
        """Make what is missing on disk and write the configuration; the data folder must be ours alone (locked)."""
        folder = open_data_folder(self._data_dir)
        account = postgres_account()
        open_to(account, folder, folder.postgres)
        binaries = find_binaries(self._own_binaries, account, folder)
        cluster = Cluster(binaries, account, folder)
        make_cluster(cluster, say=self._say)
        archive = LogArchive(cluster.home)
        if self._archives:
            archive.begin(account)
        else:
            archive.end()
        write_configuration(cluster, connections=self._connections, durable=self._durable, archive=archive)
        self._socket = socket_folder(account, folder)
        self._cluster = cluster

    def launch(self) -> None:
        """Start the server's process, from a thread that lasts: the server ends when the thread does."""
        cluster = self._prepared()
        self._dismiss_guard()
        _forget_dead_server(cluster.data / "postmaster.pid")
        _forget_dead_server(self.socket / ".s.PGSQL.5432.lock")
        with contextlib.suppress(FileNotFoundError):
            cluster.log.rename(cluster.log.with_suffix(".previous.log"))
        with cluster.log.open("wb") as log:
            cluster.log.chmod(0o600)
            self._server = subprocess.Popen(
                [cluster.binaries.program("postgres"), *self._arguments(cluster)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=CLEAN_ENVIRONMENT,
                start_new_session=True,
                pass_fds=self._keep_open,
                preexec_fn=die_with_parent(signal.SIGQUIT),  # noqa: PLW1509  (we have no threads that hold locks here)
                **cluster.account.credentials(),
            )
        if not KERNEL_TELLS:
            self._guard = _guard(self._server.pid)

    def _arguments(self, cluster: Cluster) -> list[str]:
        """List what nobody may change: the ways in, and where the configuration lies."""
        values = {
            "config_file": cluster.configuration / "postgresql.conf",
            "hba_file": cluster.configuration / "pg_hba.conf",
            "ident_file": cluster.configuration / "pg_ident.conf",
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": f'"{self.socket}"',
        }
        return [
            "-D",
            str(cluster.data),
            *(part for name, value in values.items() for part in ("-c", f"{name}={value}")),
        ]

    def is_ready(self) -> bool:
        """Tell whether the server takes connections.

        Raises:
            DatabaseFailed: it has ended instead.
        """
        cluster = self._prepared()
        if self._server is None or self._server.poll() is not None:
            raise DatabaseFailed(f"the database in {cluster.home} did not start: {self._last_words()}")
        with contextlib.suppress(FileNotFoundError, IndexError):
            lines = (cluster.data / "postmaster.pid").read_text().splitlines()
            return lines[0] == str(self._server.pid) and lines[_STATUS_LINE].strip() == "ready"
        return False

    def wait_until_ready(self) -> None:
        """Wait until the server takes connections, as long as a recovery after a crash may take; say what it does.

        Raises:
            DatabaseFailed: it has ended instead.
        """
        for pause in self._waiting():
            time.sleep(pause)

    async def ready(self) -> None:
        """Wait as ``wait_until_ready`` does, and leave the thread to others meanwhile."""
        for pause in self._waiting():
            await asyncio.sleep(pause)

    def _waiting(self) -> Iterator[float]:
        began = said_at = time.monotonic()
        while not self.is_ready():
            if time.monotonic() - said_at > _SAY_EVERY:
                said_at = time.monotonic()
                self._say(f"waiting for the database since {said_at - began:.0f} s: {self._last_words(1)}")
            yield _LOOK_EVERY
        if self._recovered():
            self._say(f"the database was not stopped in order; it recovered in {time.monotonic() - began:.1f} s")

    def start(self) -> None:
        """Prepare, launch and wait."""
        self.prepare()
        self.launch()
        self.wait_until_ready()

    def stop(self) -> None:
        """End the server in order, its clients' statements included; harder when it hangs."""
        server, self._server = self._server, None
        if server is None:
            return
        for how, patience in ((signal.SIGINT, _FAST_STOP), (signal.SIGQUIT, _HARD_STOP), (signal.SIGKILL, None)):
            if server.poll() is None:
                server.send_signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(patience)
                break
        self._dismiss_guard()
        remove_socket_folder(self._prepared().folder)

    def _dismiss_guard(self) -> None:
        guard, self._guard = self._guard, None
        if guard is not None:
            guard.kill()
            guard.wait()

    def _prepared(self) -> Cluster:
        if self._cluster is None:
            raise RuntimeError("the database was not prepared")
        return self._cluster

    def _recovered(self) -> bool:
        return "automatic recovery in progress" in self._prepared().log.read_text(errors="replace")

    def _last_words(self, lines: int = 3) -> str:
        said = self._prepared().log.read_text(errors="replace").strip().splitlines()
        return "; ".join(said[-lines:]) or "it said nothing"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        try:
            await to_its_end(self.prepare)
            self.launch()
            await self.ready()
        except BaseException:
            self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await to_its_end(self.stop)


def _guard(pid: int) -> subprocess.Popen[bytes]:
    """Start what quits the server when we are gone, where the kernel does not."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "emplette.runtime.lifeline", str(pid)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _forget_dead_server(lock: Path) -> None:
    """Remove the lock that a killed server left, when its number is now some other program's, or it only awaits burial.

    PostgreSQL would take that for itself and refuse to start: in a container numbers come again, and a killed
    supervisor leaves the burying to whoever is process 1.
    """
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int(lock.read_text().splitlines()[0])
        if not pids.lives(pid) or pids.program(pid) not in {"postgres", None}:
            lock.unlink()
