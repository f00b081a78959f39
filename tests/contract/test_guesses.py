"""Who guesses keys is slowed, by address and by key; whose key is right gets in, whoever shares the address."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from emplette.domain.errors import Unauthenticated
from emplette.http.contract import guesses
from emplette.http.contract.guesses import MOST_WAITING, SAME_A_MINUTE, Guesses
from emplette.http.contract.refusals import KeysTriedOften

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
ALLOWED = 5
RIGHT = "the-right-key"


@dataclass(slots=True)
class Door:
    """Keys that are right, and those that were looked up."""

    slowing: Guesses
    right: set[str] = field(default_factory=lambda: {RIGHT})
    looked_up: list[str] = field(default_factory=list)

    async def show(self, key: str, address: str = HERE, *, company: int = 1) -> str:
        return await self.slowing.look(address, (company, key), self._finding(key))

    def _finding(self, key: str) -> Callable[[], Awaitable[str]]:
        async def find() -> str:
            self.looked_up.append(key)
            if key not in self.right:
                raise Unauthenticated
            return key

        return find

    async def guess(self, count: int, address: str = HERE) -> None:
        for number in range(count):
            with pytest.raises(Unauthenticated):
                await self.show(f"guess {number}", address)


@pytest.fixture
def door() -> Door:
    return Door(Guesses(ALLOWED, pause=0.01))


async def test_the_first_wrong_keys_are_told_that_they_are_wrong_and_the_next_have_to_wait(door: Door) -> None:
    await door.guess(ALLOWED)
    with pytest.raises(KeysTriedOften) as refused:
        await door.show("another guess")
    wait = refused.value.facts["retryAfter"]
    assert isinstance(wait, int)
    assert 1 <= wait <= 60 / ALLOWED


async def test_a_right_key_gets_in_from_the_address_of_somebody_who_guesses(door: Door) -> None:
    await door.guess(ALLOWED)
    with pytest.raises(KeysTriedOften):
        await door.show("another guess")
    assert await door.show(RIGHT) == RIGHT


async def test_a_key_that_was_good_lately_does_not_even_wait(door: Door) -> None:
    await door.show(RIGHT)
    await door.guess(ALLOWED)
    waiting = [asyncio.create_task(door.show(f"more {number}")) for number in range(MOST_WAITING)]
    await asyncio.sleep(0)
    assert await door.show(RIGHT) == RIGHT
    assert all(isinstance(told, KeysTriedOften) for told in await asyncio.gather(*waiting, return_exceptions=True))


async def test_few_wait_at_a_time_and_the_next_is_refused_without_being_looked_up(door: Door) -> None:
    await door.guess(ALLOWED)
    shown = [asyncio.create_task(door.show(f"more {number}")) for number in range(MOST_WAITING + 20)]
    told = await asyncio.gather(*shown, return_exceptions=True)
    assert all(isinstance(each, KeysTriedOften) for each in told)
    assert len(door.looked_up) == ALLOWED + MOST_WAITING


async def test_another_address_is_not_slowed(door: Door) -> None:
    await door.guess(ALLOWED)
    with pytest.raises(Unauthenticated):
        await door.show("a slip", ELSEWHERE)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
async def test_of_ipv6_a_household_is_one_address(door: Door, one: str, other: str, alike: bool) -> None:  # noqa: FBT001
    await door.guess(ALLOWED, one)
    with pytest.raises(KeysTriedOften if alike else Unauthenticated):
        await door.show("another guess", other)


async def test_a_program_that_goes_on_with_an_ended_key_costs_its_neighbours_nothing(door: Door) -> None:
    for _ in range(SAME_A_MINUTE - 1):
        with pytest.raises(Unauthenticated):
            await door.show("a key that has ended")
    with pytest.raises(Unauthenticated):
        await door.show("a slip")


async def test_the_same_wrong_key_is_not_looked_up_for_ever_wherever_it_comes_from(door: Door) -> None:
    for number in range(SAME_A_MINUTE):
        with pytest.raises(Unauthenticated):
            await door.show("the same", f"192.0.2.{number % 200}")
    before = len(door.looked_up)
    with pytest.raises(KeysTriedOften):
        await door.show("the same", ELSEWHERE)
    assert len(door.looked_up) == before


async def test_a_key_that_is_good_at_one_company_is_a_guess_at_another(door: Door) -> None:
    await door.show(RIGHT)
    door.right.clear()
    for number in range(ALLOWED):
        with pytest.raises(Unauthenticated):
            await door.show(RIGHT, company=number + 2)
    with pytest.raises(KeysTriedOften):
        await door.show(RIGHT, company=99)


async def test_a_key_that_is_revoked_is_told_so(door: Door) -> None:
    await door.show(RIGHT)
    door.right.clear()
    with pytest.raises(Unauthenticated):
        await door.show(RIGHT)


async def test_what_is_remembered_is_bounded(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "_MOST_KNOWN", 3)
    door.right = {str(number) for number in range(10)}
    for key in sorted(door.right):
        await door.show(key)
    assert len(door.slowing._good) == 3
