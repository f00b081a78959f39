"""Which rate a document was reckoned with stays on it, whatever is set, loaded, added or ended after."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from emplette.formats.exchange_rates import ReferenceRate
from emplette.services import exchange_rates
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
DAY = date(2025, 4, 14)
USD = {"excludingTaxes": {"value": 1000, "currency": "USD"}, "taxes": []}
ONCE = ONE_TIME | {"amountIncludingTaxes": USD}
MONTHLY = SUBSCRIPTION | {"amountIncludingTaxesPerPeriod": USD}


@pytest_asyncio.fixture
async def _as_it_was(owner: OwnerConnection) -> AsyncIterator[None]:
    """Put the published rate back: it is everybody's."""
    published = "SELECT rate FROM exchange_rates WHERE (currency, date) = ('USD', '2025-04-14')"
    rate = await owner.fetchval(published)
    yield
    await owner.execute("UPDATE exchange_rates SET rate = $1 WHERE (currency, date) = ('USD', '2025-04-14')", rate)


async def _everything_changes(company: Company, database: Database, owner: OwnerConnection) -> None:
    """Correct the published rate of the day, and set and agree on others."""
    corrected = [ReferenceRate("USD", DAY, Decimal("2.5"))]
    report = await exchange_rates.import_rates(owner, corrected, today=NOW.date(), tell=lambda _: None)
    assert report.loaded.corrected == 1
    for on, rate, until in ((DAY, "3.5", None), (date(2025, 1, 1), "4.5", date(2025, 12, 31))):
        await exchange_rates.set_rate(
            database.session(),
            company.tenant_id,
            currency="USD",
            on=on,
            rate=Decimal(rate),
            set_by="the tests",
            now=NOW,
            until=until,
        )


async def _told(client: httpx2.AsyncClient, *paths: str) -> list[Any]:
    answers = [await client.get(f"{API}/{path}") for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json(parse_float=Decimal) for answer in answers]


@pytest.mark.usefixtures("_as_it_was")
@pytest.mark.parametrize("terms", [ONCE, MONTHLY], ids=["once", "monthly"])
@pytest.mark.parametrize("is_approved", [False, True])
async def test_a_document_keeps_its_exchange_rate(
    client: httpx2.AsyncClient,
    company: Company,
    database: Database,
    owner: OwnerConnection,
    terms: dict[str, Any],
    is_approved: bool,  # noqa: FBT001
) -> None:
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], terms)
    paths = [f"purchases/{purchase['id']}", f"commitments/{made['id']}"]
    if is_approved:
        request = (await client.post(f"{API}/commitments/{made['id']}/requests")).json()
        paths += [f"requests/{request['id']}", f"orders/{request['order']['id']}"]
    before = await _told(client, *paths)
    assert "0.878966335589" in str(before)
    await _everything_changes(company, database, owner)
    assert await _told(client, *paths) == before


@pytest.mark.usefixtures("_as_it_was")
async def test_a_document_that_is_made_after_is_reckoned_with_what_counts_then(
    client: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    await _everything_changes(company, database, owner)
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], ONCE)
    amount = made["amountIncludingTaxes"]
    assert (amount["rate"], amount["rateDate"]) == (0.222222222222, "2025-01-01")
    assert amount["counter"]["excludingTaxes"] == {"value": 222.22, "currency": "EUR"}
