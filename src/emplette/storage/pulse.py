"""Feeling whether the database lives: a server that falls silent leaves its connections open, and whoever waits, waits.

A machine that loses its power or its network says goodbye to nobody. So each process asks a little question once a
second, on a connection of its own. No answer for some seconds, or another server that has taken over: then all
connections are given up, those in use as well. What was being read is unavailable, what was being written is looked up.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg
import structlog

from emplette.storage.hosts import Connection, Hosts

log = structlog.get_logger("emplette.database")

PAUSE: Final = 1.0
"""Seconds between two questions."""

PATIENCE: Final = 5.0
"""Seconds without an answer after which the server counts as lost."""

_LOOK_AROUND_EVERY: Final = 5

_NOT_NOW: Final = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class Pulse:
    """Feels whether the server that takes the writes lives, and is still the one.

    Args:
        hosts: the servers that there are.
        give_up: gives up all connections, for new ones.
        wishes: what to tell a server that is connected to.
    """

    def __init__(self, hosts: Hosts, give_up: Callable[[], Awaitable[None]], **wishes: Any) -> None:  # noqa: ANN401
        self._hosts = hosts
        self._give_up = give_up
        self._wishes = wishes
        self._connection: Connection | None = None

    async def keep_feeling(self) -> None:
        """Feel all the time, until cancelled."""
        served = self._hosts.writer
        beats = 0
        try:
            while True:
                await asyncio.sleep(PAUSE)
                beats += 1
                is_silent = not await self._beat(looks_around=beats % _LOOK_AROUND_EVERY == 0)
                has_moved = served is not None and self._hosts.writer != served
                served = self._hosts.writer
                if is_silent or has_moved:
                    log.warning("database.given_up", silent=is_silent, moved=has_moved)
                    self._let_go()
                    await self._give_up()
        finally:
            self._let_go()

    async def _beat(self, *, looks_around: bool) -> bool:
        """Ask once; False when a server that had been there does not answer."""
        try:
            if looks_around:
                await self._hosts.look_around(**self._wishes)
            if self._connection is None or self._connection.is_closed():
                self._connection = await self._hosts.connect(**self._wishes)
        except _NOT_NOW:
            # Nobody waits here: whoever calls finds that out, and is told.
            return True
        try:
            await self._connection.execute("SELECT 1", timeout=PATIENCE)
        except TimeoutError:
            return False
        except _NOT_NOW:
            self._let_go()
        return True

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
