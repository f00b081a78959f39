"""orders, U8, C24: what an approved purchase becomes, its money, and where links lead."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from emplette.services.exchange_rates import set_rate
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase, make_request
from tests.fixtures.lives import STAGES, Live
from tests.fixtures.problems import refused

NOW = datetime(2026, 1, 1, tzinfo=UTC)
AMOUNTS = ["requestedAmount", "committedAmount", "billedAmount", "confirmedAmount", "availableAmount"]


async def test_an_order_tells_everything_the_decisions_list(live: Live) -> None:
    life = await live("approved")
    order = (await life.submitter.get(life.order)).json()
    purchase = await life.read()
    assert order["id"] == life.order_id
    assert isinstance(order["number"], str)
    assert order["number"]
    assert order["state"] == "Open"
    assert order["purchase"] == {
        "id": life.purchase_id,
        "href": life.purchase,
        "name": "Purchase entry test",
        "type": "OneTime",
    }
    assert order["commitment"]["id"] == life.commitment_id
    assert order["owner"] == purchase["owner"]
    assert order["supplier"] == purchase["supplier"]
    assert order["amountIncludingTaxes"] == purchase["commitment"]["amountIncludingTaxes"]
    assert order["approvedAt"] == order["createdAt"] == order["history"][0]["at"]
    assert [user["id"] for user in order["approvedBy"]] == [36]


async def test_an_order_shows_no_draft_of_a_supplier_as_listed(live: Live) -> None:
    life = await live("approved", supplier={"name": "Zoé", "territoryId": "FR"})
    assert (await life.submitter.get(life.order)).json()["supplier"] == {"name": "Zoé", "territoryId": "FR"}


@pytest.mark.parametrize(
    ("stage", "state", "history"),
    [
        ("approved", "Open", ["Created"]),
        ("cancelled when approved", "Cancelled", ["Created", "Cancelled"]),
        ("closed when approved", "Closed", ["Created", "Closed"]),
    ],
)
async def test_the_history_of_an_order_tells_what_and_by_whom(
    live: Live, stage: str, state: str, history: list[str]
) -> None:
    life = await live(stage)
    order = (await life.submitter.get(life.order)).json()
    assert order["state"] == state
    assert [entry["what"] for entry in order["history"]] == history
    people = [entry["by"] for entry in order["history"]]
    key = (await life.read())["author"]
    assert [person["id"] for person in people] == [36, key["id"]][: len(history)]
    assert all(entry["at"].endswith("+00:00") for entry in order["history"])


async def test_order_numbers_are_unique(client: httpx2.AsyncClient) -> None:
    numbers = [(await make_request(client))["order"]["number"] for _ in range(5)]
    assert len(set(numbers)) == 5


@pytest.mark.parametrize("stage", STAGES)
async def test_a_purchase_shows_its_order_from_its_approval_on(live: Live, stage: str) -> None:
    life = await live(stage)
    order = (await life.read()).get("order")
    if life.order_id:
        number = (await life.submitter.get(life.order)).json()["number"]
        assert order == {"id": life.order_id, "number": number, "href": life.order}
    else:
        assert order is None


async def _set_rate(database: Database, company: Company) -> None:
    """Say that two dirhams are one euro."""
    await set_rate(
        database.session(),
        company.tenant_id,
        currency="AED",
        on=date(2025, 4, 14),
        rate=Decimal(2),
        set_by="the tests",
        now=NOW,
    )


def _dual(value: float) -> dict[str, Any]:
    return {
        "base": {"value": value, "currency": "AED"},
        "counter": {"value": value / 2, "currency": "EUR"},
        "rate": 0.5,
    }


DIRHAMS = {"excludingTaxes": {"value": 100, "currency": "AED"}}
FIVE = {
    "committed": {},
    "pending": {"requestedAmount"},
    "approved": {"committedAmount", "availableAmount"},
    "denied": {},
    "cancelled while pending": {},
    "cancelled when approved": {},
    "closed when committed": {},
    "closed when approved": {"committedAmount", "availableAmount"},
    "closed when denied": {},
    "closed when cancelled": {},
}


@pytest.mark.parametrize(
    ("terms", "value"),
    [
        (ONE_TIME | {"amountIncludingTaxes": DIRHAMS}, 100),
        (SUBSCRIPTION | {"amountIncludingTaxesPerPeriod": DIRHAMS}, 1200),
    ],
    ids=["one-time", "subscription"],
)
@pytest.mark.parametrize("stage", FIVE)
async def test_u8_the_five_amounts_are_in_the_commitments_currency_at_its_rate(
    live: Live, company: Company, database: Database, stage: str, terms: dict[str, Any], value: float
) -> None:
    await _set_rate(database, company)
    purchase = await (await live(stage, terms)).read()
    expected = {name: _dual(value if name in FIVE[stage] else 0) for name in AMOUNTS}
    assert {name: purchase[name] for name in AMOUNTS} == expected


@pytest.mark.parametrize(("place", "currency"), [(1, "EUR"), (2, "CHF")])
async def test_u8_before_a_commitment_they_are_zero_in_the_reference_currency(
    client: httpx2.AsyncClient, place: int, currency: str
) -> None:
    purchase = await make_purchase(client, establishmentId=place)
    zero = {"value": 0, "currency": currency}
    assert {name: purchase[name] for name in AMOUNTS} == {
        name: {"base": zero, "counter": zero, "rate": 1} for name in AMOUNTS
    }


async def test_u8_they_are_without_taxes(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    line = {"rateTypeId": 45, "value": 24, "currency": "EUR"}
    amount = {"excludingTaxes": {"value": 120, "currency": "EUR"}, "taxes": [line]}
    made = await make_commitment(client, purchase["id"], ONE_TIME | {"amountIncludingTaxes": amount})
    await client.post(f"{API}/commitments/{made['id']}/requests")
    told = (await client.get(f"{API}/purchases/{purchase['id']}")).json()
    assert told["committedAmount"]["base"] == {"value": 120, "currency": "EUR"}


async def test_aggregated_states_are_omitted_until_there_are_invoices(live: Live) -> None:
    assert "aggregatedStates" not in await (await live("approved")).read()


async def test_c24_links_to_our_own_are_relative_and_lead_somewhere(live: Live) -> None:
    life = await live("approved")
    purchase = await life.read()
    request = (await life.submitter.get(life.request)).json()
    for href in (
        purchase["order"]["href"],
        purchase["commitment"]["purchase"]["href"],
        purchase["commitment"]["request"]["href"],
        purchase["commitment"]["order"]["href"],
        request["href"],
        request["purchase"]["href"],
    ):
        assert href.startswith("/cleemy-procurement/api/")
        assert (await life.submitter.get(href)).status_code == 200
    for name in ("nature", "costCenter", "supplier", "establishment", "department"):
        assert purchase[name]["href"].startswith("/")
        assert purchase[name]["href"].endswith(f"/{purchase[name]['id']}")


@pytest.mark.parametrize("port", ["", ":8443"])
async def test_c24_links_to_users_are_absolute_with_the_host_that_was_called(
    client: httpx2.AsyncClient, company: Company, port: str
) -> None:
    made = await make_purchase(client)
    answer = await client.get(f"{API}/purchases/{made['id']}", headers={"Host": company.host + port})
    for name in ("owner", "author", "modifier"):
        user = answer.json()[name]
        assert user["href"] == f"http://{company.host}{port}/api/v3/users/{user['id']}"


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"])
async def test_forwarded_headers_of_anybody_are_not_believed(
    client: httpx2.AsyncClient, company: Company, header: str
) -> None:
    made = await make_purchase(client)
    answer = await client.get(f"{API}/purchases/{made['id']}", headers={header: "https"})
    assert answer.json()["owner"]["href"].startswith(f"http://{company.host}/")


async def test_ids_are_small_numbers_of_the_companys_own(client: httpx2.AsyncClient, rival: Company) -> None:
    mine = await make_purchase(client)
    async with await rival.caller() as other:
        theirs = await make_purchase(other)
    assert mine["id"] == theirs["id"] == 1


async def test_an_id_that_an_import_has_set_keeps_working(client: httpx2.AsyncClient, company: Company) -> None:
    made = await make_purchase(client)
    await company.owner.execute(
        "UPDATE purchases SET purchase_id = 2147483647 WHERE tenant_id = $1 AND purchase_id = $2",
        company.tenant_id,
        made["id"],
    )
    place = f"{API}/purchases/2147483647"
    assert (await client.get(place)).json()["id"] == 2147483647
    assert (await client.put(place, json=PURCHASE | {"title": "Imported"})).json()["title"] == "Imported"
    committed = await make_commitment(client, 2147483647)
    assert (await client.post(f"{API}/commitments/{committed['id']}/requests")).json()["state"] == "Approved"


async def test_orders_are_read_and_not_written(live: Live) -> None:
    life = await live("approved")
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = await life.submitter.request(method, life.order, json={})
        assert set(refused(answer, 405)) >= {"code"}
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
