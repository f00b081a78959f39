"""Cost centers: what a PUT keeps and clears, whose code it is, and what refers to what is not there."""

import asyncio

import httpx2

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, make_purchase
from tests.fixtures.problems import conflict, faults, refused

CENTERS = f"{API}/costcenters"
WHOLE = {"name": "Media", "code": "MED", "ownerId": 35, "state": "Enabled", "establishmentIds": [1, 2]}


async def test_a_cost_center_is_answered_as_it_was_written(client: httpx2.AsyncClient) -> None:
    answer = await client.put(f"{CENTERS}/4", json=WHOLE)
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert [made[name] for name in ("name", "code", "state")] == ["Media", "MED", "Enabled"]
    assert (made["owner"]["id"], made["owner"]["name"]) == (35, "Olive Owner")
    place = "/organization/structure/api/establishments"
    assert made["establishments"] == [
        {"id": 1, "name": "Paris", "href": f"{place}/1"},
        {"id": 2, "name": "Geneva", "href": f"{place}/2"},
    ]
    read = await client.get(f"{CENTERS}/4")
    assert read.json() == made
    assert read.headers["ETag"] == answer.headers["ETag"] == '"4.2"'


async def test_what_a_put_leaves_out_is_kept_and_null_clears(client: httpx2.AsyncClient) -> None:
    made = (await client.put(f"{CENTERS}/4", json=WHOLE)).json()
    kept = (await client.put(f"{CENTERS}/4", json={"name": "Press"})).json()
    assert kept == made | {"name": "Press", "version": 3}
    cleared = (await client.put(f"{CENTERS}/4", json={"ownerId": None, "establishmentIds": None})).json()
    assert (cleared["owner"], cleared["establishments"], cleared["code"]) == (None, [], "MED")
    body = {"name": None, "code": None, "state": None}
    assert faults(await client.put(f"{CENTERS}/4", json=body)).keys() == set(body)


async def test_an_owner_is_named_in_either_form(client: httpx2.AsyncClient) -> None:
    named = (await client.put(f"{CENTERS}/4", json={"owner": {"id": 36}})).json()
    assert named["owner"]["id"] == 36
    assert faults(await client.put(f"{CENTERS}/4", json={"ownerId": 35, "owner": {"id": 36}})).keys() == {"ownerId"}


async def test_what_is_missing_is_named_with_every_other_fault(client: httpx2.AsyncClient) -> None:
    body = {"code": "", "ownerId": 38, "establishmentIds": [1, 99]}
    found = faults(await client.put(f"{CENTERS}/4", json=body))
    assert found.keys() == {"code", "ownerId", "establishmentIds[1]"}
    assert found["ownerId"] == ["User 38 has left."]


async def test_what_went_out_of_use_is_kept_and_not_said_anew(company: Company, client: httpx2.AsyncClient) -> None:
    await client.put(f"{CENTERS}/4", json=WHOLE)
    await company.owner.execute("UPDATE establishments SET is_archived = true WHERE tenant_id = $1", company.tenant_id)
    assert (await client.put(f"{CENTERS}/4", json=WHOLE | {"name": "Press"})).status_code == 200
    assert faults(await client.put(f"{CENTERS}/3", json=WHOLE | {"code": "X"})).keys() == {
        "establishmentIds[0]",
        "establishmentIds[1]",
    }


async def test_a_code_is_one_cost_centers(client: httpx2.AsyncClient) -> None:
    answer = await client.put(f"{CENTERS}/4", json={"code": "MKT"})
    assert conflict(answer, "Enabled", "costcenters", 3)["code"] == "cost_center.code_taken"
    answers = await asyncio.gather(*(client.put(f"{CENTERS}/{number}", json={"code": "SAME"}) for number in (3, 4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_disabled_cost_center_is_not_charged(client: httpx2.AsyncClient) -> None:
    assert (await client.put(f"{CENTERS}/3", json={"state": "Disabled"})).status_code == 200
    made = await make_purchase(client, costCenterId=(await client.put(f"{CENTERS}/4", json=WHOLE)).json()["id"])
    assert made["costCenter"]["name"] == "Media"
    refused(await client.get(f"{CENTERS}/5"), 404, "cost_center.not_found")


async def test_cost_centers_are_listed_with_what_they_refer_to(client: httpx2.AsyncClient) -> None:
    await client.put(f"{CENTERS}/4", json=WHOLE)
    listed = (await client.get(f"{CENTERS}?fields.root=count")).json()
    assert ([item["id"] for item in listed["items"]], listed["count"]) == ([3, 4], 2)
    assert listed["items"][1] == (await client.get(f"{CENTERS}/4")).json()
    assert (await client.get(f"{CENTERS}?limit=0&fields.root=count")).json() == {"items": [], "count": 2}
