"""A receiver that fails: what it is told later, what waits meanwhile, and that it costs nobody else anything."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx2
import pytest

from emplette.formats.posting import Poster
from emplette.jobs.deliveries import Deliverer
from emplette.jobs.seals import seal_what_waits
from emplette.storage import seals
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, PURCHASE, make_purchase
from tests.fixtures.receivers import Heard, never_answer, receiver
from tests.fixtures.webhooks import (
    A_DAY_LATER,
    HERE,
    SOON,
    deliveries,
    made,
    telling,
    until_shown,
    until_told,
)

_PUT_OFF: Final = (
    """UPDATE webhook_progress SET claimed_until = now() + interval '40 days', rests_until = now() + interval '40 days',
        retries_at = now() + interval '40 days', failing_since = now() + interval '40 days' WHERE tenant_id = $1""",
    """UPDATE webhook_deliveries SET next_attempt_at = now() + interval '40 days',
        first_failed_at = now() + interval '40 days' WHERE tenant_id = $1""",
)


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


async def test_what_waits_and_is_told_anew_as_well_waits_once_and_is_told_once(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    await make_purchase(client)
    await seal_what_waits(database.session(), datetime.now(UTC))
    is_down = True
    async with receiver(lambda _: 500 if is_down else 200) as there, telling(database):
        webhook = await made(admin, there, after="0", topics=["purchase.created"])
        await until_shown(admin, webhook, lambda so: so["progress"]["waiting"] == 1)
        # As a replay leaves it that began while a turn wrote down what had failed.
        await owner.execute("UPDATE webhook_progress SET position = 0 WHERE tenant_id = $1", company.tenant_id)
        await owner.execute(SOON, company.tenant_id)
        (waits,) = (await until_shown(admin, webhook, lambda so: so["items"][0]["attempts"] == 2))["items"]
        assert waits["position"] == 1
        is_down = False
        await owner.execute(SOON, company.tenant_id)
        await until_told(database, admin, webhook)
    assert len([heard for heard in there.heard if heard.event["position"] == 1]) == 3


async def test_a_receiver_that_asks_for_rest_is_told_nothing_meanwhile(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    async with receiver(lambda _: 429) as there:
        there.headers = "Retry-After: 7200\r\n"
        webhook = await made(admin, there, topics=["purchase.created"])
        for _ in range(6):
            await make_purchase(client)
        while await seals.waiting(database.session()):
            await seal_what_waits(database.session(), datetime.now(UTC))
        before = datetime.now(UTC)
        async with telling(database):
            found = await until_shown(admin, webhook, lambda so: so["progress"]["waiting"] == 6)
            # What was on its way when the first answer came, and nothing of the rest.
            assert 1 <= len(there.heard) <= 4
            due = datetime.fromisoformat(found["progress"]["nextAttemptAt"])
            assert timedelta(seconds=7_100) < due - before < timedelta(seconds=7_300)
            there.answers = lambda _: 204
            await owner.execute(SOON, company.tenant_id)
            await until_told(database, admin, webhook)


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


async def test_a_suspended_one_goes_on_at_another_address_and_when_it_is_made_active(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver(lambda _: 410) as there, receiver() as elsewhere, telling(database):
        webhook = await made(admin, there, topics=["purchase.created"])
        await make_purchase(client)
        await until_shown(admin, webhook, lambda so: so["status"] == "suspended")
        changed = await admin.put(webhook["href"], json={"name": "Only its name"})
        assert changed.json()["status"] == "suspended"
        assert (await admin.put(webhook["href"], json={"status": "active"})).json()["status"] == "active"
        await there.until(lambda one: len(one.heard) == 2)
        await until_shown(admin, webhook, lambda so: so["status"] == "suspended")
        assert (await admin.put(webhook["href"], json={"status": "inactive"})).json()["status"] == "inactive"
        assert (await admin.put(webhook["href"], json={"status": "active"})).json()["status"] == "active"
        await there.until(lambda one: len(one.heard) == 3)
        await until_shown(admin, webhook, lambda so: so["status"] == "suspended")
        assert (await admin.put(webhook["href"], json={"webhookUrl": elsewhere.url})).json()["status"] == "active"
        await until_told(database, admin, webhook)
    assert len(elsewhere.heard) == 1


async def test_one_whose_secrets_a_dump_left_out_goes_on_when_it_is_given_another(
    admin: httpx2.AsyncClient, company: Company, database: Database, owner: OwnerConnection
) -> None:
    async with receiver() as there, telling(database, seconds=3.0):
        webhook = await made(admin, there)
        await owner.execute("DELETE FROM webhook_secrets WHERE tenant_id = $1", company.tenant_id)
        await admin.post(f"{webhook['href']}/pings")
        found = await until_shown(admin, webhook, lambda so: so["status"] == "suspended")
        assert "no secret" in found["progress"]["suspendedBecause"]
        assert (await admin.post(f"{webhook['href']}/secrets")).json()["status"] == "active"
        assert (await until_told(database, admin, webhook))["status"] == "active"
        assert "webhook.pinged" in {heard.event["type"] for heard in there.heard}


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
            webhook = await made(other, good, topics=["tenant.clock_moved"])
            began = time.monotonic()
            for number in range(3):
                await other.post(f"{webhook['href']}/pings")
                await good.until(lambda one, least=number + 1: len(one.heard) >= least)  # type: ignore[misc]
            took = time.monotonic() - began
            assert took < 60, "one after the other, the silent ones would take minutes"
            print(f"three pings beside a thousand silent webhooks: {took:.2f} s, {evil.connections} tries there")  # noqa: T201
            busy = [tenant for tenant, _ in deliverer._turns.values()]
            assert 0 < busy.count(company.tenant_id) <= 8
        assert len(evil._open) <= 8 * 4


async def test_a_slow_receiver_holds_up_no_other_of_its_company(
    admin: httpx2.AsyncClient, client: httpx2.AsyncClient, database: Database
) -> None:
    async with receiver(behave=never_answer) as slow, receiver() as quick, telling(database, seconds=30):
        await made(admin, slow)
        webhook = await made(admin, quick, topics=["purchase.created"])
        await slow.until(lambda one: one.connections > 0)
        began = time.monotonic()
        await make_purchase(client)
        await quick.until(lambda one: len(one.heard) == 1)
        assert time.monotonic() - began < 25
        await until_told(database, admin, webhook)


async def test_what_a_clock_put_off_that_has_been_set_back_since_is_told(
    admin: httpx2.AsyncClient, database: Database, company: Company
) -> None:
    async with receiver(lambda _: 500) as there:
        async with telling(database):
            webhook = await made(admin, there)
            await admin.post(f"{webhook['href']}/pings")
            await until_shown(admin, webhook, lambda so: so["progress"]["failingSince"] is not None)
        for statement in _PUT_OFF:
            await company.owner.execute(statement, company.tenant_id)
        there.answers = lambda _: 200
        async with telling(database):
            assert (await until_told(database, admin, webhook))["status"] == "active"
    assert there.positions.count(there.positions[0]) > 1, "what failed is told again"
