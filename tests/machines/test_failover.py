"""When the server of the database is lost, another takes over: nothing acknowledged is lost, and nothing done twice."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import pytest
from starlette.routing import Router

from emplette.runtime.cluster import OWNER_ROLE, SERVING_ROLE
from emplette.runtime.schema import Urls, bring_up_to_date
from tests.fixtures.behind import contradictions
from tests.fixtures.clusters import Park, PostgresServer
from tests.fixtures.companies import Company, found_company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, make_purchase
from tests.fixtures.programs import program
from tests.machines.buyers import Callers, Market, buying, count_lost_and_doubled
from tests.machines.serving import machines
from tests.runtime.servers import wait_until

READ = "SELECT count(*) > 0 FROM pg_stat_activity WHERE usename = 'emplette' AND query LIKE '%FROM purchases%'"
ALL = "SELECT count(*) FROM purchases"


@pytest.fixture
def pair() -> Iterator[tuple[PostgresServer, PostgresServer]]:
    """Lend two servers: the first takes writes, and acknowledges none that the second does not have."""
    with Park() as park:
        first, second = park.server("north"), park.server("south")
        first.make()
        second.follow(first)
        first.set(synchronous_standby_names="south", synchronous_commit="remote_apply")
        yield first, second


def both(pair: tuple[PostgresServer, PostgresServer], role: str) -> str:
    """Write the address that names both servers."""
    return f"postgresql://{role}@{pair[0].place},{pair[1].place}/emplette"


@dataclass(frozen=True)
class TakenOver:
    """A company whose first server of the database was lost, and what was bought meanwhile."""

    company: Company
    callers: Callers
    market: Market


@asynccontextmanager
async def taken_over(pair: tuple[PostgresServer, PostgresServer]) -> AsyncIterator[TakenOver]:
    """Kill the first server under load and promote the second; expect that nothing is lost or done twice."""
    first, second = pair
    with machines(2, both(pair, SERVING_ROLE), both(pair, OWNER_ROLE), replica_url=second.url()) as servers:
        owner: OwnerConnection = await asyncpg.connect(first.url(OWNER_ROLE))
        company = await found_company(Router(), owner)
        secret = await company.key()
        await owner.close()
        async with Callers.of(company, [server.url for server in servers], secret) as callers:
            async with buying(callers.clients) as market:
                await market.come_further(60)
                await asyncio.to_thread(wait_until, lambda: second.say(READ) == "t", "lists are read there")
                await asyncio.to_thread(first.kill)
                await asyncio.sleep(1)
                await asyncio.to_thread(second.promote)
                await market.come_further(60)
            await expect_all(second, company, market, "killed with -9, promoted after 1 s")
            yield TakenOver(company, callers, market)
        assert {server.ended for server in servers} == {False}


async def test_another_server_takes_over_and_nothing_is_lost_or_done_twice(
    pair: tuple[PostgresServer, PostgresServer],
) -> None:
    async with taken_over(pair) as after:
        assert after.market.orders


@pytest.mark.long
async def test_the_lost_server_takes_nothing_when_it_is_back_and_takes_over_from_one_that_falls_silent(
    pair: tuple[PostgresServer, PostgresServer],
) -> None:
    first, second = pair
    async with taken_over(pair) as after:
        # The old one is started again as it was, takes writes, and stands first in the address.
        await asyncio.to_thread(first.start)
        first.set(synchronous_standby_names="")
        before = first.say(ALL)
        second.say("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'emplette'")
        async with buying(after.callers.clients) as market_beside_it:
            await market_beside_it.come_further(30)
        assert first.say(ALL) == before
        # Then it follows, and takes over in its turn, from one that falls silent.
        await asyncio.to_thread(first.kill)
        await asyncio.to_thread(first.follow, second)
        second.set(synchronous_standby_names="north")
        async with buying(after.callers.clients) as market_of_the_silent:
            await market_of_the_silent.come_further(60)
            await asyncio.to_thread(second.pause)
            await asyncio.sleep(1)
            await asyncio.to_thread(first.promote)
            await market_of_the_silent.come_further(60)
        for part in (after.market, market_beside_it):
            market_of_the_silent.purchases += part.purchases
            market_of_the_silent.orders += part.orders
        await expect_all(first, after.company, market_of_the_silent, "stopped in its tracks, promoted after 1 s")


@pytest.mark.long
async def test_what_the_lost_server_had_not_answered_yet_is_found_on_the_new_one(
    pair: tuple[PostgresServer, PostgresServer],
) -> None:
    north, south = pair
    await bring_up_to_date(Urls(north.url(), north.url(OWNER_ROLE)), say=lambda _: None)
    async with program(both(pair, SERVING_ROLE)) as app:
        owner: OwnerConnection = await asyncpg.connect(north.url(OWNER_ROLE))
        company = await found_company(app, owner)
        async with await company.caller() as caller:
            before = await make_purchase(caller)
            # From now on it writes, sends what it wrote to the other, and waits for somebody who never comes.
            north.set(synchronous_standby_names="nobody")
            asking = asyncio.create_task(make_purchase(caller))
            await asyncio.to_thread(wait_until_there, south, 2)
            assert not asking.done()
            await asyncio.to_thread(north.kill)
            await asyncio.to_thread(south.promote)
            made = await asking
            assert made["id"] != before["id"]
            assert (await caller.get(f"{API}/purchases/{made['id']}")).json()["id"] == made["id"]
        await owner.close()
    assert south.say(ALL) == "2"


def wait_until_there(server: PostgresServer, count: int) -> None:
    """Wait until a server has so many purchases."""
    wait_until(lambda: server.say(ALL) == str(count), "the other server has it")


async def expect_all(server: PostgresServer, company: Company, market: Market, what: str) -> None:
    """Expect that everything acknowledged is there once, and tell the figures."""
    owner: OwnerConnection = await asyncpg.connect(server.url(OWNER_ROLE))
    lost, doubled = await count_lost_and_doubled(owner, company.tenant_id, market)
    wrong = await contradictions(owner, company.tenant_id)
    await owner.close()
    told = f"{market.silence():.1f} s without answers, refused {market.refused()}, lost={lost} doubled={doubled}"
    print(f"fail-over, {what}: {told}")  # noqa: T201  the figures of docs/proof.md
    assert (lost, doubled, wrong) == (0, 0, {})
