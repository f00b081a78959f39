"""An import that is killed, whichever end of it, has written nothing; whoever asks is told, and repeats it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
import pytest
import pytest_asyncio

from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.exits import Exit
from tests.fixtures.database import OwnerConnection
from tests.runtime.servers import EMPLETTE, PATIENCE, environment_of, new_folder, run

LINES: Final = 5_000
IN_THE_MIDDLE: Final = 4_500
"""A line beyond the first statements of the import."""
_WAITING: Final = """
SELECT pid FROM pg_stat_activity WHERE application_name = 'emplette import' AND wait_event_type = 'Lock'
"""
_BLOCK: Final = """
INSERT INTO suppliers (tenant_id, supplier_id, name, folded_name, territory_id) VALUES (1, $1, 'In the way', '', 'FR')
"""


@dataclass(frozen=True, slots=True)
class House:
    """A database of one's own, with a company in it, and a table to import."""

    connection: OwnerConnection
    environment: dict[str, str]
    table: Path

    def command(self, *words: str) -> list[str]:
        """Write the command that imports the table."""
        return [*EMPLETTE, "import", str(self.table), "--into", "suppliers", "--tenant", "acme", *words]

    async def count(self) -> int:
        """Count what is there."""
        return int(await self.connection.fetchval("SELECT count(*) FROM suppliers"))


@pytest_asyncio.fixture
async def house() -> AsyncIterator[House]:
    """Lend it: a backend of this database may be killed, which those of all other tests must not be."""
    folder = new_folder()
    async with EmbeddedPostgres(folder / "database", durable=False) as server:
        urls = {"database_url": server.url, "owner_database_url": server.owner_url}
        environment = environment_of(folder / "data", **urls)
        made = run([*EMPLETTE, "tenant", "create", "acme", "--host", "acme.test", "--name", "Acme"], environment)
        assert made.returncode == 0, made.stderr
        table = folder / "suppliers.csv"
        rows = "".join(f"{number};Supplier {number};FR;Someone{number}\n" for number in range(1, LINES + 1))
        table.write_text(f"id;name;territoryId;contacts[0].lastName\n{rows}")
        connection: OwnerConnection = await asyncpg.connect(server.url_of())
        yield House(connection, environment, table)
        if not connection.is_closed():
            await connection.close()
    run(["rm", "-rf", str(folder)], environment)


async def stopped_in_the_middle(house: House, words: tuple[str, ...], kill_what: str) -> tuple[int, str]:
    """Start the import, kill one end of it while it writes, and answer how the command ended and what it said."""
    blocker: OwnerConnection = await asyncpg.connect(house.environment["EMPLETTE_OWNER_DATABASE_URL"])
    await blocker.execute("BEGIN")
    await blocker.execute(_BLOCK, IN_THE_MIDDLE)
    command = await asyncio.create_subprocess_exec(
        *house.command(*words), env=house.environment, stderr=asyncio.subprocess.PIPE
    )
    backend = await waiting_backend(house)
    said = run([*EMPLETTE, "status"], house.environment).stdout
    assert "1 under way: nothing of it counts before all does" in said
    os.kill(command.pid if kill_what == "command" else backend, signal.SIGKILL)
    _, told = await asyncio.wait_for(command.communicate(), PATIENCE)
    blocker.terminate()
    return command.returncode or 0, told.decode()


async def waiting_backend(house: House) -> int:
    """Find the process of the database that imports, once it waits in the middle of it."""
    for _ in range(int(PATIENCE / 0.1)):
        found: int | None = await house.connection.fetchval(_WAITING)
        if found is not None:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError


async def reconnected(house: House) -> House:
    """Connect again once the database has recovered, and nobody imports any more."""
    url = house.environment["EMPLETTE_OWNER_DATABASE_URL"]
    for _ in range(int(PATIENCE / 0.1)):
        try:
            connection = await asyncpg.connect(url)
        except (OSError, asyncpg.PostgresError):
            await asyncio.sleep(0.1)
            continue
        if not await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'emplette import'"
        ):
            return House(connection, house.environment, house.table)
        await connection.close()
        await asyncio.sleep(0.1)
    raise AssertionError


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "mode"), [("command", "all-or-nothing"), pytest.param("backend", "skip", marks=pytest.mark.long)]
)
async def test_a_killed_import_has_written_nothing_and_is_simply_repeated(house: House, what: str, mode: str) -> None:
    code, told = await stopped_in_the_middle(house, ("--mode", mode), what)
    if what == "command":
        assert code == -signal.SIGKILL
    else:
        assert code == Exit.FAILED
        assert "The connection to the database broke during the write: nothing of it was done." in told
    after = await reconnected(house)
    assert await after.count() == 0
    assert "last import" not in run([*EMPLETTE, "status"], house.environment).stdout

    again = run(house.command("--mode", mode), house.environment)
    assert (again.returncode, await after.count()) == (0, LINES), again.stderr
    status = run([*EMPLETTE, "status"], house.environment).stdout
    assert "acme, import " in status
    assert f"suppliers.csv into suppliers, {LINES:,} new, 0 changed, 0 as they were, 0 left out" in status
    assert "under way" not in status

    third = run(house.command("--mode", mode), house.environment)
    assert "this very file was written before: import " in third.stderr
    assert f"0 new, 0 changed, {LINES:,} as they are" in third.stderr
    assert await after.count() == LINES
    await after.connection.close()
