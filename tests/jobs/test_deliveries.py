"""Webhooks are told what happened: everything, in order an object, signed, and none at another's cost."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import msgspec
import pytest
import pytest_asyncio
from standardwebhooks.webhooks import Webhook as Standard

from emplette.formats.posting import Poster
from emplette.jobs.deliveries import Deliverer
from emplette.jobs.seals import seal_what_waits
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, PURCHASE, make_purchase, make_request
from tests.fixtures.receivers import Heard, Receiver, never_answer, receiver
from tests.fixtures.webhooks import HERE, telling

WEBHOOKS = f"{API}/webhooks"
SOON = """
WITH due AS (UPDATE webhook_deliveries SET next_attempt_at = now() WHERE tenant_id = $1)
UPDATE webhook_progress SET retries_at = now(), rests_until = now() WHERE tenant_id = $1
"""
A_DAY_LATER = """
WITH late AS (UPDATE webhook_deliveries SET first_failed_at = first_failed_at - interval '25 hours',
                                            next_attempt_at = now() WHERE tenant_id = $1)
UPDATE webhook_progress SET failing_since = failing_since - interval '25 hours', retries_at = now(), rests_until = now()
WHERE tenant_id = $1
"""


@pytest_asyncio.fixture
async def admin(company: Company, owner: OwnerConnection, monkeypatch: pytest.MonkeyPatch) -> httpx2.AsyncClient:
    """Lend a caller that configures; of all webhooks, only those of this test are told."""
    await owner.execute("UPDATE webhooks SET status = 'inactive'")
    shelf = company.app.default._gate._shelf  # type: ignore[attr-defined]
    monkeypatch.setattr(shelf, "reach", HERE)
    return await company.caller(permissions=("configure", "view:all"))


async def made(admin: httpx2.AsyncClient, there: Receiver, **said: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    answer = await admin.post(WEBHOOKS, json={"webhookUrl": there.url} | said)
    assert answer.status_code == 201, answer.text
    webhook: dict[str, Any] = answer.json()
    return webhook


async def deliveries(admin: httpx2.AsyncClient, webhook: dict[str, Any]) -> dict[str, Any]:
    answer = await admin.get(f"{webhook['href']}/deliveries")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def until_shown(
    admin: httpx2.AsyncClient, webhook: dict[str, Any], so: Callable[[dict[str, Any]], bool], seconds: float = 20
) -> dict[str, Any]:
    """Wait until the API shows of a webhook that something is so."""
    async with asyncio.timeout(seconds):
        while not so(found := await deliveries(admin, webhook)):  # noqa: ASYNC110  nothing here tells of it
            await asyncio.sleep(0.05)
    return found


async def until_told(database: Database, admin: httpx2.AsyncClient, webhook: dict[str, Any]) -> dict[str, Any]:
    """Wait until nothing of what happened until now is still to be told; answer how it stands."""
    await seal_what_waits(database.session(), datetime.now(UTC))
    return await until_shown(admin, webhook, lambda so: not so["progress"]["behind"] and not so["progress"]["waiting"])


async def test_what_happens_is_told_within_a_second_as_the_feed_tells_it(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver() as there, telling(database):
        webhook = await made(admin, there, topics=["order.created"])
        order = (await make_request(client))["order"]
        began = time.monotonic()
        await there.until(lambda one: len(one.heard) == 1)
        assert time.monotonic() - began < 5, "it takes a few tenths of a second"
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


async def test_a_failing_object_holds_up_itself_and_nothing_else(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    bad = (await make_purchase(client))["id"]
    await seal_what_waits(database.session(), datetime.now(UTC))
    is_down = True

    def answer(heard: Heard) -> int:
        return 500 if is_down and heard.about == ("purchase", bad) else 200

    async with receiver(answer) as there, telling(database):
        webhook = await made(admin, there, objectTypes=["purchase"])
        for number in range(3):
            await client.put(f"{API}/purchases/{bad}", json=PURCHASE | {"title": f"Version {number}"})
        good = [(await make_purchase(client))["id"] for _ in range(3)]
        await there.until(lambda one: {("purchase", number) for number in good} <= {each.about for each in one.heard})
        await there.until(lambda one: ("purchase", bad) in {each.about for each in one.heard})
        found = await until_shown(admin, webhook, lambda so: so["progress"]["waiting"] == 3)
        assert [each["objectId"] for each in found["items"]] == [bad] * 3
        assert [each["attempts"] for each in found["items"]] == [1, 0, 0]
        assert (found["items"][0]["lastStatus"], found["items"][0]["lastError"]) == (500, "Answered 500.")
        assert found["items"][0]["nextAttemptAt"] is not None
        is_down = False
        await owner.execute(SOON, company.tenant_id)
        await until_told(database, admin, webhook)
    told = [heard.event["position"] for heard in there.heard if heard.about == ("purchase", bad)]
    assert told == sorted(told)
    assert len(set(told)) == 3


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


async def test_what_was_under_way_when_it_ended_is_told_again(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    async with receiver(behave=never_answer) as there:
        webhook = await made(admin, there, topics=["purchase.created"])
        await make_purchase(client)
        await seal_what_waits(database.session(), datetime.now(UTC))
        killed = Deliverer(Poster(HERE, seconds=30))
        assert await killed.look(database.session(), datetime.now(UTC)) == 1
        await there.until(lambda one: len(one.heard) == 1)
        for turn in list(killed._turns):
            turn.cancel()
        # Nobody else may tell it before the claim has run out, and then somebody does.
        other = Deliverer(Poster(HERE))
        assert await other.look(database.session(), datetime.now(UTC)) == 0
        await owner.execute("UPDATE webhook_progress SET claimed_until = now() WHERE tenant_id = $1", company.tenant_id)
        there.behave = None
        async with telling(database):
            await until_told(database, admin, webhook)
    assert len(there.heard) == 2
    assert there.heard[0].body == there.heard[1].body


async def test_of_many_workers_one_tells(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver() as there, telling(database), telling(database), telling(database):
        webhook = await made(admin, there, topics=["purchase.created"])
        for _ in range(20):
            await make_purchase(client)
        await until_told(database, admin, webhook)
    assert len(there.positions) == len(set(there.positions)) == 20


@pytest.mark.parametrize("status", [404, 410])
async def test_who_wants_nothing_more_is_suspended_at_once_and_goes_on_when_told_to(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database, status: int
) -> None:
    async with receiver(lambda _: status) as there, telling(database):
        webhook = await made(admin, there, topics=["purchase.created"])
        await make_purchase(client)
        await there.until(lambda one: len(one.heard) == 1)
        await until_shown(admin, webhook, lambda so: so["status"] == "suspended")
        await make_purchase(client)
        await asyncio.sleep(0.3)
        assert len(there.heard) == 1
        assert (await deliveries(admin, webhook))["progress"]["suspendedBecause"] == f"Answered {status}."
        there.answers = lambda _: 200
        assert (await admin.post(f"{webhook['href']}/resumptions")).json()["status"] == "active"
        await until_told(database, admin, webhook)
    assert len(set(there.positions)) == 2


async def test_what_fails_for_a_day_is_parked_and_shown_until_somebody_says_go_on(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    async with receiver(lambda _: 503) as there, telling(database):
        webhook = await made(admin, there, topics=["purchase.created"])
        await make_purchase(client)
        await there.until(lambda one: len(one.heard) == 1)
        await until_shown(admin, webhook, lambda so: bool(so["items"]))
        await owner.execute(A_DAY_LATER, company.tenant_id)
        found = await until_shown(admin, webhook, lambda so: so["progress"]["parked"] > 0)
        (item,) = found["items"]
        assert item["parkedAt"] is not None
        assert (item["nextAttemptAt"], item["attempts"]) == (None, 2)
        attempts = len(there.heard)
        await owner.execute(SOON, company.tenant_id)
        await asyncio.sleep(0.3)
        assert len(there.heard) == attempts
        there.answers = lambda _: 200
        await admin.post(f"{webhook['href']}/resumptions")
        await until_told(database, admin, webhook)
    assert len(there.heard) == attempts + 1


async def test_who_is_away_for_a_day_is_suspended(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    async with receiver(lambda _: 500) as there, telling(database):
        webhook = await made(admin, there, topics=["purchase.created"])
        for _ in range(6):
            await make_purchase(client)
        await until_shown(admin, webhook, lambda so: so["progress"]["waiting"] >= 3)
        assert len(there.heard) < 6 + 2, "who is away is not asked for everything"
        await owner.execute(A_DAY_LATER, company.tenant_id)
        await until_shown(admin, webhook, lambda so: so["status"] == "suspended")
        there.answers = lambda _: 200
        await admin.post(f"{webhook['href']}/resumptions")
        await until_told(database, admin, webhook)
    assert len(set(there.positions)) == 6


async def test_a_receiver_that_comes_back_is_told_everything_at_once(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    async with receiver() as there, telling(database):
        webhook = await made(admin, there, topics=["purchase.created"])
        await there.leave()
        numbers = [(await make_purchase(client))["id"] for _ in range(8)]
        await until_shown(admin, webhook, lambda so: so["progress"]["failingSince"] is not None)
        await there.listen()
        # The next attempt comes when it is due; all others follow it at once, due or not.
        await owner.execute("UPDATE webhook_progress SET rests_until = now() WHERE tenant_id = $1", company.tenant_id)
        await owner.execute(
            """UPDATE webhook_deliveries SET next_attempt_at = now() WHERE tenant_id = $1 AND position = (
                SELECT min(position) FROM webhook_deliveries WHERE tenant_id = $1)""",
            company.tenant_id,
        )
        await owner.execute("UPDATE webhook_progress SET retries_at = now() WHERE tenant_id = $1", company.tenant_id)
        await until_told(database, admin, webhook)
    assert sorted(heard.about[1] for heard in there.heard) == sorted(numbers)


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


async def test_a_thousand_failing_webhooks_of_one_company_hold_up_no_other(
    admin: httpx2.AsyncClient, company: Company, rival: Company, database: Database, owner: OwnerConnection
) -> None:
    async with receiver(behave=never_answer) as evil, receiver() as good:
        bad = await made(admin, evil)
        for statement in (
            """INSERT INTO webhooks SELECT tenant_id, 10000 + n, url, name, topics, object_types, status, secrets,
               created_at FROM webhooks, generate_series(1, 1000) AS n WHERE tenant_id = $1 AND webhook_id = $2""",
            """INSERT INTO webhook_secrets SELECT tenant_id, 10000 + n, secret_id, secret
               FROM webhook_secrets, generate_series(1, 1000) AS n WHERE tenant_id = $1 AND webhook_id = $2""",
            """INSERT INTO webhook_progress (tenant_id, webhook_id, epoch, position) SELECT tenant_id, 10000 + n, 1, 0
               FROM webhook_progress, generate_series(1, 1000) AS n WHERE tenant_id = $1 AND webhook_id = $2""",
        ):
            await owner.execute(statement, company.tenant_id, bad["id"])
        async with telling(database, seconds=2) as deliverer:
            await evil.until(lambda one: one.connections >= 8)
            other = await rival.caller(permissions=("configure", "view:all"))
            webhook = await made(other, good, topics=["nothing.else"])
            began = time.monotonic()
            for number in range(3):
                await other.post(f"{webhook['href']}/pings")
                await good.until(lambda one, least=number + 1: len(one.heard) >= least)  # type: ignore[misc]
            assert time.monotonic() - began < 10
            busy = [tenant for tenant, _ in deliverer._turns.values()]
            assert 0 < busy.count(company.tenant_id) <= 8
        assert len(evil._open) <= 8 * 4


async def test_a_slow_receiver_holds_up_no_other_of_its_company(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver(behave=never_answer) as slow, receiver() as quick, telling(database, seconds=3):
        await made(admin, slow)
        webhook = await made(admin, quick, topics=["purchase.created"])
        await slow.until(lambda one: one.connections > 0)
        began = time.monotonic()
        await make_purchase(client)
        await quick.until(lambda one: len(one.heard) == 1)
        assert time.monotonic() - began < 2.5
        await until_told(database, admin, webhook)


async def test_a_deleted_one_hears_nothing_more(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver() as there, telling(database):
        webhook = await made(admin, there)
        await until_told(database, admin, webhook)
        await admin.post(f"{webhook['href']}/deletion")
        await asyncio.sleep(0.3)
        heard = len(there.heard)
        await make_purchase(client)
        await asyncio.sleep(0.4)
        assert len(there.heard) == heard
