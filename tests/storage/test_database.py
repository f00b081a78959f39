"""When the database is lost: what was read is unavailable, what was written may have happened, and both are said."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.domain.errors import OutcomeUnknown, Unavailable
from emplette.storage.database import ATTEMPTS, Database, Session
from emplette.storage.merging import Arguments
from tests.fixtures.behind import contradictions
from tests.fixtures.companies import Company, found_company
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.guide import API, PURCHASE, make_commitment, make_purchase
from tests.fixtures.programs import program
from tests.fixtures.wires import Wire

INSERT = "INSERT INTO tenant_hosts (host, tenant_id) VALUES ($1, $2) RETURNING host"
# Locks one company, waits, and then the other: two of these that go opposite ways wait for each other.
CROSSWISE = """
WITH first AS MATERIALIZED (SELECT 1 FROM tenants WHERE tenant_id = $1 FOR UPDATE),
waited AS MATERIALIZED (SELECT pg_sleep(0.5) FROM first),
second AS MATERIALIZED (SELECT tenants.tenant_id FROM tenants, waited WHERE tenants.tenant_id = $2 FOR UPDATE)
UPDATE tenants SET name = $3 FROM second WHERE tenants.tenant_id = second.tenant_id RETURNING name
"""


@pytest_asyncio.fixture
async def wire(migrated: Urls) -> AsyncIterator[Wire]:
    async with Wire.to(migrated.serving) as laid:
        yield laid


@pytest_asyncio.fixture
async def beyond(wire: Wire) -> AsyncIterator[Database]:
    """Lend a pool at our end of the wire."""
    database = await Database.connect(wire.url, size=2, patience=1.0)
    yield database
    database.pool.terminate()


@pytest.fixture
def long(request: pytest.FixtureRequest) -> str:
    """Lend a statement that takes long, and that no other test says."""
    return f"SELECT pg_sleep(20), '{request.node.name}'"


async def until(ask: Callable[[], Awaitable[int | None]]) -> int:
    """Wait until there is something, for a while."""
    async with asyncio.timeout(60):
        while True:
            found = await ask()
            if found:
                return found
            await asyncio.sleep(0.02)


async def until_it_runs(killer: OwnerConnection, sql: str) -> int:
    """Wait until somebody's statement runs in the database; give its process."""
    who = "SELECT pid FROM pg_stat_activity WHERE query = $1 AND state = 'active'"
    return await until(lambda: killer.fetchval(who, sql))


@pytest_asyncio.fixture
async def killer(migrated: Urls) -> AsyncIterator[OwnerConnection]:
    """Lend a connection of the serving role: it sees what that role runs, and can end it."""
    connection: OwnerConnection = await asyncpg.connect(migrated.serving)
    yield connection
    await connection.close()


async def _terminate(killer: OwnerConnection, _: Wire, pid: int) -> None:
    await killer.execute("SELECT pg_terminate_backend($1)", pid)


async def _cut(_: OwnerConnection, wire: Wire, __: int) -> None:
    wire.cut()


LOSSES: list[Callable[[OwnerConnection, Wire, int], Awaitable[None]]] = [_terminate, _cut]


@pytest.mark.parametrize("lose", LOSSES, ids=["terminated", "cut"])
async def test_a_database_that_is_lost_while_it_is_read_is_unavailable(
    beyond: Database, killer: OwnerConnection, wire: Wire, lose: Callable[..., Awaitable[None]], long: str
) -> None:
    session = beyond.session()
    reading = asyncio.create_task(session.fetch(long))
    await lose(killer, wire, await until_it_runs(killer, long))
    with pytest.raises(Unavailable):
        await reading
    assert not session.begun


@pytest.mark.parametrize("lose", LOSSES, ids=["terminated", "cut"])
async def test_the_outcome_is_unknown_when_the_database_is_lost_during_a_write(
    beyond: Database, killer: OwnerConnection, wire: Wire, lose: Callable[..., Awaitable[None]], long: str
) -> None:
    session = beyond.session()
    writing = asyncio.create_task(session.write(long))
    await lose(killer, wire, await until_it_runs(killer, long))
    with pytest.raises(OutcomeUnknown):
        await writing
    assert session.begun


async def test_ids_that_are_lost_with_the_connection_are_nobodys_loss(
    beyond: Database, killer: OwnerConnection, wire: Wire, long: str
) -> None:
    session = beyond.session()
    drawing = asyncio.create_task(session.draw(long))
    await until_it_runs(killer, long)
    wire.cut()
    with pytest.raises(Unavailable):
        await drawing
    assert not session.begun


async def test_what_was_written_may_have_happened_when_its_answer_is_lost(
    beyond: Database, wire: Wire, company: Company, owner: OwnerConnection
) -> None:
    # Said once before, the statement is known to the server, and the next time it is one message.
    await beyond.session().write(INSERT, f"said.{company.host}", company.tenant_id)
    wire.is_dumb = True
    writing = asyncio.create_task(beyond.session().write(INSERT, f"lost.{company.host}", company.tenant_id))
    happened = "SELECT count(*) FROM tenant_hosts WHERE host = $1"
    await until(lambda: owner.fetchval(happened, f"lost.{company.host}"))
    wire.cut()
    with pytest.raises(OutcomeUnknown):
        await writing


async def test_a_database_that_was_lost_is_used_again_once_it_is_back(beyond: Database, wire: Wire) -> None:
    assert await beyond.session().fetch("SELECT 1")
    wire.cut()
    for _ in range(3):
        with pytest.raises((Unavailable, OutcomeUnknown)):
            await beyond.session().write("SELECT 1")
    session = beyond.session()
    with pytest.raises(Unavailable):
        await session.write("SELECT 1")
    assert not session.begun
    wire.mend()
    assert await beyond.session().fetch("SELECT 1")
    assert await beyond.session().write("SELECT 1")


async def test_a_database_that_never_was_there_is_unavailable() -> None:
    database = await Database.connect("postgresql://nobody@/nowhere?host=/nonexistent&port=5432", patience=0.5)
    for say in (database.session().fetch, database.session().write):
        with pytest.raises(Unavailable):
            await say("SELECT 1")
    await database.close()


async def test_who_waits_too_long_for_a_connection_is_told_and_has_begun_nothing(
    beyond: Database, killer: OwnerConnection, long: str
) -> None:
    hogs = [asyncio.create_task(beyond.session().fetch(long)) for _ in range(2)]
    await until_it_runs(killer, long)
    session = beyond.session()
    with pytest.raises(Unavailable):
        await session.write("SELECT 1")
    assert not session.begun
    for hog in hogs:
        hog.cancel()
    await asyncio.gather(*hogs, return_exceptions=True)


async def test_a_server_that_takes_no_writes_any_more_is_left_for_another(migrated: Urls) -> None:
    database = await Database.connect(migrated.serving, size=1)
    await database.session().fetch("SET default_transaction_read_only = on")
    with pytest.raises(Unavailable, match="takes no writes"):
        await database.session().write(INSERT, "nowhere.test", 1)
    assert (await database.session().fetch("SHOW default_transaction_read_only"))[0][0] == "off"
    await database.close()


# Races ------------------------------------------------------------------------------------------------------


async def test_whoever_loses_a_deadlock_says_it_again(
    database: Database, company: Company, rival: Company, owner: OwnerConnection
) -> None:
    one, other = company.tenant_id, rival.tenant_id
    seen: list[str] = []
    sessions = (_noting(database, seen), _noting(database, seen))
    written = await asyncio.gather(
        sessions[0].write(CROSSWISE, one, other, "there"), sessions[1].write(CROSSWISE, other, one, "and back")
    )
    assert [rows[0]["name"] for rows in written] == ["there", "and back"]
    assert "DeadlockDetectedError" in seen
    names = await owner.fetch("SELECT name FROM tenants WHERE tenant_id = ANY ($1)", [one, other])
    assert {row["name"] for row in names} == {"there", "and back"}


def _noting(database: Database, seen: list[str]) -> Session:
    """Make a session whose database notes what goes wrong."""

    class Noting(Database):
        async def on_a_connection(self, ask):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            try:
                return await super().on_a_connection(ask)
            except asyncpg.PostgresError as error:
                seen.append(type(error).__name__)
                raise

    return Noting(database.pool, patience=4.0).session()


@pytest.mark.parametrize("race", [asyncpg.DeadlockDetectedError, asyncpg.SerializationError])
async def test_whoever_always_loses_is_told_to_come_again_and_has_done_nothing(
    monkeypatch: pytest.MonkeyPatch, database: Database, race: type[asyncpg.PostgresError]
) -> None:
    tried = 0

    async def lose(_: object, __: object) -> None:
        nonlocal tried
        tried += 1
        raise race("lost")

    monkeypatch.setattr(Database, "on_a_connection", lose)
    with pytest.raises(Unavailable):
        await database.session().write("SELECT 1")
    assert tried == ATTEMPTS


# Over HTTP --------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def behind_the_wire(wire: Wire) -> AsyncIterator[Router]:
    """Lend the application of a worker at our end of the wire."""
    async with program(wire.url, request_timeout=60.0) as made:
        yield made
        wire.mend()


@pytest_asyncio.fixture
async def caller(behind_the_wire: Router, owner: OwnerConnection) -> AsyncIterator[tuple[Company, httpx2.AsyncClient]]:
    company = await found_company(behind_the_wire, owner)
    async with await company.caller() as client:
        assert (await client.get(f"{API}/purchases")).is_success
        yield company, client


async def test_a_call_that_only_read_is_told_to_come_again(
    caller: tuple[Company, httpx2.AsyncClient], wire: Wire
) -> None:
    _, client = caller
    wire.cut()
    answer = await client.get(f"{API}/purchases")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    wire.mend()
    assert (await client.get(f"{API}/purchases")).is_success


async def test_a_call_whose_answer_is_lost_took_effect_once_however_often_it_is_repeated(
    caller: tuple[Company, httpx2.AsyncClient], wire: Wire, owner: OwnerConnection
) -> None:
    company, client = caller
    before = await client.post(f"{API}/purchases", json=PURCHASE, headers={"Idempotency-Key": "before"})
    assert before.status_code == 201
    headers = {"Idempotency-Key": "once"}
    wire.is_dumb = True
    lost = asyncio.create_task(client.post(f"{API}/purchases", json=PURCHASE, headers=headers))
    happened = "SELECT 1 FROM purchases WHERE tenant_id = $1 AND purchase_id <> $2"
    await until(lambda: owner.fetchval(happened, company.tenant_id, before.json()["id"]))
    wire.cut()
    answer = await lost
    assert answer.status_code == 504
    assert answer.json()["code"] == "outcome.unknown"
    wire.mend()
    again = [await client.post(f"{API}/purchases", json=PURCHASE, headers=headers) for _ in range(3)]
    assert {told.status_code for told in again} == {201}
    assert {told.headers["Idempotency-Replayed"] for told in again} == {"true"}
    assert await owner.fetchval("SELECT count(*) FROM purchases WHERE tenant_id = $1", company.tenant_id) == 2
    assert await contradictions(owner, company.tenant_id) == {}


@pytest.mark.parametrize("table", ["purchases", "commitments"])
async def test_what_a_broken_connection_left_written_is_found_and_answered(
    table: str,
    caller: tuple[Company, httpx2.AsyncClient],
    wire: Wire,
    owner: OwnerConnection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    company, client = caller
    # Said once before, the statements are known to the server, and the next time each is one message.
    for _ in range(3):
        await make_commitment(client, (await make_purchase(client))["id"])
    purchase = await make_purchase(client)
    asks = {"purchases": make_purchase(client), "commitments": make_commitment(client, purchase["id"])}
    lost = asks.pop(table)
    next(iter(asks.values())).close()
    write = Database.write

    async def write_and_hear_nothing(self: Database, sql: str, arguments: Arguments) -> list[asyncpg.Record]:
        wire.is_dumb = table in sql
        return await write(self, sql, arguments)

    monkeypatch.setattr(Database, "write", write_and_hear_nothing)
    many = f"SELECT count(*) FROM {table} WHERE tenant_id = $1"  # noqa: S608  a table of the list above
    there: int = await owner.fetchval(many, company.tenant_id)

    async def more() -> int:
        counted: int = await owner.fetchval(many, company.tenant_id)
        return counted - there

    asking = asyncio.create_task(lost)
    assert await until(more) == 1
    wire.cut()
    wire.mend()
    made = await asking
    monkeypatch.undo()
    assert (await client.get(f"{API}/{table}/{made['id']}")).json()["id"] == made["id"]
    assert await more() == 1
    assert await contradictions(owner, company.tenant_id) == {}
