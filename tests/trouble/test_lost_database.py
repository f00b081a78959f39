"""The database is lost in every way that there is: calls are told so, and go on once it is back, without a restart."""

import asyncio
import time

import asyncpg
import pytest

from emplette.storage.hosts import Hosts
from emplette.storage.pulse import Pulse
from tests.runtime.servers import wait_until
from tests.trouble.conftest import House
from tests.trouble.customers import Customer


def test_a_killed_database_is_told_at_once_and_used_again_when_it_is_back(house: House, customer: Customer) -> None:
    house.database.kill()
    refused = customer.buy_at_once(8)
    assert set(refused) <= {503, 504}
    again = customer.buy()
    assert again.status_code == 503
    wait_until(lambda: not customer.is_ready(), "the server says that it is not ready")
    assert customer.line.get("/health/ready").json()["checks"]["database"]["status"] == "failed"
    assert customer.line.get("/health/live").status_code == 200

    house.database.start()
    customer.wait_until_served()
    house.expect_nothing_lost_or_doubled(customer)


def test_connections_cut_in_the_middle_of_writes_lose_and_double_nothing(house: House, customer: Customer) -> None:
    house.line.be_slow(0.05)
    for _ in range(5):
        answers = customer.buy_at_once(8)
        house.line.cut()
        assert set(answers) <= {201, 503, 504}
    house.line.be_slow(0)
    customer.wait_until_served()
    house.expect_nothing_lost_or_doubled(customer)


def test_a_port_where_nobody_listens_is_told_within_a_second(house: House, customer: Customer) -> None:
    house.line.refuse()
    customer.buy()
    began = time.monotonic()
    assert customer.buy().status_code == 503
    assert time.monotonic() - began < 20
    house.line.accept()
    customer.wait_until_served()
    house.expect_nothing_lost_or_doubled(customer)


async def test_a_silence_that_begins_while_nobody_is_let_in_is_noticed_as_well(house: House) -> None:
    here = house.database.place, f"127.0.0.1:{house.line.port}"
    hosts = Hosts(house.database.url().replace(*here))
    in_use = await hosts.connect()
    house.line.fall_silent()
    feeling = asyncio.create_task(Pulse(hosts).keep_feeling())
    try:
        with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
            await asyncio.wait_for(in_use.fetch("SELECT 1"), 60)
    finally:
        feeling.cancel()
        house.line.speak_again()


def test_a_line_that_falls_silent_holds_up_nobody_for_long(house: House, customer: Customer) -> None:
    house.line.fall_silent()
    began = time.monotonic()
    assert set(customer.buy_at_once(8)) <= {503, 504}
    assert set(customer.buy_at_once(8)) <= {503, 504}
    assert time.monotonic() - began < 60
    house.line.speak_again()
    customer.wait_until_served()
    house.expect_nothing_lost_or_doubled(customer)
