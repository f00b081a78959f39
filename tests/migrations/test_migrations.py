"""The schema is brought up to date from wherever it stands, once, and by one at a time; rows in place stay."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from emplette.runtime.cluster import OWNER_ROLE, SUPERUSER
from emplette.runtime.exits import DatabaseFailed
from emplette.runtime.schema import Urls as RuntimeUrls
from emplette.runtime.schema import bring_up_to_date, condition_of
from emplette.storage.migrate import (
    Migration,
    MigrationWasEdited,
    SchemaIsAnothers,
    SchemaIsNewer,
    alone,
    count_tenants,
    migrate,
    migrations,
    what_is_amiss,
)
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.guide import API
from tests.fixtures.programs import program
from tests.migrations.conftest import connected, empty_database
from tests.migrations.rows import HOST, SECRET, contents, fill, tables

STEPS = migrations()
Rows = dict[str, list[dict[str, Any]]]
TINY = [Migration(1, "0001_one", "CREATE TABLE one (id int)"), Migration(2, "0002_two", "CREATE TABLE two (id int)")]


def test_steps_are_numbered_without_gaps_and_named_for_what_they_bring() -> None:
    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))
    assert all(step.name.startswith(f"{step.number:04d}_") for step in STEPS)


async def test_a_table_that_somebody_else_has_put_there_is_left_alone(empty: Urls, connection: OwnerConnection) -> None:
    if empty.serving_role is None:
        pytest.skip("The server that a setting names has one role for all.")
    superuser: OwnerConnection = await asyncpg.connect(empty.owner.replace(f"{OWNER_ROLE}@", f"{SUPERUSER}@", 1))
    await superuser.execute("CREATE TABLE notes AS SELECT 1 AS line")
    await superuser.close()
    assert await migrate(connection, serving_role=empty.serving_role)
    assert await migrate(connection, serving_role=empty.serving_role) == []
    may = "SELECT has_table_privilege($1, $2, 'SELECT')"
    assert [await connection.fetchval(may, empty.serving_role, table) for table in ("notes", "orders")] == [False, True]


async def test_an_empty_database_is_brought_up_to_date_once(connection: OwnerConnection) -> None:
    assert await what_is_amiss(connection) is not None
    assert await migrate(connection) == [step.name for step in STEPS]
    assert await what_is_amiss(connection) is None
    assert await count_tenants(connection) == 0
    before = await connection.fetch("SELECT * FROM migrations")
    assert await migrate(connection) == []
    assert await connection.fetch("SELECT * FROM migrations") == before


@dataclass(frozen=True, slots=True)
class Carried:
    """A database that was filled when it stood at a step, and then brought up to date: what it held, and holds."""

    number: int
    urls: Urls
    first: list[str]
    amiss_before: str | None
    before: Rows
    then: list[str]
    amiss: str | None
    after: Rows


@pytest_asyncio.fixture(
    scope="module", params=range(1, len(STEPS) + 1), ids=lambda number: STEPS[number - 1].name.partition("-")[0]
)
async def carried(request: pytest.FixtureRequest, urls: Urls) -> AsyncIterator[Carried]:
    """Fill a database at a step, and bring it up to date from there."""
    number: int = request.param
    async with empty_database(urls) as empty, connected(empty) as connection:
        first = await migrate(connection, steps=STEPS[:number])
        amiss_before = await what_is_amiss(connection)
        await fill(connection)
        before = await contents(connection)
        then = await migrate(connection, serving_role=empty.serving_role)
        amiss, after = await what_is_amiss(connection), await contents(connection)
        yield Carried(number, empty, first, amiss_before, before, then, amiss, after)


async def test_rows_of_every_earlier_step_are_still_there_after_it(carried: Carried) -> None:
    assert carried.first == [step.name for step in STEPS[: carried.number]]
    assert (carried.amiss_before is None) is (carried.number == len(STEPS))
    assert [table for table, rows in carried.before.items() if not rows] == []
    assert carried.then == [step.name for step in STEPS[carried.number :]]
    assert carried.amiss is None
    assert set(carried.before) <= set(carried.after)
    for table, rows in carried.before.items():
        kept = [{column: row[column] for column in rows[0]} for row in carried.after[table]]
        assert kept == rows, table


async def test_what_was_bought_at_any_earlier_step_is_served_and_goes_on(carried: Carried) -> None:
    headers = {"Authorization": f"lucca application={SECRET}"}
    async with (
        program(carried.urls.serving, pool_size=2) as app,
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False),
            base_url=f"http://{HOST}",
            headers=headers,
        ) as client,
    ):
        purchase = (await client.get(f"{API}/purchases/1")).json()
        assert (purchase["title"], purchase["state"]) == ("Bought before", "Ongoing")
        assert (await client.get(f"{API}/orders/1")).json()["state"] == "Open"
        closed = await client.post(f"{API}/purchases/1/closing", json={"date": "2025-04-20"})
        assert closed.status_code == 201, closed.text
        assert closed.json()["state"] == "Closed"


async def test_a_step_that_fails_leaves_nothing_of_itself_and_those_before_it(connection: OwnerConnection) -> None:
    broken = Migration(2, "0002_two", "CREATE TABLE two (id int); SELECT 1 / 0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(connection, steps=[TINY[0], broken])
    assert await tables(connection) == {"one"}
    assert await migrate(connection, steps=TINY) == ["0002_two"]
    assert await tables(connection) == {"one", "two"}


async def test_a_step_that_was_edited_after_it_was_applied_is_refused_by_name(connection: OwnerConnection) -> None:
    await migrate(connection, steps=TINY)
    edited = replace(TINY[0], sql="CREATE TABLE one (id bigint)")
    with pytest.raises(MigrationWasEdited, match="0001_one") as refused:
        await migrate(connection, steps=[edited, TINY[1], Migration(3, "0003_three", "CREATE TABLE three (id int)")])
    assert refused.value.code == "schema.edited"
    assert await tables(connection) == {"one", "two"}


async def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(connection: OwnerConnection) -> None:
    await migrate(connection, steps=TINY)
    with pytest.raises(SchemaIsNewer, match="0002_two") as refused:
        await migrate(connection, steps=TINY[:1])
    assert refused.value.code == "schema.newer"
    assert await tables(connection) == {"one", "two"}


async def test_a_role_that_owns_no_table_is_told_whose_they_are(empty: Urls, connection: OwnerConnection) -> None:
    if empty.serving_role is None:
        pytest.skip("The server that a setting names has one role for all.")
    await migrate(connection, serving_role=empty.serving_role)
    await connection.execute(f"GRANT CREATE ON SCHEMA public TO {empty.serving_role}")
    other: OwnerConnection = await asyncpg.connect(empty.serving)
    with pytest.raises(SchemaIsAnothers, match=f"are those of the role {OWNER_ROLE}, and {empty.serving_role} is no"):
        await migrate(other, serving_role=OWNER_ROLE)
    await other.close()


async def test_after_a_refusal_the_next_one_need_not_wait(empty: Urls, connection: OwnerConnection) -> None:
    await migrate(connection, steps=TINY)
    with pytest.raises(SchemaIsNewer):
        await migrate(connection, steps=TINY[:1])
    other: OwnerConnection = await asyncpg.connect(empty.owner)
    async with asyncio.timeout(50):
        assert await migrate(other, steps=TINY) == []
    await other.close()


async def test_of_two_that_migrate_at_once_one_waits_and_finds_all_done(
    empty: Urls, connection: OwnerConnection
) -> None:
    other: OwnerConnection = await asyncpg.connect(empty.owner)
    slow = [replace(step, sql=f"SELECT pg_sleep(0.3); {step.sql}") for step in TINY]
    done = await asyncio.gather(migrate(connection, steps=slow), migrate(other, steps=slow))
    assert sorted(done) == [[], ["0001_one", "0002_two"]]
    await other.close()


_LOCKS = "FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory'"
_MIGRATES = f"SELECT count(*) {_LOCKS} AND granted AND datname = current_database()"
_WAITS = f"SELECT count(*) {_LOCKS} AND NOT granted AND datname = current_database()"


async def until(connection: OwnerConnection, holds: str) -> None:
    """Wait until a query finds something."""
    async with asyncio.timeout(60):
        while not await connection.fetchval(holds):  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.02)


async def test_who_migrates_and_dies_holds_up_nobody(empty: Urls, connection: OwnerConnection) -> None:
    other: OwnerConnection = await asyncpg.connect(empty.owner)
    pid = other.get_server_pid()
    hanging = asyncio.create_task(migrate(other, steps=[replace(TINY[0], sql="SELECT pg_sleep(60)")]))
    server: OwnerConnection = await asyncpg.connect(empty.owner)
    await until(server, _MIGRATES)
    waiting = asyncio.create_task(migrate(connection, steps=TINY))
    await until(server, _WAITS)
    assert not waiting.done()
    other.terminate()
    await server.execute("SELECT pg_terminate_backend($1)", pid)
    async with asyncio.timeout(50):
        assert await waiting == ["0001_one", "0002_two"]
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await hanging
    await server.close()


# As the program is started ----------------------------------------------------------------------------------


_END_WHO_WAITS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()
"""


def both(urls: Urls) -> RuntimeUrls:
    return RuntimeUrls(urls.serving, urls.owner)


async def test_a_start_brings_the_schema_the_rights_and_the_rates_and_the_next_one_nothing(empty: Urls) -> None:
    expected = [*(step.name for step in STEPS), "VAT rates", "exchange rates"]
    assert await bring_up_to_date(both(empty), say=lambda _: None) == expected
    assert await bring_up_to_date(both(empty), say=lambda _: None) == []
    condition = await condition_of(empty.serving)
    assert (condition.amiss, condition.tenants) == (None, 0)


async def test_two_starts_at_once_are_one_and_one_that_finds_all_done(empty: Urls) -> None:
    done = await asyncio.gather(*(bring_up_to_date(both(empty), say=lambda _: None) for _ in range(2)))
    assert sorted(name for names in done for name in names if name.startswith("0")) == [step.name for step in STEPS]
    assert (await condition_of(empty.serving)).amiss is None


async def test_a_start_that_loses_the_database_on_the_way_says_so(empty: Urls, connection: OwnerConnection) -> None:
    await migrate(connection)
    async with alone(connection):
        start = asyncio.create_task(bring_up_to_date(both(empty), say=lambda _: None))
        await until(connection, _END_WHO_WAITS)
        with pytest.raises(DatabaseFailed, match="could not be brought up to date"):
            await start


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE migrations SET checksum = 'other' WHERE number = 1", "was edited after it had been applied"),
        ("INSERT INTO migrations VALUES (9999, '9999_later', 'x')", "9999_later, where a newer Emplette brought it"),
    ],
)
async def test_a_start_says_why_the_schema_can_not_be_brought_up_to_date(
    empty: Urls, connection: OwnerConnection, change: str, told: str
) -> None:
    await migrate(connection)
    await connection.execute(change)
    assert await what_is_amiss(connection) is not None
    with pytest.raises(DatabaseFailed, match=told):
        await bring_up_to_date(both(empty), say=lambda _: None)
