"""A price that follows an index is an amendment: asked for, approved, and only then the price."""

import httpx2
import pytest

from tests.fixtures.guide import API, SUBSCRIPTION, make_commitment, make_purchase

RISE = {"index": "Syntec", "before": 305.2, "after": 312.4}


async def subscribed(client: httpx2.AsyncClient) -> tuple[str, str]:
    """Approve a subscription; answer where its commitment is, and its version."""
    made = await make_purchase(client)
    terms = SUBSCRIPTION | {"amountIncludingTaxesPerPeriod": {"excludingTaxes": {"value": 1000, "currency": "EUR"}}}
    commitment = await make_commitment(client, made["id"], terms)
    path = f"{API}/commitments/{commitment['id']}"
    assert (await client.post(f"{path}/requests")).status_code == 201
    return path, (await client.get(path)).headers["ETag"]


async def test_a_price_rises_by_its_index_once_that_is_approved(
    client: httpx2.AsyncClient, submitter: httpx2.AsyncClient
) -> None:
    path, tag = await subscribed(client)
    asked = await submitter.post(f"{path}/price-rises", json=RISE, headers={"If-Match": tag})
    assert asked.status_code == 201, asked.text
    amendment = asked.json()["amendment"]
    assert amendment["changes"] == ["amount", "comment"]
    assert amendment["difference"]["base"] == {"value": 12 * 23.59, "currency": "EUR"}
    price = (await client.get(path)).json()["amountIncludingTaxesPerPeriod"]["excludingTaxes"]["value"]
    assert price == 1000
    assert (await client.post(f"{API}/requests/{asked.json()['id']}/cancellations", json={})).status_code == 201
    tag = (await client.get(path)).headers["ETag"]
    assert (await client.post(f"{path}/price-rises", json=RISE, headers={"If-Match": tag})).status_code == 201
    found = (await client.get(path)).json()
    assert found["amountIncludingTaxesPerPeriod"]["excludingTaxes"]["value"] == 1023.59
    assert found["comment"].endswith("\nSyntec: 305.2 → 312.4")


@pytest.mark.parametrize(
    ("said", "headers", "status"),
    [(RISE, {}, 428), (RISE | {"after": 305.2}, None, 400), (RISE, {"If-Match": '"1.1"'}, 412)],
)
async def test_it_is_for_a_version_that_was_read_and_an_index_that_has_moved(
    said: dict[str, object], headers: dict[str, str] | None, status: int, client: httpx2.AsyncClient
) -> None:
    path, tag = await subscribed(client)
    answer = await client.post(
        f"{path}/price-rises", json=said, headers={"If-Match": tag} if headers is None else headers
    )
    assert answer.status_code == status, answer.text
