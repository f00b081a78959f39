"""A company's own VAT rates on the wire: listed, named by lines of taxes, and not changed once a document uses them."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx2
import pytest

from emplette.domain.errors import Invalid
from emplette.domain.people import Tenant
from emplette.services import taxes
from emplette.storage.database import Database, Session
from emplette.storage.people import tenant_of_account
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.problems import faults

RATES = "/cleemy-procurement/taxes/api/rates"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
AMOUNT = "amountIncludingTaxes"


class Own:
    """One company's way of saying what its rates are."""

    def __init__(self, db: Session, tenant: Tenant) -> None:
        self.db = db
        self.tenant = tenant

    async def add(self, place: str, kind: str, percentage: str, first: date, last: date | None = None) -> int:
        found, _ = await taxes.add_rate(
            self.db,
            self.tenant,
            territory_id=place,
            rate_type=kind,
            percentage=Decimal(percentage),
            first_day=first,
            last_day=last,
            now=NOW,
        )
        return found.id

    async def end(self, place: str, kind: str, last: date) -> None:
        await taxes.end_rate(self.db, self.tenant, territory_id=place, rate_type=kind, last_day=last, now=NOW)


@pytest.fixture
async def own(company: Company, database: Database) -> Own:
    db = database.session()
    account = await company.owner.fetchval("SELECT account FROM tenants WHERE tenant_id = $1", company.tenant_id)
    tenant = await tenant_of_account(db, account)
    assert tenant is not None
    return Own(db, tenant)


def taxed(kind: int, **changes: object) -> dict[str, object]:
    line = {"rateTypeId": kind, "value": 1, "currency": "EUR"}
    return ONE_TIME | {AMOUNT: {"excludingTaxes": {"value": 10, "currency": "EUR"}, "taxes": [line]}} | changes


async def test_a_type_of_ones_own_is_listed_and_named_like_any_other(client: httpx2.AsyncClient, own: Own) -> None:
    kind = await own.add("NO", "Normal", "0.25", date(2005, 1, 1))
    listed = (await client.get(RATES, params={"date": "2025-04-14", "territoryId": "NO"})).json()
    assert listed == [
        {
            "id": 1_500_000_000,
            "percentage": 0.25,
            "rateType": {"id": kind, "name": "Normal", "territoryId": "NO", "recoveryRules": []},
        }
    ]
    purchase = await make_purchase(client, supplier={"name": "Fjord", "territoryId": "NO"})
    made = await make_commitment(client, purchase["id"], taxed(kind))
    assert made[AMOUNT]["taxes"][0]["rateTypeId"] == kind


async def test_a_rival_can_not_name_it(rival: Company, own: Own) -> None:
    kind = await own.add("NO", "Normal", "0.25", date(2005, 1, 1))
    async with await rival.caller() as caller:
        assert (await caller.get(RATES, params={"date": "2025-04-14", "territoryId": "NO"})).json() == []
        purchase = await make_purchase(caller, supplier={"name": "Fjord", "territoryId": "NO"})
        answer = await caller.post(f"{API}/purchases/{purchase['id']}/commitment", json=taxed(kind))
        assert set(faults(answer)) == {f"{AMOUNT}.taxes[0].rateTypeId"}


@pytest.mark.parametrize("terms", [ONE_TIME, SUBSCRIPTION])
async def test_a_rate_that_a_document_uses_is_neither_changed_nor_ended_and_it_says_what_uses_it(
    client: httpx2.AsyncClient, own: Own, terms: dict[str, object]
) -> None:
    field = AMOUNT if terms["type"] == "OneTimeCommitment" else f"{AMOUNT}PerPeriod"
    day = "costDate" if terms["type"] == "OneTimeCommitment" else "startDate"
    line = {"rateTypeId": 45, "value": 1, "currency": "EUR"}
    amount = {"excludingTaxes": {"value": 10, "currency": "EUR"}, "taxes": [line]}
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], terms | {field: amount, day: "2025-04-14"})
    with pytest.raises(Invalid) as change:
        await own.add("FR", "Normal", "0.21", date(2025, 4, 14))
    with pytest.raises(Invalid) as ending:
        await own.end("FR", "Normal", date(2025, 4, 13))
    reason = f"Commitment {made['id']} names Normal (45) on days whose rate would change, 2025-04-14 the last of them"
    assert change.value.faults["firstDay"][0].startswith(reason)
    assert ending.value.faults["lastDay"][0].startswith(reason)
    # What changes nothing for it is welcome: the same percentage, a later day, another type.
    await own.add("FR", "Normal", "0.2", date(2025, 1, 1), date(2025, 6, 30))
    await own.add("FR", "Normal", "0.21", date(2025, 4, 15))
    await own.add("FR", "Intermediate", "0.12", date(2025, 1, 1))
    await own.end("FR", "Reduced", date(2025, 1, 1))


async def test_many_uses_are_counted(client: httpx2.AsyncClient, own: Own) -> None:
    for _ in range(7):
        purchase = await make_purchase(client)
        await make_commitment(client, purchase["id"], taxed(45))
    with pytest.raises(Invalid) as refused:
        await own.end("FR", "45", date(2020, 1, 1))
    assert " and 2 more name Normal (45) " in refused.value.faults["lastDay"][0]


async def test_a_line_can_not_name_a_type_on_a_day_after_it_ended(client: httpx2.AsyncClient, own: Own) -> None:
    await own.end("FR", "Reduced", date(2025, 4, 14))
    purchase = await make_purchase(client)
    late = taxed(2, costDate="2025-04-15", invoiceDate="2025-04-15")
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=late)
    assert set(faults(answer)) == {f"{AMOUNT}.taxes[0].rateTypeId"}
    in_time = taxed(2, costDate="2025-04-14", invoiceDate="2025-04-15")
    assert (await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=in_time)).status_code == 200


async def test_what_several_say_at_once_is_all_kept_or_said_again_and_one_type_is_made(
    company: Company, own: Own
) -> None:
    first = date(2005, 1, 1)
    said = await asyncio.gather(
        *(own.add("NO", "Normal", f"0.2{number}", first) for number in range(5)), return_exceptions=True
    )
    kept = [one for one in said if isinstance(one, int)]
    refused = [one.faults["rateType"][0] for one in said if isinstance(one, Invalid)]
    assert kept
    assert all(reason.endswith("say it again.") for reason in refused)
    counted = "SELECT count(*) FROM {} WHERE tenant_id = $1"
    assert await company.owner.fetchval(counted.format("tenant_vat_rate_types"), company.tenant_id) == 1
    assert await company.owner.fetchval(counted.format("tenant_vat_rates"), company.tenant_id) == len(kept)
    assert len(kept) + len(refused) == len(said)
