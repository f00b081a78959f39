"""Reading from a replica: nobody can tell the difference, whatever happens to it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from emplette.jobs.seals import seal_what_waits
from emplette.runtime.cluster import OWNER_ROLE
from emplette.runtime.exits import Exit
from emplette.runtime.schema import Urls, bring_up_to_date
from emplette.storage.database import Database
from emplette.storage.hosts import Hosts, NoneTakesWrites
from tests.fixtures.clusters import Park, PostgresServer
from tests.fixtures.companies import Company, found_company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.database import Urls as AnyUrls
from tests.fixtures.guide import API, make_purchase
from tests.fixtures.programs import program
from tests.runtime.servers import EMPLETTE, environment_of, folder_of_its_own, run

IS_REPLICA = "SELECT pg_is_in_recovery() AS is_replica"


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[PostgresServer, PostgresServer]]:
    """Lend a primary and a replica that follows it as it can."""
    with Park() as park:
        primary, replica = park.server("primary"), park.server("replica")
        primary.make()
        replica.follow(primary)
        yield primary, replica


@pytest.fixture
def primary(pair: tuple[PostgresServer, PostgresServer]) -> PostgresServer:
    """Lend the one that takes writes."""
    return pair[0]


@pytest.fixture
def replica(pair: tuple[PostgresServer, PostgresServer]) -> PostgresServer:
    """Lend the one that follows."""
    return pair[1]


@pytest_asyncio.fixture(scope="module")
async def behind(pair: tuple[PostgresServer, PostgresServer]) -> AsyncIterator[OwnerConnection]:
    """Lend a connection of the owner, once the schema is there."""
    urls = Urls(serving=pair[0].url(), owner=pair[0].url(OWNER_ROLE))
    await bring_up_to_date(urls, say=lambda _: None)
    owner: OwnerConnection = await asyncpg.connect(urls.owner)
    yield owner
    await owner.close()


@pytest_asyncio.fixture
async def database(
    behind: OwnerConnection, primary: PostgresServer, replica: PostgresServer
) -> AsyncIterator[Database]:
    """Lend a pool with a replica."""
    assert not behind.is_closed()
    lent = await Database.connect(primary.url(), replica=replica.url())
    yield lent
    await lent.close()


@pytest_asyncio.fixture
async def caller(
    behind: OwnerConnection, primary: PostgresServer, replica: PostgresServer
) -> AsyncIterator[httpx2.AsyncClient]:
    """Lend a caller of a worker that has a replica."""
    async with program(primary.url(), replica_url=replica.url()) as app:
        company: Company = await found_company(app, behind)
        async with await company.caller() as client:
            yield client


async def reads_from_replica(database: Database) -> bool:
    """Tell where it is read."""
    found: bool = (await database.session(only_reads=True).fetch(IS_REPLICA))[0]["is_replica"]
    return found


async def until_read_from_replica(database: Database) -> None:
    """Wait until it is read there, for a while."""
    async with asyncio.timeout(60):
        while not await reads_from_replica(database):  # noqa: ASYNC110  nobody tells us
            await asyncio.sleep(0.1)


def said_there(replica: PostgresServer) -> str:
    """Read what was said last on each connection of the serving role."""
    return replica.say("SELECT query FROM pg_stat_activity WHERE usename = 'emplette'")


async def test_the_server_says_something_each_minute_so_that_no_firewall_forgets_a_connection(
    database: Database,
) -> None:
    rows = await database.session().fetch("SELECT setting::int FROM pg_settings WHERE name = 'tcp_keepalives_idle'")
    assert [row["setting"] for row in rows] == [60]


async def test_who_only_reads_does_so_from_the_replica_and_who_writes_does_not(database: Database) -> None:
    await until_read_from_replica(database)
    assert (await database.session().fetch(IS_REPLICA))[0]["is_replica"] is False
    assert (await database.session().write(IS_REPLICA))[0]["is_replica"] is False


@pytest.mark.parametrize("path", ["purchases", "suppliers", "orders", "events", "purchases?fields.root=count&limit=0"])
async def test_lists_counts_and_the_log_are_read_from_the_replica(
    caller: httpx2.AsyncClient, replica: PostgresServer, path: str
) -> None:
    await make_purchase(caller)
    assert said_there(replica) == ""
    async with asyncio.timeout(60):
        while "tenant_id" not in said_there(replica):
            assert (await caller.get(f"{API}/{path}")).is_success


async def test_what_was_just_written_is_in_the_next_list_however_the_replica_lags(
    caller: httpx2.AsyncClient, replica: PostgresServer
) -> None:
    async def buy_and_look() -> None:
        for _ in range(15):
            made = await make_purchase(caller)
            listed = (await caller.get(f"{API}/purchases?limit=100")).json()["items"]
            assert made["id"] in [item["id"] for item in listed]

    await asyncio.gather(*(buy_and_look() for _ in range(3)))
    replica.say("SELECT pg_wal_replay_pause()")
    try:
        await buy_and_look()
    finally:
        replica.say("SELECT pg_wal_replay_resume()")


async def test_the_log_is_never_told_with_gaps_by_a_replica_that_lags(
    caller: httpx2.AsyncClient, primary: PostgresServer, replica: PostgresServer, behind: OwnerConnection
) -> None:
    sealer = await Database.connect(primary.url())
    replica.say("SELECT pg_wal_replay_pause()")
    try:
        made = await make_purchase(caller)
        await seal_what_waits(sealer.session(), await behind.fetchval("SELECT now()"))
        told = (await caller.get(f"{API}/events?limit=100")).json()["items"]
    finally:
        replica.say("SELECT pg_wal_replay_resume()")
        await sealer.close()
    assert made["id"] in [event["purchaseId"] for event in told]


async def test_with_a_replica_that_is_waited_for_every_list_is_read_there(
    database: Database, primary: PostgresServer, behind: OwnerConnection
) -> None:
    primary.set(synchronous_standby_names="replica", synchronous_commit="remote_apply")
    try:
        await until_read_from_replica(database)
        for number in range(50):
            await behind.execute("UPDATE tenants SET name = $1 WHERE false", str(number))
            await behind.execute("SELECT pg_logical_emit_message(true, 'test', $1)", str(number))
            assert await reads_from_replica(database)
    finally:
        primary.set(synchronous_standby_names="", synchronous_commit="on")


async def test_a_replica_that_is_lost_is_missed_by_nobody_and_used_again_when_it_is_back(
    database: Database, replica: PostgresServer
) -> None:
    await until_read_from_replica(database)
    await asyncio.to_thread(replica.kill)
    assert not await reads_from_replica(database)
    assert database.replica is not None
    assert database.replica.trouble
    await asyncio.to_thread(replica.start)
    await until_read_from_replica(database)


async def test_a_replica_that_falls_silent_delays_a_reading_by_a_second_or_two(
    database: Database, replica: PostgresServer
) -> None:
    await until_read_from_replica(database)
    replica.pause()
    try:
        began = time.monotonic()
        assert not await reads_from_replica(database)
        assert time.monotonic() - began < 30
    finally:
        replica.go_on()
    await until_read_from_replica(database)


async def test_health_warns_of_a_replica_that_is_not_read(caller: httpx2.AsyncClient, replica: PostgresServer) -> None:
    replica.say("SELECT pg_wal_replay_pause()")
    try:
        await make_purchase(caller)
        found = await caller.get("/health/ready")
    finally:
        replica.say("SELECT pg_wal_replay_resume()")
    assert found.status_code == 200
    assert found.json()["checks"]["replica"] == {
        "status": "warning",
        "detail": "It is not read from just now: It lags behind.",
    }


async def test_a_database_that_is_no_copy_is_never_read(behind: OwnerConnection, primary: PostgresServer) -> None:
    assert not behind.is_closed()
    other = primary.url().replace("/emplette", "/postgres")
    database = await Database.connect(primary.url(), replica=other)
    assert (await database.session(only_reads=True).fetch("SELECT current_database()"))[0][0] == "emplette"
    assert database.replica is not None
    assert database.replica.trouble == "It is no copy of the database."
    await database.close()


async def test_of_several_servers_the_one_that_takes_writes_is_used_wherever_it_is_named(
    primary: PostgresServer, replica: PostgresServer, behind: OwnerConnection
) -> None:
    assert not behind.is_closed()
    for places in (f"{replica.place},{primary.place}", f"{primary.place},{replica.place}"):
        connection = await Hosts(f"postgresql://emplette@{places}/emplette").connect()
        assert await connection.fetchval("SELECT pg_is_in_recovery()") is False
        await connection.close()
    with pytest.raises(NoneTakesWrites):
        await Hosts(f"postgresql://emplette@{replica.place},{replica.place}/emplette").connect()


async def test_two_databases_that_are_no_copies_of_each_other_are_both_left_alone(
    primary: PostgresServer, migrated: AnyUrls
) -> None:
    socket = parse_qs(urlsplit(migrated.serving).query)["host"][0]
    address = f"postgresql://emplette@/emplette?host={quote(socket)},127.0.0.1&port=5432,{primary.port}"
    with pytest.raises(NoneTakesWrites, match="no copies of each other"):
        await Hosts(address).connect()


def test_a_server_does_not_start_with_a_replica_that_is_no_copy(primary: PostgresServer) -> None:
    with folder_of_its_own() as folder:
        named = {"database_url": primary.url(), "owner_database_url": primary.url(OWNER_ROLE)}
        other = primary.url().replace("/emplette", "/postgres")
        ended = run([*EMPLETTE, "serve"], environment_of(folder, **named, replica_url=other))
    assert ended.returncode == Exit.BAD_SETTING
    assert "EMPLETTE_REPLICA_URL" in ended.stderr
    assert "is no copy of the one we serve" in ended.stderr
