"""Feeling whether the database lives: a server that falls silent leaves its connections open, and whoever waits, waits.

A machine that loses its power or its network says goodbye to nobody. So each process asks a little question once a
second, on a connection of its own. No answer for some seconds, not even to the wish to be let in: then all connections
are given up, those in use as well.
What was being read is unavailable, what was being written is looked up. And now and then all servers are asked which
one takes the writes, so that one that was overtaken, and has not noticed, is left soon.
"""

import asyncio
from contextlib import suppress
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
        wishes: what to tell a server that is connected to.
    """

    def __init__(self, hosts: Hosts, **wishes: Any) -> None:  # noqa: ANN401
        self._hosts = hosts
        self._wishes = wishes
        self._connection: Connection | None = None

    async def keep_feeling(self) -> None:
        """Feel all the time, until cancelled."""
        beats = 0
        try:
            while True:
                await asyncio.sleep(PAUSE)
                beats += 1
                # Nobody waits here. Whoever calls meanwhile finds out by himself that nobody is there, and is told.
                with suppress(*_NOT_NOW):
                    if beats % _LOOK_AROUND_EVERY == 0:
                        await self._hosts.look_around(**self._wishes)
                    await self._beat()
        finally:
            if self._connection is not None:
                self._connection.terminate()

    async def _beat(self) -> None:
        """Ask once; give up a server that does not answer."""
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await self._hosts.connect(timeout=PATIENCE, **self._wishes)
            await self._connection.execute("SELECT 1", timeout=PATIENCE)
        except TimeoutError:
            log.warning("database.silent", seconds=PATIENCE)
            self._hosts.give_up()
