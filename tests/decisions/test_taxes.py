"""Taxes: the rates that there are, and the types of rate that a line may name."""

from typing import Any

import httpx2
import pytest

from emplette.domain.territories import TERRITORIES
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.problems import faults, rows

RATES = "/cleemy-procurement/taxes/api/rates"
AMOUNT = "amountIncludingTaxes"


async def _rates(client: httpx2.AsyncClient, territory: str, on: str = "2025-04-14") -> list[dict[str, Any]]:
    answer = await client.get(RATES, params={"date": on, "territoryId": territory})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def _named(client: httpx2.AsyncClient, territory: str, name: str) -> dict[str, Any]:
    return next(rate for rate in await _rates(client, territory) if rate["rateType"]["name"] == name)


async def _type(client: httpx2.AsyncClient, territory: str, name: str = "Normal") -> int:
    number: int = (await _named(client, territory, name))["rateType"]["id"]
    return number


async def test_c27_a_percentage_is_a_fraction(client: httpx2.AsyncClient) -> None:
    normal = await _named(client, "FR", "Normal")
    assert normal["percentage"] == 0.2
    assert normal["rateType"] == {"id": 45, "name": "Normal", "territoryId": "FR", "recoveryRules": []}


@pytest.mark.parametrize(
    ("territory", "on", "percentages"),
    [
        ("FR", "2025-01-01", [0.2, 0.1, 0.055, 0.021]),
        ("FR", "2013-12-31", [0.196, 0.07, 0.055, 0.021]),
        ("GP", "2025-01-01", [0.085, 0.021, 0.0175, 0.0105]),
        ("MQ", "2025-01-01", [0.085, 0.021, 0.0175, 0.0105]),
        ("RE", "2025-01-01", [0.085, 0.021, 0.0175, 0.0105]),
        ("FR-20R", "2025-01-01", [0.2, 0.13, 0.1, 0.055, 0.021, 0.009]),
        ("MC", "2025-01-01", [0.2, 0.1, 0.055, 0.021]),
        ("DE", "2020-07-01", [0.16, 0.05]),
        ("CH", "2025-01-01", [0.081, 0.038, 0.026]),
        ("XI", "2025-01-01", [0.2, 0.05, 0]),
        ("EL", "2014-01-01", [0.23, 0.16, 0.13, 0.09, 0.065, 0.05]),
    ],
)
async def test_rates_are_those_of_the_territory_on_the_day(
    client: httpx2.AsyncClient, territory: str, on: str, percentages: list[float]
) -> None:
    assert [rate["percentage"] for rate in await _rates(client, territory, on)] == percentages


@pytest.mark.parametrize("code", [*sorted(TERRITORIES), "EL"])
async def test_every_known_territory_is_answered(client: httpx2.AsyncClient, code: str) -> None:
    expected = "GR" if code == "EL" else code
    assert {rate["rateType"]["territoryId"] for rate in await _rates(client, code)} <= {expected}


@pytest.mark.parametrize("code", ["US", "GF", "YT", "BL", "NC", "NO", "AX", "AQ"])
async def test_a_known_territory_without_rates_has_none(client: httpx2.AsyncClient, code: str) -> None:
    assert await _rates(client, code) == []


@pytest.mark.parametrize("code", ["ZZ", "UK", "fr", "FRA", "", "20R", "FR-75", " FR", "X" * 300])
async def test_an_unknown_territory_is_refused(client: httpx2.AsyncClient, code: str) -> None:
    answer = await client.get(RATES, params={"date": "2025-01-01", "territoryId": code})
    assert set(faults(answer)) == {"territoryId"}


@pytest.mark.parametrize(
    "on", ["", "2025-02-30", "2025-1-1", "01/01/2025", "today", "0000-01-01", "10000-01-01", "20250101"]
)
async def test_a_day_that_does_not_exist_is_refused(client: httpx2.AsyncClient, on: str) -> None:
    answer = await client.get(RATES, params={"date": on, "territoryId": "FR"})
    assert set(faults(answer)) == {"date"}


@pytest.mark.parametrize("query", [{"date": "2025-02-30", "territoryId": "ZZ"}, {"territoryId": "ZZ"}], ids=str)
async def test_a_wrong_day_hides_no_unknown_territory(client: httpx2.AsyncClient, query: dict[str, str]) -> None:
    assert set(faults(await client.get(RATES, params=query))) == {"date", "territoryId"}


async def test_both_parameters_are_mandatory(client: httpx2.AsyncClient) -> None:
    assert set(faults(await client.get(RATES))) == {"date", "territoryId"}
    assert set(faults(await client.get(f"{RATES}?date=2025-01-01"))) == {"territoryId"}


async def test_rates_need_a_key_and_no_permission(company: Company) -> None:
    async with await company.caller(permissions=()) as client:
        assert await _rates(client, "FR") != []
    async with company.client() as nobody:
        assert (await nobody.get(f"{RATES}?date=2025-01-01&territoryId=FR")).status_code == 401


def _taxed(number: int, terms: dict[str, Any] = ONE_TIME, **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    field = AMOUNT if terms["type"] == "OneTimeCommitment" else f"{AMOUNT}PerPeriod"
    line = {"rateTypeId": number, "value": 1, "currency": "EUR"}
    return terms | {field: {"excludingTaxes": {"value": 10, "currency": "EUR"}, "taxes": [line]}} | more


async def _commit(client: httpx2.AsyncClient, body: dict[str, Any], **changes: Any) -> httpx2.Response:  # noqa: ANN401
    purchase = await make_purchase(client, **changes)
    return await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)


DRAFT = {"name": "Îles", "territoryId": "RE"}


@pytest.mark.parametrize(
    ("territory", "changes", "good"),
    [
        ("FR", {}, True),
        ("RE", {}, False),
        ("MC", {}, False),
        ("FR-20R", {}, False),
        ("RE", {"supplier": DRAFT}, True),
        ("FR", {"supplier": DRAFT}, True),
        ("GP", {"supplier": DRAFT}, False),
        ("FR", {"supplier": {"id": 8}}, True),
        ("FR", {"supplier": {"id": 8}, "establishmentId": 2}, False),
        ("FR", {"establishmentId": 2}, True),
        ("RE", {"supplier": DRAFT, "establishmentId": 2}, True),
    ],
)
async def test_a_line_may_name_what_the_suppliers_territory_or_the_establishments_has(
    client: httpx2.AsyncClient,
    territory: str,
    changes: dict[str, Any],
    good: bool,  # noqa: FBT001
) -> None:
    answer = await _commit(client, _taxed(await _type(client, territory)), **changes)
    if good:
        assert answer.status_code == 200, answer.text
    else:
        assert set(faults(answer)) == {f"{AMOUNT}.taxes[0].rateTypeId"}


async def test_a_type_must_exist_on_the_cost_date(client: httpx2.AsyncClient) -> None:
    number = await _type(client, "FR", "Intermediate")
    assert (await _commit(client, _taxed(number, costDate="2012-01-01"))).status_code == 200
    early = await _commit(client, _taxed(number, costDate="2011-12-31", invoiceDate="2025-01-01"))
    assert set(faults(early)) == {f"{AMOUNT}.taxes[0].rateTypeId"}


async def test_a_type_must_exist_on_the_start_date(client: httpx2.AsyncClient) -> None:
    body = _taxed(await _type(client, "FR", "Intermediate"), SUBSCRIPTION, startDate="2011-12-31")
    assert set(faults(await _commit(client, body))) == {f"{AMOUNT}PerPeriod.taxes[0].rateTypeId"}
    assert (await _commit(client, body | {"startDate": "2012-01-01"})).status_code == 200


async def test_a_line_names_the_type_and_not_the_rate(client: httpx2.AsyncClient) -> None:
    rate = await _named(client, "MC", "Normal")
    monegasque = {"name": "Rocher", "territoryId": "MC"}
    assert (await _commit(client, _taxed(rate["rateType"]["id"]), supplier=monegasque)).status_code == 200
    answer = await _commit(client, _taxed(rate["id"]), supplier=monegasque)
    assert set(faults(answer)) == {f"{AMOUNT}.taxes[0].rateTypeId"}


async def test_every_wrong_line_is_named(client: httpx2.AsyncClient, company: Company) -> None:
    lines = [{"rateTypeId": number, "value": 1, "currency": "EUR"} for number in (45, 4711, 8, 1)]
    purchase = await make_purchase(client)
    before = await rows(company)
    body = ONE_TIME | {AMOUNT: {"excludingTaxes": {"value": 10, "currency": "EUR"}, "taxes": lines}}
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)
    assert set(faults(answer)) == {f"{AMOUNT}.taxes[{number}].rateTypeId" for number in (1, 2)}
    assert await rows(company) == before


async def test_a_put_of_the_purchase_checks_the_taxes_for_its_new_supplier_and_place(
    client: httpx2.AsyncClient, company: Company
) -> None:
    purchase = await make_purchase(client, supplier=DRAFT)
    made = await make_commitment(client, purchase["id"], _taxed(await _type(client, "RE")))
    place = f"{API}/purchases/{purchase['id']}"
    before = await rows(company)
    assert faults(await client.put(place, json=PURCHASE))
    assert await rows(company) == before
    assert (await client.put(place, json=PURCHASE | {"supplier": DRAFT, "title": "Again"})).status_code == 200
    assert (await client.get(f"{API}/commitments/{made['id']}")).json()[AMOUNT]["taxes"][0]["value"] == 1
