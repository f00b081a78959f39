"""What people complained about where an order has to change, as a promise."""

from typing import Any

import httpx2

from tests.fixtures.guide import API, ONE_TIME
from tests.fixtures.lives import Live


async def test_complaint_16_an_order_is_changed_without_cancelling_its_chain(live: Live) -> None:
    """See github.com/frappe/erpnext/issues/10728 and /issues/51649."""
    life = await live("approved")
    order = (await life.submitter.get(life.order)).json()
    asked = await _amend(life.submitter, life.commitment, 150)
    assert (await life.submitter.get(life.order)).json()["amountIncludingTaxes"] == order["amountIncludingTaxes"]
    approved = await life.approver.post(f"{API}/requests/{asked['id']}/approvals", json={})
    assert approved.status_code == 201, approved.text
    amended = (await life.submitter.get(life.order)).json()
    assert [amended[name] for name in ("id", "number", "state")] == [order[name] for name in ("id", "number", "state")]
    assert amended["amountIncludingTaxes"]["excludingTaxes"]["value"] == 150
    purchase = await life.read()
    assert (purchase["state"], purchase["commitment"]["id"]) == ("Ongoing", life.commitment_id)
    assert [entry["what"] for entry in amended["history"]] == ["Created", "Amended"]


async def _amend(caller: httpx2.AsyncClient, commitment: str, value: int) -> dict[str, Any]:
    tag = (await caller.get(commitment)).headers["ETag"]
    body = ONE_TIME | {"amountIncludingTaxes": {"excludingTaxes": {"value": value, "currency": "EUR"}}}
    answer = await caller.post(f"{commitment}/amendments", json=body, headers={"If-Match": tag})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made
