"""A server of the bench's own: `emplette serve` as anybody would start it, in a data folder on a real disk."""

import asyncio
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import asyncpg

from emplette.runtime.cluster import OWNER_ROLE, SUPERUSER
from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.folders import DataFolder
from emplette.runtime.occupation import Running, read_running
from emplette.runtime.schema import Urls, bring_up_to_date

KEY: Final = "the-key-of-the-bench-known-to-all"
_MEGABYTE: Final = 1024 * 1024
_CONNECTIONS: Final = 120
_LOG_FILE_MB: Final = 16

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass(frozen=True, slots=True)
class House:
    """A data folder with the bench's company in it, and the program that measures PostgreSQL itself."""

    folder: Path
    pgbench: str


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    url: str
    running: Running
    started_in: float

    @property
    def database_url(self) -> str:
        """The database as the serving role sees it."""
        return _there(self.running.database_url)

    @property
    def owner_url(self) -> str:
        """The database as its owner sees it."""
        return _there(self.running.owner_database_url)

    @property
    def superuser_url(self) -> str:
        """The database as its superuser sees it."""
        return self.owner_url.replace(f"{OWNER_ROLE}@", f"{SUPERUSER}@", 1)

    def worker_memory(self) -> float:
        """The memory of the largest HTTP worker, in megabytes."""
        workers = [pid for name, pid in self.running.processes.items() if name.startswith("worker")]
        return max(map(_resident, workers)) / _MEGABYTE


@asynccontextmanager
async def a_house() -> AsyncIterator[House]:
    """Make a data folder, and remove it in the end.

    It lies in /var/tmp, since /tmp may be memory, where writes cost nothing.
    """
    folder = Path(tempfile.mkdtemp(prefix="emplette-bench-", dir="/var/tmp"))
    try:
        async with EmbeddedPostgres(folder) as database:
            await bring_up_to_date(Urls(database.url, database.owner_url), say=print)
            await _load_company(database)
            house = House(folder, database.program("pgbench"))
        yield house
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def serve(house: House, workers: int) -> AsyncIterator[Server]:
    """Run the server until the bench is done with it; what it logs goes to a file in the data folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EMPLETTE_")}
    arguments = ["--data-dir", str(house.folder), "--workers", str(workers), "--port", "0"]
    began = time.monotonic()
    journal = house.folder / f"server-{workers}.log"
    with journal.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "emplette.cli.main", "serve", *arguments),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    try:
        url = await _ready(process)
        if url is None:
            raise RuntimeError(f"the server ended with {await process.wait()} instead of starting:\n{_read(journal)}")
        started_in = time.monotonic() - began
        running = read_running(DataFolder(house.folder))
        if running is None:
            raise RuntimeError("the server does not say what it runs")
        yield Server(url, running, started_in)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """Lend a connection of the bench's own, which may take its time."""
    connection = await asyncpg.connect(url, server_settings={"statement_timeout": "0"})
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def nobody_seals(url: str) -> AsyncIterator[None]:
    """Hold the log of the company, so that what a command wrote waits to be looked at."""
    async with connected(url) as connection, connection.transaction():
        await connection.execute("INSERT INTO chains (tenant_id) VALUES (1) ON CONFLICT DO NOTHING")
        await connection.execute("SELECT FROM chains WHERE tenant_id = 1 FOR UPDATE")
        yield


async def _load_company(database: EmbeddedPostgres) -> None:
    secret_hash = hashlib.sha256(KEY.encode()).hexdigest()
    company = (Path(__file__).parent / "company.sql").read_text("utf-8").format(secret_hash=secret_hash)
    async with connected(database.owner_url) as connection:
        await connection.execute(company)
    # The floors open more connections than the server does.
    async with connected(database.url_of()) as connection:
        await connection.execute(f"ALTER SYSTEM SET max_connections = {_CONNECTIONS}")
        await _write_over_the_log(connection)


async def _write_over_the_log(connection: Connection) -> None:
    """Give the database's own log all its files, as a server has them that has run for a while.

    Making one takes some 50 ms, in which floors and commands wait; PostgreSQL does so until it has enough to use again.
    """
    kept = await connection.fetchval("SELECT setting::int FROM pg_settings WHERE name = 'min_wal_size'")
    for _ in range(kept // _LOG_FILE_MB):
        await connection.execute("SELECT pg_logical_emit_message(true, 'bench', ''), pg_switch_wal()")
    await connection.execute("CHECKPOINT")


async def _ready(process: asyncio.subprocess.Process) -> str | None:
    if process.stdout is None:
        raise AssertionError
    async for line in process.stdout:
        word, _, url = line.decode().strip().partition(" ")
        if word == "ready:":
            return url
    return None


def _read(journal: Path) -> str:
    return journal.read_text("utf-8", errors="replace")


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _there(url: str | None) -> str:
    if url is None:
        raise RuntimeError("the server does not run a database of its own")
    return url
