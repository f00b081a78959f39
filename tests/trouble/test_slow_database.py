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


def test_a_row_that_somebody_holds_is_given_up_and_holds_up_nobody_even_in_the_same_statement(
    house: House, customer: Customer
) -> None:
    purchases = [customer.buy().json()["id"] for _ in range(12)]
    statuses: list[int] = []
    asyncio.run(_hold_meanwhile(house, purchases[5], lambda: statuses.extend(_close(customer, purchases))))
    assert statuses == [503 if number == 5 else 201 for number in range(12)]
    assert _close(customer, [purchases[5]]) == [201]
    closings = f"SELECT count(*) FROM events WHERE type = 'purchase.closed' AND object_id = ANY (ARRAY{purchases})"  # noqa: S608
    assert house.database.say(closings) == "12"


def _close(customer: Customer, purchases: list[int]) -> list[int]:
    """Close them at the same moment; answer the statuses."""

    def close(purchase: int) -> int:
        return customer.call("POST", f"{API}/purchases/{purchase}/closing", json={"date": "2025-04-20"}).status_code

    with ThreadPoolExecutor(len(purchases)) as threads:
        return list(threads.map(close, purchases))


async def _hold_meanwhile(house: House, purchase: int, do: Callable[[], None]) -> None:
    owner: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(house.database.url(OWNER_ROLE))
    async with owner.transaction():
        await owner.execute("SELECT FROM purchases WHERE purchase_id = $1 FOR UPDATE", purchase)
        await asyncio.to_thread(do)
    await owner.close()
