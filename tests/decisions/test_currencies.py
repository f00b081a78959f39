"""Currencies: each of the enum, and the five that it lacks, is taken or refused as it is money or not."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from emplette.services.exchange_rates import set_rate
from emplette.storage.database import Database
from tests.documented.schemas import document
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, make_purchase
from tests.fixtures.problems import faults, refused, rows

ENUM: list[str] = document("money.yaml")["schemas"]["currency"]["enum"]
OURS = ["SLE", "VED", "XAD", "XCG", "ZWG"]
_NO_MONEY = "Invalid XAU XAG XPT XPD XDR XSU XUA XBA XBB XBC XBD XTS XXX BOV CHE CHW CLF COU MXV USN UYI UYW"
NO_MONEY = _NO_MONEY.split()
# Those of the enum that have ended, and a day on which each was money (after the euro began, where there is one).
ENDED = {
    "HRK": "2022-06-01",
    "LTL": "2014-06-02",
    "LVL": "2013-06-03",
    "MRO": "2017-06-01",
    "STD": "2017-06-01",
    "SLL": "2021-06-01",
    "ZMK": "2012-06-01",
    "BYR": "2016-02-01",
    "VEF": "2018-02-01",
    "CUC": "2020-06-01",
    "ZWL": "2023-06-01",
    "BGN": "2025-06-02",
    "ANG": "2025-01-02",
}
NOW = datetime(2026, 11, 2, tzinfo=UTC)
RECENTLY = "2026-06-01"
WITHOUT_COINS = "BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"


def test_the_enum_has_187_values() -> None:
    assert len(ENUM) == 187
    assert ENUM[0] == "Invalid"
    assert set(OURS).isdisjoint(ENUM)


def _body(code: str, on: str, value: float = 120) -> dict[str, Any]:
    return ONE_TIME | {"costDate": on, "amountIncludingTaxes": {"excludingTaxes": {"value": value, "currency": code}}}


async def _commit(client: httpx2.AsyncClient, body: dict[str, Any]) -> httpx2.Response:
    purchase = await make_purchase(client)
    return await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)


async def _set_rate(database: Database, company: Company, code: str, on: str, rate: str = "2") -> None:
    session = database.session()
    day = date.fromisoformat(on)
    await set_rate(session, company.tenant_id, currency=code, on=day, rate=Decimal(rate), set_by="the tests", now=NOW)


MONEY = [code for code in [*ENUM, *OURS] if code not in NO_MONEY]


@pytest.mark.parametrize("code", MONEY)
async def test_every_currency_is_taken_on_a_day_on_which_it_was_money(
    client: httpx2.AsyncClient, company: Company, database: Database, code: str
) -> None:
    on = ENDED.get(code, RECENTLY)
    if code != "EUR":
        await _set_rate(database, company, code, on)
    answer = await _commit(client, _body(code, on))
    assert answer.status_code == 200, answer.text
    told = answer.json()["amountIncludingTaxes"]
    assert told["excludingTaxes"] == {"value": 120, "currency": code}
    assert told["counter"]["excludingTaxes"] == {"value": 120 if code == "EUR" else 60, "currency": "EUR"}
    purchase = (await client.get(answer.json()["purchase"]["href"])).json()
    assert purchase["requestedAmount"]["base"] == {"value": 0, "currency": code}


@pytest.mark.parametrize("code", MONEY)
async def test_more_decimals_than_the_currency_has_are_refused(
    client: httpx2.AsyncClient, company: Company, database: Database, code: str
) -> None:
    on = ENDED.get(code, RECENTLY)
    if code != "EUR":
        await _set_rate(database, company, code, on)
    decimals = 0 if code in WITHOUT_COINS else 3 if code in THREE_DECIMALS else 2
    most, too_many = 1 + 10.0**-decimals, 1 + 10.0 ** -(decimals + 1)
    assert (await _commit(client, _body(code, on, round(most, decimals)))).status_code == 200
    errors = faults(await _commit(client, _body(code, on, round(too_many, decimals + 1))))
    assert set(errors) == {"amountIncludingTaxes.excludingTaxes.value"}


@pytest.mark.parametrize("code", NO_MONEY)
async def test_what_is_no_money_is_refused(client: httpx2.AsyncClient, company: Company, code: str) -> None:
    purchase = await make_purchase(client)
    before = await rows(company)
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=_body(code, "2025-04-14"))
    assert set(faults(answer)) == {"amountIncludingTaxes.excludingTaxes.currency"}
    assert await rows(company) == before


@pytest.mark.parametrize("code", sorted(set(ENDED) - {"BGN", "ANG"}))
async def test_a_currency_that_has_ended_is_refused_afterwards(client: httpx2.AsyncClient, code: str) -> None:
    errors = faults(await _commit(client, _body(code, "2025-04-14")))
    assert set(errors) == {"amountIncludingTaxes.excludingTaxes.currency"}


@pytest.mark.parametrize(
    ("code", "last", "first_not"),
    [("HRK", "2022-12-31", "2023-01-01"), ("LTL", "2014-12-31", "2015-01-01"), ("BGN", "2025-12-31", "2026-01-01")],
)
async def test_a_currency_that_became_the_euro_is_money_until_the_eve(
    client: httpx2.AsyncClient, code: str, last: str, first_not: str
) -> None:
    assert (await _commit(client, _body(code, last))).status_code == 200
    assert faults(await _commit(client, _body(code, first_not)))


@pytest.mark.parametrize("code", ["eur", "EURO", "E", "", "€", "ABC", "DEM", "FRF", "EU R", " EUR", None, 978, ["EUR"]])
async def test_what_is_no_currency_is_refused(client: httpx2.AsyncClient, code: object) -> None:
    body = ONE_TIME | {"amountIncludingTaxes": {"excludingTaxes": {"value": 1, "currency": code}}}
    assert set(faults(await _commit(client, body))) == {"amountIncludingTaxes.excludingTaxes.currency"}


WITHOUT_RATES = ["AED", "SAR", "TWD", "ARS", "SLE", "VED", "XAD", "XCG", "ZWG", "RUB", "XOF"]


@pytest.mark.parametrize("code", WITHOUT_RATES)
async def test_a_currency_without_a_recent_rate_is_refused_with_how_to_load_one(
    client: httpx2.AsyncClient, company: Company, code: str
) -> None:
    purchase = await make_purchase(client)
    before = await rows(company)
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=_body(code, RECENTLY))
    problem = refused(answer, 400, "exchange_rate.missing")
    (message,) = problem["errors"]["amountIncludingTaxes.excludingTaxes.currency"]
    assert "emplette exchange-rates set" in message
    assert f"--currency {code}" in message
    assert await rows(company) == before


async def test_ours_are_marked_in_the_openapi_document(client: httpx2.AsyncClient) -> None:
    schemas = (await client.get("/openapi.json")).text
    for code in [*ENUM, *OURS]:
        assert f'"{code}"' in schemas
    assert "x-emplette-ours" in schemas
