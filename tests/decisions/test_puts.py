"""PUT of purchases and commitments: the whole is said anew, and what hangs on it follows."""

from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.lives import Live
from tests.fixtures.problems import conflict, refused

DRAFT = {"name": "Zoé & Fils", "territoryId": "FR"}


async def _put(client: httpx2.AsyncClient, kind: str, number: int, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.put(f"{API}/{kind}/{number}", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert told == (await client.get(f"{API}/{kind}/{number}")).json()
    return told


async def test_what_a_put_leaves_out_is_its_default(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client, establishmentId=2, departmentId=10)
    mandatory = {"title": "Bare", "ownerId": 35, "natureId": 3, "costCenterId": 3, "supplier": DRAFT}
    told = await _put(client, "purchases", made["id"], mandatory)
    assert told["establishment"]["id"] == 1
    assert told["department"]["id"] == 14
    assert told["axisSections"] == []
    assert told["nature"]["id"] == 3
    assert told["supplier"] == DRAFT


async def test_a_put_keeps_who_created_it_and_when_and_tells_who_changed_it(
    client: httpx2.AsyncClient, submitter: httpx2.AsyncClient
) -> None:
    made = await make_purchase(client)
    told = await _put(submitter, "purchases", made["id"], PURCHASE | {"ownerId": 36})
    for name in ("id", "purchaseId", "createdAt", "author"):
        assert told[name] == made[name]
    assert told["owner"]["id"] == 36
    assert told["modifier"] != made["modifier"]
    assert told["modifiedAt"] >= made["modifiedAt"]
    assert told["version"] == made["version"] + 1


async def test_a_put_may_turn_a_listed_supplier_into_a_draft_and_back(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client)
    assert (await _put(client, "purchases", made["id"], PURCHASE | {"supplier": DRAFT}))["supplier"] == DRAFT
    assert (await _put(client, "purchases", made["id"], PURCHASE))["supplier"]["id"] == 6


async def test_what_was_put_is_found_by_its_new_words(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client, title="Chairs")
    await _put(client, "purchases", made["id"], PURCHASE | {"title": "Tables", "supplier": DRAFT})
    for words, count in (("chairs", 0), ("amazon", 0), ("tables", 1), ("zoe fils", 1)):
        page = (await client.get(f"{API}/purchases", params={"search.terms": words})).json()
        assert len(page["items"]) == count, words


@pytest.mark.parametrize("stage", ["denied", "cancelled while pending", "cancelled when approved"])
async def test_what_is_put_after_a_denial_is_what_the_next_commitment_is_for(live: Live, stage: str) -> None:
    life = await live(stage)
    told = await _put(life.submitter, "purchases", life.purchase_id, PURCHASE | {"establishmentId": 2, "title": "New"})
    assert told["commitment"]["amountIncludingTaxes"]["counter"]["excludingTaxes"]["currency"] == "EUR"
    made = await make_commitment(life.submitter, life.purchase_id)
    assert made["amountIncludingTaxes"]["counter"]["excludingTaxes"]["currency"] == "CHF"
    assert made["purchase"]["name"] == "New"


async def test_somebody_who_leaves_later_may_own_what_is_put(client: httpx2.AsyncClient, company: Company) -> None:
    await company.owner.execute(
        "UPDATE users SET left_on = '2999-01-01' WHERE tenant_id = $1 AND user_id = 35", company.tenant_id
    )
    made = await make_purchase(client)
    assert (await _put(client, "purchases", made["id"], PURCHASE | {"title": "Still here"}))["title"] == "Still here"


async def test_what_a_put_of_a_commitment_leaves_out_is_its_default(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    more = {"contractualObligation": {"value": 6, "unit": "Month"}, "terminationNotice": {"value": 1, "unit": "Month"}}
    made = await make_commitment(client, purchase["id"], SUBSCRIPTION | more | {"paymentMethod": "Check"})
    names = ("type", "startDate", "invoicingFrequency", "subscriptionDuration", "amountIncludingTaxesPerPeriod")
    told = await _put(client, "commitments", made["id"], {name: SUBSCRIPTION[name] for name in names})
    assert (told["comment"], told["paymentMethod"], told["contractualEndDate"]) == (None, None, None)
    assert {"contractualObligation", "terminationNotice", "lastNoticeDate"}.isdisjoint(told)
    assert told["firstInvoiceDate"] == "2025-04-14"


@pytest.mark.parametrize(("first", "second"), [(ONE_TIME, SUBSCRIPTION), (SUBSCRIPTION, ONE_TIME)])
async def test_a_put_may_change_the_type_of_a_commitment(
    client: httpx2.AsyncClient, first: dict[str, Any], second: dict[str, Any]
) -> None:
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], first)
    told = await _put(client, "commitments", made["id"], second)
    assert told["type"] == second["type"]
    gone = {"costDate", "invoiceDate"} if first is ONE_TIME else {"startDate", "subscriptionDuration", "periodsCount"}
    assert gone.isdisjoint(told)
    assert told["purchase"]["type"] + "Commitment" == second["type"]
    asked = (await client.post(f"{API}/commitments/{made['id']}/requests")).json()
    assert asked["businessObject"]["type"] == second["type"]


async def test_a_put_of_a_commitment_replaces_its_taxes(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    lines = [{"rateTypeId": 45, "value": value, "currency": "EUR"} for value in (1, 2, 3)]
    amount = {"excludingTaxes": {"value": 10, "currency": "EUR"}}
    made = await make_commitment(client, purchase["id"], ONE_TIME | {"amountIncludingTaxes": amount | {"taxes": lines}})
    for kept in (slice(1), slice(0), slice(3), slice(1, 3)):
        taxes = lines[kept]
        body = ONE_TIME | {"amountIncludingTaxes": amount | {"taxes": taxes}}
        told = await _put(client, "commitments", made["id"], body)
        assert told["amountIncludingTaxes"]["taxes"] == taxes
        assert told["amountIncludingTaxes"]["includingTaxes"]["value"] == 10 + sum([1, 2, 3][kept])


async def test_a_put_of_a_commitment_names_no_other_purchase(client: httpx2.AsyncClient) -> None:
    purchase, other = await make_purchase(client), await make_purchase(client)
    made = await make_commitment(client, purchase["id"])
    told = await _put(client, "commitments", made["id"], ONE_TIME | {"purchase": {"id": other["id"]}})
    assert told["purchase"]["id"] == purchase["id"]


async def test_a_supplier_listed_later_is_the_orders_too(live: Live) -> None:
    life = await live("approved", supplier=DRAFT)
    assert (await life.submitter.get(life.order)).json()["supplier"] == DRAFT
    await life.submitter.put(f"{life.purchase}/supplier", json={"id": 8})
    assert (await life.submitter.get(life.order)).json()["supplier"]["id"] == 8
    listed = (await life.submitter.get(f"{API}/orders?supplierId=8")).json()["items"]
    assert [order["id"] for order in listed] == [life.order_id]
    purchase = await life.read()
    assert (purchase["supplier"]["id"], purchase["state"]) == (8, "Ongoing")


async def test_a_supplier_is_listed_once(live: Live) -> None:
    life = await live("new", supplier=DRAFT)
    assert (await life.submitter.put(f"{life.purchase}/supplier", json={"id": 6})).status_code == 200
    conflict(
        await life.submitter.put(f"{life.purchase}/supplier", json={"id": 6}), "Created", "purchases", life.purchase_id
    )


async def test_who_may_only_manage_lists_suppliers_of_what_they_see(company: Company, live: Live) -> None:
    life = await live("new", supplier=DRAFT)
    async with await company.caller(permissions=("manage",)) as blind:
        refused(await blind.put(f"{life.purchase}/supplier", json={"id": 6}), 404)
    async with await company.caller(permissions=("manage", "view:all")) as seeing:
        assert (await seeing.put(f"{life.purchase}/supplier", json={"id": 6})).status_code == 200


async def test_a_replay_tells_a_new_commitment_without_the_old_ones_order(live: Live) -> None:
    life = await live("cancelled when approved")
    key = {"Idempotency-Key": "another"}
    first = await life.submitter.post(f"{life.purchase}/commitment", json=SUBSCRIPTION, headers=key)
    assert "order" not in first.json()
    await life.submitter.post(f"{API}/commitments/{first.json()['id']}/requests")
    again = await life.submitter.post(f"{life.purchase}/commitment", json=SUBSCRIPTION, headers=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()


async def test_a_replay_tells_the_supplier_of_then(live: Live) -> None:
    life = await live("new")
    key = {"Idempotency-Key": "draft"}
    first = await life.submitter.post(f"{API}/purchases", json=PURCHASE | {"supplier": DRAFT}, headers=key)
    await life.submitter.put(f"{first.headers['Location']}/supplier", json={"id": 8})
    await life.submitter.put(first.headers["Location"], json=PURCHASE | {"title": "Renamed"})
    again = await life.submitter.post(f"{API}/purchases", json=PURCHASE | {"supplier": DRAFT}, headers=key)
    assert again.json() == first.json()
    assert again.headers["ETag"] == first.headers["ETag"]
