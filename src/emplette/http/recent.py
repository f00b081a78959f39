"""Answers that everybody may ask for, and that cost something to find."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Remembers for a moment what was found: however often it is asked for, it is found once in that time."""

    def __init__(self, find: Callable[[], Awaitable[T]], *, seconds: float = 1.0) -> None:
        self._find = find
        self._seconds = seconds
        self._one_at_a_time = asyncio.Lock()
        self._found: tuple[float, T] | None = None

    async def get(self) -> T:
        """Answer what was found last, or find it anew when that is too long ago."""
        clock = asyncio.get_running_loop().time
        async with self._one_at_a_time:
            if self._found is None or clock() - self._found[0] >= self._seconds:
                found = await self._find()
                self._found = clock(), found
            return self._found[1]
