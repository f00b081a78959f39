"""Dates: periods and ends counted from their anchor, and nothing out of reach."""

from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_purchase
from tests.fixtures.problems import faults, rows


async def _commit(client: httpx2.AsyncClient, body: dict[str, Any]) -> httpx2.Response:
    purchase = await make_purchase(client)
    return await client.post(f"{API}/purchases/{purchase['id']}/commitment", json=body)


def _lasting(duration: str, every: str = "1 Month", start: str = "2025-01-31", **more: str) -> dict[str, Any]:
    """Write a subscription: durations as ``12 Month``."""
    said = {"invoicingFrequency": every, "subscriptionDuration": duration} | more
    return SUBSCRIPTION | {"startDate": start} | {name: _duration(text) for name, text in said.items()}


def _duration(text: str) -> dict[str, Any]:
    value, unit = text.split()
    return {"value": int(value), "unit": unit}


ENDS = [
    ("2025-04-14", "12 Month", "2026-04-13"),
    ("2025-01-31", "1 Month", "2025-02-27"),
    ("2025-01-31", "2 Month", "2025-03-30"),
    ("2025-01-31", "13 Month", "2026-02-27"),
    ("2024-01-31", "1 Month", "2024-02-28"),
    ("2024-02-29", "1 Year", "2025-02-27"),
    ("2024-02-29", "4 Year", "2028-02-28"),
    ("2025-03-31", "1 Month", "2025-04-29"),
    ("2025-01-01", "1 Day", "2025-01-01"),
    ("2025-01-01", "1 Week", "2025-01-07"),
    ("2025-12-31", "2 Day", "2026-01-01"),
    ("2025-01-01", "100 Year", "2124-12-31"),
    ("2024-09-24", "12 Month", "2025-09-23"),
]


@pytest.mark.parametrize(("start", "duration", "end"), ENDS)
async def test_a_subscription_ends_the_day_before_its_duration_is_over(
    client: httpx2.AsyncClient, start: str, duration: str, end: str
) -> None:
    answer = await _commit(client, _lasting(duration, "1 Year", start))
    assert answer.json()["subscriptionEndDate"] == end


COUNTS = [
    ("12 Month", "1 Month", "2025-04-14", 12),
    ("12 Month", "12 Month", "2024-09-24", 1),
    ("1 Month", "12 Month", "2025-04-14", 1),
    ("13 Month", "12 Month", "2025-04-14", 2),
    ("12 Month", "5 Month", "2025-04-14", 3),
    ("1 Year", "1 Week", "2025-01-01", 53),
    ("1 Year", "1 Day", "2024-01-01", 366),
    ("1 Month", "28 Day", "2025-02-01", 1),
    ("1 Month", "28 Day", "2024-02-01", 2),
    ("2 Month", "1 Month", "2025-01-31", 2),
    ("3 Month", "1 Month", "2025-11-30", 3),
    ("100 Year", "1 Month", "2025-01-31", 1200),
    ("2000 Day", "1 Day", "2025-01-01", 2000),
]


@pytest.mark.parametrize(("duration", "every", "start", "count"), COUNTS)
async def test_periods_are_those_that_begin_before_the_end(
    client: httpx2.AsyncClient, duration: str, every: str, start: str, count: int
) -> None:
    told = (await _commit(client, _lasting(duration, every, start))).json()
    assert told["periodsCount"] == count
    assert told["amountIncludingTaxes"]["includingTaxes"]["value"] == 1000 * count


@pytest.mark.parametrize(
    ("obligation", "end"),
    [("6 Month", "2025-07-30"), ("1 Month", "2025-02-27"), ("1 Day", "2025-01-31"), ("5 Year", "2030-01-30")],
)
async def test_an_obligation_ends_the_day_before_it_is_over_also_when_longer_than_the_subscription(
    client: httpx2.AsyncClient, obligation: str, end: str
) -> None:
    told = (await _commit(client, _lasting("12 Month", contractualObligation=obligation))).json()
    assert told["contractualEndDate"] == end


async def test_without_an_obligation_its_end_is_null(client: httpx2.AsyncClient) -> None:
    told = (await _commit(client, _lasting("12 Month"))).json()
    assert told["contractualEndDate"] is None
    assert "lastNoticeDate" not in told


@pytest.mark.parametrize(
    ("notice", "more", "last"),
    [
        ("1 Month", {}, "2025-12-30"),
        ("3 Month", {}, "2025-10-30"),
        ("1 Day", {}, "2026-01-29"),
        ("2 Week", {}, "2026-01-16"),
        ("1 Year", {}, "2025-01-30"),
        ("2 Year", {}, "2024-01-30"),
        ("1 Month", {"contractualObligation": "6 Month"}, "2025-06-29"),
        ("1 Month", {"contractualObligation": "1 Month"}, "2025-01-27"),
    ],
)
async def test_the_last_safe_day_to_give_notice_is_told(
    client: httpx2.AsyncClient, notice: str, more: dict[str, str], last: str
) -> None:
    told = (await _commit(client, _lasting("12 Month", terminationNotice=notice, **more))).json()
    assert told["lastNoticeDate"] == last


DURATIONS = ["invoicingFrequency", "subscriptionDuration", "contractualObligation", "terminationNotice"]


@pytest.mark.parametrize("field", DURATIONS)
@pytest.mark.parametrize(
    ("duration", "part"),
    [
        ({"value": 0, "unit": "Month"}, ".value"),
        ({"value": -1, "unit": "Month"}, ".value"),
        ({"value": 1.5, "unit": "Month"}, ".value"),
        ({"value": "1", "unit": "Month"}, ".value"),
        ({"value": None, "unit": "Month"}, ".value"),
        ({"value": 2**31, "unit": "Day"}, ".value"),
        ({"unit": "Month"}, ".value"),
        ({"value": 1}, ".unit"),
        ({"value": 1, "unit": "month"}, ".unit"),
        ({"value": 1, "unit": "Quarter"}, ".unit"),
        ({"value": 1, "unit": ""}, ".unit"),
        ([1, "Month"], ""),
        ("1 Month", ""),
        (12, ""),
    ],
)
async def test_a_duration_is_a_whole_number_of_at_least_one_and_a_unit(
    client: httpx2.AsyncClient, field: str, duration: object, part: str
) -> None:
    assert set(faults(await _commit(client, SUBSCRIPTION | {field: duration}))) == {f"{field}{part}"}


@pytest.mark.parametrize("field", DURATIONS)
@pytest.mark.parametrize(
    ("most", "too_much"),
    [("100 Year", "101 Year"), ("1200 Month", "1201 Month"), ("36500 Day", "36530 Day"), ("5217 Week", "5219 Week")],
)
async def test_nothing_reaches_further_than_a_hundred_years_from_its_start(
    client: httpx2.AsyncClient, company: Company, field: str, most: str, too_much: str
) -> None:
    terms = _lasting("12 Year", "1 Year")
    assert (await _commit(client, terms | {field: _duration(most)})).status_code == 200
    purchase = await make_purchase(client)
    before = await rows(company)
    answer = await client.post(
        f"{API}/purchases/{purchase['id']}/commitment", json=terms | {field: _duration(too_much)}
    )
    assert set(faults(answer)) == {field}
    assert await rows(company) == before


@pytest.mark.parametrize(("duration", "every"), [("2001 Day", "1 Day"), ("100 Year", "2 Week"), ("6 Year", "1 Day")])
async def test_there_are_at_most_2000_periods(client: httpx2.AsyncClient, duration: str, every: str) -> None:
    answer = await _commit(client, _lasting(duration, every, "2025-01-01"))
    assert set(faults(answer)) <= {"invoicingFrequency", "subscriptionDuration"}


@pytest.mark.parametrize("field", ["costDate", "invoiceDate", "startDate", "firstInvoiceDate"])
@pytest.mark.parametrize(
    "day",
    [
        "2025-02-30",
        "2025-02-29",
        "2025-13-01",
        "2025-00-10",
        "2025-04-31",
        "0000-01-01",
        "10000-01-01",
        "-0001-01-01",
        "+2025-01-01",
        "2025-1-1",
        "20250101",
        "2025-W01-1",
        "2025-04-14T00:00:00Z",
        "2025-04-14 ",
        "14/04/2025",
        "",
        "today",
        20250414,
        {},
        "\uff12025-04-14",
    ],
)
async def test_a_day_that_does_not_exist_is_refused(client: httpx2.AsyncClient, field: str, day: object) -> None:
    terms = ONE_TIME if field in ONE_TIME else SUBSCRIPTION
    assert set(faults(await _commit(client, terms | {field: day}))) == {field}


@pytest.mark.parametrize("day", ["1999-01-04", "2024-02-29", "9999-12-31"])
async def test_the_days_that_exist_are_taken(client: httpx2.AsyncClient, day: str) -> None:
    answer = await _commit(client, ONE_TIME | {"costDate": day, "invoiceDate": day})
    assert answer.json()["costDate"] == answer.json()["invoiceDate"] == day


async def test_a_subscription_ends_while_there_are_days(client: httpx2.AsyncClient) -> None:
    assert (await _commit(client, _lasting("1 Year", "1 Month", "9999-01-01"))).status_code == 200
    assert faults(await _commit(client, _lasting("1 Year", "1 Month", "9999-01-02")))


async def test_invoice_dates_are_free(client: httpx2.AsyncClient) -> None:
    once = await _commit(client, ONE_TIME | {"invoiceDate": "2020-01-01"})
    assert once.json()["invoiceDate"] == "2020-01-01"
    over = await _commit(client, SUBSCRIPTION | {"firstInvoiceDate": "2020-01-01"})
    assert over.json()["firstInvoiceDate"] == "2020-01-01"
    assert over.json()["subscriptionEndDate"] == "2026-04-13"


async def test_instants_are_utc_and_written_with_their_offset(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client)
    assert made["createdAt"].endswith("+00:00")
    assert made["modifiedAt"].endswith("+00:00")
