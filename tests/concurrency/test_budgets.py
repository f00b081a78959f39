"""Budgets under everything at once: a hard one never bursts, and what is left agrees with itself.

Two applications stand for two processes: each has its own connections, its own merged statements and its own memory of
what is free. Two real processes are tried in tests/machines.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from starlette.routing import Router

from tests.fixtures.budgets import euros, law, make_budget, numbers
from tests.fixtures.companies import Company, found_company
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.programs import program

AT_ONCE = 32
ADMIN = ("configure", "view:all")
_RAISE = """
UPDATE budgets SET initial_minor = initial_minor + 2000, amount_minor = amount_minor + 2000
WHERE tenant_id = $1 AND budget_id = $2
"""
_SOMEBODY_WAITS = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid)))"


@pytest_asyncio.fixture(scope="module", params=[True, False], ids=["merged", "each for itself"])
async def apps(
    request: pytest.FixtureRequest, migrated: Urls, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[Router]]:
    """Lend two applications whose writes are merged or not."""
    chosen = {"data_dir": tmp_path_factory.mktemp("budgets"), "wrong_keys": 0, "merged_writes": request.param}
    async with (
        program(migrated.serving, pool_size=16, **chosen) as one,
        program(migrated.serving, pool_size=16, **chosen) as another,
    ):
        yield [one, another]


@pytest_asyncio.fixture
async def companies(apps: list[Router], owner: OwnerConnection) -> list[Company]:
    """Lend the same company behind both."""
    company = await found_company(apps[0], owner)
    return [company, Company(company.tenant_id, company.host, apps[1], owner)]


async def callers(companies: Sequence[Company], *, auto_approve: bool = True) -> list[httpx2.AsyncClient]:
    secret = await companies[0].key(auto_approve=auto_approve)
    return [company.client(secret) for company in companies]


async def ready(clients: Sequence[httpx2.AsyncClient], count: int, value: float) -> list[str]:
    """Say what so many purchases cost; answer where approval of each is asked for."""

    async def one(client: httpx2.AsyncClient) -> str:
        purchase = await make_purchase(client)
        amount = {"amountIncludingTaxes": {"excludingTaxes": euros(value), "taxes": []}}
        commitment = await make_commitment(client, purchase["id"], ONE_TIME | amount)
        return f"{API}/commitments/{commitment['id']}/requests"

    return await asyncio.gather(*(one(clients[number % len(clients)]) for number in range(count)))


@pytest.mark.parametrize("auto_approve", [True, False], ids=["approved at once", "waiting"])
async def test_a_hard_budget_never_bursts_however_many_ask_at_once(
    companies: list[Company], *, auto_approve: bool
) -> None:
    clients = await callers(companies, auto_approve=auto_approve)
    async with await companies[0].caller(permissions=ADMIN) as admin:
        places = await ready(clients, AT_ONCE, 100)
        made = await make_budget(admin, name="Ten of them", costCenterId=None, natureId=1, amount=euros(1050))
        answers = await asyncio.gather(*(clients[n % 2].post(place) for n, place in enumerate(places)))
        told = Counter(answer.status_code for answer in answers)
        assert told == {201: 10, 409: AT_ONCE - 10}
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"budget.exceeded"}
        held = await numbers(admin, made["id"])
        assert held == {"amount": 1050, "free": 50, "committed" if auto_approve else "reserved": 1000}
        await law(companies[0])


async def test_what_fits_is_never_refused_because_something_larger_was_asked_at_the_same_moment(
    companies: list[Company],
) -> None:
    clients = await callers(companies)
    async with await companies[0].caller(permissions=ADMIN) as admin:
        small, large = await ready(clients, 10, 10), await ready(clients, 10, 5000)
        made = await make_budget(admin, costCenterId=None, natureId=1, amount=euros(100))
        mixed = [place for pair in zip(large, small, strict=True) for place in pair]
        answers = await asyncio.gather(*(clients[n % 2].post(place) for n, place in enumerate(mixed)))
        assert [answer.status_code for answer in answers] == [409, 201] * 10
        assert await numbers(admin, made["id"]) == {"amount": 100, "committed": 100}
        await law(companies[0])


async def test_overlapping_budgets_made_while_everybody_asks_decides_and_takes_back_agree_in_the_end(
    companies: list[Company],
) -> None:
    clients = await callers(companies, auto_approve=False)
    deciding = await companies[0].caller(permissions=("view:all", "approve"), person=36)
    async with await companies[0].caller(permissions=ADMIN) as admin, deciding as approver:
        places = await ready(clients, 16, 100)
        first = await asyncio.gather(*(clients[n % 2].post(place) for n, place in enumerate(places[:8])))
        waiting = [answer.json()["id"] for answer in first]
        wishes: list[dict[str, Any]] = [
            {"name": "Nature", "costCenterId": None, "natureId": 1, "amount": euros(500)},
            {"name": "Tree", "costCenterId": None, "departmentId": 10, "amount": euros(700), "kind": "Soft"},
            {"name": "Center", "costCenterId": 3, "amount": euros(50), "kind": "Soft"},
        ]
        answers: list[Any] = await asyncio.gather(
            *(clients[n % 2].post(place) for n, place in enumerate(places[8:])),
            *(approver.post(f"{API}/requests/{number}/approvals") for number in waiting[:3]),
            *(approver.post(f"{API}/requests/{number}/denials", json={"comment": "No"}) for number in waiting[3:5]),
            *(clients[0].post(f"{API}/requests/{number}/cancellations", json={}) for number in waiting[5:7]),
            *(make_budget(admin, **wish) for wish in wishes),
        )
        assert {answer.status_code for answer in answers[:-3]} <= {201, 409}
        await law(companies[0])


async def test_a_subscription_and_its_closing_race_with_corrections_and_nothing_is_lost(
    companies: list[Company],
) -> None:
    (client, _) = await callers(companies)
    async with await companies[0].caller(permissions=ADMIN) as admin:
        made = await make_budget(admin, costCenterId=None, natureId=1, amount=euros(200_000))
        bought = [await make_purchase(client) for _ in range(6)]
        for purchase in bought:
            terms = await make_commitment(client, purchase["id"], SUBSCRIPTION)
            assert (await client.post(f"{API}/commitments/{terms['id']}/requests")).status_code == 201
        raised = {"amount": {"value": 10}, "reason": "More"}
        answers = await asyncio.gather(
            *(client.post(f"{API}/purchases/{purchase['id']}/closing") for purchase in bought),
            *(admin.post(f"{API}/budgets/{made['id']}/corrections", json=raised) for _ in range(6)),
        )
        assert {answer.status_code for answer in answers} == {201}
        assert await numbers(admin, made["id"]) == {"amount": 200_060, "free": 200_060}
        await law(companies[0])


async def test_who_waits_for_a_budget_that_is_raised_meanwhile_gets_what_has_become_free_of_it(
    companies: list[Company], owner: OwnerConnection, migrated: Urls
) -> None:
    (client, _) = await callers(companies, auto_approve=False)
    raising: OwnerConnection = await asyncpg.connect(migrated.owner)
    async with await companies[0].caller(permissions=ADMIN) as admin:
        made = await make_budget(admin, costCenterId=None, natureId=1, amount=euros(10), kind="Soft")
        (place,) = await ready([client], 1, 100)
        async with raising.transaction():
            await raising.execute(_RAISE, companies[0].tenant_id, made["id"])
            asking = asyncio.create_task(client.post(place))
            while not await owner.fetchval(_SOMEBODY_WAITS, raising.get_server_pid()):
                assert not asking.done()
                await asyncio.sleep(0.005)
        answer = await asking
        assert answer.status_code == 201, answer.text
        assert await numbers(admin, made["id"]) == {"amount": 30, "reserved": 30}
        await law(companies[0])
    await raising.close()
