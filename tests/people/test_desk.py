"""Guessing at the desk: slowed by address and by account, while nobody is locked out."""

import asyncio
from collections.abc import Hashable

import pytest

from emplette.domain.sign_in import SignInRefused
from emplette.http.contract.refusals import SignInTriedOften
from emplette.http.desk import MOST_WAITING, Desk
from emplette.services.sign_in import Caller, find_credentials
from emplette.storage import people
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.visitors import PASSWORD, browser, let_in, mail_of, send, sign_in

ADDRESS, ACCOUNT = ("address", "192.0.2.1"), ("account", 1, b"olive")


class Knocking:
    """Somebody who shows passwords, and counts how many were looked at."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.looked = 0

    async def wrong(self, *lines: Hashable) -> None:
        async def look() -> None:
            self.looked += 1
            raise SignInRefused

        with pytest.raises(SignInRefused):
            await self.desk.slowly(list(lines), look)

    async def right(self, *lines: Hashable) -> bool:
        async def look() -> bool:
            self.looked += 1
            return True

        return await self.desk.slowly(list(lines), look)


@pytest.fixture
def knocking() -> Knocking:
    """Lend a desk at which whoever was wrong three times a minute waits for as long as the test lasts."""
    return Knocking(Desk(per_minute=3, pause=3600.0))


async def waiting(knocking: Knocking, *lines: Hashable) -> "asyncio.Task[bool]":
    task = asyncio.create_task(knocking.right(*lines))
    for _ in range(3):
        await asyncio.sleep(0)
    return task


async def test_who_was_wrong_too_often_waits_before_the_next_is_looked_at(knocking: Knocking) -> None:
    for _ in range(3):
        await knocking.wrong(ADDRESS, ACCOUNT)
    next_one = await waiting(knocking, ADDRESS, ("account", 1, b"another"))
    assert (knocking.looked, next_one.done()) == (3, False)
    next_one.cancel()


async def test_an_account_is_slowed_wherever_the_guesses_come_from(knocking: Knocking) -> None:
    for number in range(3):
        await knocking.wrong(("address", f"192.0.2.{number}"), ACCOUNT)
    next_one = await waiting(knocking, ("address", "192.0.2.99"), ACCOUNT)
    assert not next_one.done()
    next_one.cancel()


async def test_few_wait_at_a_time_and_the_next_is_told_when_to_come_back(knocking: Knocking) -> None:
    for _ in range(3):
        await knocking.wrong(ADDRESS)
    line = [await waiting(knocking, ADDRESS) for _ in range(MOST_WAITING)]
    with pytest.raises(SignInTriedOften) as refused:
        await knocking.right(ADDRESS)
    assert refused.value.facts["retryAfter"]
    for one in line:
        one.cancel()
    await asyncio.gather(*line, return_exceptions=True)
    assert (await waiting(knocking, ADDRESS)).cancel(), "who gave up leaves room"


async def test_a_browser_that_is_known_is_not_slowed_by_others(knocking: Knocking) -> None:
    for _ in range(3):
        await knocking.wrong(ADDRESS, ACCOUNT)
    assert await knocking.right(("browser", 1, b"known"))


async def test_a_right_password_costs_nothing(knocking: Knocking) -> None:
    for _ in range(10):
        assert await knocking.right(ADDRESS, ACCOUNT)


async def test_a_browser_is_known_once_somebody_has_signed_in_there_and_for_them_alone(
    company: Company, database: Database
) -> None:
    await let_in(company, 35)
    await let_in(company, 36)
    tenant = await people.tenant_of_host(database.session(), company.host)
    assert tenant is not None

    async def is_known(user_id: int, known_by: str) -> bool:
        caller = Caller("", "", known_by)
        found = await find_credentials(database.session(), tenant, mail_of(user_id), caller)
        return found is not None and found.is_known

    async with browser(company) as olive:
        await send(olive, "/sign-in", login=mail_of(35), password="wrong")
        known_by = olive.cookies["emplette-browser"]
        assert not await is_known(35, known_by)
        await sign_in(olive, 35)
    assert await is_known(35, known_by)
    assert not await is_known(36, known_by)


async def test_a_wrong_password_is_a_401_and_too_many_a_429_with_words(company: Company) -> None:
    await let_in(company, 35)
    async with browser(company, address="203.0.113.7") as stranger:
        told = await send(stranger, "/sign-in", login=mail_of(35), password="wrong")
        assert told.status_code == 401
        told = await send(stranger, "/sign-in", login=mail_of(35), password=PASSWORD)
        assert told.status_code == 303
