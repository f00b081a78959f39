"""Amendments: an approved commitment is changed through a request of its own, and until then it holds."""

from typing import Any, Final

import httpx2
import pytest

from tests.fixtures.guide import API, ONE_TIME, make_request


def costing(amount: float, terms: dict[str, Any] = ONE_TIME, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Say the whole of a commitment at another price."""
    field = next(name for name in terms if name.startswith("amountIncludingTaxes"))
    return terms | {field: {"excludingTaxes": {"value": amount, "currency": "EUR"}, "taxes": []}} | changes


async def amend(
    client: httpx2.AsyncClient, commitment_id: int, body: dict[str, Any], **headers: str
) -> httpx2.Response:
    """Propose an amendment of the commitment as it is now."""
    path = f"{API}/commitments/{commitment_id}"
    tag = (await client.get(path)).headers["ETag"]
    return await client.post(f"{path}/amendments", json=body, headers={"If-Match": tag} | headers)


async def test_a_key_that_approves_by_itself_raises_a_commitment_at_once(client: httpx2.AsyncClient) -> None:
    made = await make_request(client)
    commitment_id = made["businessObject"]["id"]
    answer = await amend(client, commitment_id, costing(150))
    assert answer.status_code == 201, answer.text
    request = answer.json()
    assert (request["kind"], request["state"], request["actions"]) == ("Amendment", "Approved", [])
    told = request["amendment"]
    assert told["before"]["amountIncludingTaxes"]["excludingTaxes"]["value"] == 120
    assert told["after"]["amountIncludingTaxes"]["excludingTaxes"]["value"] == 150
    assert told["difference"]["base"] == {"value": 30, "currency": "EUR"}
    assert told["changes"] == ["amount"]
    purchase = (await client.get(f"{API}/purchases/{made['purchase']['id']}")).json()
    assert purchase["state"] == "Ongoing"
    assert purchase["committedAmount"]["base"]["value"] == 150
    assert purchase["requestedAmount"]["base"]["value"] == 0
    assert purchase["commitment"]["request"] == {
        "id": made["id"],
        "href": f"{API}/requests/{made['id']}",
        "state": "Approved",
    }
    order = (await client.get(f"{API}/orders/{purchase['order']['id']}")).json()
    assert [entry["what"] for entry in order["history"]] == ["Created", "Amended"]
    assert order["amountIncludingTaxes"]["excludingTaxes"]["value"] == 150
