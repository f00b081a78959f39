"""Money: decimals read exactly, sums that must be right, and nothing beyond what can be kept."""

from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.problems import faults, rows

AMOUNT = "amountIncludingTaxes"
JSON = {"Content-Type": "application/json"}


def _written(value: str, currency: str = "EUR", *, terms: str = "") -> str:
    """Write the guide's one-time commitment with an amount just as it stands."""
    amount = f'{{"excludingTaxes": {{"value": {value}, "currency": "{currency}"}}{terms}}}'
    return f'{{"type": "OneTimeCommitment", "costDate": "2025-04-14", "{AMOUNT}": {amount}}}'


async def _commit(client: httpx2.AsyncClient, body: str) -> httpx2.Response:
    purchase = await make_purchase(client)
    return await client.post(f"{API}/purchases/{purchase['id']}/commitment", content=body, headers=JSON)


GOOD = [
    ("0", "0"),
    ("-0", "0"),
    ("0.0", "0"),
    ("0.01", "0.01"),
    ("120", "120"),
    ("120.0", "120"),
    ("120.000", "120"),
    ("120.10", "120.10"),
    ("1.2E2", "120"),
    ("12e1", "120"),
    ("12000e-2", "120"),
    ("0.1", "0.1"),
    ("9999999999999.99", "9999999999999.99"),
    ("1234567890123.45", "1234567890123.45"),
    ("0.10000000000000000000", "0.1"),
    ("100000000000000000000e-18", "100"),
]


@pytest.mark.parametrize(("sent", "kept"), GOOD)
async def test_digits_are_read_as_decimals_and_kept(client: httpx2.AsyncClient, sent: str, kept: str) -> None:
    answer = await _commit(client, _written(sent))
    assert answer.status_code == 200, answer.text
    assert f'"value":{kept}' in answer.text or answer.json()[AMOUNT]["excludingTaxes"]["value"] == float(kept)
    read = await client.get(answer.headers["Location"])
    assert read.json()[AMOUNT]["excludingTaxes"]["value"] == float(kept)


async def test_an_amount_that_no_float_holds_comes_back_digit_by_digit(client: httpx2.AsyncClient) -> None:
    answer = await _commit(client, _written("9007199254740.93"))
    assert '"value":9007199254740.93' in answer.text


BAD = [
    "-0.01",
    "-120",
    "0.001",
    "120.005",
    "1e-3",
    "1234567890123456",
    "123456789012345.6",
    "0.1234567890123456",
    "10000000000000",
    "9999999999999.991",
    "1e13",
    "1e15",
    "1E999999999",
    "1E-999999999",
    "-1E999999999",
    "1e400",
    '"120"',
    "true",
    "[]",
    "{}",
    '""',
]


@pytest.mark.parametrize("sent", BAD)
async def test_an_amount_that_cant_be_kept_as_written_is_refused(
    client: httpx2.AsyncClient, company: Company, sent: str
) -> None:
    purchase = await make_purchase(client)
    before = await rows(company)
    place = f"{API}/purchases/{purchase['id']}/commitment"
    answer = await client.post(place, content=_written(sent), headers=JSON)
    assert {name.removesuffix(".value") for name in faults(answer)} <= {f"{AMOUNT}.excludingTaxes", AMOUNT}
    assert await rows(company) == before


@pytest.mark.parametrize("sent", ["NaN", "Infinity", "-Infinity", "01", "+1", "1.", ".5", "0x10", "1_000", "1,5"])
async def test_what_is_no_json_number_is_refused(client: httpx2.AsyncClient, sent: str) -> None:
    assert faults(await _commit(client, _written(sent)))


async def test_a_tax_has_the_same_rules_as_the_amount(client: httpx2.AsyncClient) -> None:
    number = await _rate_type(client)
    for value in ("0.001", "1e13", '"24"', "1234567890123456"):
        line = f', "taxes": [{{"rateTypeId": {number}, "value": {value}, "currency": "EUR"}}]'
        answer = await _commit(client, _written("120", terms=line))
        assert set(faults(answer)) <= {f"{AMOUNT}.taxes[0].value", AMOUNT}


async def _rate_type(client: httpx2.AsyncClient, *, date: str = "2025-04-14", territory: str = "FR") -> int:
    answer = await client.get(f"/cleemy-procurement/taxes/api/rates?date={date}&territoryId={territory}")
    number: int = answer.json()[0]["rateType"]["id"]
    return number


def _taxed(number: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    amount = {
        "excludingTaxes": {"value": 120, "currency": "EUR"},
        "taxes": [{"rateTypeId": number, "value": 24, "currency": "EUR"}],
        "includingTaxes": {"value": 144, "currency": "EUR"},
    }
    return ONE_TIME | {AMOUNT: amount | changes}


async def test_the_sum_is_answered_when_it_is_not_sent(client: httpx2.AsyncClient) -> None:
    number = await _rate_type(client)
    purchase = await make_purchase(client)
    made = await make_commitment(client, purchase["id"], _taxed(number, includingTaxes=None))
    assert made[AMOUNT]["includingTaxes"] == {"value": 144, "currency": "EUR"}


async def test_the_senders_cents_are_kept_as_sent(client: httpx2.AsyncClient) -> None:
    number = await _rate_type(client)
    purchase = await make_purchase(client)
    taxes = [
        {"rateTypeId": number, "value": 23.97, "currency": "EUR"},
        {"rateTypeId": number, "value": 0.02, "currency": "EUR"},
    ]
    body = _taxed(number, taxes=taxes, includingTaxes={"value": 143.99, "currency": "EUR"})
    made = await make_commitment(client, purchase["id"], body)
    assert made[AMOUNT]["taxes"] == taxes
    assert made[AMOUNT]["includingTaxes"]["value"] == 143.99


@pytest.mark.parametrize("value", [143.99, 144.01, 0, 120, 24])
async def test_a_sum_that_is_wrong_is_refused(client: httpx2.AsyncClient, value: float) -> None:
    number = await _rate_type(client)
    purchase = await make_purchase(client)
    body = _taxed(number, includingTaxes={"value": value, "currency": "EUR"})
    errors = faults(await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body))
    assert set(errors) == {f"{AMOUNT}.includingTaxes.value"}


async def test_a_sum_that_is_wrong_in_the_base_is_refused_there(client: httpx2.AsyncClient) -> None:
    number = await _rate_type(client)
    purchase = await make_purchase(client)
    flat = _taxed(number, includingTaxes={"value": 1, "currency": "EUR"})[AMOUNT]
    body = ONE_TIME | {AMOUNT: {"base": flat}}
    errors = faults(await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body))
    assert set(errors) == {f"{AMOUNT}.base.includingTaxes.value"}


@pytest.mark.parametrize("place", ["taxes[0].currency", "includingTaxes.currency"])
async def test_two_currencies_in_one_amount_are_refused(client: httpx2.AsyncClient, place: str) -> None:
    number = await _rate_type(client)
    purchase = await make_purchase(client)
    changes: dict[str, Any] = {"includingTaxes": {"value": 144, "currency": "USD"}}
    if place.startswith("taxes"):
        changes = {"taxes": [{"rateTypeId": number, "value": 24, "currency": "USD"}], "includingTaxes": None}
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=_taxed(number, **changes))
    assert set(faults(answer)) == {f"{AMOUNT}.{place}"}


@pytest.mark.parametrize("missing", ["rateTypeId", "value"])
async def test_a_line_of_taxes_needs_its_type_and_its_value(client: httpx2.AsyncClient, missing: str) -> None:
    number = await _rate_type(client)
    line = {"rateTypeId": number, "value": 24, "currency": "EUR"}
    del line[missing]
    purchase = await make_purchase(client)
    body = _taxed(number, taxes=[line], includingTaxes=None)
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)
    assert set(faults(answer)) == {f"{AMOUNT}.taxes[0].{missing}"}


@pytest.mark.parametrize("taxes", [{}, "none", 0, [None], [[]], ["x"]])
async def test_taxes_are_a_list_of_lines(client: httpx2.AsyncClient, taxes: object) -> None:
    purchase = await make_purchase(client)
    body = ONE_TIME | {AMOUNT: {"excludingTaxes": {"value": 1, "currency": "EUR"}, "taxes": taxes}}
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)
    assert {name.partition("[")[0] for name in faults(answer)} == {f"{AMOUNT}.taxes"}


LARGEST = [("EUR", 9_999_999_999_999.99, 10_000_000_000_000), ("JPY", 999_999_999_999_999, 1_000_000_000_000_000)]


@pytest.mark.parametrize(("currency", "most", "too_much"), LARGEST)
async def test_an_amount_stays_below_a_thousand_million_million_coins(
    client: httpx2.AsyncClient, company: Company, currency: str, most: float, too_much: int
) -> None:
    await company.owner.execute(
        "UPDATE establishments SET currency = $2 WHERE tenant_id = $1", company.tenant_id, currency
    )
    assert (await _commit(client, _written(str(most), currency))).status_code == 200
    assert faults(await _commit(client, _written(str(too_much), currency)))


async def test_an_amount_with_its_taxes_stays_below_it_too(client: httpx2.AsyncClient) -> None:
    number = await _rate_type(client)
    line = f', "taxes": [{{"rateTypeId": {number}, "value": 0.01, "currency": "EUR"}}]'
    assert (await _commit(client, _written("9999999999999.98", terms=line))).status_code == 200
    assert set(faults(await _commit(client, _written("9999999999999.99", terms=line)))) == {AMOUNT}


async def test_a_total_over_all_periods_stays_below_it_too(client: httpx2.AsyncClient, company: Company) -> None:
    purchase = await make_purchase(client)
    before = await rows(company)
    path = f"{API}/purchases/{purchase['id']}/commitment"
    per_period = {"excludingTaxes": {"value": 833_333_333_333.34, "currency": "EUR"}}
    errors = faults(await client.post(path, json=SUBSCRIPTION | {"amountIncludingTaxesPerPeriod": per_period}))
    assert set(errors) == {"amountIncludingTaxesPerPeriod"}
    assert await rows(company) == before
    per_period = {"excludingTaxes": {"value": 833_333_333_333.33, "currency": "EUR"}}
    answer = await client.post(path, json=SUBSCRIPTION | {"amountIncludingTaxesPerPeriod": per_period})
    assert answer.json()[AMOUNT]["includingTaxes"]["value"] == 9_999_999_999_999.96


async def test_a_counter_value_stays_below_it_too(client: httpx2.AsyncClient) -> None:
    purchase = await make_purchase(client, ownerId=39, establishmentId=2)
    body = ONE_TIME | {AMOUNT: {"excludingTaxes": {"value": 9_999_999_999_999.99, "currency": "GBP"}}}
    answer = await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)
    assert set(faults(answer)) == {AMOUNT}


async def test_a_purchase_that_moves_must_keep_the_counter_value_below_it_too(
    client: httpx2.AsyncClient, company: Company
) -> None:
    await company.owner.execute(
        "UPDATE establishments SET currency = 'HUF' WHERE tenant_id = $1 AND establishment_id = 2", company.tenant_id
    )
    purchase = await make_purchase(client)
    amount = {"excludingTaxes": {"value": 9_999_999_999_999.99, "currency": "EUR"}}
    await make_commitment(client, purchase["id"], ONE_TIME | {AMOUNT: amount})
    before = await rows(company)
    answer = await client.put(f"{API}/purchases/{purchase['id']}", json=PURCHASE | {"establishmentId": 2})
    assert set(faults(answer)) == {"establishmentId"}
    assert await rows(company) == before


async def test_the_store_holds_integers_of_the_smallest_coin(client: httpx2.AsyncClient, company: Company) -> None:
    made = (await _commit(client, _written("120.10"))).json()
    row = await company.owner.fetchrow(
        "SELECT excluding_minor, currency FROM commitments WHERE tenant_id = $1 AND commitment_id = $2",
        company.tenant_id,
        made["id"],
    )
    assert row is not None
    assert tuple(row) == (12010, "EUR")
