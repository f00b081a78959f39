"""Query parameters: known ones only, each once, each read by its type."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta, timezone

import httpx2
import pytest

from emplette.http.contract import Direction
from tests.contract.toys import Gate, Orders, client_of, contract, faults_of


async def title(client: httpx2.AsyncClient, query: str) -> str:
    answer = await client.get(f"/api/orders?{query}")
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["items"][0]["title"]
    return found


WHOLE_NUMBER = "Must be a whole number between 1 and 2147483647."
LIMIT = "Must be a whole number between 0 and 1000."
MOMENT = "Must be a date like 2025-04-14 or an instant like 2025-04-14T09:30:00+02:00."


@pytest.mark.parametrize(
    ("query", "path", "said"),
    [
        ("limit=", "limit", LIMIT),
        ("limit=1001", "limit", LIMIT),
        ("limit=-1", "limit", LIMIT),
        ("limit=1e2", "limit", LIMIT),
        ("limit=ten", "limit", LIMIT),
        ("limit=1&limit=2", "limit", "Must be given once."),
        ("limit=1&limit=1", "limit", "Must be given once."),
        ("ownerId=0", "ownerId", WHOLE_NUMBER),
        ("ownerId=1,2,x", "ownerId", WHOLE_NUMBER),
        ("ownerId=1,,2", "ownerId", WHOLE_NUMBER),
        ("ownerId=", "ownerId", WHOLE_NUMBER),
        ("ownerId=2147483648", "ownerId", WHOLE_NUMBER),
        ("unit=Year", "unit", "Must be one of Day, Month."),
        ("unit=", "unit", "Must be one of Day, Month."),
        ("unit=day", "unit", "Must be one of Day, Month."),
        ("urgent=1", "urgent", "Must be true or false."),
        ("createdAt.from=2025-02-30", "createdAt.from", MOMENT),
        ("createdAt.from=2025-04-14T00:00:00", "createdAt.from", MOMENT),
        ("createdAt.from=yesterday", "createdAt.from", MOMENT),
        ("createdAt.from=", "createdAt.from", MOMENT),
        ("search.terms=%00", "search.terms", "The control character U+0000 at position 0 can't be kept; remove it."),
        (f"search.terms={'x' * 101}", "search.terms", "At most 100 characters; these are 101."),
        ("search.terms=%ff", "search.terms", "Must be UTF-8, percent-encoded."),
        ("search.terms=%zz", "search.terms", "Must be UTF-8, percent-encoded."),
    ],
)
async def test_a_parameter_that_can_t_be_read_is_refused_by_its_name(
    client: httpx2.AsyncClient, query: str, path: str, said: str
) -> None:
    assert faults_of(await client.get(f"/api/orders?{query}")) == {path: [said]}


async def test_an_unknown_parameter_is_named_beside_the_other_faults(client: httpx2.AsyncClient) -> None:
    faults = faults_of(await client.get("/api/orders?sate=Created&ownerid=1&limit=x"))
    assert set(faults) == {"sate", "ownerid", "limit"}
    assert "ownerId" in faults["sate"][0]


async def test_an_operation_without_parameters_knows_none(client: httpx2.AsyncClient) -> None:
    assert faults_of(await client.get("/api/orders/7?x=1")) == {"x": ["Is not a parameter here; there are none."]}


@pytest.mark.parametrize(
    "path", ["/api/orders?_=1745000000", "/api/orders/7?_x=1&_x=2", "/api/open?_", "/api/orders?&&"]
)
async def test_parameters_that_begin_with_an_underscore_are_ignored(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("limit", [0, 1, 1000])
async def test_a_limit_is_between_nothing_and_a_thousand(client: httpx2.AsyncClient, limit: int) -> None:
    assert (await title(client, f"limit={limit}")).endswith(f" {limit}")


async def test_without_a_limit_there_are_a_hundred(client: httpx2.AsyncClient) -> None:
    assert await title(client, "") == "PageNumber None 100"


@pytest.mark.parametrize(
    ("sent", "instant"),
    [
        ("2025-04-14", "2025-04-13 22:00:00+00:00"),
        ("2025-01-14", "2025-01-13 23:00:00+00:00"),
        ("2025-04-14T00:00:00Z", "2025-04-14 00:00:00+00:00"),
        ("2025-04-14T00:00:00%2B02:00", "2025-04-13 22:00:00+00:00"),
        ("2025-04-14T00:00:00+02:00", "2025-04-13 22:00:00+00:00"),
        ("2025-04-14T00:00:00.9244011-01:30", "2025-04-14 01:30:00.924401+00:00"),
        ("0001-01-01", "0001-01-01 00:00:00+00:00"),
        ("0001-01-01T00:00:00%2B02:00", "0001-01-01 00:00:00+00:00"),
        ("9999-12-31", "9999-12-30 23:00:00+00:00"),
        ("9999-12-31T23:59:59-02:00", "9999-12-31 23:59:59.999999+00:00"),
    ],
)
async def test_a_date_is_midnight_where_the_company_is_and_an_instant_is_an_instant(
    client: httpx2.AsyncClient, sent: str, instant: str
) -> None:
    assert instant in await title(client, f"createdAt.from={sent}")


async def test_several_values_are_separated_by_commas(client: httpx2.AsyncClient) -> None:
    assert await title(client, "unit=Day,Month&ownerId=1,%202&search.terms=a+b&urgent=true") == "PageNumber None 100"


async def test_prev_next_and_count_are_answered_when_they_are_asked_for(client: httpx2.AsyncClient) -> None:
    assert set((await client.get("/api/orders")).json()) == {"items"}
    assert set((await client.get("/api/orders?fields.root=count")).json()) == {"items", "count"}
    whole = (await client.get("/api/orders?fields.root=next,count,%20prev,unknown,")).json()
    assert set(whole) == {"items", "count", "next"}


async def token(client: httpx2.AsyncClient, filters: str = "") -> str:
    answer = await client.get(f"/api/orders?fields.root=next&{filters}")
    found: str = answer.json()["next"]
    return found


async def test_a_token_leads_to_the_next_page_whatever_the_limit_is(client: httpx2.AsyncClient) -> None:
    there = await token(client, "ownerId=1&limit=5")
    answer = await client.get(f"/api/orders?limit=7&ownerId=1&page={there}")
    assert answer.json()["items"][0]["title"] == "Cursor None 7"


NO_PAGE = "Must be a page number from 1, or a token that `next` or `prev` of the same list and filters gave."


@pytest.mark.parametrize("filters", ["", "ownerId=2", "ownerId=1&unit=Day"])
async def test_a_token_does_not_work_with_another_filter(client: httpx2.AsyncClient, filters: str) -> None:
    there = await token(client, "ownerId=1")
    assert faults_of(await client.get(f"/api/orders?{filters}&page={there}")) == {"page": [NO_PAGE]}


@pytest.mark.parametrize("page", ["0", "-1", "01", "1.5", "2147483648", "abc", "k", "k0", "kAAAA", "k%3D%3D", "%20"])
async def test_a_page_that_is_neither_a_number_nor_a_token_is_refused(client: httpx2.AsyncClient, page: str) -> None:
    assert faults_of(await client.get(f"/api/orders?page={page}")) == {"page": [NO_PAGE]}


async def test_no_letter_of_a_token_can_be_changed(client: httpx2.AsyncClient) -> None:
    there = await token(client)
    for place in range(len(there)):
        forged = f"{there[:place]}{'A' if there[place] != 'A' else 'B'}{there[place + 1 :]}"
        assert set(faults_of(await client.get(f"/api/orders?page={forged}"))) == {"page"}, forged
    for cut in (there[:-1], there + "A", there + "==", there.upper()):
        assert set(faults_of(await client.get(f"/api/orders?page={cut}"))) == {"page"}, cut


@pytest.mark.parametrize(
    "keys",
    [
        (datetime(2026, 1, 1, tzinfo=UTC), 2**31),
        (datetime(2026, 1, 1, tzinfo=UTC), -(2**31) - 1),
        (datetime(2026, 1, 1, tzinfo=UTC), 2**63),
        (datetime(2026, 1, 1), 12),  # noqa: DTZ001 - one without an offset is the point
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))), 12),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2))), 12),
    ],
)
@pytest.mark.parametrize("direction", Direction)
async def test_a_made_up_token_of_keys_that_no_row_has_is_refused(
    client: httpx2.AsyncClient, direction: Direction, keys: tuple[datetime, int]
) -> None:
    forged = Orders().token(direction, keys)
    assert faults_of(await client.get(f"/api/orders?page={forged}")) == {"page": [NO_PAGE]}


async def test_a_deep_token_is_refused(client: httpx2.AsyncClient) -> None:
    deep = "k" + urlsafe_b64encode(b"123456789" + b"[" * 180).rstrip(b"=").decode()
    assert faults_of(await client.get(f"/api/orders?page={deep}")) == {"page": [NO_PAGE]}


async def test_an_empty_page_is_refused(client: httpx2.AsyncClient) -> None:
    assert set(faults_of(await client.get("/api/orders?page="))) == {"page"}


@pytest.mark.parametrize("page", [1, 2, 2147483647])
async def test_a_page_is_counted_from_one(page: int) -> None:
    async with client_of(contract(Gate())) as client:
        assert (await client.get(f"/api/orders?page={page}")).status_code == 200
