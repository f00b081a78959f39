"""PostgreSQL's own programs that carry a database in and out: pg_dump, pg_restore and pg_basebackup.

They run as ourselves, whoever runs the server: they are only clients of it.
"""

import asyncio
import os
import re
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from emplette.runtime.binaries import program_folder_of_wheel
from emplette.runtime.cluster import CLEAN_ENVIRONMENT
from emplette.runtime.exits import DatabaseFailed
from emplette.runtime.lifeline import die_with_parent
from emplette.storage.backups import SECRETS

_SAY_EVERY = 5.0
_MEGABYTE = 2**20
# What is restored is of no use before all of it is: nobody waits for the disk in between.
_RESTORING = "-c synchronous_commit=off -c maintenance_work_mem=256MB"
# What a pg_restore of PostgreSQL 17 and later says to a server that is older, and may.
_UNKNOWN_BEFORE_17 = "transaction_timeout"
_KNOWS_ALL = 17


class Programs:
    """The programs in one folder.

    Args:
        own: the folder that EMPLETTE_POSTGRES_BIN names; without it, those that come with Emplette.
        say: told what takes long, a sentence at a time.
    """

    def __init__(self, own: Path | None, *, say: Callable[[str], None]) -> None:
        self.folder = own if own is not None else program_folder_of_wheel()
        self._say = say

    async def version(self) -> str:
        """Ask for their version: ``18.6``."""
        said = await self._run("pg_dump", ["--version"], {})
        found = re.search(r"\(PostgreSQL\) ([\d.]+)", said)
        if found is None:
            raise DatabaseFailed(f"{self.folder / 'pg_dump'} is not PostgreSQL's: {said.strip()}")
        return found[1]

    async def dump(self, url: str, target: Path, *, snapshot: str) -> None:
        """Write out a database, without its secrets, as the transaction that has exported the snapshot sees it.

        Raises:
            DatabaseFailed: with what pg_dump said.
        """
        fixed = ["--format=directory", "--compress=gzip:1", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s"]
        left_out = [f"--exclude-table-data=public.{table}" for table in SECRETS]
        arguments = [*fixed, *left_out, f"--jobs={_jobs()}", f"--snapshot={snapshot}", f"--file={target}"]
        await self._run("pg_dump", arguments, {}, url=url, growing=target)

    async def restore(self, url: str, source: Path, *, server_major: int) -> None:
        """Write a dump into an empty database; all in it belongs to the role of the address.

        Raises:
            DatabaseFailed: with what pg_restore said.
        """
        strict = ["--exit-on-error"] if server_major >= _KNOWS_ALL else []
        arguments = ["--no-owner", "--no-privileges", f"--jobs={_jobs()}", *strict, str(source)]
        await self._run("pg_restore", arguments, {"PGOPTIONS": _RESTORING}, url=url)

    async def copy_base(self, url: str, target: Path) -> None:
        """Copy the files of a whole server, and the log that makes them agree.

        Raises:
            DatabaseFailed: with what pg_basebackup said.
        """
        fixed = ["--format=tar", "--compress=client-gzip:1", "--wal-method=stream", "--checkpoint=fast"]
        arguments = [*fixed, "--manifest-checksums=SHA256", "--no-password", f"--pgdata={target}"]
        await self._run("pg_basebackup", arguments, {}, url=url, growing=target)

    async def _run(
        self,
        name: str,
        arguments: list[str],
        environment: Mapping[str, str],
        *,
        url: str | None = None,
        growing: Path | None = None,
    ) -> str:
        secret = {} if url is None else _password_of(url)
        database = [] if url is None else [f"--dbname={without_password(url)}"]
        try:
            running = await asyncio.create_subprocess_exec(
                str(self.folder / name),
                *database,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={**CLEAN_ENVIRONMENT, **environment, **secret},
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        except OSError as error:
            raise DatabaseFailed(f"{self.folder / name} does not run: {error.strerror}") from None
        telling = asyncio.create_task(self._tell(name, growing))
        try:
            said, complained = await running.communicate()
        finally:
            telling.cancel()
            if running.returncode is None:
                running.kill()
                await running.wait()
        errors = complained.decode(errors="replace").strip().splitlines()
        if running.returncode != 0 and not _is_only_older(name, errors):
            raise DatabaseFailed(f"{name}: {'; '.join(errors[-3:]) or f'exit code {running.returncode}'}")
        return said.decode(errors="replace")

    async def _tell(self, name: str, growing: Path | None) -> None:
        """Say now and then how far it has come, or else how long it takes already."""
        began = time.monotonic()
        while True:
            await asyncio.sleep(_SAY_EVERY)
            if growing is not None:
                self._say(f"database: {_size_of(growing) / _MEGABYTE:,.0f} MB written")
            else:
                self._say(f"database: {name} at work for {time.monotonic() - began:,.0f} s")


def _jobs() -> int:
    return min(os.cpu_count() or 1, 4)


def _size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*") if file.is_file())


def _is_only_older(name: str, errors: list[str]) -> bool:
    """Tell whether all that pg_restore complains of is a setting that an older server does not have."""
    faults = [line for line in errors if " error: " in line]
    return name == "pg_restore" and bool(faults) and all(_UNKNOWN_BEFORE_17 in line for line in faults)


def _password_of(url: str) -> dict[str, str]:
    """Read the password of an address: other users of the machine see the command line, not the environment."""
    parts = urlsplit(url)
    password = dict(parse_qsl(parts.query)).get("password") if parts.password is None else unquote(parts.password)
    return {} if password is None else {"PGPASSWORD": password}


def without_password(url: str) -> str:
    """Write an address without its password, in whichever of the two ways it names it."""
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    asked = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "password"]
    query = f"?{urlencode(asked, safe='/,', quote_via=quote)}" if asked else ""
    # Put together by hand: Python leaves the slashes out before a host that is empty, and PostgreSQL wants them.
    return f"{parts.scheme}://{user.partition(':')[0]}{at}{hosts}{parts.path}{query}"
