"""Nobody approves what they wrote, in whatever order things were written."""

import httpx2
import pytest_asyncio

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, make_commitment, make_purchase


@pytest_asyncio.fixture
async def alma(company: Company) -> httpx2.AsyncClient:
    """Lend the approver, who may write purchases as well."""
    permissions = ("purchases:all", "view:all", "approve", "manage")
    return await company.caller(permissions=permissions, person=36)


async def _ask(client: httpx2.AsyncClient, commitment_id: int) -> int:
    asked = await client.post(f"{API}/commitments/{commitment_id}/requests")
    assert asked.status_code == 201, asked.text
    request_id: int = asked.json()["id"]
    return request_id


async def _approval(alma: httpx2.AsyncClient, request_id: int) -> tuple[int, str]:
    answer = await alma.post(f"{API}/requests/{request_id}/approvals")
    return answer.status_code, answer.json().get("code", "")


async def test_who_changed_a_purchase_before_its_commitment_may_not_approve_it(
    submitter: httpx2.AsyncClient, alma: httpx2.AsyncClient
) -> None:
    purchase = await make_purchase(submitter)
    await alma.put(f"{API}/purchases/{purchase['id']}", json=PURCHASE | {"title": "Mine now"})
    commitment = await make_commitment(submitter, purchase["id"])
    assert await _approval(alma, await _ask(submitter, commitment["id"])) == (403, "approval.own_request")


async def test_who_changed_a_purchase_before_somebody_changed_its_commitment_may_not_approve_it(
    submitter: httpx2.AsyncClient, alma: httpx2.AsyncClient
) -> None:
    purchase = await make_purchase(submitter)
    commitment = await make_commitment(submitter, purchase["id"])
    await alma.put(f"{API}/purchases/{purchase['id']}", json=PURCHASE | {"title": "Mine now"})
    await submitter.put(f"{API}/commitments/{commitment['id']}", json=ONE_TIME | {"comment": "later"})
    assert await _approval(alma, await _ask(submitter, commitment["id"])) == (403, "approval.own_request")


async def test_who_chose_the_supplier_during_the_review_may_not_approve_it(
    submitter: httpx2.AsyncClient, alma: httpx2.AsyncClient
) -> None:
    purchase = await make_purchase(submitter, supplier={"name": "Amazon", "territoryId": "FR"})
    commitment = await make_commitment(submitter, purchase["id"])
    request_id = await _ask(submitter, commitment["id"])
    listed = await alma.put(f"{API}/purchases/{purchase['id']}/supplier", json={"id": 6})
    assert listed.status_code == 200
    assert await _approval(alma, request_id) == (403, "approval.own_request")


async def test_who_asked_for_the_approval_may_not_give_it(
    submitter: httpx2.AsyncClient, alma: httpx2.AsyncClient
) -> None:
    purchase = await make_purchase(submitter)
    commitment = await make_commitment(submitter, purchase["id"])
    assert await _approval(alma, await _ask(alma, commitment["id"])) == (403, "approval.own_request")


async def test_a_supplier_who_cannot_charge_the_taxes_is_not_put_in_the_place_of_one_who_can(
    client: httpx2.AsyncClient,
) -> None:
    purchase = await make_purchase(client, supplier={"name": "Edelweiss", "territoryId": "GP"}, establishmentId=2)
    rates = (await client.get("/cleemy-procurement/taxes/api/rates?date=2025-04-14&territoryId=GP")).json()
    tax = {"rateTypeId": rates[0]["rateType"]["id"], "value": 10.2, "currency": "EUR"}
    amount = {"excludingTaxes": {"value": 120, "currency": "EUR"}, "taxes": [tax]}
    await make_commitment(client, purchase["id"], amountIncludingTaxes=amount)
    answer = await client.put(f"{API}/purchases/{purchase['id']}/supplier", json={"id": 6})
    assert answer.status_code == 400
    assert "rate type" in answer.json()["errors"]["id"][0]


async def test_an_order_tells_that_its_supplier_was_listed_after_the_approval(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client, supplier={"name": "Amazon", "territoryId": "FR"})
    commitment = await make_commitment(client, purchase["id"])
    asked = await client.post(f"{API}/commitments/{commitment['id']}/requests")
    await client.put(f"{API}/purchases/{purchase['id']}/supplier", json={"id": 6})
    order = (await client.get(asked.json()["order"]["href"])).json()
    assert [entry["what"] for entry in order["history"]] == ["Created", "Amended"]
    assert order["supplier"]["id"] == 6


async def test_a_repeat_is_answered_also_when_the_purchase_has_moved_out_of_sight(company: Company) -> None:
    camille = await company.caller(permissions=("purchases:own",), person=35)
    admin = await company.caller()
    purchase = await make_purchase(admin)
    headers = {"Idempotency-Key": "once"}
    terms = ONE_TIME | {"purchaseId": purchase["id"]}
    first = await camille.post(f"{API}/commitments", json=terms, headers=headers)
    moved = await admin.put(f"{API}/purchases/{purchase['id']}", json=PURCHASE | {"ownerId": 37})
    assert moved.status_code == 200
    assert (await camille.get(f"{API}/purchases/{purchase['id']}")).status_code == 404
    again = await camille.post(f"{API}/commitments", json=terms, headers=headers)
    assert again.status_code == first.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
