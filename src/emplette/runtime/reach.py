"""How a command reaches the database: the one it is told of, the running server's, or one it starts for itself."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.exits import AlreadyRunning, DatabaseFailed
from emplette.runtime.folders import DataFolder, open_data_folder, refuse_half_restored, unmade_when_refused
from emplette.runtime.occupation import (
    Occupation,
    Running,
    holder_of,
    occupy,
    read_running,
    try_to_occupy,
)
from emplette.runtime.schema import Urls, bring_up_to_date
from emplette.settings import Settings

_LOOK_EVERY = 0.1
_SERVER_STARTS_WITHIN = 60.0
_CONNECTIONS = 20


@asynccontextmanager
async def database_urls(settings: Settings, command: str, *, say: Callable[[str], None]) -> AsyncIterator[Urls]:
    """Lend the database to a command, migrated, and beside a running server as well as without one.

    Args:
        settings: where the database is.
        command: what the person typed; others who find the data folder in use are told.
        say: told what takes long.

    Raises:
        StartRefused: there is no way to the database, and it says why.
    """
    if settings.database_url is not None:
        urls = Urls(serving=settings.database_url, owner=settings.migrating_url or settings.database_url)
        await _bring_up_to_date(urls, say)
        yield urls
        return
    folder = open_data_folder(settings.data_dir)
    with unmade_when_refused(folder):
        occupation = _take(folder, command, say)
        if occupation is None:
            yield await _urls_of_server(folder, say)
            return
        try:
            refuse_half_restored(folder)
            async with _own_database(settings, command, occupation, say) as urls:
                yield urls
        finally:
            occupation.end()


async def _bring_up_to_date(urls: Urls, say: Callable[[str], None]) -> None:
    for step in await bring_up_to_date(urls, say=say):
        say(f"brought the database up to date: {step}")


def _take(folder: DataFolder, command: str, say: Callable[[str], None]) -> Occupation | None:
    """Take the data folder; None when a server runs there, whose database the command shares."""
    occupation = try_to_occupy(folder, command, lasting=False)
    if occupation is None and not _is_served(folder):
        try:
            return occupy(folder, command, lasting=False, say=say)
        except AlreadyRunning:
            # A server was quicker than we were.
            if not _is_served(folder):
                raise
    return occupation


def _is_served(folder: DataFolder) -> bool:
    holder = holder_of(folder)
    return holder.lasting and holder.lives


async def _urls_of_server(folder: DataFolder, say: Callable[[str], None]) -> Urls:
    """Read where the server's database is, and wait until it can be used."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while (running := read_running(folder)) is None or running.url is None:
        if not _is_served(folder) or loop.time() - began > _SERVER_STARTS_WITHIN:
            raise DatabaseFailed(f"{holder_of(folder).name} has not started its database")
        await asyncio.sleep(_LOOK_EVERY)
    if running.database_url is None or running.owner_database_url is None:
        raise DatabaseFailed(
            f"process {running.pid} ({running.command}) serves from a database of its own: "
            "set EMPLETTE_DATABASE_URL to the same here"
        )
    urls = Urls(serving=running.database_url, owner=running.owner_database_url)
    await _bring_up_to_date(urls, say)
    return urls


@asynccontextmanager
async def _own_database(
    settings: Settings, command: str, occupation: Occupation, say: Callable[[str], None]
) -> AsyncIterator[Urls]:
    async with EmbeddedPostgres(
        settings.data_dir,
        own_binaries=settings.postgres_bin,
        connections=_CONNECTIONS,
        archives=settings.log_archive,
        say=say,
        keep_open=(occupation.lock,),
    ) as database:
        urls = Urls(serving=database.url, owner=database.owner_url)
        occupation.tell(
            Running(
                pid=os.getpid(),
                command=command,
                started_at=datetime.now(UTC).isoformat(timespec="seconds"),
                database_url=urls.serving,
                owner_database_url=urls.owner,
                programs=database.programs,
            )
        )
        await _bring_up_to_date(urls, say)
        yield urls
