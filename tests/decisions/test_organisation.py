"""The organisation: its envelopes and limits, and that every href of every other answer can be followed."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, make_request
from tests.fixtures.problems import faults, refused

ORGANIZATION = "/organization/structure/api"
LISTS = {
    f"{ORGANIZATION}/establishments": ([1, 2], "establishment"),
    f"{ORGANIZATION}/legal-units": ([1], "legal_unit"),
    f"{ORGANIZATION}/departments": ([10, 14], "department"),
    f"{ORGANIZATION}/axes": ([1], "axis"),
    f"{ORGANIZATION}/axis-sections": ([361, 362], "axis_section"),
    "/api/v3/users": ([35, 36, 37, 38, 39], "user"),
}


def hrefs(answer: Any) -> Iterator[str]:  # noqa: ANN401  JSON
    """Find every href in an answer."""
    if isinstance(answer, dict):
        yield from (value for name, value in answer.items() if name == "href" and value)
        for value in answer.values():
            yield from hrefs(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from hrefs(value)


@pytest.mark.parametrize("path", LISTS)
async def test_a_list_has_the_documented_envelope_and_limits(client: httpx2.AsyncClient, path: str) -> None:
    ids, kind = LISTS[path]
    answer = (await client.get(f"{path}?fields.root=count,next,prev")).json()
    assert ([item["id"] for item in answer["items"]], answer["count"]) == (ids, len(ids))
    assert answer.keys() == {"items", "count"}
    for item in answer["items"]:
        read = await client.get(item["href"])
        assert read.json() == item
    assert (await client.get(f"{path}?limit=100")).status_code == 200
    assert faults(await client.get(f"{path}?limit=101")).keys() == {"limit"}
    some = (await client.get(f"{path}?id={ids[-1]},4711")).json()
    assert [item["id"] for item in some["items"]] == [ids[-1]]
    refused(await client.get(f"{path}/4711"), 404, f"{kind}.not_found")


async def test_a_page_has_ten_unless_something_is_said(company: Company, client: httpx2.AsyncClient) -> None:
    await company.owner.execute(
        "INSERT INTO axes (tenant_id, axis_id, name) SELECT $1, n, 'Axis' FROM generate_series(2, 15) n",
        company.tenant_id,
    )
    answer = (await client.get(f"{ORGANIZATION}/axes?fields.root=next")).json()
    assert [item["id"] for item in answer["items"]] == list(range(1, 11))
    rest = (await client.get(f"{ORGANIZATION}/axes?page={answer['next']}")).json()
    assert [item["id"] for item in rest["items"]] == list(range(11, 16))


async def test_archived_places_are_listed_when_asked_for(company: Company, client: httpx2.AsyncClient) -> None:
    await company.owner.execute(
        "UPDATE establishments SET is_archived = true WHERE tenant_id = $1 AND establishment_id = 2", company.tenant_id
    )
    found = {
        asked: [item["id"] for item in (await client.get(f"{ORGANIZATION}/establishments{asked}")).json()["items"]]
        for asked in ("", "?isArchived=false", "?isArchived=true", "?isArchived=true,false")
    }
    assert list(found.values()) == [[1], [1], [2], [1, 2]]


async def test_sections_are_all_listed_unless_something_is_said(client: httpx2.AsyncClient) -> None:
    found = [
        [item["id"] for item in (await client.get(f"{ORGANIZATION}/axis-sections{asked}")).json()["items"]]
        for asked in ("", "?isArchived=false", "?isArchived=true", "?isArchived=true,false")
    ]
    assert found == [[361, 362], [361], [362], [361, 362]]


async def test_every_href_of_an_order_can_be_followed(client: httpx2.AsyncClient) -> None:
    made = await make_request(client)
    seen: set[str] = set()
    waiting = [made["purchase"]["href"], made["order"]["href"], f"{API}/suppliers/6", f"{API}/costcenters/3"]
    while waiting:
        place = waiting.pop()
        seen.add(place)
        answer = await client.get(place)
        assert answer.status_code == 200, (place, answer.text)
        waiting += set(hrefs(answer.json())) - seen - set(waiting)
    assert any("/api/v3/users/" in place for place in seen)
    assert f"{ORGANIZATION}/territories/FR" in seen


async def test_what_is_no_territory_is_not_found(client: httpx2.AsyncClient) -> None:
    assert (await client.get(f"{ORGANIZATION}/territories/EL")).json()["name"] == "Greece"
    refused(await client.get(f"{ORGANIZATION}/territories/XX"), 404, "territory.not_found")
