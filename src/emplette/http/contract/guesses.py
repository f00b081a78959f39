"""Slowing down whoever guesses API keys, while every right key gets in, from the same address too.

An address is charged for each wrong key that it shows, once, however often it shows it: a program that goes on with a
key that has ended costs its neighbours nothing. One that has shown too many waits before a key is looked up that was
not good here before, and few wait at a time. A wrong key that is shown again and again is not looked up any more for a
while, wherever it comes from. All of it is known to this process only, and is bounded.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from emplette.domain.errors import Unauthenticated
from emplette.http.contract.rate import RateLimit, household
from emplette.http.contract.refusals import KeysTriedOften

T = TypeVar("T")

SAME_A_MINUTE: Final = 240
"""How often a minute the same wrong key is looked up."""
PAUSE: Final = 1.0
"""Seconds that a key waits to be looked up, when its address has shown too many wrong ones."""
MOST_WAITING: Final = 4
"""Keys of one address that wait at a time; the next is refused."""
_MOST_KNOWN: Final = 50_000


class Guesses:
    """What this process knows of good and of wrong keys, and of the addresses that showed them.

    Args:
        per_minute: how many different wrong keys an address may show before it is slowed.
        pause: how long it then waits for each, in seconds.
    """

    def __init__(self, per_minute: int, *, pause: float = PAUSE) -> None:
        self._addresses = RateLimit(per_minute)
        self._wrong = RateLimit(SAME_A_MINUTE)
        self._pause = pause
        # Of keys only Python's own salted hashes are kept: enough to know one again, and nothing to steal.
        self._good: dict[int, None] = {}
        self._waiting: Counter[str] = Counter()

    async def look(self, address: str, shown: tuple[int, str], find: Callable[[], Awaitable[T]]) -> T:
        """Find who a key lets in.

        Args:
            address: who shows it.
            shown: the company's number, and the key.
            find: looks it up.

        Raises:
            KeysTriedOften: this key, or others from this address, were wrong too often.
            Unauthenticated: it is wrong.
        """
        mark = hash(shown)
        if mark in self._good:
            return await self._find(mark, address, find)
        wait = self._wrong.wait(mark)
        if wait:
            raise KeysTriedOften("This API key was refused too often.", retryAfter=wait)
        home = household(address)
        if not self._addresses.wait(home):
            return await self._find(mark, address, find)
        await self._stand_in_line(home)
        try:
            return await self._find(mark, address, find)
        except Unauthenticated:
            raise self._too_often(home) from None

    async def _find(self, mark: int, address: str, find: Callable[[], Awaitable[T]]) -> T:
        try:
            found = await find()
        except Unauthenticated:
            self._good.pop(mark, None)
            if not self._wrong.knows(mark):
                self._addresses.spend(household(address))
            self._wrong.spend(mark)
            raise
        if mark not in self._good:
            if len(self._good) >= _MOST_KNOWN:
                del self._good[next(iter(self._good))]
            self._good[mark] = None
        return found

    async def _stand_in_line(self, home: str) -> None:
        if self._waiting[home] >= MOST_WAITING:
            raise self._too_often(home)
        self._waiting[home] += 1
        try:
            await asyncio.sleep(self._pause)
        finally:
            self._waiting[home] -= 1
            if not self._waiting[home]:
                del self._waiting[home]

    def _too_often(self, home: str) -> KeysTriedOften:
        wait = max(1, self._addresses.wait(home))
        return KeysTriedOften("Too many wrong API keys came from this address.", retryAfter=wait)
