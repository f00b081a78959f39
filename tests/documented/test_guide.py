"""The public guide, call by call as it is printed, and each answer held against the documented schemas."""

from typing import Any

import httpx2
import pytest

from tests.documented.schemas import document, faults_of
from tests.fixtures.companies import Company

CALLS: dict[str, dict[str, Any]] = document("guide.yaml")["calls"]
JSON = {"Content-Type": "application/json"}
ANSWERS = {
    "create-purchase": ["purchases.yaml#/schemas/purchase"],
    "create-one-time-commitment": [
        "commitment.yaml#/schemas/commitment",
        "commitment.yaml#/schemas/commitments",
        "commitment.yaml#/schemas/one-time-commitment",
    ],
    "create-subscription-commitment": [
        "commitment.yaml#/schemas/commitment",
        "commitment.yaml#/schemas/commitments",
        "commitment.yaml#/schemas/subscription-commitment",
    ],
    "list-tax-rates": ["taxes.yaml#/schemas/vat-rates"],
    "trigger-approval": ["requests.yaml#/schemas/commitment-request"],
    "cancel-request": ["requests.yaml#/schemas/commitment-request"],
    "close-purchase": ["purchases.yaml#/schemas/purchase"],
}


class Guide:
    """Somebody who follows the guide: what one call gives is put into the next."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client
        self._given: dict[str, int] = {}

    async def follow(self, name: str) -> dict[str, Any]:
        """Make a call as printed, and check its answer."""
        call = CALLS[name]
        path, body = self._filled(call["path"]), self._filled(call.get("body", ""))
        headers = JSON if body else {"Content-Length": "0"} if call["method"] == "POST" else {}
        answer = await self._client.request(call["method"], path, content=body.encode(), headers=headers)
        expected = call["status"] if isinstance(call["status"], list) else [call["status"]]
        assert answer.status_code in expected, answer.text
        told: Any = answer.json()
        for schema in ANSWERS[name]:
            assert faults_of(schema, told) == [], schema
        if "gives" in call:
            self._given[call["gives"]] = told.get(call["gives"], told["id"])
        return told if isinstance(told, dict) else {"items": told}

    def _filled(self, text: str) -> str:
        for name, number in self._given.items():
            text = text.replace(f"{{{{{name}}}}}", str(number))
        assert "{{" not in text
        return text


@pytest.mark.parametrize("commitment", ["create-one-time-commitment", "create-subscription-commitment"])
@pytest.mark.parametrize("status", [200, 201])
async def test_the_guide_leads_to_an_approved_order(company: Company, commitment: str, status: int) -> None:
    async with await company.caller(created_status=status) as client:
        guide = Guide(client)
        purchase = await guide.follow("create-purchase")
        assert purchase["purchaseId"] == purchase["id"]
        committed = await guide.follow(commitment)
        assert committed["commitmentId"] == committed["id"] == committed["items"][0]["id"]
        request = await guide.follow("trigger-approval")
        assert request["state"] == "Approved"
        assert request["order"]["number"]
        told = (await client.get(committed["purchase"]["href"])).json()
        assert told["state"] == "Ongoing"
        assert faults_of("purchases.yaml#/schemas/purchase", told) == []


@pytest.mark.parametrize("commitment", ["create-one-time-commitment", "create-subscription-commitment"])
async def test_the_guides_addendum_cancels_and_closes(client: httpx2.AsyncClient, commitment: str) -> None:
    guide = Guide(client)
    for name in ("create-purchase", "list-tax-rates", commitment, "trigger-approval"):
        await guide.follow(name)
    assert (await guide.follow("cancel-request"))["state"] == "Cancelled"
    assert (await guide.follow("close-purchase"))["state"] == "Closed"


async def test_an_approved_purchase_closes_as_the_guide_says(client: httpx2.AsyncClient) -> None:
    guide = Guide(client)
    for name in ("create-purchase", "create-one-time-commitment", "trigger-approval"):
        await guide.follow(name)
    closed = await guide.follow("close-purchase")
    assert (closed["state"], closed["closing"]["date"]) == ("Closed", "2025-04-20")


async def test_the_other_version_of_the_guide_commits_once_at_the_purchase(client: httpx2.AsyncClient) -> None:
    guide = Guide(client)
    purchase = await guide.follow("create-purchase")
    body = CALLS["create-one-time-commitment"]["body"].replace('    "purchaseId": {{purchaseId}},\n', "")
    place = f"/cleemy-procurement/api/purchases/{purchase['id']}/commitment"
    answer = await client.post(place, content=body.encode(), headers=JSON)
    assert answer.status_code == 200
    assert faults_of("commitment.yaml#/schemas/commitment", answer.json()) == []


@pytest.mark.parametrize("host", ["example.ilucca.net", "example.ilucca-test.net", "example.ilucca.ch:443"])
async def test_the_guide_works_under_the_documented_hosts(
    client: httpx2.AsyncClient, company: Company, host: str
) -> None:
    name = host.partition(":")[0]
    await company.owner.execute("INSERT INTO tenant_hosts (host, tenant_id) VALUES ($1, $2)", name, company.tenant_id)
    try:
        client.headers["Host"] = host
        assert (await Guide(client).follow("create-purchase"))["owner"]["href"] == f"http://{host}/api/v3/users/35"
    finally:
        await company.owner.execute("DELETE FROM tenant_hosts WHERE host = $1", name)
