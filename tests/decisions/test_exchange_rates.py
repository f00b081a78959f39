"""Exchange rates: which one counts, when none does, and how amounts are converted."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import httpx2
import pytest

from emplette.formats.exchange_rates import read_history, shipped_history
from emplette.services.exchange_rates import set_rate
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.problems import faults, refused

AMOUNT, PERIOD = "amountIncludingTaxes", "amountIncludingTaxesPerPeriod"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HISTORY = {(rate.currency, rate.date): rate.per_euro for rate in read_history(shipped_history())}
NEWEST = max(day for _, day in HISTORY)


def _body(code: str, on: str, value: float = 120, **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    return ONE_TIME | {"costDate": on, AMOUNT: {"excludingTaxes": {"value": value, "currency": code}}} | more


async def _commit(client: httpx2.AsyncClient, body: dict[str, Any], **changes: Any) -> httpx2.Response:  # noqa: ANN401
    purchase = await make_purchase(client, **changes)
    return await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)


async def _told(client: httpx2.AsyncClient, body: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    answer = await _commit(client, body, **changes)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json(parse_float=Decimal)[AMOUNT]
    return told


def _cross(base: str, counter: str, on: date) -> Decimal:
    """Compute the cross rate anew from the bank's history, by the decision's words."""
    one = Decimal(1)
    per_euro = [one if code == "EUR" else HISTORY[code, on] for code in (base, counter)]
    return Context(prec=12, rounding=ROUND_HALF_UP).divide(per_euro[1], per_euro[0])


PAIRS = [
    ("USD", "EUR", "2025-04-14"),
    ("GBP", "EUR", "2025-04-14"),
    ("JPY", "EUR", "2025-04-14"),
    ("EUR", "CHF", "2025-04-14"),
    ("USD", "CHF", "2025-04-14"),
    ("JPY", "CHF", "2025-04-14"),
    ("CHF", "EUR", "1999-01-04"),
    ("IDR", "EUR", "2024-02-29"),
]
PLACES = {"EUR": {"establishmentId": 1}, "CHF": {"establishmentId": 2}}


@pytest.mark.parametrize(("base", "counter", "on"), PAIRS)
async def test_the_cross_rate_goes_through_the_euro_and_is_rounded_once_to_12_digits(
    client: httpx2.AsyncClient, base: str, counter: str, on: str
) -> None:
    told = await _told(client, _body(base, on, 1234), **PLACES[counter])
    rate = _cross(base, counter, date.fromisoformat(on))
    assert Decimal(told["rate"]) == rate
    assert told["rateDate"] == on
    cents = (1234 * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert told["counter"]["excludingTaxes"] == {"value": cents, "currency": counter}


async def test_the_counter_is_in_the_currency_of_the_establishment(client: httpx2.AsyncClient) -> None:
    told = await _told(client, _body("CHF", "2025-04-14"), ownerId=39, establishmentId=None)
    assert told["counter"]["excludingTaxes"]["currency"] == "CHF"
    assert told["rate"] == 1
    assert "rateDate" not in told


async def test_without_an_establishment_the_counter_is_in_the_companys_currency(
    client: httpx2.AsyncClient, company: Company
) -> None:
    await company.owner.execute(
        "UPDATE users SET establishment_id = NULL WHERE tenant_id = $1 AND user_id = 35", company.tenant_id
    )
    told = await _told(client, _body("USD", "2025-04-14"), establishmentId=None)
    assert told["counter"]["excludingTaxes"]["currency"] == "EUR"


@pytest.mark.parametrize(
    ("on", "published"), [("2025-04-20", "2025-04-17"), ("2025-04-21", "2025-04-17"), ("2025-01-01", "2024-12-31")]
)
async def test_on_a_day_without_rates_the_last_ones_before_it_count(
    client: httpx2.AsyncClient, on: str, published: str
) -> None:
    told = await _told(client, _body("USD", on))
    assert told["rateDate"] == published
    assert Decimal(told["rate"]) == _cross("USD", "EUR", date.fromisoformat(published))


@pytest.mark.parametrize("on", ["2099-12-31", "9999-12-31"])
async def test_on_a_day_to_come_the_last_rate_up_to_today_counts(client: httpx2.AsyncClient, on: str) -> None:
    told = await _told(client, _body("USD", on))
    assert told["rateDate"] == NEWEST.isoformat()


async def test_before_the_first_rate_there_is_none(client: httpx2.AsyncClient) -> None:
    refused(await _commit(client, _body("USD", "1998-12-31")), 400, "exchange_rate.missing")


async def test_a_currency_in_itself_needs_no_rate(client: httpx2.AsyncClient) -> None:
    told = await _told(client, _body("EUR", "1999-01-02"))
    assert told["rate"] == 1


async def _set(database: Database, company: Company, code: str, on: str, rate: str) -> None:
    day = date.fromisoformat(on)
    await set_rate(
        database.session(), company.tenant_id, currency=code, on=day, rate=Decimal(rate), set_by="the tests", now=NOW
    )


@pytest.mark.parametrize(("on", "good"), [("2025-05-19", True), ("2025-05-20", False)])
async def test_a_rate_is_too_old_when_it_is_more_than_35_days_older(
    client: httpx2.AsyncClient,
    company: Company,
    database: Database,
    on: str,
    good: bool,  # noqa: FBT001
) -> None:
    await _set(database, company, "AED", "2025-04-14", "4.1")
    answer = await _commit(client, _body("AED", on))
    if good:
        assert answer.json()[AMOUNT]["rateDate"] == "2025-04-14"
    else:
        problem = refused(answer, 400, "exchange_rate.missing")
        assert "2025-04-14" in problem["detail"]


async def test_a_table_that_is_behind_is_no_reason_to_refuse(
    client: httpx2.AsyncClient, company: Company, database: Database
) -> None:
    await _set(database, company, "AED", NEWEST.isoformat(), "4.1")
    for code in ("AED", "USD"):
        told = await _told(client, _body(code, "2099-01-01"))
        assert told["rateDate"] == NEWEST.isoformat()


async def test_a_currency_whose_rates_ended_is_refused_later_though_it_is_money(client: httpx2.AsyncClient) -> None:
    assert (await _commit(client, _body("RUB", "2022-04-05"))).status_code == 200
    refused(await _commit(client, _body("RUB", "2022-04-06")), 400, "exchange_rate.missing")


async def test_a_companys_own_rate_goes_before_the_published_one_of_the_day(
    client: httpx2.AsyncClient, company: Company, database: Database, rival: Company
) -> None:
    await _set(database, company, "USD", "2025-04-14", "2")
    assert (await _told(client, _body("USD", "2025-04-14")))["rate"] == Decimal("0.5")
    assert (await _told(client, _body("USD", "2025-04-15")))["rate"] == _cross("USD", "EUR", date(2025, 4, 15))
    async with await rival.caller() as theirs:
        assert (await _told(theirs, _body("USD", "2025-04-14")))["rate"] == _cross("USD", "EUR", date(2025, 4, 14))


async def test_the_date_of_a_rate_is_that_of_the_older_of_the_two(
    client: httpx2.AsyncClient, company: Company, database: Database
) -> None:
    await _set(database, company, "AED", "2025-04-07", "4")
    told = await _told(client, _body("AED", "2025-04-14"), establishmentId=2)
    assert told["rateDate"] == "2025-04-07"


async def _rate_type(client: httpx2.AsyncClient) -> int:
    answer = await client.get("/cleemy-procurement/taxes/api/rates?date=2025-04-14&territoryId=FR")
    number: int = answer.json()[0]["rateType"]["id"]
    return number


HALVES = [("0.01", "0.01"), ("0.03", "0.02"), ("0.05", "0.03"), ("2.01", "1.01"), ("2.02", "1.01"), ("2.03", "1.02")]


@pytest.mark.parametrize(("value", "counter"), HALVES)
async def test_amounts_are_rounded_half_up_once_each(
    client: httpx2.AsyncClient, company: Company, database: Database, value: str, counter: str
) -> None:
    await _set(database, company, "AED", "2025-04-14", "2")
    told = await _told(client, _body("AED", "2025-04-14", float(value)))
    assert told["rate"] == Decimal("0.5")
    assert told["counter"]["excludingTaxes"]["value"] == Decimal(counter)


async def test_the_counters_sum_is_that_of_its_rounded_parts(
    client: httpx2.AsyncClient, company: Company, database: Database
) -> None:
    await _set(database, company, "AED", "2025-04-14", "2")
    line = {"rateTypeId": await _rate_type(client), "value": 0.01, "currency": "AED"}
    amount = {"excludingTaxes": {"value": 0.01, "currency": "AED"}, "taxes": [line, line]}
    told = await _told(client, ONE_TIME | {AMOUNT: amount})
    assert told["includingTaxes"]["value"] == Decimal("0.03")
    assert [tax["value"] for tax in told["counter"]["taxes"]] == [Decimal("0.01")] * 2
    assert told["counter"]["includingTaxes"]["value"] == Decimal("0.03"), "not 0.02, which is 0.03 converted"


async def test_the_total_counter_of_a_subscription_is_that_of_a_period_times_the_periods(
    client: httpx2.AsyncClient, company: Company, database: Database
) -> None:
    await _set(database, company, "AED", "2025-04-14", "2")
    line = {"rateTypeId": await _rate_type(client), "value": 0.03, "currency": "AED"}
    amount = {"excludingTaxes": {"value": 0.01, "currency": "AED"}, "taxes": [line]}
    answer = await _commit(client, SUBSCRIPTION | {PERIOD: amount})
    told = answer.json(parse_float=Decimal)
    assert told[PERIOD]["counter"]["excludingTaxes"]["value"] == Decimal("0.01")
    assert told[AMOUNT]["excludingTaxes"]["value"] == Decimal("0.12")
    assert told[AMOUNT]["counter"]["excludingTaxes"]["value"] == Decimal("0.12"), "not 0.06, which is 0.12 converted"
    assert told[AMOUNT]["counter"]["taxes"][0]["value"] == Decimal("0.24")
    assert told[AMOUNT]["counter"]["includingTaxes"]["value"] == Decimal("0.36")
    assert told[AMOUNT]["rate"] == told[PERIOD]["rate"]
    assert told[AMOUNT]["rateDate"] == told[PERIOD]["rateDate"] == "2025-04-14"


async def test_the_rate_is_stored_and_stays_when_the_table_changes(
    client: httpx2.AsyncClient, company: Company, database: Database
) -> None:
    await _set(database, company, "AED", "2025-04-14", "2")
    made = (await _commit(client, _body("AED", "2025-04-14"))).json()
    await _set(database, company, "AED", "2025-04-14", "4")
    told = (await client.get(f"{API}/commitments/{made['id']}")).json()[AMOUNT]
    assert (told["rate"], told["counter"]["excludingTaxes"]["value"]) == (0.5, 60)
    purchase = (await client.get(made["purchase"]["href"])).json()
    assert purchase["committedAmount"]["rate"] == 0.5


async def test_the_rate_is_that_of_the_cost_date_or_the_start(client: httpx2.AsyncClient) -> None:
    once = await _told(client, _body("USD", "2025-04-14", invoiceDate="2025-05-14"))
    assert once["rateDate"] == "2025-04-14"
    amount = {"excludingTaxes": {"value": 1000, "currency": "USD"}}
    over = await _commit(client, SUBSCRIPTION | {PERIOD: amount, "startDate": "2025-03-03"})
    assert over.json()[AMOUNT]["rateDate"] == "2025-03-03"


async def test_a_put_of_the_purchase_finds_the_rate_for_its_new_establishment(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], _body("USD", "2025-04-14"))
    changed = await client.put(f"{API}/purchases/{purchase['id']}", json=PURCHASE | {"establishmentId": 2})
    told = changed.json(parse_float=Decimal)["commitment"][AMOUNT]
    assert told["rate"] == _cross("USD", "CHF", date(2025, 4, 14))
    assert told["counter"]["excludingTaxes"]["currency"] == "CHF"
    read = await client.get(f"{API}/commitments/{made['id']}")
    assert read.json(parse_float=Decimal)[AMOUNT] == told


async def test_a_put_of_the_commitment_finds_the_rate_of_its_new_date(client: httpx2.AsyncClient) -> None:
    made = (await _commit(client, _body("USD", "2025-04-14"))).json()
    changed = await client.put(f"{API}/commitments/{made['id']}", json=_body("USD", "2025-04-16"))
    assert changed.json()[AMOUNT]["rateDate"] == "2025-04-16"
    assert set(faults(await client.put(f"{API}/commitments/{made['id']}", json=_body("AED", "2025-04-16")))) == {
        f"{AMOUNT}.excludingTaxes.currency"
    }
