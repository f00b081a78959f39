"""What an earlier Emplette wrote, at states that the schema had before step 9, is taken over whole.

The files in `released` are databases of the demo, dumped when the schema stood at the step that their name says: with
what the program of that day wrote into it, and not what we would make up today. The bank's rates are left out of them:
a start loads those again. A new state gets its file in the same way, by the last program that knows no later one:

    emplette demo, and beside it, with the address and the programs that `emplette status` shows:
    pg_dump ADDRESS --no-owner --no-privileges --inserts --rows-per-insert=200 --exclude-table-data=exchange_rates
"""

import asyncio
import gzip
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from emplette.cli.main import app
from emplette.jobs.seals import seal_what_waits
from emplette.storage.database import Database
from tests.fixtures.database import OwnerConnection, Urls

RELEASED = sorted(Path(__file__).with_name("released").glob("*.sql.gz"))
PURCHASES = 37


def statements_of(file: Path) -> str:
    """Read a dump. It is for psql, whose own commands begin with a backslash; and older servers lack a setting."""
    lines = gzip.decompress(file.read_bytes()).decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(("\\", "SET transaction_timeout")))


async def load(urls: Urls, file: Path) -> OwnerConnection:
    """Make the empty database what it was on that day; answer a connection to it."""
    connection: OwnerConnection = await asyncpg.connect(urls.owner)
    await connection.execute(statements_of(file))
    await connection.close()
    return await asyncpg.connect(urls.owner)


async def run(command: str, environment: dict[str, str]) -> str:
    """Type a command, which has to do what it is told; answer what it said."""
    result = await asyncio.to_thread(CliRunner().invoke, app, [command], env=environment)
    assert result.exit_code == 0, result.output
    return result.output


def test_there_is_a_file_of_each_state_in_which_an_early_emplette_was() -> None:
    assert [file.name[:4] for file in RELEASED][:4] == ["0004", "0005", "0007", "0008"]


@pytest.mark.parametrize("file", RELEASED, ids=lambda file: file.name[:4])
async def test_what_an_earlier_emplette_wrote_is_brought_up_to_date_and_verified(
    empty: Urls, tmp_path: Path, file: Path
) -> None:
    owner = await load(empty, file)
    assert await owner.fetchval("SELECT max(number) FROM migrations") == int(file.name[:4])
    before = await owner.fetch("SELECT * FROM commitments ORDER BY commitment_id")
    events = await owner.fetchval("SELECT count(*) FROM events")
    environment = {
        "EMPLETTE_DATABASE_URL": empty.serving,
        "EMPLETTE_OWNER_DATABASE_URL": empty.owner,
        "EMPLETTE_DATA_DIR": str(tmp_path),
    }

    migrated = await run("migrate", environment)
    assert migrated.splitlines()[-1] == "emplette: the database is up to date"
    assert await owner.fetchval("SELECT count(*) FROM purchases") == PURCHASES
    after = await owner.fetch("SELECT * FROM commitments ORDER BY commitment_id")
    names = list(before[0].keys())
    assert [dict(old) for old in before] == [{name: new[name] for name in names} for new in after]

    database = await Database.connect(empty.serving, size=1)
    await seal_what_waits(database.session(), datetime.now(UTC))
    await database.close()
    assert await owner.fetchval("SELECT count(*) FROM sealed") == events
    verified = await run("verify", environment)
    assert f"example: good: {events} events sealed, 0 wait" in verified
    assert f"; {PURCHASES} purchases and " in verified
    await owner.close()
