"""A budget that is made later holds what one holds that was there, however much hangs on it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.fixtures.budgets import YEAR, euros, law, make_budget, numbers
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase


@pytest_asyncio.fixture
async def admin(company: Company) -> AsyncIterator[httpx2.AsyncClient]:
    async with await company.caller(permissions=("configure", "view:all")) as caller:
        yield caller


async def ask(client: httpx2.AsyncClient, terms: dict[str, Any]) -> httpx2.Response:
    """Ask for approval of a new purchase."""
    purchase = await make_purchase(client)
    commitment = await make_commitment(client, purchase["id"], terms)
    return await client.post(f"{API}/commitments/{commitment['id']}/requests")


def costing(value: float, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    return ONE_TIME | {"amountIncludingTaxes": {"excludingTaxes": euros(value), "taxes": []}} | changes


async def test_a_budget_that_is_made_later_holds_what_one_that_was_there_holds_however_much_that_is(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emplette.storage.takeovers.PIECE", 2)
    about: list[dict[str, Any]] = [
        {"costCenterId": None, **named}
        for named in (
            {},
            {"costCenterId": 3},
            {"natureId": 1},
            {"costFamilyId": 1},
            {"departmentId": 10},
            {"axisSectionId": 361},
            {"establishmentId": 1},
            {"costCenterId": 3, "natureId": 3},
            {"startDate": "2025-08-01"},
            {"departmentId": 14, "costFamilyId": 1, "endDate": "2025-04-30"},
        )
    ]
    large = euros(100_000)
    before = [await make_budget(admin, name="Before", amount=large, **named) for named in about]
    for terms in (ONE_TIME, SUBSCRIPTION, costing(7.31), costing(80, costDate="2025-09-01"), costing(3)):
        assert (await ask(client, terms)).status_code == 201
    after = [await make_budget(admin, name="After", amount=large, **named) for named in about]
    held = [await numbers(admin, each["id"]) for each in before]
    assert [await numbers(admin, each["id"]) for each in after] == held
    assert len({each.get("committed", 0) for each in held}) >= 4, "they differ in what they are about"
    again = YEAR | {"name": "Again", "amount": large, "costCenterId": None}
    first, second = [
        await admin.post(f"{API}/budgets", json=again, headers={"Idempotency-Key": "again"}) for _ in range(2)
    ]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert first.json()["committed"]["value"] == held[0]["committed"]
    await law(company)
