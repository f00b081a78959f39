"""What people complained about in the budgets of other products, each as a promise."""

import asyncio
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


async def ready(client: httpx2.AsyncClient, value: float, terms: dict[str, Any] = ONE_TIME) -> str:
    """Say what a purchase costs; answer where its approval is asked for."""
    purchase = await make_purchase(client)
    field = "amountIncludingTaxes" if terms is ONE_TIME else "amountIncludingTaxesPerPeriod"
    commitment = await make_commitment(client, purchase["id"], terms, **{field: {"excludingTaxes": euros(value)}})
    return f"{API}/commitments/{commitment['id']}/requests"


async def test_complaint_5_an_expense_is_counted_once_on_its_way_from_request_to_order(
    admin: httpx2.AsyncClient, submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient, company: Company
) -> None:
    """See github.com/frappe/erpnext/issues/36610."""
    budget = await make_budget(admin)
    request = (await submitter.post(await ready(submitter, 300))).json()
    assert await numbers(admin, budget["id"]) == {"amount": 1000, "free": 700, "reserved": 300}
    for _ in range(2):
        await approver.post(f"{API}/requests/{request['id']}/approvals", headers={"Idempotency-Key": "once"})
    assert await numbers(admin, budget["id"]) == {"amount": 1000, "free": 700, "committed": 300}
    await law(company)


async def test_complaint_5_what_was_submitted_counts_before_anybody_has_approved_it(
    admin: httpx2.AsyncClient, submitter: httpx2.AsyncClient
) -> None:
    """See github.com/frappe/erpnext/issues/47611."""
    await make_budget(admin)
    assert (await submitter.post(await ready(submitter, 900))).status_code == 201
    answer = await submitter.post(await ready(submitter, 200))
    assert (answer.status_code, answer.json()["code"]) == (409, "budget.exceeded")


async def test_complaint_5_a_monthly_budget_stops_in_its_month_and_in_no_other(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    """See github.com/frappe/erpnext/issues/47608."""
    for month, last in ((4, 30), (5, 31), (6, 30)):
        await make_budget(admin, startDate=f"2025-0{month}-01", endDate=f"2025-0{month}-{last}", amount=euros(100))
    assert (await client.post(await ready(client, 100))).status_code == 201
    assert (await client.post(await ready(client, 1))).status_code == 409
    purchase = await make_purchase(client)
    amount = {"amountIncludingTaxes": {"excludingTaxes": euros(100)}}
    in_may = await make_commitment(client, purchase["id"], ONE_TIME | {"costDate": "2025-05-02"} | amount)
    assert (await client.post(f"{API}/commitments/{in_may['id']}/requests")).status_code == 201


async def test_complaint_6_two_that_each_fit_do_not_burst_the_budget_together(
    admin: httpx2.AsyncClient, submitter: httpx2.AsyncClient, company: Company
) -> None:
    """See github.com/frappe/erpnext/pull/55158."""
    budget = await make_budget(admin)
    places = [await ready(submitter, 600) for _ in range(2)]
    answers = await asyncio.gather(*(submitter.post(place) for place in places))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert await numbers(admin, budget["id"]) == {"amount": 1000, "free": 400, "reserved": 600}
    await law(company)


async def test_complaint_6_periods_that_each_fit_do_not_burst_the_budget_together(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    """See github.com/frappe/erpnext/pull/55158: here the lines are the periods of a subscription."""
    budget = await make_budget(admin)
    answer = await client.post(await ready(client, 900, SUBSCRIPTION))
    assert answer.status_code == 409
    assert answer.json()["budgets"][0]["asked"] == 8100
    assert await numbers(admin, budget["id"]) == {"amount": 1000, "free": 1000}
