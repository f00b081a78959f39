"""What is mandatory: where a purchase is bought for, when nobody says so."""

from typing import Any

import httpx2

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, PURCHASE, make_purchase
from tests.fixtures.problems import refused

UNSAID: dict[str, Any] = {name: value for name, value in PURCHASE.items() if name != "establishmentId"}


async def _archive(company: Company) -> None:
    await company.owner.execute(
        "UPDATE establishments SET is_archived = true WHERE tenant_id = $1 AND establishment_id = 1", company.tenant_id
    )


async def test_an_establishment_that_is_not_said_is_the_owners(client: httpx2.AsyncClient) -> None:
    assert (await make_purchase(client, establishmentId=None))["establishment"]["id"] == 1


async def test_an_archived_one_of_the_owner_is_not_taken_in_silence(
    client: httpx2.AsyncClient, company: Company
) -> None:
    made = await make_purchase(client)
    await _archive(company)
    created = await client.post(f"{API}/purchases", json=UNSAID)
    revised = await client.put(f"{API}/purchases/{made['id']}", json=UNSAID)
    for answer in (created, revised):
        problem = refused(answer, 400, "request.invalid")
        (message,) = problem["errors"]["establishmentId"]
        assert message == "Establishment 1, the owner's, is archived: say another one."
    said = await client.post(f"{API}/purchases", json=UNSAID | {"establishmentId": 2})
    assert said.json()["establishment"]["id"] == 2
