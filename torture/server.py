"""A server of the torture's own: `emplette serve` as anybody would start it, in a data folder of its own."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeAlias

import asyncpg

from emplette.runtime.cluster import OWNER_ROLE, SUPERUSER
from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.folders import DataFolder
from emplette.runtime.lifeline import die_with_parent
from emplette.runtime.occupation import Running, read_running
from emplette.runtime.schema import Urls, bring_up_to_date
from torture.companies import COMPANIES

PREFIX: Final = "emplette-torture-"
_WHERE: Final = Path("/var/tmp")  # noqa: S108  what is made there has names of its own
WORKERS: Final = 2
STARTS_WITHIN: Final = 40.0
_LOOK_EVERY: Final = 0.02

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class ServerFailed(Exception):
    """The server does not start, or does not stop in order; the message says what it said."""


@contextmanager
def a_place() -> Iterator[Path]:
    """Lend a folder on a real disk for everything, which others may pass through, and remove it in the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=_WHERE))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_remains() -> None:
    """Remove what a torture that was killed left behind."""
    for folder in _WHERE.glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not pid.isdigit() or Path(f"/proc/{pid}").exists():
            continue
        for mounted in folder.glob("schedule-*"):
            if mounted.is_mount():
                subprocess.run(["umount", "--lazy", str(mounted)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


async def make_template(folder: Path) -> None:
    """Make the data folder that each schedule begins with a copy of: a database with both companies."""
    async with EmbeddedPostgres(folder, durable=False) as database:
        await bring_up_to_date(Urls(database.url, database.owner_url), say=lambda _: None)
        connection = await asyncpg.connect(database.owner_url)
        try:
            for company in COMPANIES.values():
                await connection.execute(company.sql())
        finally:
            await connection.close()


def copy_folder(template: Path, folder: Path) -> None:
    """Copy a data folder with its owners and permissions."""
    subprocess.run(["cp", "-a", f"{template}/.", str(folder)], check=True)


class Server:
    """`emplette serve` in one data folder: started, killed, started again.

    Args:
        folder: the data folder.
        logs: where what it says is kept, outside the data folder.
        source: a folder with another `emplette` to run instead of this one.
    """

    def __init__(self, folder: Path, logs: Path, source: Path | None = None) -> None:
        self.folder = folder
        self.url = ""
        self.was_ready = False
        self._log = logs / "server.log"
        self._output = logs / "server.out"
        self._source = source
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            ServerFailed: it ended instead, or took too long.
        """
        self.was_ready = False
        self._output.unlink(missing_ok=True)
        with self._output.open("wb") as output, self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220  the kernel ends it with the thread that starts it
                self._command("serve", "--workers", str(WORKERS), "--port", str(self._port)),
                env=self._environment(),
                cwd=self.folder.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509  no threads hold locks here
            )
        deadline = time.monotonic() + STARTS_WITHIN
        while "ready: " not in (said := self._output.read_text("utf-8")):
            if not self.lives or time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"the server did not start: {self.last_words()}")
            await asyncio.sleep(_LOOK_EVERY)
        self.url = said.partition("ready: ")[2].split()[0]
        self.was_ready = True
        self._port = int(self.url.rpartition(":")[2])

    @property
    def lives(self) -> bool:
        """Whether the supervisor runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def last_pid(self) -> int | None:
        """The supervisor that runs, or ran last."""
        return None if self._process is None else self._process.pid

    @property
    def pid(self) -> int | None:
        """The supervisor, while it runs."""
        return self._process.pid if self._process is not None and self.lives else None

    def running(self) -> Running | None:
        """Read what the server says that it runs."""
        with suppress(OSError, ValueError):
            return read_running(DataFolder(self.folder))
        return None

    def superuser_url(self) -> str:
        """The database as its superuser sees it.

        Raises:
            ServerFailed: the server does not say where it is.
        """
        running = self.running()
        if running is None or running.owner_database_url is None:
            raise ServerFailed("the server does not say where its database is")
        return running.owner_database_url.replace(f"{OWNER_ROLE}@", f"{SUPERUSER}@", 1)

    async def connect(self) -> Connection:
        """Connect to its database as superuser."""
        settings = {"application_name": "torture", "statement_timeout": "0", "synchronous_commit": "local"}
        return await asyncpg.connect(self.superuser_url(), timeout=5, server_settings=settings)

    async def verify(self) -> tuple[int, str]:
        """Run `emplette verify`; answer its exit code and what it said."""
        return await self.run("verify")

    async def run(self, *command: str) -> tuple[int, str]:
        """Run a command beside it; answer its exit code and what it said."""
        process = await asyncio.create_subprocess_exec(
            *self._command(*command),
            env=self._environment(),
            cwd=self.folder.parent,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        return process.returncode or 0, said.decode(errors="replace").strip()

    async def stop(self, within: float = 20.0) -> int | None:
        """Stop it in order; answer its exit code, or None when it had to be killed."""
        if self._process is None:
            return None
        if self.lives:
            self._process.terminate()
        deadline = time.monotonic() + within
        while self.lives and time.monotonic() < deadline:  # noqa: ASYNC110  as in start
            await asyncio.sleep(_LOOK_EVERY)
        code = self._process.poll()
        self.kill()
        return code

    def kill(self) -> None:
        """Kill the supervisor, which takes all others with it, and bury it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def last_words(self) -> str:
        """What it said last."""
        return "; ".join(self._log.read_text("utf-8", errors="replace").strip().splitlines()[-4:])

    def _command(self, *command: str) -> list[str]:
        return [sys.executable, "-m", "emplette.cli.main", *command, "--data-dir", str(self.folder)]

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("EMPLETTE_", "COV"))}
        source = {} if self._source is None else {"PYTHONPATH": str(self._source)}
        return inherited | source | {"EMPLETTE_LOG_FORMAT": "text", "EMPLETTE_LOG_LEVEL": "warning"}
