"""The feed is the log: everything once, in the order of the commits, and what was read never changes."""

import asyncio
import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from emplette.storage import backups, seals
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, make_purchase, make_request
from tests.fixtures.logs import events_in_order, seal_all, write_event
from tests.fixtures.problems import faults, refused

EVENTS = f"{API}/events"


async def read(client: httpx2.AsyncClient, **params: str | int) -> dict[str, Any]:
    named = {re.sub("_(.)", lambda found: found[1].upper(), name): value for name, value in params.items()}
    answer = await client.get(EVENTS, params=named)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(holds)


async def read_all(client: httpx2.AsyncClient, after: str = "0", **params: str | int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while True:
        page = await read(client, after=after, **params)
        items += page["items"]
        after = page["next"]
        if not page["hasMore"]:
            return items


async def test_the_feed_is_the_log(
    client: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    assert await read(client) == {"items": [], "next": "1-0", "hasMore": False}
    made = await make_request(client)
    assert (await read(client))["items"] == [], "nothing is told before it has its place"
    await seal_all(database, company.tenant_id)
    items = await read_all(client, limit=2)
    assert [item["id"] for item in items] == await events_in_order(owner, company.tenant_id)
    assert [item["position"] for item in items] == list(range(1, len(items) + 1))
    assert [item["type"] for item in items][:3] == ["purchase.created", "commitment.created", "request.created"]
    first = items[0]
    assert first["object"] == {
        "type": "purchase",
        "id": made["purchase"]["id"],
        "href": f"{API}/purchases/{made['purchase']['id']}",
    }
    assert first["facts"]["purchase"]["owner_id"] == 35
    assert "title" not in first["facts"]["purchase"]


async def test_a_page_never_changes(
    client: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    for _ in range(3):
        await make_purchase(client)
    await seal_all(database, company.tenant_id)
    before = (await client.get(EVENTS, params={"after": "0", "limit": 2})).content
    await make_request(client)
    await seal_all(database, company.tenant_id)
    await owner.execute("DELETE FROM event_texts WHERE tenant_id = $1", company.tenant_id)
    assert b'"hasMore":true' in before
    assert (await client.get(EVENTS, params={"after": "0", "limit": 2})).content == before


async def test_filters_narrow_what_is_answered_and_lead_on_all_the_same(
    client: httpx2.AsyncClient, company: Company, database: Database
) -> None:
    first, second = await make_request(client), await make_request(client)
    await seal_all(database, company.tenant_id)
    everything = await read_all(client)
    types = {"commitment.created", "request.created"}
    assert await read_all(client, type=",".join(types)) == [item for item in everything if item["type"] in types]
    assert await read_all(client, object_type="order", limit=1) == [
        item for item in everything if item["object"]["type"] == "order"
    ]
    purchases = [first["purchase"]["id"], second["purchase"]["id"]]
    found = await read_all(client, object_type="purchase", object_id=purchases[1])
    assert [item["object"]["id"] for item in found] == [purchases[1]]
    nothing = await read(client, type="tenant.clock_moved")
    assert nothing == {"items": [], "next": f"1-{len(everything)}", "hasMore": False}


async def test_a_narrow_filter_looks_at_a_stretch_and_says_that_there_is_more(
    client: httpx2.AsyncClient, company: Company, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emplette.services.feeds.STRIDE", 2)
    made = [await make_purchase(client) for _ in range(5)]
    await seal_all(database, company.tenant_id)
    page = await read(client, object_type="purchase", object_id=made[4]["id"], wait=30)
    assert page == {"items": [], "next": "1-2", "hasMore": True}
    found = await read_all(client, object_type="purchase", object_id=made[4]["id"])
    assert [item["position"] for item in found] == [5]


async def test_a_page_of_nothing_leads_nowhere_further(
    client: httpx2.AsyncClient, company: Company, database: Database
) -> None:
    await make_purchase(client)
    await seal_all(database, company.tenant_id)
    assert await read(client, limit=0, wait=30) == {"items": [], "next": "1-0", "hasMore": True}


async def test_who_waits_is_woken_by_what_happens(
    client: httpx2.AsyncClient, company: Company, database: Database
) -> None:
    contract: Any = company.app.default._contract  # type: ignore[attr-defined]
    lookout = contract._gate._shelf.lookout
    waiting = [asyncio.create_task(read(client, wait=30)) for _ in range(20)]
    patient = asyncio.create_task(read(client, type="tenant.clock_moved", wait=1))
    await until(lambda: len(getattr(lookout._watches.get(company.tenant_id), "waiting", ())) == 21)
    assert list(lookout._watches) == [company.tenant_id], "one looks for all"
    made = await make_purchase(client)
    await seal_all(database, company.tenant_id)
    pages = await asyncio.wait_for(asyncio.gather(*waiting), 60)
    assert {page["items"][0]["object"]["id"] for page in pages} == {made["id"]}
    assert await patient == {"items": [], "next": "1-1", "hasMore": False}
    await until(lambda: not lookout._watches)


async def test_many_who_wait_ask_the_database_no_more_than_one(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    head = seals.head

    async def count(db: Any, tenant: int) -> Any:  # noqa: ANN401  as the real one
        asked.append(tenant)
        return await head(db, tenant)

    monkeypatch.setattr(seals, "head", count)
    monkeypatch.setattr("emplette.services.lookout.PAUSE", timedelta(milliseconds=400))
    pages = await asyncio.gather(*(read(client, wait=1) for _ in range(30)))
    assert all(page["items"] == [] for page in pages)
    assert len(asked) <= 30 + 10, "each asks once, and then one for all"


async def test_the_log_is_for_those_who_may_see_everything(company: Company) -> None:
    for permissions in (("view:own",), ("view:supervised", "purchases:all"), ("purchases:all",), ("approve", "manage")):
        async with await company.caller(permissions=permissions) as caller:
            refused(await caller.get(EVENTS), 403, "permission.missing")
    for permissions in (("view:all",), ("configure",), ("view:own", "configure")):
        async with await company.caller(permissions=permissions) as caller:
            assert (await caller.get(EVENTS)).status_code == 200


@pytest.mark.parametrize("after", ["x", "1-", "-1", "1-2-3", "1.5", "9" * 19])
async def test_what_is_no_place_of_a_log_is_refused(client: httpx2.AsyncClient, after: str) -> None:
    assert list(faults(await client.get(EVENTS, params={"after": after}))) == ["after"]
    assert set(faults(await client.get(EVENTS, params={"after": after, "limit": -1}))) == {"after", "limit"}


@pytest.mark.parametrize(("name", "value"), [("wait", "31"), ("wait", "-1"), ("limit", "1001"), ("types", "a")])
async def test_limits_are_limits(client: httpx2.AsyncClient, name: str, value: str) -> None:
    assert list(faults(await client.get(EVENTS, params={name: value}))) == [name]


async def test_a_type_that_no_event_has_is_refused_with_the_one_that_was_meant(client: httpx2.AsyncClient) -> None:
    asked = {"type": "order.created,orders.created", "objectType": "ordr"}
    found = {
        "type": ["orders.created is no type of event; order.created is one."],
        "objectType": ["Events tell of no ordr; of order they do."],
    }
    assert faults(await client.get(EVENTS, params=asked)) == found
    assert faults(await client.get(EVENTS, params=asked | {"limit": -1})).keys() == {*found, "limit"}
    unreadable = {"type": f"order.created,{'x' * 300}", "objectType": "order"}
    assert faults(await client.get(EVENTS, params=unreadable)).keys() == {"type"}


async def test_a_cursor_from_before_a_restore_is_told_where_to_go_on(
    client: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    tenant = company.tenant_id
    for _ in range(3):
        await write_event(owner, tenant)
    await seal_all(database, tenant)
    # What a restore does, to a log that others had seen as far as position 5.
    await backups.end_restore(owner)
    epoch = (await seals.head(database.session(), tenant)).epoch
    assert epoch > 1_700_000_000
    for _ in range(4):
        await write_event(owner, tenant)
    await seal_all(database, tenant)
    assert [item["epoch"] for item in await read_all(client)] == [1, 1, 1, *[epoch] * 4]
    assert [item["position"] for item in await read_all(client, "1-2")] == [3, 4, 5, 6, 7]
    problem = refused(await client.get(EVENTS, params={"after": "1-5"}), 410, "events.position_gone")
    assert (problem["after"], problem["epoch"], problem["position"]) == (f"{epoch}-3", epoch, 3)
    assert [item["position"] for item in await read_all(client, problem["after"])] == [4, 5, 6, 7]
    assert await read_all(client, f"{epoch}-7") == []
    refused(await client.get(EVENTS, params={"after": "8"}), 410, "events.position_gone")
    refused(await client.get(EVENTS, params={"after": f"{epoch}-8"}), 410, "events.position_gone")


async def test_whoever_reads_the_feed_can_recompute_every_hash(
    client: httpx2.AsyncClient, company: Company, database: Database
) -> None:
    await make_request(client, title="Größe 漢字 \U0001f6d2")
    await seal_all(database, company.tenant_id)
    answer = await client.get(EVENTS)
    # Facts are hashed to the letter: they are taken from the answer as they stand there.
    facts = re.findall(r'"facts":(\{.*?\}),"textsHash"', answer.text)
    items = answer.json()["items"]
    assert len(facts) == len(items) > 3
    last = bytes(32)
    for item, told in zip(items, facts, strict=True):
        at = datetime.fromisoformat(item["at"]).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        lines = [
            *("emplette event 1", company.tenant_id, item["epoch"], item["id"], at, item["type"]),
            *(item["object"]["type"], item["object"]["id"], item["purchaseId"], item["version"], item["actorId"]),
            *(item["apiKeyId"], item["callId"], item["textsHash"], told),
        ]
        form = "\n".join("" if line is None else str(line) for line in lines).encode()
        last = hashlib.sha256(last + form).digest()
        assert item["hash"] == last.hex()
