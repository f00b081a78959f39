"""Data of an older PostgreSQL is carried over by one command, and stays where it was."""

from pathlib import Path

import asyncpg
import pytest

from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.exits import AlreadyRunning, DatabaseFailed
from emplette.runtime.folders import DataFolder
from emplette.runtime.upgrade import upgrade_database
from emplette.settings import Settings
from tests.runtime.servers import Server


@pytest.fixture
async def older(folder: Path) -> Settings:
    """Make data as an older version would have left it: killed, with programs of its own. (It is the same version.)"""
    settings = Settings(data_dir=folder / "data of ours")
    database = EmbeddedPostgres(settings.data_dir)
    async with database:
        connection = await asyncpg.connect(database.owner_url)
        await connection.execute("CREATE TABLE kept AS SELECT 'Crémant' AS word")
        await connection.close()
    postgres = settings.data_dir / "postgres"
    (postgres / "18").rename(postgres / "17")
    record = postgres / "17" / "configuration" / "binaries"
    record.write_text(record.read_text().replace("/18/", "/17/"))
    return settings


async def test_the_data_is_carried_over_and_the_old_stays(older: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with pytest.raises(DatabaseFailed, match="upgrade it with: emplette upgrade-database"):
        EmbeddedPostgres(older.data_dir).start()
    # What pretends to be of version 17 is of 18: whoever asks its programs is told what they pretend.
    monkeypatch.setattr("emplette.runtime.binaries._major_of", lambda *_: 17)
    upgrade_database(older, "emplette upgrade-database", say=said.append)
    assert said[0] == "upgrading from PostgreSQL 17 to 18; this needs as much space again"
    assert DataFolder(older.data_dir).versions() == [17, 18]
    async with EmbeddedPostgres(older.data_dir) as database:
        connection = await asyncpg.connect(database.owner_url)
        assert await connection.fetchval("SELECT word FROM kept") == "Crémant"
        await connection.close()
    upgrade_database(older, "emplette upgrade-database", say=said.append)
    assert said[-1] == "nothing to upgrade: the data is of PostgreSQL 18 already"


def test_without_the_programs_it_was_run_with_it_says_which_are_missing(folder: Path) -> None:
    data = folder / "data"
    (data / "postgres" / "16" / "data").mkdir(parents=True)
    (data / "postgres" / "16" / "data" / "PG_VERSION").write_text("16\n")
    (data / "emplette.lock").touch()
    with pytest.raises(DatabaseFailed, match="the programs of PostgreSQL 16, which the data was run with, are gone"):
        upgrade_database(Settings(data_dir=data), "emplette upgrade-database", say=print)


def test_beside_a_server_it_is_refused(server: Server) -> None:
    with pytest.raises(AlreadyRunning, match=f"already running, process {server.pid}"):
        upgrade_database(Settings(data_dir=server.folder), "emplette upgrade-database", say=print)
