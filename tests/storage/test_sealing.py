"""The log has no gaps, nothing in it is skipped or moved, whoever writes and seals at the same time and dies of it."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx2
import pytest

from emplette.domain.seals import GENESIS, Walk
from emplette.jobs.seals import seal_what_waits
from emplette.storage import seals
from emplette.storage.database import Database, Together
from tests.fixtures.behind import contradictions
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.guide import API, PURCHASE, make_request
from tests.fixtures.lives import Live
from tests.fixtures.logs import events_in_order, seal_all, write_event

WRITERS = 32
_NEVER = datetime(2025, 4, 14, tzinfo=UTC)


async def test_a_log_without_events_has_a_head(company: Company, database: Database) -> None:
    head = await seals.head(database.session(), company.tenant_id)
    assert (head.epoch, head.position, head.hash) == (1, 0, GENESIS)
    assert await seals.seal(database.session(), company.tenant_id, 10) == 0


async def test_what_waits_is_sealed_once_in_its_order(
    company: Company, database: Database, owner: OwnerConnection
) -> None:
    written = [await write_event(owner, company.tenant_id) for _ in range(7)]
    assert [await seals.seal(database.session(), company.tenant_id, 3) for _ in range(4)] == [3, 3, 1, 0]
    assert await events_in_order(owner, company.tenant_id) == written
    head = await seals.head(database.session(), company.tenant_id)
    last = (await seals.piece(database.session(), company.tenant_id, after=6, most=10))[0]
    assert (head.position, head.hash) == (7, last.hash)


async def test_what_commits_late_comes_later_and_is_never_skipped(
    company: Company, database: Database, owner: OwnerConnection, migrated: Urls
) -> None:
    slow: OwnerConnection = await asyncpg.connect(migrated.owner)
    transaction = slow.transaction()
    await transaction.start()
    late = await write_event(slow, company.tenant_id)
    early = await write_event(owner, company.tenant_id)
    assert late < early
    await seal_all(database, company.tenant_id)
    assert await events_in_order(owner, company.tenant_id) == [early]
    await transaction.commit()
    await slow.close()
    await seal_all(database, company.tenant_id)
    assert await events_in_order(owner, company.tenant_id) == [early, late]


async def test_what_commits_between_the_look_and_the_seals_still_waits(
    company: Company, database: Database, owner: OwnerConnection, migrated: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number is below those that are sealed, and nobody has looked at it: only what was seen is taken away."""
    slow: OwnerConnection = await asyncpg.connect(migrated.owner)
    transaction = slow.transaction()
    await transaction.start()
    late = await write_event(slow, company.tenant_id)
    early = await write_event(owner, company.tenant_id)
    assert late < early
    write = Together.write

    async def look_and_be_overtaken(together: Together, sql: str, *arguments: object) -> list[asyncpg.Record]:
        found = await write(together, sql, *arguments)
        if found and "event_id" in found[0]:
            await transaction.commit()
        return found

    monkeypatch.setattr(Together, "write", look_and_be_overtaken)
    assert await seals.seal(database.session(), company.tenant_id, 10) == 1
    monkeypatch.setattr(Together, "write", write)
    await slow.close()
    await seal_all(database, company.tenant_id)
    assert await events_in_order(owner, company.tenant_id) == [early, late]


async def test_who_finds_the_head_locked_passes_it_by(
    company: Company, rival: Company, database: Database, owner: OwnerConnection
) -> None:
    for tenant in (company.tenant_id, rival.tenant_id):
        await write_event(owner, tenant)
        await seal_all(database, tenant)
        await write_event(owner, tenant)
    async with owner.transaction():
        await owner.execute("SELECT FROM chains WHERE tenant_id = $1 FOR UPDATE", company.tenant_id)
        waiting = await seals.waiting(database.session())
        assert {company.tenant_id, rival.tenant_id} <= set(waiting)
        assert await seals.seal(database.session(), company.tenant_id, 10) == 0
        assert await seals.seal(database.session(), rival.tenant_id, 10) == 1
    assert await seals.seal(database.session(), company.tenant_id, 10) == 1


async def _write(client: httpx2.AsyncClient, number: int) -> None:
    """Buy something, in three commands, each of which another one may overtake."""
    await make_request(client, title=f"Purchase {number}")


async def test_the_log_is_whole_however_many_write_and_seal_and_are_killed(
    company: Company, client: httpx2.AsyncClient, database: Database, owner: OwnerConnection, migrated: Urls
) -> None:
    tenant = company.tenant_id
    script = str(Path(__file__).with_name("seal_forever.py"))
    done = asyncio.Event()

    async def kill_sealers() -> int:
        killed = 0
        while not done.is_set() or killed < 2:
            process = await asyncio.create_subprocess_exec(sys.executable, script, migrated.serving, str(tenant))
            before = (await seals.head(database.session(), tenant)).position
            for _ in range(200):
                if (await seals.head(database.session(), tenant)).position > before or done.is_set():
                    break
                await asyncio.sleep(0.02)
            process.kill()
            assert await process.wait() == -9
            killed += 1
        return killed

    async def seal_too() -> None:
        while not done.is_set():
            await seals.seal(database.session(), tenant, 2)
            await asyncio.sleep(0.01)

    killing, sealing = asyncio.create_task(kill_sealers()), asyncio.create_task(seal_too())
    for batch in range(4):
        await asyncio.gather(*(_write(client, batch * WRITERS + number) for number in range(WRITERS)))
    done.set()
    await sealing
    assert await killing >= 2
    # The server frees what a killed process had locked as soon as it notices.
    while await owner.fetchval("SELECT count(*) FROM unsealed WHERE tenant_id = $1", tenant):
        await seals.seal(database.session(), tenant, 1_000)
    order = await events_in_order(owner, tenant)
    written = await owner.fetch("SELECT event_id FROM events WHERE tenant_id = $1", tenant)
    assert sorted(order) == sorted(row["event_id"] for row in written)
    assert len(order) >= 4 * WRITERS * 3
    walk = Walk()
    walk.pass_by(await seals.piece(database.session(), tenant, after=0, most=100_000))
    assert walk.end() == []
    assert await contradictions(owner, tenant) == {}


async def test_everything_that_waits_is_sealed_for_all_companies(
    live: Live, company: Company, rival: Company, database: Database, owner: OwnerConnection
) -> None:
    await live("approved")
    for _ in range(3):
        await write_event(owner, rival.tenant_id)
    assert await seal_what_waits(database.session(), _NEVER) > 3
    assert len(await events_in_order(owner, rival.tenant_id)) == 3
    assert await events_in_order(owner, company.tenant_id) != []
    assert not {company.tenant_id, rival.tenant_id} & set(await seals.waiting(database.session()))


async def test_seals_are_added_and_the_log_stays_by_who_serves(
    company: Company, client: httpx2.AsyncClient, database: Database, migrated: Urls
) -> None:
    if migrated.serving_role is None:
        pytest.skip("The server that a setting names has one role for all.")
    assert (await client.post(f"{API}/purchases", json=PURCHASE)).status_code == 201
    await seal_all(database, company.tenant_id)
    for statement in ("UPDATE sealed SET hash = '' WHERE tenant_id = $1", "DELETE FROM sealed WHERE tenant_id = $1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.session().write(statement, company.tenant_id)
