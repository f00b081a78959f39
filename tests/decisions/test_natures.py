"""Natures: what a PUT keeps and clears, who may write them, and what a repeat is answered."""

import asyncio

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API
from tests.fixtures.problems import faults, refused

NATURES = f"{API}/natures"
WHOLE = {
    "name": "Travel",
    "costFamilyId": 1,
    "state": "Disabled",
    "accountingPlans": [{"id": 1, "chargeAccount": "625100"}, {"id": 2, "chargeAccount": None}],
}


async def test_a_nature_is_answered_as_it_was_written(client: httpx2.AsyncClient) -> None:
    answer = await client.post(NATURES, json=WHOLE)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert {name: made[name] for name in WHOLE} == WHOLE
    assert made["costFamily"] == {"id": 1, "name": "General"}
    assert answer.headers["Location"] == made["href"] == f"{NATURES}/{made['id']}"
    read = await client.get(made["href"])
    assert read.json() == made
    assert read.headers["ETag"] == answer.headers["ETag"] == f'"{made["id"]}.1"'


async def test_a_nature_is_enabled_unless_it_says_otherwise(client: httpx2.AsyncClient) -> None:
    for body in ({"name": "Travel"}, {"name": "Travel", "state": None, "costFamilyId": None}):
        made = (await client.post(NATURES, json=body)).json()
        assert (made["state"], made["costFamilyId"], made["accountingPlans"]) == ("Enabled", None, [])


async def test_what_a_put_leaves_out_is_kept(client: httpx2.AsyncClient) -> None:
    made = (await client.post(NATURES, json=WHOLE)).json()
    answer = await client.put(made["href"], json={"name": "Trips"})
    assert answer.json() == made | {"name": "Trips", "version": 2}
    assert answer.headers["ETag"] == f'"{made["id"]}.2"'


async def test_null_clears_what_can_be_cleared(client: httpx2.AsyncClient) -> None:
    made = (await client.post(NATURES, json=WHOLE)).json()
    cleared = (await client.put(made["href"], json={"costFamilyId": None, "accountingPlans": None})).json()
    assert (cleared["costFamily"], cleared["accountingPlans"], cleared["name"]) == (None, [], "Travel")
    assert faults(await client.put(made["href"], json={"name": None, "state": None})).keys() == {"name", "state"}


async def test_every_fault_is_named_at_once(client: httpx2.AsyncClient) -> None:
    body = {"name": " ", "costFamilyId": 99, "state": "Gone", "accountingPlans": [{"id": 1}, {"id": 1}]}
    fields = {"name", "costFamilyId", "state", "accountingPlans[1].id"}
    assert faults(await client.post(NATURES, json=body)).keys() == fields
    assert faults(await client.put(f"{NATURES}/1", json=body)).keys() == fields
    assert faults(await client.post(NATURES, json={"name": "x", "costFamilyId": 99})).keys() == {"costFamilyId"}


async def test_a_put_that_was_made_for_another_version_is_refused(client: httpx2.AsyncClient) -> None:
    made = await client.post(NATURES, json=WHOLE)
    place, first = made.headers["Location"], made.headers["ETag"]
    assert (await client.put(place, json={"name": "Trips"}, headers={"If-Match": first})).status_code == 200
    refused(await client.put(place, json={"name": "Tours"}, headers={"If-Match": first}), 412, "version.stale")
    assert (await client.get(place)).json()["name"] == "Trips"


async def test_puts_that_race_each_take_effect(client: httpx2.AsyncClient) -> None:
    place = (await client.post(NATURES, json=WHOLE)).headers["Location"]
    bodies = [{"name": "Trips"}, {"costFamilyId": None}, {"state": "Enabled"}, {"accountingPlans": []}]
    answers = await asyncio.gather(*(client.put(place, json=body) for body in bodies))
    assert [answer.status_code for answer in answers] == [200] * 4
    read = (await client.get(place)).json()
    assert (read["name"], read["costFamilyId"], read["state"], read["version"]) == ("Trips", None, "Enabled", 5)


async def test_a_put_that_changes_nothing_makes_no_version(client: httpx2.AsyncClient) -> None:
    made = (await client.post(NATURES, json=WHOLE)).json()
    assert (await client.put(made["href"], json=made)).json() == made


async def test_a_repeat_is_answered_as_the_first_was(client: httpx2.AsyncClient) -> None:
    first = await client.post(NATURES, json=WHOLE, headers={"Idempotency-Key": "n"})
    await client.put(first.headers["Location"], json={"name": "Trips"})
    again = await client.post(NATURES, json=WHOLE, headers={"Idempotency-Key": "n"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [again.headers[name] for name in ("ETag", "Location")] == [
        first.headers[name] for name in ("ETag", "Location")
    ]
    other = await client.post(NATURES, json=WHOLE | {"name": "x"}, headers={"Idempotency-Key": "n"})
    refused(other, 422, "idempotency.reused")


async def test_calls_with_one_key_make_one_nature(company: Company, client: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "race"}
    answers = await asyncio.gather(*(client.post(NATURES, json=WHOLE, headers=headers) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    count = "SELECT count(*) FROM natures WHERE tenant_id = $1 AND name = 'Travel'"
    assert await company.owner.fetchval(count, company.tenant_id) == 1


async def test_natures_are_listed_by_id_in_pages(client: httpx2.AsyncClient) -> None:
    listed = (await client.get(f"{NATURES}?limit=2&fields.root=next,prev,count")).json()
    assert ([item["id"] for item in listed["items"]], listed["count"]) == ([1, 2], 3)
    rest = (await client.get(f"{NATURES}?limit=2&fields.root=next,prev&page={listed['next']}")).json()
    assert [item["id"] for item in rest["items"]] == [3]
    assert "next" not in rest
    back = (await client.get(f"{NATURES}?limit=2&fields.root=prev&page={rest['prev']}")).json()
    assert back["items"] == listed["items"]
    assert "prev" not in back


@pytest.mark.parametrize("permission", ["view:own", "purchases:own", "manage", "approve"])
async def test_who_has_to_do_with_purchases_reads_and_who_manages_writes(company: Company, permission: str) -> None:
    async with await company.caller(permissions=[permission]) as caller:
        assert (await caller.get(NATURES)).status_code == 200
        assert (await caller.get(f"{NATURES}/1")).status_code == 200
        if permission != "manage":
            refused(await caller.post(NATURES, json=WHOLE), 403, "permission.missing")
            refused(await caller.put(f"{NATURES}/1", json=WHOLE), 403, "permission.missing")


async def test_what_is_not_there_is_not_found(client: httpx2.AsyncClient) -> None:
    refused(await client.get(f"{NATURES}/4711"), 404, "nature.not_found")
    refused(await client.put(f"{NATURES}/4711", json={"name": "x"}), 404, "nature.not_found")


async def test_what_happens_is_told_and_sealed(company: Company, client: httpx2.AsyncClient) -> None:
    made = (await client.post(NATURES, json=WHOLE)).json()
    await client.put(made["href"], json={"name": "Trips"})
    rows = await company.owner.fetch(
        """SELECT e.type, e.version, u.event_id IS NOT NULL AS is_unsealed FROM events e
        LEFT JOIN unsealed u USING (tenant_id, event_id)
        WHERE tenant_id = $1 AND object_type = 'nature' AND object_id = $2 ORDER BY event_id""",
        company.tenant_id,
        made["id"],
    )
    assert [tuple(row) for row in rows] == [("nature.created", 1, True), ("nature.changed", 2, True)]
