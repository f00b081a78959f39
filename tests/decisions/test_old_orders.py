"""orders, lists: the order of a commitment that another took the place of is found by what it shows."""

from typing import Any

import httpx2

from tests.fixtures.guide import API, ONE_TIME, PURCHASE, make_commitment
from tests.fixtures.lives import Live


async def _found(client: httpx2.AsyncClient, **filters: int) -> list[int]:
    listed: dict[str, Any] = (await client.get(f"{API}/orders", params=filters)).json()
    return [order["id"] for order in listed["items"]]


async def test_an_old_order_is_found_by_the_owner_and_the_supplier_that_it_shows(live: Live) -> None:
    life = await live("cancelled when approved")
    await make_commitment(life.submitter, life.purchase_id, ONE_TIME)
    for changed in ({"ownerId": 39}, {"supplier": {"id": 8}}, {"supplier": {"name": "Zoé", "territoryId": "FR"}}):
        answer = await life.submitter.put(life.purchase, json=PURCHASE | changed)
        assert answer.status_code == 200, answer.text
        order = (await life.submitter.get(life.order)).json()
        for owner in (35, 39):
            assert (life.order_id in await _found(life.submitter, ownerId=owner)) is (order["owner"]["id"] == owner)
        for supplier in (6, 8):
            is_shown = order["supplier"].get("id") == supplier
            assert (life.order_id in await _found(life.submitter, supplierId=supplier)) is is_shown
    assert (await life.submitter.put(f"{life.purchase}/supplier", json={"id": 8})).status_code == 200
    assert await _found(life.submitter, supplierId=8) == [life.order_id]
    assert [entry["what"] for entry in (await life.submitter.get(life.order)).json()["history"]] == [
        "Created",
        "Cancelled",
    ]
