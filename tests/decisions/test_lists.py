"""Lists: pages both ways, counts, filters, and tokens that can't be misused."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from starlette.routing import Router

from tests.fixtures.companies import Company, found_company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, PURCHASE, make_purchase, make_request
from tests.fixtures.problems import faults

KINDS = pytest.mark.parametrize("kind", ["purchases", "requests", "orders"])
MANY = 25
KEYS = {"purchases": "purchase_id", "requests": "request_id", "orders": "order_id"}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A company with 25 purchases, each with its request and order, and who reads them."""

    client: httpx2.AsyncClient
    company: Company

    async def page(self, kind: str, **parameters: object) -> dict[str, Any]:
        """Read a page; dots of names are written as double underscores."""
        query = {name.replace("__", "."): str(value) for name, value in parameters.items()}
        answer = await self.client.get(f"{API}/{kind}", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def _ids(page: dict[str, Any]) -> list[int]:
    return [item["id"] for item in page["items"]]


@pytest_asyncio.fixture(scope="module")
async def shelf(app: Router, owner: OwnerConnection) -> AsyncIterator[Shelf]:
    """Lend a company with 25 of everything, three of which were created at each instant; nobody adds to it."""
    company = await found_company(app, owner)
    async with await company.caller() as client:
        for _ in range(MANY):
            await make_request(client)
        for table, key in KEYS.items():
            await owner.execute(
                f"""UPDATE {table} t SET created_at = '2025-03-01T12:00:00Z'::timestamptz + (n / 3) * interval '1 day'
                FROM (SELECT {key}, row_number() OVER (ORDER BY {key}) - 1 AS n FROM {table} WHERE tenant_id = $1) x
                WHERE t.tenant_id = $1 AND t.{key} = x.{key}""",  # noqa: S608  constants above
                company.tenant_id,
            )
        yield Shelf(client, company)


@KINDS
async def test_without_being_asked_a_list_has_only_items(shelf: Shelf, kind: str) -> None:
    page = await shelf.page(kind)
    assert set(page) == {"items"}
    assert len(page["items"]) == MANY


@KINDS
@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ("next", {"next"}),
        ("prev", {"prev"}),
        ("count", {"count"}),
        ("next,prev", {"next", "prev"}),
        ("prev, next ,count", {"next", "prev", "count"}),
        ("colour,count", {"count"}),
        ("colour", set()),
        ("", set()),
        (",,count,,", {"count"}),
    ],
)
async def test_what_stands_beside_the_items_is_what_was_asked_for(
    shelf: Shelf, kind: str, asked: str, keys: set[str]
) -> None:
    page = await shelf.page(kind, limit=10, page=2, fields__root=asked)
    assert set(page) - {"items"} == keys


@KINDS
@pytest.mark.parametrize("limit", [1, 4, 10, 24, 25, 26, 1000])
async def test_walking_forward_and_back_meets_everything_once_in_order(shelf: Shelf, kind: str, limit: int) -> None:
    everything = _ids(await shelf.page(kind))
    pages = [await shelf.page(kind, limit=limit, fields__root="next,prev,count")]
    assert "prev" not in pages[0]
    while "next" in pages[-1]:
        pages.append(await shelf.page(kind, limit=limit, page=pages[-1]["next"], fields__root="next,prev,count"))
    assert [number for page in pages for number in _ids(page)] == everything
    assert all(page["count"] == MANY for page in pages)
    back = [pages[-1]]
    while "prev" in back[-1]:
        back.append(await shelf.page(kind, limit=limit, page=back[-1]["prev"], fields__root="next,prev"))
    assert [_ids(page) for page in reversed(back)] == [_ids(page) for page in pages]
    assert back[-1].get("next") == pages[0].get("next")


@KINDS
@pytest.mark.parametrize("limit", [1, 7, 10, 25])
async def test_pages_by_number_are_those_by_token(shelf: Shelf, kind: str, limit: int) -> None:
    everything = _ids(await shelf.page(kind))
    for number in range(1, MANY // limit + 3):
        page = await shelf.page(kind, limit=limit, page=number, fields__root="next,prev")
        assert _ids(page) == everything[(number - 1) * limit : number * limit]
        assert ("next" in page) is (number * limit < MANY)
        assert ("prev" in page) is (number > 1 and bool(page["items"]))


@KINDS
@pytest.mark.parametrize("number", [4, 1000, 2147483647])
async def test_a_page_beyond_the_end_is_empty(shelf: Shelf, kind: str, number: int) -> None:
    page = await shelf.page(kind, limit=10, page=number, fields__root="next,prev,count")
    assert page == {"items": [], "count": MANY}


@KINDS
async def test_lists_ascend_by_creation_and_then_by_id(shelf: Shelf, kind: str) -> None:
    items = (await shelf.page(kind))["items"]
    keys = [(datetime.fromisoformat(item["createdAt"]), item["id"]) for item in items]
    assert keys == sorted(keys)
    assert len({created for created, _ in keys}) < MANY


@KINDS
async def test_a_limit_of_zero_only_counts(shelf: Shelf, kind: str) -> None:
    assert await shelf.page(kind, limit=0, fields__root="count") == {"items": [], "count": MANY}
    assert await shelf.page(kind, limit=0) == {"items": []}


@KINDS
@pytest.mark.parametrize("limit", ["", "-1", "1001", "ten", "1.5", "1e2", " 1", "0x1", "99999999999999999999999"])
async def test_a_limit_that_can_be_none_is_refused(client: httpx2.AsyncClient, kind: str, limit: str) -> None:
    assert set(faults(await client.get(f"{API}/{kind}", params={"limit": limit}))) == {"limit"}


@KINDS
@pytest.mark.parametrize(
    "page", ["", "0", "-1", "1.5", "one", "2147483648", "k", "kAAAA", "k!!", "k" * 3000, "%00", "é"]
)
async def test_a_page_that_can_be_none_is_refused(client: httpx2.AsyncClient, kind: str, page: str) -> None:
    assert set(faults(await client.get(f"{API}/{kind}", params={"page": page}))) == {"page"}


async def test_the_default_limit_is_100(company: Company, client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client)
    names = "state, title, owner_id, nature_id, cost_center_id, supplier_id, search_text, created_at, author_id"
    await company.owner.execute(
        f"""INSERT INTO purchases (tenant_id, purchase_id, version, modified_at, modifier_id, {names})
        SELECT tenant_id, 1000000 + n, 1, modified_at, modifier_id, {names}
        FROM purchases, generate_series(1, 104) AS n WHERE tenant_id = $1 AND purchase_id = $2""",  # noqa: S608
        company.tenant_id,
        made["id"],
    )
    page = (await client.get(f"{API}/purchases?fields.root=count,next")).json()
    assert (len(page["items"]), page["count"]) == (100, 105)
    rest = (await client.get(f"{API}/purchases", params={"page": page["next"]})).json()
    assert len(rest["items"]) == 5


@KINDS
async def test_a_token_works_with_another_limit(shelf: Shelf, kind: str) -> None:
    everything = _ids(await shelf.page(kind))
    token = (await shelf.page(kind, limit=10, fields__root="next"))["next"]
    assert _ids(await shelf.page(kind, limit=3, page=token)) == everything[10:13]
    assert _ids(await shelf.page(kind, page=token)) == everything[10:]


@KINDS
@pytest.mark.parametrize("more", [{"ownerId": 35}, {"state": "Denied"}, {"createdAt.from": "2025-01-01"}])
async def test_a_token_works_with_no_other_filter(shelf: Shelf, kind: str, more: dict[str, object]) -> None:
    if kind == "orders" and "state" in more:
        more = {"state": "Open"}
    token = (await shelf.page(kind, limit=10, fields__root="next"))["next"]
    answer = await shelf.client.get(f"{API}/{kind}", params={"page": token} | more)
    assert set(faults(answer)) == {"page"}


async def test_a_token_works_in_no_other_list(shelf: Shelf) -> None:
    token = (await shelf.page("purchases", limit=10, fields__root="next"))["next"]
    for kind in ("requests", "orders"):
        assert set(faults(await shelf.client.get(f"{API}/{kind}", params={"page": token}))) == {"page"}


@KINDS
async def test_a_token_that_was_changed_is_refused(shelf: Shelf, kind: str) -> None:
    token: str = (await shelf.page(kind, limit=10, fields__root="next"))["next"]
    for forged in (
        token[:-1],
        token + "A",
        token[:12] + ("A" if token[12] != "A" else "B") + token[13:],
        token.lower(),
    ):
        assert set(faults(await shelf.client.get(f"{API}/{kind}", params={"page": forged}))) == {"page"}


@KINDS
async def test_a_token_carries_its_filters_along(shelf: Shelf, kind: str) -> None:
    filters = {"ownerId": 35, "createdAt__from": "2025-03-02"}
    everything = _ids(await shelf.page(kind, **filters))
    page = await shelf.page(kind, limit=9, fields__root="next", **filters)
    assert _ids(page) + _ids(await shelf.page(kind, page=page["next"], **filters)) == everything


@KINDS
async def test_what_is_added_meanwhile_does_not_move_a_page(client: httpx2.AsyncClient, kind: str) -> None:
    for _ in range(3):
        await make_request(client)
    everything = _ids((await client.get(f"{API}/{kind}")).json())
    token = (await client.get(f"{API}/{kind}?limit=1&fields.root=next")).json()["next"]
    await make_request(client)
    page = await client.get(f"{API}/{kind}", params={"limit": 2, "page": token})
    assert _ids(page.json()) == everything[1:]


@KINDS
@pytest.mark.parametrize("page", ["0", "-1", "zz", "9" * 12])
async def test_a_page_that_is_none_is_named_beside_what_else_is_wrong(
    client: httpx2.AsyncClient, kind: str, page: str
) -> None:
    wrong = {"page": page, "limit": "-1", "colour": "red"}
    assert set(faults(await client.get(f"{API}/{kind}", params=wrong))) == set(wrong)


@KINDS
@pytest.mark.parametrize(
    "query", ["colour=red", "ownerID=35", "owner_id=35", "State=Created", "createdAt=2025-01-01", "sort=id", "offset=1"]
)
async def test_an_unknown_parameter_is_refused_by_name(client: httpx2.AsyncClient, kind: str, query: str) -> None:
    assert set(faults(await client.get(f"{API}/{kind}?{query}"))) == {query.partition("=")[0]}


@KINDS
@pytest.mark.parametrize("query", ["_=1700000000", "_colour=red", "_"])
async def test_an_unknown_parameter_that_begins_with_an_underscore_is_ignored(
    client: httpx2.AsyncClient, kind: str, query: str
) -> None:
    assert (await client.get(f"{API}/{kind}?{query}")).status_code == 200


@pytest.mark.parametrize("path", ["purchases/1", "orders/1", "requests/1", "commitments/1"])
async def test_an_unknown_parameter_is_refused_elsewhere_too(client: httpx2.AsyncClient, path: str) -> None:
    assert set(faults(await client.get(f"{API}/{path}?colour=red"))) == {"colour"}
    assert set(faults(await client.put(f"{API}/purchases/1?colour=red", json=PURCHASE))) >= {"colour"}


@KINDS
@pytest.mark.parametrize("name", ["limit", "page", "ownerId", "fields.root"])
async def test_a_parameter_given_twice_is_refused(client: httpx2.AsyncClient, kind: str, name: str) -> None:
    assert set(faults(await client.get(f"{API}/{kind}?{name}=1&{name}=1"))) == {name}


FROM_TO = [
    ({"createdAt__from": "2025-03-01T12:00:00Z"}, 25),
    ({"createdAt__from": "2025-03-01T12:00:00.000001Z"}, 22),
    ({"createdAt__to": "2025-03-01T12:00:00Z"}, 0),
    ({"createdAt__to": "2025-03-01T12:00:00.000001Z"}, 3),
    ({"createdAt__from": "2025-03-02T12:00:00+00:00", "createdAt__to": "2025-03-04T13:00:00+01:00"}, 6),
    ({"createdAt__from": "2025-03-01T12:00:00.0000001+00:00"}, 25),
    ({"createdAt__from": "2025-03-01T12:00:00.0000010+00:00"}, 22),
    ({"createdAt__from": "2025-03-01T14:00:00.000+02:00"}, 25),
    ({"createdAt__from": "2025-03-02"}, 22),
    ({"createdAt__to": "2025-03-02"}, 3),
    ({"createdAt__from": "2025-03-09", "createdAt__to": "2025-03-01"}, 0),
]


@KINDS
@pytest.mark.parametrize(("filters", "count"), FROM_TO)
async def test_from_is_inclusive_and_to_exclusive(
    shelf: Shelf, kind: str, filters: dict[str, object], count: int
) -> None:
    page = await shelf.page(kind, fields__root="count", **filters)
    assert (len(page["items"]), page["count"]) == (count, count)
