"""Any number of servers on one PostgreSQL: nobody can tell which one answered, and each may die at any moment."""

import asyncio
import json
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import httpx2
import pytest

from emplette.storage.migrate import migrations
from tests.fixtures.behind import contradictions
from tests.fixtures.budgets import euros, law, make_budget, numbers
from tests.fixtures.clusters import PostgresServer
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, make_commitment, make_purchase, make_request
from tests.machines import changes
from tests.machines.buyers import buying, count_lost_and_doubled
from tests.machines.conftest import Site
from tests.machines.serving import COMMAND
from tests.runtime.servers import EMPLETTE, Server, run

UPLOADS = "/lucca-files/api/uploads"
Knows = Callable[[httpx2.AsyncClient], Awaitable[bool]]
PROMISED = 5.0
"""Seconds after which every server goes by what was changed."""


async def test_servers_that_start_at_the_same_moment_migrate_once(
    servers: Sequence[Server], behind: OwnerConnection
) -> None:
    assert len({server.url for server in servers}) == 2
    rows = await behind.fetch("SELECT number FROM migrations ORDER BY number")
    assert [row["number"] for row in rows] == [step.number for step in migrations()]
    lines = [json.loads(line) for server in servers for line in server.log.splitlines()]
    done = Counter(line["step"] for line in lines if line["event"] == "brought the database up to date")
    assert done == dict.fromkeys([*(step.name for step in migrations()), "VAT rates", "exchange rates"], 1)


# What is kept in a process ----------------------------------------------------------------------------------


async def agreed(
    callers: Sequence[httpx2.AsyncClient], knows: Callable[[httpx2.AsyncClient], Awaitable[bool]]
) -> float:
    """Measure how long it takes until all servers know, in seconds; none forgets it again."""
    began = time.monotonic()
    async with asyncio.timeout(3 * PROMISED):
        while not all([await knows(caller) for caller in callers]):  # noqa: ASYNC110  nobody tells us
            await asyncio.sleep(0.1)
    return time.monotonic() - began


async def test_what_is_changed_counts_on_every_server_within_the_promised_seconds(
    site: Site, behind: OwnerConnection, postgres: PostgresServer
) -> None:
    second = f"second.{site.company.host}"
    await behind.execute("INSERT INTO tenant_hosts (host, tenant_id) VALUES ($1, $2)", second, site.company.tenant_id)
    async with (
        site.callers() as callers,
        site.callers(auto_approve=False) as submitters,
        site.callers() as leaving,
        site.callers() as losing,
    ):
        asks: dict[str, tuple[Sequence[httpx2.AsyncClient], Knows]] = {
            "a revoked key": (leaving, changes.refuses_the_key),
            "permissions of a key": (losing, changes.refuses_to_buy),
            "a host name": (callers, partial(changes.knows_no_host, second)),
            "a policy": (submitters, changes.asks_the_board),
            "a VAT rate of one's own": (callers, changes.lists_own_rate),
            "the law's VAT": (callers, changes.lists_new_law),
            "an exchange rate": (callers, changes.converts_anew),
            "an archived nature": (callers, changes.refuses_the_nature),
        }
        for name, (whom, knows) in asks.items():
            assert not any([await knows(caller) for caller in whom]), name
        await changes.change_everything(site.company, postgres.url(), leaving[0], losing[0], second)
        took = await asyncio.gather(*(agreed(whom, knows) for whom, knows in asks.values()))
    seconds = dict(zip(asks, took, strict=True))
    print("caches agreed after", {name: f"{after:.1f} s" for name, after in seconds.items()})  # noqa: T201  figures
    assert {name: after for name, after in seconds.items() if after > PROMISED} == {}


async def test_a_new_key_and_a_new_host_are_let_in_at_once_by_every_server(site: Site, behind: OwnerConnection) -> None:
    async with site.callers() as callers:
        for caller in callers:
            unknown = {"Authorization": "lucca application=not-a-key-until-later"}
            assert (await caller.get(f"{API}/purchases", headers=unknown)).status_code == 401
            assert (
                await caller.get(f"{API}/purchases", headers={"Host": f"new.{site.company.host}"})
            ).status_code == 404
        new = f"new.{site.company.host}"
        await behind.execute("INSERT INTO tenant_hosts (host, tenant_id) VALUES ($1, $2)", new, site.company.tenant_id)
        for caller in callers:
            assert (await caller.get(f"{API}/purchases", headers={"Host": new})).status_code == 200


# What is called on one server and on another ----------------------------------------------------------------


async def test_each_step_may_go_to_another_server(site: Site) -> None:
    async with site.callers() as (one, other):
        purchase = await make_purchase(one)
        changed = await other.put(f"{API}/purchases/{purchase['id']}", json=PURCHASE | {"title": "Changed elsewhere"})
        assert changed.is_success, changed.text
        commitment = await make_commitment(one, purchase["id"])
        request = (await other.post(f"{API}/commitments/{commitment['id']}/requests")).json()
        order = (await one.get(f"{API}/orders/{request['order']['id']}")).json()
        assert order["id"] == request["order"]["id"]
        assert (await one.get(f"{API}/purchases/{purchase['id']}")).json()["title"] == "Changed elsewhere"


async def test_one_key_on_all_servers_at_once_takes_effect_once(site: Site, behind: OwnerConnection) -> None:
    async with site.callers() as callers:
        for number in range(5):
            headers = {"Idempotency-Key": f"everywhere-{number}"}
            asked = (caller.post(f"{API}/purchases", json=PURCHASE, headers=headers) for caller in callers * 8)
            answers = await asyncio.gather(*asked)
            assert {answer.status_code for answer in answers} == {201}
            assert len({answer.json()["id"] for answer in answers}) == 1
    made = await behind.fetchval("SELECT count(*) FROM purchases WHERE tenant_id = $1", site.company.tenant_id)
    assert made == 5


async def test_of_those_who_do_the_same_on_all_servers_one_wins(site: Site, behind: OwnerConnection) -> None:
    async with site.callers() as callers:
        for _ in range(5):
            purchase = await make_purchase(callers[0])
            body = ONE_TIME | {"purchaseId": purchase["id"]}
            made = await asyncio.gather(*(caller.post(f"{API}/commitments", json=body) for caller in callers * 6))
            assert Counter(answer.status_code for answer in made) == {201: 1, 409: 11}
            (commitment,) = {answer.json()["id"] for answer in made}
            path = f"{API}/commitments/{commitment}/requests"
            asked = await asyncio.gather(*(caller.post(path) for caller in callers * 6))
            assert Counter(answer.status_code for answer in asked) == {201: 1, 409: 11}
    assert await contradictions(behind, site.company.tenant_id) == {}


async def test_a_file_that_one_server_took_and_a_document_that_one_made_are_everybodys(site: Site) -> None:
    async with site.callers() as callers:
        sent = {"file": ("prices.csv", b"keyboard;120\n", "text/csv")}
        uploaded = (await callers[0].post(UPLOADS, files=sent)).json()
        for caller in callers:
            assert (await caller.get(f"{API}/files/{uploaded['id']}")).content == b"keyboard;120\n"
        order = (await make_request(callers[1]))["order"]["id"]
        printed = await asyncio.gather(*(caller.get(f"{API}/orders/{order}/pdf") for caller in callers * 2))
        assert {answer.status_code for answer in printed} == {200}
        assert len({answer.content for answer in printed}) == 1


# Budgets ----------------------------------------------------------------------------------------------------


async def test_a_hard_budget_does_not_burst_between_two_servers(site: Site) -> None:
    async with site.callers() as callers, site.callers(permissions=("configure", "view:all")) as (admin, _):

        async def ready(caller: httpx2.AsyncClient) -> str:
            made = await make_purchase(caller)
            return f"{API}/commitments/{(await make_commitment(caller, made['id']))['id']}/requests"

        places = [await ready(callers[number % 2]) for number in range(32)]
        budget = await make_budget(admin, startDate="2025-04-14", endDate="2025-04-14", amount=euros(100_000))
        committed = 100_000 - budget["free"]["value"]
        lowered = {"amount": {"value": committed + 1000 - 100_000}, "reason": "Room for eight"}
        assert (await admin.post(f"{budget['href']}/corrections", json=lowered)).status_code == 201
        answers = await asyncio.gather(*(callers[number % 2].post(place) for number, place in enumerate(places)))
        assert Counter(answer.status_code for answer in answers) == {201: 8, 409: 24}
        assert (await numbers(admin, budget["id"]))["free"] == 40
        await law(site.company)


# What dies --------------------------------------------------------------------------------------------------


@pytest.mark.long
async def test_whatever_is_killed_on_any_machine_nothing_is_lost_or_done_twice(
    site: Site, servers: list[Server], behind: OwnerConnection
) -> None:
    async with site.callers() as callers:
        async with buying(callers) as market:
            for server, name in ((servers[0], "worker 1"), (servers[1], "job worker"), (servers[1], "worker 1")):
                await market.come_further(30)
                server.kill(name)
            await market.come_further(30)
            servers[1].signal(signal.SIGKILL)
            await asyncio.to_thread(servers[1].wait)
            port = {"EMPLETTE_PORT": str(servers[1].port)}
            again = await asyncio.to_thread(Server, servers[1].folder, COMMAND, servers[1].environment | port)
            await market.come_further(30)
        try:
            await until_sealed(behind, site.company.tenant_id)
            lost, doubled = await count_lost_and_doubled(behind, site.company.tenant_id, market)
            print(f"killed under load: refused {market.refused()}, lost={lost} doubled={doubled}")  # noqa: T201  figures
            assert (lost, doubled) == (0, 0)
            assert await contradictions(behind, site.company.tenant_id) == {}
            account = site.company.host.removesuffix(".test")
            verified = await asyncio.to_thread(run, [*EMPLETTE, "verify", "--tenant", account], again.environment)
            assert verified.returncode == 0, verified.stdout + verified.stderr
        finally:
            await asyncio.to_thread(again.end)


async def until_sealed(behind: OwnerConnection, tenant: int) -> None:
    """Wait until everything that happened is sealed: one log, whoever of the sealers was quicker."""
    async with asyncio.timeout(60):
        while await behind.fetchval("SELECT count(*) FROM unsealed WHERE tenant_id = $1", tenant):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    sealed = "SELECT count(*), count(DISTINCT event_id), max(position) FROM sealed WHERE tenant_id = $1"
    happened = await behind.fetchval("SELECT count(*) FROM events WHERE tenant_id = $1", tenant)
    assert set(await behind.fetchrow(sealed, tenant) or ()) == {happened}
