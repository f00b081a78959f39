"""Things that are changed behind the servers' backs, and how a caller finds out that a server knows."""

from datetime import UTC, date, datetime
from decimal import Decimal

import httpx2

from emplette.services import taxes
from emplette.services.exchange_rates import set_rate
from emplette.storage.database import Database
from emplette.storage.people import tenant_of_host
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, PURCHASE, make_commitment, make_purchase, make_request

RATES = "/cleemy-procurement/taxes/api/rates"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
POLICY = """INSERT INTO policies (tenant_id, version, source, rules, loaded_at)
VALUES ($1, 2, 'steps', '{"steps": [{"name": "Board", "anyOf": [36]}]}', now())"""
REVOKE = "UPDATE api_keys SET revoked_at = now() WHERE tenant_id = $1 AND secret_hash = sha256($2::bytea)"
TAKE_AWAY = "UPDATE api_keys SET permissions = '{view:all}' WHERE tenant_id = $1 AND secret_hash = sha256($2::bytea)"
NEW_LAW = """UPDATE vat_rates SET percentage = 0.77 FROM vat_rate_types t
WHERE t.rate_type_id = vat_rates.rate_type_id AND t.territory_id = 'DE'"""
ARCHIVE = "UPDATE natures SET state = 'Disabled' WHERE tenant_id = $1 AND nature_id = 3"


async def change_everything(
    company: Company, url: str, leaving: httpx2.AsyncClient, losing: httpx2.AsyncClient, second: str
) -> None:
    """Change whatever servers keep: of two keys, of a second host name, of the policy, of all rates, of a nature."""
    number, behind = company.tenant_id, company.owner
    secrets = [client.headers["Authorization"].partition("=")[2].encode() for client in (leaving, losing)]
    await behind.execute(REVOKE, number, secrets[0])
    await behind.execute(TAKE_AWAY, number, secrets[1])
    await behind.execute("DELETE FROM tenant_hosts WHERE host = $1", second)
    await behind.execute(POLICY, number)
    await behind.execute(NEW_LAW)
    await behind.execute(ARCHIVE, number)
    database = await Database.connect(url)
    db = database.session()
    tenant = await tenant_of_host(db, company.host)
    assert tenant is not None
    await taxes.add_rate(
        db,
        tenant,
        territory_id="NO",
        rate_type="Normal",
        percentage=Decimal("0.25"),
        first_day=date(2005, 1, 1),
        last_day=None,
        now=NOW,
    )
    day = date(2025, 4, 14)
    await set_rate(db, number, currency="USD", on=day, rate=Decimal(2), set_by="test", now=NOW, until=day)
    await database.close()


async def refuses_the_key(caller: httpx2.AsyncClient) -> bool:
    return (await caller.get(f"{API}/purchases?limit=1")).status_code == 401


async def refuses_to_buy(caller: httpx2.AsyncClient) -> bool:
    return (await caller.post(f"{API}/purchases", json=PURCHASE)).status_code == 403


async def knows_no_host(host: str, caller: httpx2.AsyncClient) -> bool:
    return (await caller.get(f"{API}/purchases?limit=1", headers={"Host": host})).status_code == 404


async def asks_the_board(caller: httpx2.AsyncClient) -> bool:
    return bool((await make_request(caller))["steps"][0]["name"] == "Board")


async def lists_own_rate(caller: httpx2.AsyncClient) -> bool:
    asked = await caller.get(RATES, params={"date": "2025-04-14", "territoryId": "NO"})
    return [rate["percentage"] for rate in asked.json()] == [0.25]


async def lists_new_law(caller: httpx2.AsyncClient) -> bool:
    asked = await caller.get(RATES, params={"date": "2025-04-14", "territoryId": "DE"})
    return 0.77 in [rate["percentage"] for rate in asked.json()]


async def converts_anew(caller: httpx2.AsyncClient) -> bool:
    amount = {"excludingTaxes": {"value": 120, "currency": "USD"}, "taxes": []}
    made = await make_commitment(caller, (await make_purchase(caller))["id"], amountIncludingTaxes=amount)
    return float(made["amountIncludingTaxes"]["rate"]) == 0.5


async def refuses_the_nature(caller: httpx2.AsyncClient) -> bool:
    return (await caller.post(f"{API}/purchases", json=PURCHASE | {"natureId": 3})).status_code == 400
