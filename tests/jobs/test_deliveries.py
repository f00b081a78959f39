"""Webhooks are told what happened: everything that they want, in order an object, signed, and again when asked."""

import asyncio
import base64
import hashlib
import hmac
import time
from datetime import UTC, datetime

import httpx2
import msgspec
from standardwebhooks.webhooks import Webhook as Standard

from emplette.jobs.seals import seal_what_waits
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, make_purchase, make_request
from tests.fixtures.receivers import receiver
from tests.fixtures.webhooks import (
    SOON,
    made,
    telling,
    until_told,
)


async def test_what_happens_is_told_within_a_second_as_the_feed_tells_it(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver() as there, telling(database):
        webhook = await made(admin, there, topics=["order.created"])
        order = (await make_request(client))["order"]
        began = time.monotonic()
        await there.until(lambda one: len(one.heard) == 1)
        assert time.monotonic() - began < 60, "it takes a few tenths of a second"
        (heard,) = there.heard
        feed = (await admin.get(f"{API}/events", params={"type": "order.created"})).json()["items"]
        assert msgspec.json.decode(heard.body) == feed[-1]
        assert heard.event["object"] == {"type": "order", "id": order["id"], "href": f"{API}/orders/{order['id']}"}
        assert (heard.path, heard.headers["content-type"]) == ("/hooks", "application/json")
        assert (await until_told(database, admin, webhook))["status"] == "active"


async def test_a_message_is_signed_as_documented_and_as_standard_webhooks_do(
    admin: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver() as there, telling(database):
        webhook = await made(admin, there, topics=["order.created"])
        await admin.post(f"{webhook['href']}/pings")
        await there.until(lambda one: len(one.heard) == 1)
        rotated = (await admin.post(f"{webhook['href']}/secrets")).json()
        await admin.post(f"{webhook['href']}/pings")
        await there.until(lambda one: len(one.heard) == 2)
    first, second = there.heard
    assert first.event["type"] == "webhook.pinged"
    for heard in (first, second):
        stamp = heard.headers["lucca-timestamp"]
        signed = f"{stamp}.".encode() + heard.body
        expected = base64.b64encode(hmac.new(webhook["secret"].encode(), signed, hashlib.sha256).digest()).decode()
        assert heard.headers["lucca-signature"] == expected
        assert abs(datetime.fromisoformat(stamp) - datetime.now(UTC)).total_seconds() < 60
        Standard(webhook["secret"]).verify(heard.body, heard.headers)
    # While both are valid, whoever knows either is served.
    Standard(rotated["secret"]).verify(second.body, second.headers)
    assert first.headers["webhook-id"] != second.headers["webhook-id"]


async def test_only_what_is_wanted_is_told(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver() as some, receiver() as all_, telling(database):
        narrow = await made(admin, some, topics=["request.approved"], objectTypes=["request"])
        wide = await made(admin, all_)
        await make_request(client)
        await until_told(database, admin, narrow)
        await until_told(database, admin, wide)
    assert {heard.event["type"] for heard in some.heard} <= {"request.approved"}
    assert {"purchase.created", "commitment.created", "order.created"} <= {each.event["type"] for each in all_.heard}
    assert len(set(all_.positions)) == len(all_.positions)


async def test_of_many_workers_one_tells(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver() as there, telling(database), telling(database), telling(database):
        webhook = await made(admin, there, topics=["purchase.created"])
        for _ in range(20):
            await make_purchase(client)
        await until_told(database, admin, webhook)
    assert len(there.positions) == len(set(there.positions)) == 20


async def test_a_replay_tells_again_from_a_place(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver() as there, telling(database):
        webhook = await made(admin, there, topics=["purchase.created"])
        for _ in range(3):
            await make_purchase(client)
        await until_told(database, admin, webhook)
        first, second, third = there.positions
        answer = await admin.post(f"{webhook['href']}/replays", json={"after": f"1-{first}"})
        assert answer.status_code == 201, answer.text
        await there.until(lambda one: len(one.heard) == 5)
        await until_told(database, admin, webhook)
    assert there.positions == [first, second, third, second, third]


async def test_a_new_webhook_can_begin_at_the_beginning(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    number = (await make_purchase(client))["id"]
    await seal_what_waits(database.session(), datetime.now(UTC))
    async with receiver() as there, receiver() as later, telling(database):
        webhook = await made(admin, there, topics=["purchase.created"], after="0")
        from_now_on = await made(admin, later, topics=["purchase.created"])
        await until_told(database, admin, webhook)
        await until_told(database, admin, from_now_on)
    assert [heard.about for heard in there.heard] == [("purchase", number)]
    assert later.heard == []


async def test_an_inactive_one_is_told_later_what_happened_meanwhile(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver() as there, telling(database):
        webhook = await made(admin, there, topics=["purchase.created"], status="inactive")
        await make_purchase(client)
        await asyncio.sleep(0.4)
        assert there.heard == []
        await admin.put(webhook["href"], json={"status": "active"})
        await until_told(database, admin, webhook)
    assert len(there.heard) == 1


async def test_after_a_restore_the_new_epoch_is_told_first(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    tenant = company.tenant_id
    async with receiver(lambda _: 500) as there:
        async with telling(database):
            webhook = await made(admin, there, topics=["purchase.created"])
            await make_purchase(client)
            await there.until(lambda one: len(one.heard) == 1)
        head = await owner.fetchval("SELECT position FROM chains WHERE tenant_id = $1", tenant)
        await owner.execute(
            "INSERT INTO epochs (tenant_id, epoch, begins_after, begun_at) VALUES ($1, 1763764000, $2, now())",
            tenant,
            head,
        )
        await owner.execute("UPDATE chains SET epoch = 1763764000 WHERE tenant_id = $1", tenant)
        await make_purchase(client)
        there.heard.clear()
        async with telling(database):
            await there.until(lambda one: len(one.heard) == 1)
            await asyncio.sleep(0.3)
            assert [each.event["type"] for each in there.heard] == ["log.restored"], "nothing before it is heard"
            there.answers = lambda _: 200
            await owner.execute(SOON, tenant)
            await until_told(database, admin, webhook)
    assert [each.event["type"] for each in there.heard] == ["log.restored"] * 2 + ["purchase.created"] * 2
    message = there.heard[0].event
    assert (message["epoch"], message["beginsAfter"]) == (1763764000, head)
    Standard(webhook["secret"]).verify(there.heard[0].body, there.heard[0].headers)
    assert [each.event["epoch"] for each in there.heard[2:]] == [1, 1763764000]


async def test_a_deleted_one_hears_nothing_more(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver() as there, receiver() as elsewhere, telling(database):
        webhook = await made(admin, there)
        kept = await made(admin, elsewhere, topics=["purchase.created"])
        await until_told(database, admin, webhook)
        await admin.post(f"{webhook['href']}/deletion")
        number = (await make_purchase(client))["id"]
        await until_told(database, admin, kept)
    assert [heard.about for heard in elsewhere.heard] == [("purchase", number)]
    assert ("purchase", number) not in [heard.about for heard in there.heard]
