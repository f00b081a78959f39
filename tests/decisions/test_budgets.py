"""Budgets: what is asked for is reserved, what is approved is committed, what ends is given back."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest_asyncio

from tests.fixtures.budgets import euros, law, make_budget, numbers
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase


@pytest_asyncio.fixture
async def admin(company: Company) -> AsyncIterator[httpx2.AsyncClient]:
    async with await company.caller(permissions=("configure", "view:all")) as caller:
        yield caller


async def ask(client: httpx2.AsyncClient, terms: dict[str, Any] = ONE_TIME, **changes: Any) -> httpx2.Response:
    """Ask for approval of a new purchase of 120 EUR, with changes."""
    purchase = await make_purchase(client, **changes)
    commitment = await make_commitment(client, purchase["id"], terms)
    return await client.post(f"{API}/commitments/{commitment['id']}/requests")


def costing(value: float, **changes: Any) -> dict[str, Any]:
    return ONE_TIME | {"amountIncludingTaxes": {"excludingTaxes": euros(value), "taxes": []}} | changes


async def test_a_new_budget_is_all_free(admin: httpx2.AsyncClient) -> None:
    made = await make_budget(admin)
    assert made["costCenter"] == {"id": 3, "name": "Marketing", "href": f"{API}/costcenters/3"}
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 1000}


async def test_what_a_key_approves_by_itself_is_committed(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company
) -> None:
    made = await make_budget(admin)
    assert (await ask(client)).status_code == 201
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 880, "committed": 120}
    await law(company)


async def test_what_waits_is_reserved_and_a_cancellation_gives_it_back(
    admin: httpx2.AsyncClient, submitter: httpx2.AsyncClient, company: Company
) -> None:
    made = await make_budget(admin)
    request = (await ask(submitter)).json()
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 880, "reserved": 120}
    answer = await submitter.post(f"{API}/requests/{request['id']}/cancellations", json={"comment": "No"})
    assert answer.status_code == 201
    assert await numbers(admin, made["id"]) == {"amount": 1000, "free": 1000}
    await law(company)


async def test_a_hard_budget_refuses_what_does_not_fit_even_to_a_key_that_approves_by_itself(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company
) -> None:
    made = await make_budget(admin, amount=euros(200))
    assert (await ask(client)).status_code == 201
    answer = await ask(client)
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["code"] == "budget.exceeded"
    (named,) = problem["budgets"]
    assert (named["id"], named["free"], named["asked"], named["currency"]) == (made["id"], 80, 120, "EUR")
    assert await numbers(admin, made["id"]) == {"amount": 200, "free": 80, "committed": 120}
    await law(company)
