"""The database is slow: nobody waits longer than the time for an answer, and what was begun is done once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import asyncpg

from emplette.runtime.cluster import OWNER_ROLE
from tests.fixtures.guide import API
from tests.runtime.servers import wait_until
from tests.trouble.conftest import House
from tests.trouble.customers import Customer


def test_a_slow_line_is_waited_for_as_long_as_an_answer_may_take(house: House, customer: Customer) -> None:
    house.line.be_slow(0.01)
    wait_until(lambda: set(customer.buy_at_once(4)) == {201}, "all are served")
    house.line.be_slow(3.0)
    assert set(customer.buy_at_once(4)) <= {503, 504}
    house.line.be_slow(0)
    customer.wait_until_served()
    house.expect_nothing_lost_or_doubled(customer)


def test_a_database_that_stands_still_is_waited_for_and_goes_on_where_it_was(house: House, customer: Customer) -> None:
    house.database.pause()
    assert set(customer.buy_at_once(8)) <= {503, 504}
    wait_until(lambda: not customer.is_ready(), "the server says that it is not ready")
    assert customer.line.get("/health/live").status_code == 200
    house.database.go_on()
    customer.wait_until_served()
    house.expect_nothing_lost_or_doubled(customer)


def test_a_row_that_somebody_holds_is_unknown_until_it_is_let_go_and_then_done_once(
    house: House, customer: Customer
) -> None:
    purchase = customer.buy().json()["id"]
    closing = f"{API}/purchases/{purchase}/closing"
    asyncio.run(_hold_meanwhile(house, purchase, lambda: _close(customer, closing)))
    answer = customer.call("POST", closing, json={"date": "2025-04-20"})
    assert answer.status_code in {201, 409}
    kept = customer.line.get(f"{API}/purchases/{purchase}").json()
    assert kept["state"] == "Closed"
    closings = f"SELECT count(*) FROM events WHERE type = 'purchase.closed' AND object_id = {int(purchase)}"  # noqa: S608
    assert house.database.say(closings) == "1"


def _close(customer: Customer, path: str) -> None:
    with ThreadPoolExecutor(1) as thread:
        held = thread.submit(customer.call, "POST", path, json={"date": "2025-04-20"})
        # Whoever wants something else is served.
        wait_until(lambda: customer.buy().status_code == 201, "somebody else is served")
        assert held.result().status_code == 504


async def _hold_meanwhile(house: House, purchase: int, do: Callable[[], None]) -> None:
    owner: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(house.database.url(OWNER_ROLE))
    async with owner.transaction():
        await owner.execute("SELECT FROM purchases WHERE purchase_id = $1 FOR UPDATE", purchase)
        await asyncio.to_thread(do)
    await owner.close()
