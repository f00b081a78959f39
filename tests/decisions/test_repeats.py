"""Repeats of what changes a budget, or decides about a subscription: each tells what was then, whatever came since."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.fixtures.budgets import YEAR, make_budget
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase

KEY = {"Idempotency-Key": "once-and-only-once"}
EARLIER = {"startDate": "2024-01-01", "endDate": "2024-12-31"}
LATER = {"startDate": "2090-01-01", "firstInvoiceDate": "2090-01-01"}


@pytest_asyncio.fixture
async def admin(company: Company) -> AsyncIterator[httpx2.AsyncClient]:
    async with await company.caller(permissions=("configure", "view:all")) as caller:
        yield caller


def same(first: httpx2.Response, again: httpx2.Response) -> None:
    assert first.status_code == again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert again.headers.get("ETag") == first.headers.get("ETag")


async def ask(client: httpx2.AsyncClient, terms: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Ask for approval of a new purchase; answer the request."""
    purchase = await make_purchase(client)
    commitment = await make_commitment(client, purchase["id"], terms, **changes)
    request: dict[str, Any] = (await client.post(f"{API}/commitments/{commitment['id']}/requests")).json()
    return request


@pytest.mark.parametrize("what", ["corrections", "carry-overs"])
async def test_what_changed_a_budget_is_told_with_the_numbers_that_it_had_then(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, submitter: httpx2.AsyncClient, what: str
) -> None:
    earlier, budget = await make_budget(admin, **EARLIER), await make_budget(admin)
    await ask(client, ONE_TIME)
    place, body = f"{API}/budgets/{budget['id']}/{what}", {"amount": {"value": 200}, "reason": "More"}
    body |= {"fromBudgetId": earlier["id"]} if what == "carry-overs" else {}
    first = await admin.post(place, json=body, headers=KEY)
    assert [first.json()[name]["value"] for name in ("amount", "free", "committed")] == [1200, 1080, 120]
    await ask(submitter, ONE_TIME)
    await admin.post(f"{API}/budgets/{budget['id']}/corrections", json={"amount": {"value": -9}, "reason": "Less"})
    same(first, await admin.post(place, json=body, headers=KEY))


@pytest.mark.parametrize("asks", [0, 1])
async def test_a_new_budget_is_told_with_what_it_took_over(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, submitter: httpx2.AsyncClient, asks: int
) -> None:
    for _ in range(asks):
        await ask(client, ONE_TIME)
        await ask(submitter, ONE_TIME)
    body = YEAR | {"kind": "Soft", "amount": {"value": 200, "currency": "EUR"}}
    first = await admin.post(f"{API}/budgets", json=body, headers=KEY)
    assert first.json()["overrun"]["value"] == 40 * asks
    await ask(submitter, ONE_TIME)
    reason = {"amount": {"value": 500}, "reason": "More"}
    await admin.post(f"{API}/budgets/{first.json()['id']}/corrections", json=reason)
    same(first, await admin.post(f"{API}/budgets", json=body, headers=KEY))


@pytest.mark.parametrize("since", ["stops", "renewals"])
async def test_what_was_decided_about_a_subscription_is_told_as_it_stood_then(
    client: httpx2.AsyncClient, since: str
) -> None:
    request = await ask(client, SUBSCRIPTION, **LATER)
    place = f"{API}/commitments/{request['businessObject']['id']}"
    first = await client.post(f"{place}/continuations", headers=KEY)
    assert (first.json()["state"], len(first.json()["acts"])) == ("LetRun", 1)
    second = await client.post(f"{place}/{since}", headers=KEY)
    assert len(second.json()["acts"]) == 2
    await client.post(f"{API}/purchases/{request['purchase']['id']}/closing")
    same(first, await client.post(f"{place}/continuations", headers=KEY))
    same(second, await client.post(f"{place}/{since}", headers=KEY))


async def test_a_renewal_that_came_to_nothing_is_told_as_the_renewal_that_it_was(client: httpx2.AsyncClient) -> None:
    request = await ask(client, SUBSCRIPTION, **LATER)
    place = f"{API}/commitments/{request['businessObject']['id']}"
    first = await client.post(f"{place}/renewals", headers=KEY)
    renewal = (await client.get(first.json()["acts"][0]["renewal"]["href"])).json()
    assert (await client.post(f"{API}/purchases/{renewal['purchase']['id']}/closing")).status_code == 201
    assert (await client.post(f"{place}/continuations")).json()["state"] == "LetRun"
    same(first, await client.post(f"{place}/renewals", headers=KEY))


async def test_a_decision_is_told_also_when_the_subscription_was_called_off_since(client: httpx2.AsyncClient) -> None:
    request = await ask(client, SUBSCRIPTION, **LATER)
    number = request["businessObject"]["id"]
    first = await client.post(f"{API}/commitments/{number}/stops", headers=KEY)
    assert (await client.post(f"{API}/requests/{request['id']}/cancellations")).status_code == 201
    await client.put(f"{API}/purchases/{request['purchase']['id']}", json=PURCHASE | {"title": "Renamed"})
    assert (await client.get(f"{API}/subscriptions/{number}")).status_code == 404
    same(first, await client.post(f"{API}/commitments/{number}/stops", headers=KEY))
