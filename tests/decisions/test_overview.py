"""The overview for programs: its sums, and that each number leads to exactly what it sums up."""

from decimal import Decimal
from typing import Any

import httpx2
import pytest

from tests.fixtures.budgets import make_budget
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, SUBSCRIPTION
from tests.fixtures.lives import Live
from tests.fixtures.spending import YEAR, costing, spend

OVERVIEW = f"{API}/overview?{YEAR}"
SPENDING = f"{API}/overview/spending?{YEAR}"


def figures(told: Any) -> list[dict[str, Any]]:  # noqa: ANN401  JSON
    """Find every number that leads somewhere."""
    if isinstance(told, list):
        return [figure for each in told for figure in figures(each)]
    if not isinstance(told, dict):
        return []
    if {"value", "href"} <= told.keys():
        return [told]
    return [figure for each in told.values() for figure in figures(each)]


async def listed(client: httpx2.AsyncClient, place: str, **query: str) -> dict[str, Any]:
    """Read a page of a list."""
    named = {name.replace("_", "."): value for name, value in query.items()}
    answer = await client.get(httpx2.URL(place).copy_merge_params(named))
    page: dict[str, Any] = answer.raise_for_status().json()
    return page


async def whole(client: httpx2.AsyncClient, place: str) -> list[dict[str, Any]]:
    """Read a list to its end by its tokens."""
    items: list[dict[str, Any]] = []
    query = {"limit": "2", "fields_root": "next"}
    while True:
        page = await listed(client, place, **query)
        items += page["items"]
        if "next" not in page:
            return items
        query["page"] = page["next"]


async def test_each_number_is_what_the_list_behind_it_comes_to(
    company: Company, client: httpx2.AsyncClient, live: Live
) -> None:
    await spend(live)
    await make_budget(await company.caller(permissions=("configure",)), amount={"value": 50_000, "currency": "EUR"})
    told = (await client.get(OVERVIEW)).json()
    found = figures(told)
    assert len(found) > 40
    for figure in found:
        items = (await listed(client, figure["href"], limit="1000"))["items"]
        amounts = [each["held"] if "held" in each else each["amount"] for each in items]
        assert sum(Decimal(str(each["value"])) for each in amounts) == Decimal(str(figure["value"])), figure
        assert {each["currency"] for each in amounts} <= {"EUR"}
    sums = {name: figure["value"] for name, figure in told["whole"].items()}
    assert sums == {"approved": 9_190, "closed": 70, "asked": 50}
    assert [month["month"] for month in told["months"]][:2] == ["2025-01", "2025-02"]
    assert (told["natures"]["count"], told["natures"]["items"][0]["name"]) == (1, "Office supplies")


async def test_a_list_goes_on_by_tokens_and_numbers_in_both_directions(client: httpx2.AsyncClient, live: Live) -> None:
    await spend(live)
    items = await whole(client, SPENDING)
    assert len(items) == 12
    assert [each["month"] for each in items] == sorted(each["month"] for each in items)
    query = {"limit": "5", "fields_root": "prev,next,count"}
    pages = [await listed(client, SPENDING, **query, page=str(n)) for n in (1, 2, 3)]
    assert [each for page in pages for each in page["items"]] == items
    assert [("prev" in page, "next" in page, page["count"]) for page in pages] == [
        (False, True, 12),
        (True, True, 12),
        (True, False, 12),
    ]
    back = await listed(client, SPENDING, **query, page=pages[2]["prev"])
    assert (back["items"], "prev" in back, "next" in back) == (pages[1]["items"], True, True)
    first = await listed(client, SPENDING, **query, page=back["prev"])
    assert (first["items"], "prev" in first) == (pages[0]["items"], False)


async def test_only_what_a_key_may_see_is_summed_up(company: Company, client: httpx2.AsyncClient, live: Live) -> None:
    await live("approved")
    await live("approved", terms=costing(7), ownerId=37)
    own = await company.caller(permissions=("view:own",), person=37)
    sums = [(await each.get(OVERVIEW)).json()["whole"]["approved"]["value"] for each in (client, own)]
    assert sums == [127, 7]
    assert len((await own.get(SPENDING)).json()["items"]) == 1
    assert (await own.get(OVERVIEW)).json()["budgets"] == []


async def test_who_keeps_requests_waiting_is_told_with_where_they_are(client: httpx2.AsyncClient, live: Live) -> None:
    await live("pending")
    (waited_for,) = (await client.get(OVERVIEW)).json()["waitedFor"]
    assert (waited_for["userId"], waited_for["requests"]) == (36, 1)
    assert len((await client.get(waited_for["href"])).json()["items"]) == 1


async def test_a_supplier_that_is_only_written_down_has_a_name_in_its_line_alone(
    client: httpx2.AsyncClient, live: Live
) -> None:
    await live("pending", supplier={"name": "Corner shop", "territoryId": "FR"})
    (row,) = (await client.get(OVERVIEW)).json()["suppliers"]["items"]
    assert not {"id", "name"} & row.keys()
    (line,) = (await client.get(row["asked"]["href"])).json()["items"]
    assert (line["supplierName"], "supplierId" in line) == ("Corner shop", False)


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("from=2025-13", ["from"]),
        ("from=now&to=0000-01&currency=XYZ", ["currency", "from", "to"]),
        ("from=2025-02&to=2025-01", ["to"]),
        ("from=2000-01&to=2025-01", ["to"]),
    ],
)
async def test_months_that_can_not_be_are_told(client: httpx2.AsyncClient, query: str, places: list[str]) -> None:
    for place in ("overview", "overview/spending"):
        answer = await client.get(f"{API}/{place}?{query}")
        assert (answer.status_code, sorted(answer.json()["errors"])) == (400, places)


async def test_far_pages_are_reached_by_tokens_alone(client: httpx2.AsyncClient) -> None:
    answer = await client.get(SPENDING, params={"page": "1000", "limit": "1000"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["page"])


async def test_with_too_much_to_be_counted_nothing_inexact_is_told(
    client: httpx2.AsyncClient, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live("approved")
    monkeypatch.setattr("emplette.services.spending.MOST_LATE", 0)
    for place in (OVERVIEW, SPENDING):
        answer = await client.get(place)
        assert (answer.status_code, answer.json()["code"]) == (503, "spending.not_counted")
        assert "Retry-After" in answer.headers


async def test_subscriptions_go_on_where_a_page_ended(client: httpx2.AsyncClient, live: Live) -> None:
    for _ in range(3):
        await live("approved", terms=SUBSCRIPTION | {"startDate": "2090-01-01", "firstInvoiceDate": "2090-01-01"})
    assert len({each["id"] for each in await whole(client, f"{API}/subscriptions")}) == 3
