"""Commands find the database: the running server's, or one that runs for as long as the command takes."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.exits import DatabaseFailed
from emplette.runtime.folders import DataFolder
from emplette.runtime.occupation import is_occupied
from emplette.runtime.reach import database_urls
from emplette.runtime.schema import condition_of
from emplette.settings import Settings, read_settings
from tests.runtime.servers import Server, served, wait_until


def settings_of(folder: Path, **more: str) -> Settings:
    return read_settings({"EMPLETTE_DATA_DIR": str(folder), **more})


async def role_at(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        role: str = await connection.fetchval("SELECT current_user")
        return role
    finally:
        await connection.close()


def quiet(_: str) -> None:
    pass


async def test_without_a_server_the_database_runs_for_the_command_alone(prepared: Path) -> None:
    async with database_urls(settings_of(prepared), "emplette tenant create", say=quiet) as urls:
        assert (await role_at(urls.serving), await role_at(urls.owner)) == ("emplette", "emplette_owner")
        condition = await condition_of(urls.owner)
        assert (condition.amiss, condition.tenants) == (None, 0)
        assert is_occupied(DataFolder(prepared))
    assert not is_occupied(DataFolder(prepared))
    with pytest.raises(DatabaseFailed, match="cannot be reached"):
        await condition_of(urls.owner)


async def test_beside_a_server_its_database_is_shared_and_left_running(server: Server) -> None:
    async with database_urls(settings_of(server.folder), "emplette key create", say=quiet) as urls:
        assert await role_at(urls.serving) == "emplette"
    assert server.ask("/database")[0] == "200"


async def test_two_commands_come_one_after_the_other(prepared: Path) -> None:
    said: list[str] = []

    def waits() -> bool:
        return any("(emplette tenant create)" in line for line in said)

    async def first(begun: asyncio.Event) -> None:
        async with database_urls(settings_of(prepared), "emplette tenant create", say=quiet) as urls:
            begun.set()
            await asyncio.to_thread(wait_until, waits, "the second says for whom it waits")
            assert await role_at(urls.serving) == "emplette"

    def second() -> str:
        async def reach() -> str:
            async with database_urls(settings_of(prepared), "emplette key create", say=said.append) as urls:
                return await role_at(urls.serving)

        return asyncio.run(reach())

    begun = asyncio.Event()
    running = asyncio.create_task(first(begun))
    await begun.wait()
    assert await asyncio.to_thread(second) == "emplette"
    await running
    assert waits()


async def test_beside_a_server_with_another_database_the_command_asks_for_its_address(
    prepared: Path, folder: Path
) -> None:
    async with EmbeddedPostgres(prepared, durable=False) as database:
        with served(folder, database_url=database.url, owner_database_url=database.owner_url) as server:
            assert server.ask("/database")[0] == "200"
            assert set(server.processes()) == {"worker 1", "worker 2", "job worker"}
            with pytest.raises(DatabaseFailed, match="set EMPLETTE_DATABASE_URL to the same here"):
                async with database_urls(settings_of(folder), "emplette key list", say=quiet):
                    pass
            told = {"EMPLETTE_DATABASE_URL": database.url, "EMPLETTE_OWNER_DATABASE_URL": database.owner_url}
            async with database_urls(settings_of(folder, **told), "emplette key list", say=quiet) as found:
                assert await role_at(found.owner) == "emplette_owner"
