"""The guide, from an idea to an approved order, and what follows."""

import httpx2

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase, make_request


async def test_three_calls_lead_to_an_approved_order(client: httpx2.AsyncClient) -> None:
    created = await client.post(f"{API}/purchases", json=PURCHASE)
    assert created.status_code == 201
    purchase_id = created.json()["purchaseId"]

    committed = await client.post(f"{API}/commitments", json={"purchaseId": purchase_id} | ONE_TIME)
    assert committed.status_code == 201
    commitment_id = committed.json()["commitmentId"]

    requested = await client.post(f"{API}/commitments/{commitment_id}/requests")
    assert requested.status_code == 201
    assert requested.json()["state"] == "Approved"

    order = (await client.get(requested.json()["order"]["href"])).json()
    assert order["state"] == "Open"
    assert order["purchase"]["id"] == purchase_id
    assert order["amountIncludingTaxes"]["includingTaxes"] == {"value": 120.00, "currency": "EUR"}
    purchase = (await client.get(f"{API}/purchases/{purchase_id}")).json()
    assert purchase["state"] == "Ongoing"
    assert purchase["order"]["number"] == order["number"]
    assert purchase["committedAmount"]["base"] == {"value": 120.00, "currency": "EUR"}


async def test_a_subscription_is_committed_at_its_purchase(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=SUBSCRIPTION)
    assert answer.status_code == 200
    commitment = answer.json()
    assert commitment["subscriptionEndDate"] == "2026-04-13"
    assert commitment["periodsCount"] == 12
    assert commitment["amountIncludingTaxes"]["includingTaxes"] == {"value": 12000.00, "currency": "EUR"}
    assert commitment["items"][0]["id"] == commitment["id"] == commitment["commitmentId"]


async def test_people_approve_what_a_key_may_not_approve_by_itself(
    submitter: httpx2.AsyncClient, approver: httpx2.AsyncClient
) -> None:
    request = await make_request(submitter)
    assert request["state"] == "Pending"
    assert request["assignee"]["id"] == 36
    shown = (await approver.get(f"{API}/requests/{request['id']}")).json()
    answer = await approver.post(
        f"{API}/requests/{request['id']}/approvals", json={"contentHash": shown["contentHash"], "comment": "Fine"}
    )
    assert answer.status_code == 201
    assert answer.json()["state"] == "Approved"
    decision = answer.json()["decisions"][0]
    assert (decision["by"]["id"], decision["comment"], decision["stated"]) == (36, "Fine", True)


async def test_a_repeat_with_the_same_key_is_answered_with_the_first_success(client: httpx2.AsyncClient) -> None:
    first = await client.post(f"{API}/purchases", json=PURCHASE, headers={"Idempotency-Key": "once"})
    again = await client.post(f"{API}/purchases", json=PURCHASE, headers={"Idempotency-Key": "once"})
    assert again.status_code == first.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Location"] == first.headers["Location"]


async def test_a_repeat_is_answered_as_it_was_then_also_when_much_has_happened_since(
    client: httpx2.AsyncClient,
) -> None:
    headers = {"Idempotency-Key": "once"}
    first = await client.post(f"{API}/purchases", json=PURCHASE, headers=headers)
    purchase_id = first.json()["id"]
    commitment = await make_commitment(client, purchase_id)
    await client.post(f"{API}/commitments/{commitment['id']}/requests")
    await client.post(f"{API}/purchases/{purchase_id}/closing", json={"comment": "done", "date": "2025-04-20"})
    again = await client.post(f"{API}/purchases", json=PURCHASE, headers=headers)
    assert again.json() == first.json()


async def test_another_company_cannot_tell_that_a_purchase_exists(client: httpx2.AsyncClient, rival: Company) -> None:
    purchase = await make_purchase(client)
    async with await rival.caller() as stranger:
        theirs = await stranger.get(f"{API}/purchases/{purchase['id']}")
        nobodys = await stranger.get(f"{API}/purchases/2147483647")
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json()["code"] == nobodys.json()["code"]
